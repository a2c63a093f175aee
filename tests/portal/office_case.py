"""Names of the office's staff (see `office_fixtures.py`), a way to count what a page asks of the database, and a season at noon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from db import season as seasons
from db.database import database
from tests.cast import ADMIN, at_noon, plan_text

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


def move_to_noon() -> None:
    """Have the cast's season in a place where it is about noon: what was done a while ago was done today."""
    seasons.load_plan(at_noon(plan_text()), "cast.toml", ADMIN)
