"""What keeps the database from working that no program can mend, told from faults in the program."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg

from db.database import opened_url

DISK_FULL, DATABASE_AWAY = "disk-full", "database-away"

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_NEEDED = 64 * 1024
"""Bytes that SQLite needs beside its file before it can even read."""
_AWAY = ("08", "53", "57P")
"""PostgreSQL's classes of SQLSTATE for a connection that broke, too little of something, and a server that stops or starts."""


def outage(error: BaseException | None) -> str | None:
    """`disk-full`, `database-away`, or None where the fault is the program's."""
    return next(filter(None, map(_cause, _all_of(error))), None)


def _all_of(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and whatever it came from: the driver's own, and what happened before SQLite refused even to roll back."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _cause(error: BaseException) -> str | None:
    if isinstance(error, sqlite3.OperationalError):
        return DISK_FULL if _sqlite_has_no_room(error.sqlite_errorcode & 0xFF) else None
    if isinstance(error, psycopg.OperationalError):
        if error.sqlstate == psycopg.errors.DiskFull.sqlstate:
            return DISK_FULL
        return DATABASE_AWAY if not error.sqlstate or error.sqlstate.startswith(_AWAY) else None
    return DISK_FULL if isinstance(error, OSError) and error.errno in _NO_ROOM else None


def _sqlite_has_no_room(code: int) -> bool:
    if code not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return code == sqlite3.SQLITE_FULL
    room = os.statvfs(Path(opened_url().removeprefix("sqlite:///")).parent)
    return room.f_bavail * room.f_frsize < _NEEDED
