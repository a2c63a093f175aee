"""Folders for databases that tests throw away: in memory where there is room. A disk takes most of the time of making one."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 1 << 30
PREFIX = "clearance-test-"


def make_folder(in_memory: bool = True) -> Path:
    """A new one, for its maker to remove; what runs left that were killed before they could is removed first."""
    remove_leftovers()
    place = MEMORY if in_memory and has_room() else None
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))


def has_room() -> bool:
    return os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM


def remove_leftovers() -> None:
    for place in (MEMORY, Path(tempfile.gettempdir())):
        for folder in place.glob(f"{PREFIX}*"):
            owner = folder.name.removeprefix(PREFIX).split("-")[0]
            try:
                os.kill(int(owner), 0)
            except (ValueError, ProcessLookupError):
                shutil.rmtree(folder, ignore_errors=True)
            except PermissionError:
                pass
