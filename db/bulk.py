"""Many rows in one statement. Its text is the same however many there are, so that the engine's prepared statement serves again."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from db.database import database, marks, on_sqlite

WORTH_PLANNING = 50
"""Rows from which on a plan made for them costs less than it brings."""

WORTH_COUNTING = 500
"""Rows from which on looking at a table costs less than a plan made without."""


def one_of(values: Collection[object]) -> tuple[str, object]:
    """What to write after a column that shall be one of `values` (texts or numbers), and its one parameter."""
    if on_sqlite():
        return "IN (SELECT value FROM json_each(?))", json.dumps(list(values))
    return "= ANY(%s)", list(values)


def insert(table: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]], tail: str = "") -> None:
    """Insert rows of texts and numbers. `columns`: name → its type; `tail`: an `ON CONFLICT` clause. Inside `writing()`."""
    if not rows:
        return
    into = f"INSERT INTO {table} ({', '.join(columns)})"
    if on_sqlite():
        database.connection().executemany(f"{into} VALUES ({marks(len(columns))}) {tail}", rows)
        return
    values = ", ".join(f"(value->>{place})::{kind}" for place, kind in enumerate(columns.values()))
    database.execute_sql(f"{into} SELECT {values} FROM jsonb_array_elements(%s::jsonb) {tail}", (json.dumps(rows),))


def update(table: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
    """Update rows that are there. `columns`: name → its type; the first is the key. Inside `writing()`."""
    if not rows:
        return
    key, *others = columns
    if on_sqlite():
        changes = ", ".join(f"{name} = ?{place}" for place, name in enumerate(others, 2))
        database.connection().executemany(f"UPDATE {table} SET {changes} WHERE {key} = ?1", rows)
        return
    kinds = list(columns.values())
    changes = ", ".join(f"{name} = (value->>{place})::{columns[name]}" for place, name in enumerate(others, 1))
    database.execute_sql(
        f"UPDATE {table} SET {changes} FROM jsonb_array_elements(%s::jsonb) WHERE {table}.{key} = (value->>0)::{kinds[0]}",
        (json.dumps(rows),),
    )


def count_anew(rows: int, *tables: str) -> None:
    """After many rows were written: let PostgreSQL look at these tables now. Until it does, it plans as if they were empty."""
    if rows >= WORTH_COUNTING and not on_sqlite():
        database.execute_sql(f"ANALYZE {', '.join(tables)}")


def keep_plans(rows: int) -> None:
    """In this transaction, for few rows: let PostgreSQL use the plan that it has of a statement, by index whatever the tables hold.

    Planning anew is half of what the server spends on one entry. Among many rows it does not count, and fits their number.
    """
    if rows < WORTH_PLANNING and not on_sqlite():
        database.execute_sql(
            "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)"
        )


def pipelined() -> AbstractContextManager[object]:
    """Inside this block PostgreSQL is not waited for until an answer is read; a refusal shows then, or at the end of the block."""
    return nullcontext() if on_sqlite() else database.connection().pipeline()
