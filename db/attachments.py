"""Photos and signatures: files named by their SHA-256, outside the database; a row says that a file is whole.

`folder` is where they lie. Under `parts` in it lie the beginnings of those that come in parts, each device's own.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from db.database import now, writing
from db.ledger import Attachment
from db.refusals import Conflict, Invalid, TooLarge
from db.rules.attachment import MEDIA_TYPES, MOST_BYTES, name_of
from db.rules.entry import PORTAL

PARTS = "parts"
PARTS_KEPT_S = 7 * 24 * 3600


def path_of(folder: Path, sha256: str) -> Path:
    """Where the file of that name lies, once it is there."""
    return folder / sha256[:2] / sha256


def keep(folder: Path, sha256: str, content: bytes, media_type: str, device: str) -> None:
    """Keep the bytes of an attachment. Safe to repeat. Raises Conflict("not-its-hash"), Invalid, TooLarge."""
    if len(content) > MOST_BYTES:
        raise TooLarge("upload-too-large", most=MOST_BYTES)
    if name_of(content) != sha256:
        raise Conflict("not-its-hash")
    if media_type not in MEDIA_TYPES:
        raise Invalid({"content-type": "media-type-unknown"})
    _store(folder, sha256, content, media_type, device)


def keep_scan(folder: Path, content: bytes, media_type: str) -> str:
    """Keep the picture of a paper sheet, which the portal has looked at, and return its name. Safe to repeat."""
    sha256 = name_of(content)
    _store(folder, sha256, content, media_type, PORTAL)
    return sha256


def held(folder: Path, sha256: str, device: str) -> tuple[int, bool]:
    """How many bytes of it are here, whole from anybody or begun by this device, and whether that is all of it."""
    found = Attachment.get_or_none(Attachment.sha256 == sha256)
    if found is not None:
        return found.size, True
    try:
        return _part(folder, sha256, device).stat().st_size, False
    except FileNotFoundError:
        return 0, False


def media_types(names: Collection[str]) -> dict[str, str]:
    """The media types of those that have arrived. One query, none for no names."""
    if not names:
        return {}
    columns = (Attachment.sha256, Attachment.media_type)
    return dict(Attachment.select(*columns).where(Attachment.sha256.in_(set(names))).tuples())


def add_part(folder: Path, sha256: str, part: bytes, start: int, total: int, media_type: str, device: str) -> int:
    """Put the next bytes behind those that this device sent before; how many of `total` are here now.

    With the last part the whole is kept, or refused as `keep` does and begun anew. What is whole already stays so.
    Raises Conflict("wrong-offset") for a part that does not begin where the last one ended: then ask `held`.
    """
    if total > MOST_BYTES:
        raise TooLarge("upload-too-large", most=MOST_BYTES)
    if media_type not in MEDIA_TYPES:
        raise Invalid({"content-type": "media-type-unknown"})
    if Attachment.get_or_none(Attachment.sha256 == sha256) is not None:
        return total
    path = _part(folder, sha256, device)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(path.parent)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        have = os.fstat(file.fileno()).st_size
        if start != have:
            raise Conflict("wrong-offset")
        if have + len(part) < total:
            file.write(part)
            file.flush()
            os.fsync(file.fileno())
            return have + len(part)
        file.seek(0)
        content = file.read() + part
        path.unlink(missing_ok=True)
    keep(folder, sha256, content, media_type, device)
    return total


def _store(folder: Path, sha256: str, content: bytes, media_type: str, device: str) -> None:
    _write(path_of(folder, sha256), content)
    row = {"sha256": sha256, "size": len(content), "media_type": media_type, "device": device, "received_at": now()}
    with writing():
        Attachment.insert(row).on_conflict_ignore().execute()


def _part(folder: Path, sha256: str, device: str) -> Path:
    return folder / PARTS / f"{device}-{sha256}"


def _sweep(parts: Path) -> None:
    """Drop beginnings that nobody has gone on with for a week."""
    for path in parts.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another upload has just come to its end
            if time.time() - path.stat().st_mtime > PARTS_KEPT_S:
                path.unlink()


def _write(path: Path, content: bytes) -> None:
    """Write the bytes to the end before the name exists: a file of that name is whole."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except OSError:  # no room for all of it
            os.unlink(file.name)
            raise
