"""Department lists: their versions, their rows, and what they settle.

Whoever is on the list is held, everybody else to whom the step applies is cleared. A list acts only where nobody else has:
where there is no head, or its own earlier version's entry is the only one. What else it would change is reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import peewee

from db import season as seasons
from db.audit import record
from db.clearance import Clearance
from db.database import Model, Moment, lock, now, touch_season, writing
from db.ledger import Entry
from db.people import Graduate
from db.refusals import Conflict, Invalid, NotFound
from db.rules import jws
from db.rules.fold import STATE_OF

if TYPE_CHECKING:  # signing off needs the season, and the season these lists
    from db.signoffs import Act


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


class Kept(NamedTuple):
    """Somebody whom a list would change, if another had not decided already. `act` is what the list says: hold or clear."""

    number: str
    name: str
    state: str
    act: str


class Cleared(NamedTuple):
    """Somebody whom a list would clear, being not on it, and how the step stands until then."""

    number: str
    name: str
    state: str


class Report(NamedTuple):
    """What a list did."""

    version: int
    held: int
    cleared: int
    unchanged: int
    kept: list[Kept]


class Effect(NamedTuple):
    """What a list would do: decisions, whom of these it clears, and what stays as others decided."""

    acts: list[Act]
    unchanged: int
    kept: list[Kept]
    clears: list[Cleared]

    @property
    def held(self) -> int:
        return sum(act.act == "hold" for act in self.acts)

    @property
    def cleared(self) -> int:
        return len(self.clears)


def arrive(key: jws.SigningKey, step: str, rows: Sequence[Row], by: str, seen: int | None = None) -> Report:
    """Take in a list of those who are not cleared, in one transaction.

    Raises NotFound for a step that is not settled by a list, Invalid with the student numbers that are unknown or stand
    twice, and, where `seen` is given, Conflict (`list-moved`) when that is not the newest version any more.
    """
    from db.projection import refold_step
    from db.signoffs import record_all

    with writing():
        lock("change")
        _check(step, rows)
        if seen is not None and seen != newest(step):
            raise Conflict("list-moved")
        effect = foresee(step, rows)
        version = _next_version(step, rows, by)
        touch_season()
        record_all(key, by, effect.acts, "list")
        refold_step(step)
        counts = {"held": effect.held, "cleared": effect.cleared, "kept": len(effect.kept)}
        record(by, "list.arrived", step, {"version": version, "rows": len(rows), **counts})
    return Report(version, effect.held, effect.cleared, effect.unchanged, effect.kept)


def foresee(step: str, rows: Sequence[Row]) -> Effect:
    """What the list would do now. Changes nothing."""
    from db.signoffs import Act

    listed = {row.number: row for row in rows}
    before = _last_rows(step)
    ours = _own_entries(step)
    acts: list[Act] = []
    kept: list[Kept] = []
    clears: list[Cleared] = []
    unchanged = 0
    for number, name, ref, state, heads in _standing(step):
        row = listed.get(number)
        act = "hold" if row else "clear"
        own = len(heads) == 1 and heads[0] in ours
        if STATE_OF[act] == state and heads and not (own and row and before.get(number, row) != row):
            unchanged += 1
        elif own or not heads:
            reason, amount = (row.reason or None, row.amount) if row else (None, None)
            acts.append(Act(ref, step, act, reason, amount, tuple(heads)))
            if row is None:
                clears.append(Cleared(number, name, state))
        else:
            kept.append(Kept(number, name, state, act))
    return Effect(acts, unchanged, kept, clears)


def newest(step: str) -> int:
    """The step's newest version, 0 while no list has arrived."""
    return ListVersion.select(peewee.fn.MAX(ListVersion.version)).where(ListVersion.step == step).scalar() or 0


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
    values = {"step": step, "version": newest(step) + 1, "arrived_at": now(), "by": by, "digest": digest(rows)}
    version = ListVersion.create(**values)
    for start in range(0, len(rows), 400):
        chunk = [{"list_version": version.id, **row._asdict()} for row in rows[start : start + 400]]
        ListRow.insert_many(chunk).execute()
    return version.version


def digest(rows: Sequence[Row]) -> str:
    """Stands for the rows, whatever their order."""
    return hashlib.sha256(repr(sorted(map(tuple, rows), key=repr)).encode()).hexdigest()[:16]


def _last_rows(step: str) -> dict[str, Row]:
    """The rows of the newest version, by number."""
    query = ListRow.select(ListRow.number, ListRow.reason, ListRow.amount).join(ListVersion)
    rows = query.where(ListVersion.step == step, ListVersion.version == newest(step)).tuples()
    return {number: Row(number, reason, amount) for number, reason, amount in rows}


def _own_entries(step: str) -> set[str]:
    return {row.hash for row in Entry.select(Entry.hash).where(Entry.step == step, Entry.via == "list")}


def _standing(step: str):
    """(number, name, ref, state, heads) of everybody to whom the step applies."""
    query = (
        Clearance.select(Graduate.number, Graduate.name, Graduate.ref, Clearance.state, Clearance.heads)
        .join(Graduate)
        .where(Clearance.step == step, Clearance.state != "not-applicable", Graduate.removed_at.is_null())
        .order_by(Graduate.id)
        .tuples()
    )
    return [(number, name, ref, state, heads.split()) for number, name, ref, state, heads in query]
