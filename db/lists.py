"""Department lists: their versions, their rows, and what they settle.

Whoever is on the list is held, everybody else to whom the step applies is cleared. A list acts only where nobody else has:
where there is no head, or its own earlier version's entry is the only one. What else it would change is reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import peewee

from db import season as seasons
from db.audit import record
from db.clearance import Clearance
from db.database import Model, Moment, lock, now, touch_season, writing
from db.ledger import Entry
from db.people import Graduate
from db.refusals import Invalid, NotFound
from db.rules import jws
from db.rules.fold import STATE_OF


class ListVersion(Model):
    """One arrival of a step's list. Until the first one, nobody's state of that step is known."""

    step = peewee.TextField()
    version = peewee.IntegerField()
    arrived_at = Moment()
    by = peewee.TextField()
    digest = peewee.TextField()

    class Meta:
        indexes = ((("step", "version"), True),)


class ListRow(Model):
    """Somebody who stands on a list: not cleared, with a reason and an amount in fen where money is owed."""

    list_version = peewee.ForeignKeyField(ListVersion, backref="rows", on_delete="CASCADE")
    number = peewee.TextField()
    reason = peewee.TextField(default="")
    amount = peewee.BigIntegerField(null=True)

    class Meta:
        indexes = ((("list_version", "number"), True),)


class Row(NamedTuple):
    """A row as it arrives: the student number, why, and an amount in fen."""

    number: str
    reason: str = ""
    amount: int | None = None


class Report(NamedTuple):
    """What a list did. `kept` are (student number, state) it would have changed but somebody else had decided."""

    version: int
    held: int
    cleared: int
    unchanged: int
    kept: list[tuple[str, str]]


def arrive(key: jws.SigningKey, step: str, rows: Sequence[Row], by: str) -> Report:
    """Take in a list of those who are not cleared, in one transaction.

    Raises NotFound for a step that is not settled by a list, Invalid with the student numbers that are unknown or stand twice.
    """
    from db.projection import refold_step
    from db.signoffs import Act, record_all

    with writing():
        lock("change")
        _check(step, rows)
        version = _next_version(step, rows, by)
        touch_season()
        listed = {row.number: row for row in rows}
        acts: list[Act] = []
        kept: list[tuple[str, str]] = []
        unchanged = 0
        ours = _own_entries(step)
        for number, ref, state, heads in _standing(step):
            row = listed.get(number)
            act = "hold" if row else "clear"
            free = not heads or (len(heads) == 1 and heads[0] in ours)
            if STATE_OF[act] == state and heads:
                unchanged += 1
            elif free:
                reason, amount = (row.reason or None, row.amount) if row else (None, None)
                acts.append(Act(ref, step, act, reason, amount, tuple(heads)))
            else:
                kept.append((number, state))
        record_all(key, by, acts, "list")
        refold_step(step)
        held = sum(act.act == "hold" for act in acts)
        record(by, "list.arrived", step, {"version": version, "rows": len(rows), "held": held, "kept": len(kept)})
    return Report(version, held, len(acts) - held, unchanged, kept)


def _check(step: str, rows: Sequence[Row]) -> None:
    plan = seasons.current().plan
    found = next((each for each in plan.steps if each.code == step), None)
    if found is None or "list" not in found.ways:
        raise NotFound("unknown-list", step=step)
    numbers = [row.number for row in rows]
    known = {graduate.number for graduate in Graduate.select(Graduate.number)}
    errors = {number: "unknown-number" for number in numbers if number not in known}
    seen: set[str] = set()
    for number in numbers:
        if number in seen:
            errors[number] = "number-twice"
        seen.add(number)
    if errors:
        raise Invalid(errors)


def _next_version(step: str, rows: Sequence[Row], by: str) -> int:
    last = ListVersion.select(peewee.fn.MAX(ListVersion.version)).where(ListVersion.step == step).scalar() or 0
    digest = hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()[:16]
    version = ListVersion.create(step=step, version=last + 1, arrived_at=now(), by=by, digest=digest)
    for start in range(0, len(rows), 400):
        chunk = [{"list_version": version.id, **row._asdict()} for row in rows[start : start + 400]]
        ListRow.insert_many(chunk).execute()
    return version.version


def _own_entries(step: str) -> set[str]:
    return {row.hash for row in Entry.select(Entry.hash).where(Entry.step == step, Entry.via == "list")}


def _standing(step: str):
    """(number, ref, state, heads) of everybody to whom the step applies."""
    query = (
        Clearance.select(Graduate.number, Graduate.ref, Clearance.state, Clearance.heads)
        .join(Graduate)
        .where(Clearance.step == step, Clearance.state != "not-applicable", Graduate.removed_at.is_null())
        .order_by(Graduate.id)
        .tuples()
    )
    return [(number, ref, state, heads.split()) for number, ref, state, heads in query]
