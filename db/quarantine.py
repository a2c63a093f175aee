"""What waits for a reviewer: entries stored and not applied, and tokens that could not even take their place in the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from db.database import database, from_ms, mark, marks

PAGE = 50


class Waiting(NamedTuple):
    """One of them. What a token says of itself is told only where its signature fits: `act`, `step`, `operator`, `station`.

    `device` is the tablet it names, `tablet` that tablet's name and `served` its station where it is known. `code` says why.
    """

    key: str
    received: datetime
    code: str
    via: str
    device: str | None
    tablet: str | None
    served: str | None
    act: str | None
    step: str | None
    operator: str | None
    station: str | None


def waiting(before: str = "", most: int = PAGE) -> tuple[list[Waiting], str | None]:
    """Those received before the key `before`, newest first, and the key to go on from (None: that was all). One query."""
    moment, _, name = before.partition(".")
    bound, values = "", []
    if moment.isdecimal() and len(moment) < 19:
        bound = f"WHERE w.received_at < {mark()} OR (w.received_at = {mark()} AND w.name < {mark()})"
        values = [int(moment), int(moment), name]
    sql = f"""
        SELECT w.name, w.received_at, w.code, w.via, w.device, device.name, device.station, w.act, w.step, w.operator, w.station
        FROM (SELECT hash AS name, received_at, code, via, device, act, step, operator, station FROM entry
              WHERE outcome = 'quarantined' AND admitted_at IS NULL
              UNION ALL SELECT token_hash, received_at, code, via, device, NULL, NULL, NULL, NULL FROM quarantined) w
        LEFT JOIN device ON device.id = w.device {bound}
        ORDER BY w.received_at DESC, w.name DESC LIMIT {marks(1)}"""
    rows = database.execute_sql(sql, (*values, most + 1)).fetchall()
    found = [Waiting(f"{received}.{key}", from_ms(received), *rest) for key, received, *rest in rows[:most]]
    return found, found[-1].key if len(rows) > most else None


def count() -> int:
    """How many wait. One query."""
    sql = """SELECT (SELECT COUNT(*) FROM entry WHERE outcome = 'quarantined' AND admitted_at IS NULL)
                  + (SELECT COUNT(*) FROM quarantined)"""
    return database.execute_sql(sql).fetchone()[0]
