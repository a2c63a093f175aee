"""Department lists as files: read against the roster, looked at before they do anything, and what has arrived so far."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import peewee

from db import lists
from db import season as seasons
from db.accounts import Account
from db.clearance import Clearance
from db.lists import Effect, ListRow, ListVersion, Report, Row
from db.people import Graduate
from db.refusals import Invalid, NotFound
from db.rules import jws
from db.rules.list_rows import Known, Listed, ListFile, read_list
from db.rules.season import Plan
from db.rules.step import Step
from db.rules.table import Table


@dataclass(frozen=True)
class DryRun:
    """What a file would do to a step now. `effect` is None while rows are wrong. `newest` is the version it would follow (0: none);
    `same`: that one had the very same rows. `held` are the rows that would hold somebody anew, or with another reason or amount."""

    step: Step
    file: ListFile
    newest: int
    same: bool
    effect: Effect | None
    held: tuple[Listed, ...]


class Version(NamedTuple):
    """One list that arrived: when, by whom (staff id and name), how many rows, their amounts together in fen."""

    step: str
    version: int
    arrived_at: datetime
    by: str
    name: str
    rows: int
    total: int


class Difference(NamedTuple):
    """Somebody in whom two versions differ: what stood in the one before and what stands in this one; None: no row."""

    number: str
    name: str
    before: Row | None
    after: Row | None


def dry_run(step_code: str, table: Table) -> DryRun:
    """Read the table as a list of this step and tell what it would do. Changes nothing. NotFound unless a list settles the step."""
    step = step_of(step_code)
    file = read_list(table, step, _known(step_code))
    newest = lists.newest(step_code)
    if not file.readable or file.errors:
        return DryRun(step, file, newest, False, None, ())
    rows = _rows(file)
    effect = lists.foresee(step_code, rows)
    last = ListVersion.get_or_none(ListVersion.step == step_code, ListVersion.version == newest)
    same = last is not None and last.digest == lists.digest(rows)
    return DryRun(step, file, newest, same, effect, _held(file, effect))


def take_in(key: jws.SigningKey, planned: DryRun, by: str, seen: int | None = None) -> Report:
    """Do what the dry run said. A list acts on what stands when it acts: whoever was decided about meanwhile is kept and reported.

    Raises Invalid (`list-has-errors`) while rows are wrong, Conflict (`list-moved`) when the newest version is not `seen` any more.
    """
    if planned.effect is None:
        raise Invalid(code="list-has-errors")
    return lists.arrive(key, planned.step.code, _rows(planned.file), by, seen)


def step_of(code: str) -> Step:
    """The step; NotFound("unknown-list") unless one of its ways is a list."""
    found = next((step for step in steps(seasons.current().plan) if step.code == code), None)
    if found is None:
        raise NotFound("unknown-list")
    return found


def steps(plan: Plan) -> list[Step]:
    """The steps that take a list, in the plan's order."""
    return [step for step in plan.steps if "list" in step.ways]


def due(plan: Plan, step: Step) -> datetime | None:
    """The last moment of the day by which the list should be here: that of its department's hand-over, else the step's last."""
    handed_over = [each.closes_at for each in plan.handovers if (each.of, each.sender) == (step.code, step.department)]
    return min(filter(None, handed_over), default=step.closes_at)


def versions(codes: Collection[str]) -> dict[str, list[Version]]:
    """Every version of these steps' lists, newest first. One query."""
    query = (
        ListVersion.select(
            ListVersion.step,
            ListVersion.version,
            ListVersion.arrived_at,
            ListVersion.by,
            peewee.fn.COALESCE(Account.name, ListVersion.by),
            peewee.fn.COUNT(ListRow.id),
            peewee.fn.COALESCE(peewee.fn.SUM(ListRow.amount), 0),
        )
        .join(ListRow, peewee.JOIN.LEFT_OUTER)
        .join(Account, peewee.JOIN.LEFT_OUTER, on=(Account.id == ListVersion.by))
        .where(ListVersion.step.in_(list(codes)))
        .group_by(ListVersion.id, ListVersion.step, ListVersion.version, ListVersion.arrived_at, ListVersion.by, Account.name)
        .order_by(ListVersion.version.desc())
    )
    found: dict[str, list[Version]] = {code: [] for code in codes}
    for row in query.tuples():
        version = Version(*row)
        found[version.step].append(version._replace(total=int(version.total)))
    return found


def differences(step: str, version: int) -> list[Difference]:
    """What this version has otherwise than the one before, by number; all of it in the first. Raises NotFound."""
    if not ListVersion.select().where(ListVersion.step == step, ListVersion.version == version).exists():
        raise NotFound("unknown-list-version")
    query = (
        ListRow.select(ListVersion.version, ListRow.number, ListRow.reason, ListRow.amount, Graduate.name)
        .join(ListVersion)
        .join(Graduate, peewee.JOIN.LEFT_OUTER, on=(Graduate.number == ListRow.number))
        .where(ListVersion.step == step, ListVersion.version.in_((version - 1, version)))
    )
    names: dict[str, str] = {}
    stood: tuple[dict[str, Row], dict[str, Row]] = {}, {}
    for of, number, reason, amount, name in query.tuples():
        stood[of == version][number] = Row(number, reason, amount)
        names[number] = name or ""
    before, after = stood
    pairs = [Difference(number, names[number], before.get(number), after.get(number)) for number in sorted(names)]
    return [pair for pair in pairs if pair.before != pair.after]


def _known(step: str) -> dict[str, Known]:
    on_step = (Clearance.graduate == Graduate.id) & (Clearance.step == step)
    query = Graduate.select(Graduate.number, Graduate.name, Graduate.removed_at, Clearance.state).join(
        Clearance, peewee.JOIN.LEFT_OUTER, on=on_step
    )
    return {
        number: Known(name, removed is None and state not in (None, "not-applicable"))
        for number, name, removed, state in query.tuples()
    }


def _rows(file: ListFile) -> list[Row]:
    return [Row(each.number, each.reason, each.amount) for each in file.rows]


def _held(file: ListFile, effect: Effect) -> tuple[Listed, ...]:
    refs = {act.ref for act in effect.acts if act.act == "hold"}
    query = Graduate.select(Graduate.number, Graduate.ref).where(Graduate.removed_at.is_null())
    held = {number for number, ref in query.tuples() if ref in refs} if refs else set()
    return tuple(row for row in file.rows if row.number in held)
