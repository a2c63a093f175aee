"""Names of the office's staff (see `office_fixtures.py`), and a way to count what a page asks of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from db.database import database

OFFICER, COUNSELOR, DEAN, BOSS, AUDITOR = "officer", "lin", "dean", "boss", "auditor"


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement sent to the database in this block."""
    asked: list[str] = []
    kind = type(database.obj)
    execute: Callable = kind.execute_sql
    with monkeypatch.context() as patch:
        patch.setattr(kind, "execute_sql", lambda self, sql, *a, **k: asked.append(sql) or execute(self, sql, *a, **k))
        yield asked
