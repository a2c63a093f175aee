"""Files of the command line that hold what not everybody may read: cards, codes."""

import os
import re
import secrets
from pathlib import Path

from portal import rehearsal


def write(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all, readable by its owner alone from its first byte. Replaces one of the same name."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def folder(path: Path) -> Path:
    """The folder, made for its owner alone where it is not there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def name(*parts: str) -> str:
    """These parts as one file name, without an ending, that every file system takes; a rehearsal's says so."""
    return rehearsal.mark_file(re.sub(r"[^\w-]+", "_", "-".join(parts))[:80])
