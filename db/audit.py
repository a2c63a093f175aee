"""The audit trail: who did or saw what, when, from where. Rows are chained by hash, so that a change or a gap shows.

Whoever can rewrite the whole table and its counter can forge a whole new chain; noting down `head()` now and then, outside this
system, is what would show that too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import peewee

from db.database import Json, Model, Moment, database, mark, now, to_ms, writing

BATCH = 2_000
LONGEST = 200
# Where the work in hand came from. The web sets it for each request, so that no verb has to pass it along.
origin: ContextVar[str] = ContextVar("audit_origin", default="")

_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class AuditEvent(Model):
    """One event. `hash` covers the row and the hash before it."""

    seq = peewee.BigIntegerField(primary_key=True)
    at = Moment()
    actor = peewee.TextField(index=True)
    action = peewee.TextField(index=True)
    subject = peewee.TextField(default="", index=True)
    detail = Json(default=dict)
    address = peewee.TextField(default="")
    prev = peewee.TextField()
    hash = peewee.TextField(unique=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the chain does not account for. `code` is missing (rows from `seq` on), changed or unlinked."""

    code: str
    seq: int


def record(
    actor: str, action: str, subject: str = "", detail: dict[str, Any] | None = None, address: str | None = None
) -> AuditEvent:
    """Append one event, in the caller's transaction when there is one (then it is undone with it).

    Never give it a password, a code, a token or a whole ID number. Text is cut to 200 characters and freed of what a database
    cannot hold. Call it last: its counter is held until the commit, and every transaction must take it after all other rows.
    """
    moment = now()
    words = [_clean(word) for word in (actor, action, subject)]
    facts = _clean(detail or {})
    place = _clean(origin.get() if address is None else address)
    with writing():
        sql = "UPDATE counter SET value = value + 1 WHERE name = 'audit' RETURNING value"
        seq = database.execute_sql(sql).fetchone()[0]
        prev = AuditEvent.select(AuditEvent.hash).where(AuditEvent.seq == seq - 1).scalar() or ""
        digest = _hash(seq, to_ms(moment), *words, AuditEvent.detail.db_value(facts), place, prev)
        row = dict(zip(("actor", "action", "subject"), words, strict=True))
        return AuditEvent.create(seq=seq, at=moment, **row, detail=facts, address=place, prev=prev, hash=digest)


def head() -> tuple[int, str]:
    """The last event's seq and hash; (0, "") while there is none."""
    last = AuditEvent.select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).tuples().first()
    return last or (0, "")


def verify() -> list[Problem]:
    """What is wrong with the chain, in order; empty when it is whole. Reads in batches, whatever the length."""
    counted = database.execute_sql("SELECT value FROM counter WHERE name = 'audit'").fetchone()[0]
    problems = []
    expected, link = 1, ""
    for seq, *facts, prev, digest in _stream():
        if seq != expected:
            problems.append(Problem("missing", expected))
        elif prev != link:
            problems.append(Problem("unlinked", seq))
        if _hash(seq, *facts, prev) != digest:
            problems.append(Problem("changed", seq))
        expected, link = seq + 1, digest
    if expected <= counted:
        problems.append(Problem("missing", expected))
    return problems


def _stream() -> Iterator[tuple[Any, ...]]:
    """Every row as it is stored, `detail` as text: even one that no longer parses can then be told from a good one."""
    sql = f"""SELECT seq, at, actor, action, subject, detail, address, prev, hash FROM audit_event
              WHERE seq > {mark()} ORDER BY seq LIMIT {BATCH}"""
    after = 0
    while rows := database.execute_sql(sql, (after,)).fetchall():
        yield from rows
        after = rows[-1][0]


def _hash(*facts: Any) -> str:
    """SHA-256 over the JSON array of seq, at, actor, action, subject, detail (as text), address, prev."""
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)[:LONGEST]
    if isinstance(value, dict):
        return {_clean(str(key)): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    if value is None or isinstance(value, bool | int):
        return value
    return _clean(str(value))
