"""Pictures of papers, encrypted, in a folder of files; the key of each in a second folder. Knows neither tables nor people.

    <pictures>/<2>/<id>    AES-256-GCM under a key of its own, bound to its id
    <keys>/<2>/<id>        the key, 32 bytes; backups keep these folders apart (docs/operations.md)

Without its key a picture is noise: destroying the key deletes every copy of the picture, in backups too. One small file for each
key, since a file can be destroyed, and leaves with the next mirror of its folder; a database would keep a deleted key in its free
pages and its log. Both folders may be shared by several processes and machines.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_HEADER = b"clearance-picture/1\n"
_NONCE = 12
_ID = re.compile(r"[0-9a-f]{32}")


class Unreadable(Exception):
    """There is no such picture, its key is gone, or the file is not what was written."""


@dataclass(frozen=True, slots=True)
class Vault:
    """The two folders, made when first needed, for their owner alone."""

    pictures: Path
    keys: Path

    def put(self, content: bytes) -> str:
        """Keep the bytes under a new id. When it returns both files are on the disk, the key first."""
        id_, key, nonce = secrets.token_hex(16), AESGCM.generate_key(256), secrets.token_bytes(_NONCE)
        sealed = _HEADER + nonce + AESGCM(key).encrypt(nonce, content, _bound_to(id_))
        try:
            _write(_place(self.keys, id_), key)
            _write(_place(self.pictures, id_), sealed)
        except OSError:  # no room: a beginning is of no use, and takes some
            self.destroy(id_)
            raise
        return id_

    def get(self, id_: str) -> bytes:
        """The bytes. Raises Unreadable."""
        try:
            key = _place(self.keys, id_).read_bytes()
            sealed = _place(self.pictures, id_).read_bytes()
            if not sealed.startswith(_HEADER):
                raise Unreadable(id_)
            rest = sealed[len(_HEADER) :]
            return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], _bound_to(id_))
        except (FileNotFoundError, InvalidTag, ValueError) as error:
            raise Unreadable(id_) from error

    def destroy(self, id_: str) -> None:
        """Destroy the key, then the picture; on the disk when it returns. Safe to repeat, and to go on with after a crash."""
        _remove(_place(self.keys, id_), overwrite=True)
        _remove(_place(self.pictures, id_))

    def older_than(self, seconds: float) -> Iterator[str]:
        """The ids of which anything lies here, key or picture, and was written longer ago than that."""
        before = time.time() - seconds
        seen: set[str] = set()
        for folder in (self.keys, self.pictures):
            for path in folder.glob("??/*"):
                id_ = path.name.removesuffix(_DRAFT)
                with contextlib.suppress(FileNotFoundError):  # another process has just destroyed it
                    if id_ not in seen and _ID.fullmatch(id_) and path.stat().st_mtime < before:
                        seen.add(id_)
                        yield id_


_DRAFT = ".draft"


def _bound_to(id_: str) -> bytes:
    """What a file's seal covers beside its content, so that none can be put in another's place."""
    return _HEADER + id_.encode()


def _place(folder: Path, id_: str) -> Path:
    if not _ID.fullmatch(id_):
        raise Unreadable(id_)
    return folder / id_[:2] / id_


def _write(path: Path, content: bytes) -> None:
    """Write the file for its owner alone, to the end before its name exists, and its name to the disk."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(path.name + _DRAFT)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    _flush(path.parent)


def _remove(path: Path, overwrite: bool = False) -> None:
    for each in (path, path.with_name(path.name + _DRAFT)):
        with contextlib.suppress(FileNotFoundError):
            if overwrite:  # as far as the disk lets one: many write elsewhere
                with open(each, "r+b") as file:
                    file.write(bytes(os.fstat(file.fileno()).st_size))
                    file.flush()
                    os.fsync(file.fileno())
            each.unlink()
    with contextlib.suppress(FileNotFoundError):
        _flush(path.parent)


def _flush(folder: Path) -> None:
    """Return when what was named or removed in the folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
