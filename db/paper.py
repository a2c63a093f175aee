"""Paper as the last resort: what was decided on a desk sheet is typed in later and becomes entries of the portal, marked for good.

The operator of such an entry is who signed the sheet, its time the one written there; who typed it in and the picture of the
sheet stand beside. Nothing that somebody has recorded since is overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from db import audit, bulk
from db import season as seasons
from db.accounts import Account
from db.clearance import Clearance
from db.database import database, from_ms, lock, mark, now, to_ms, writing
from db.grants import powers_of
from db.ledger import Attachment
from db.people import ClassGroup, College, Graduate, in_order
from db.refusals import Invalid, NotFound
from db.rules import jws
from db.rules.entry import from_stored
from db.rules.season import Plan, Station
from db.rules.step import Step
from db.signoffs import Act, Paper, record_all

VIA = "paper"
DONE = frozenset(("cleared", "collected", "waived"))


class Sheet(NamedTuple):
    """Which desk sheet: the station it lay at, the step, the class."""

    station: Station
    step: Step
    group: ClassGroup

    @property
    def acts(self) -> tuple[str, str]:
        """What may be decided on it: done, or held."""
        return ("collect" if self.step.how == "collect" else "clear", "hold")


class Line(NamedTuple):
    """One row that was filled in. `at` is the time written there in epoch ms, `amount` in fen, `saw` the heads on the page."""

    number: str
    act: str
    at: int
    reason: str | None
    amount: int | None
    saw: frozenset[str]


class Taken(NamedTuple):
    """What became of a sheet: rows recorded now, rows that were before, and by number the rows left as others decided since."""

    recorded: int
    repeated: int
    kept: dict[str, Clearance]


def places(account: Account) -> list[tuple[Station, Step]]:
    """The stations and steps whose sheets this account may print and type in: a supervisor those of the own stations, officers and
    administrators those of their steps. A sheet carries every card of a class, so it is narrower than what one reviews."""
    plan, powers = seasons.current().plan, powers_of(account)
    return [
        (station, plan.step(code))
        for station in plan.stations
        for code in station.steps
        if powers.settles(code) or powers.may("supervisor", station=station.code)
    ]


def find(account: Account, station: str, step: str, class_id: int) -> Sheet:
    """The sheet. Raises NotFound("unknown-sheet") alike where there is none and where it is not this account's."""
    place = next((place for place in places(account) if (place[0].code, place[1].code) == (station, step)), None)
    group = ClassGroup.select(ClassGroup, College).join(College).where(ClassGroup.id == class_id).first()
    if place is None or group is None or not serves(seasons.current().plan, place[0], group.college.name):
        raise NotFound("unknown-sheet")
    return Sheet(*place, group)


def sheets_of(station: Station, class_name: str | None = None) -> list[Sheet]:
    """Every sheet of a station: a class and a step each, class by class. One query."""
    plan = seasons.current().plan
    groups = in_order(ClassGroup.select(ClassGroup, College).join(College))
    return [
        Sheet(station, plan.step(code), group)
        for group in groups
        if serves(plan, station, group.college.name) and class_name in (None, group.name)
        for code in station.steps
    ]


def serves(plan: Plan, station: Station, college: str) -> bool:
    """Whether graduates of the college, as rosters name it, go to this station."""
    return not station.colleges or any(plan.college(code).name.zh == college for code in station.colleges)


def rows(sheet: Sheet) -> list[Clearance]:
    """How the step stands with everybody of the class to whom it applies, with `graduate`, by number. One query."""
    return list(
        Clearance.select(Clearance, Graduate)
        .join(Graduate)
        .where(
            Graduate.class_group == sheet.group,
            Graduate.removed_at.is_null(),
            Clearance.step == sheet.step.code,
            Clearance.state != "not-applicable",
        )
        .order_by(Graduate.number)
    )


def takes(cell: Clearance) -> bool:
    """Whether a sheet may still say something about it: what is done, or in conflict, is not decided by paper."""
    return cell.conflict is None and cell.state not in DONE


def staff(text: str) -> Account | None:
    """The member of staff of that id or, if there is only one, of that name; closed accounts are among them."""
    people = Account.select().where(Account.graduate_id.is_null())
    if found := people.where(Account.id == text).first():
        return found
    named = list(people.where(Account.name == text).limit(2))
    return named[0] if len(named) == 1 else None


def take_in(key: jws.SigningKey, account: Account, sheet: Sheet, signer: str, scan: str, lines: Sequence[Line]) -> Taken:
    """Record the rows of a sheet that `signer` signed, in one transaction. The same sheet again records nothing twice.

    Raises Invalid, field by field (`signer`, `scan`, `time-<number>`), for unknown staff, a picture that is not here, and times in
    the future or outside the season; nothing is recorded then.
    """
    signed_by = staff(signer)
    errors = {f"time-{line.number}": code for line in lines if (code := _wrong_time(line.at))}
    if signed_by is None:
        errors["signer"] = "unknown-staff"
    if not Attachment.select().where(Attachment.sha256 == scan).exists():
        errors["scan"] = "scan-missing"
    if errors or signed_by is None:
        raise Invalid(errors)
    with writing():
        lock("change")
        standing = {cell.graduate.number: cell for cell in rows(sheet)}
        made_before = _made_before(standing, sheet.step.code)
        paper = Paper(sheet.station.code, account.id, scan)
        acts, repeated, kept = [], 0, {}
        for line in lines:
            cell = standing.get(line.number)
            if cell is None:
                continue
            if (cell.graduate.ref, line.act, line.at, line.amount, signed_by.id) in made_before:
                repeated += 1
            elif takes(cell) and set(cell.heads.split()) == line.saw and not _later(cell, line.at) and line.act in sheet.acts:
                saw = tuple(sorted(line.saw))
                acts.append(Act(cell.graduate.ref, sheet.step.code, line.act, line.reason, line.amount, saw, line.at, paper=paper))
            else:
                kept[line.number] = cell
        record_all(key, signed_by.id, acts, VIA)
        facts = {"station": sheet.station.code, "step": sheet.step.code, "operator": signed_by.id, "rows": len(acts)}
        audit.record(account.id, "paper.typed-in", sheet.group.name, facts | {"kept": sorted(kept), "scan": scan})
    return Taken(len(acts), repeated, kept)


def _later(cell: Clearance, at: int) -> bool:
    """Whether what stands was decided after the sheet."""
    return cell.as_of is not None and to_ms(cell.as_of) > at


def _wrong_time(at: int) -> str | None:
    plan = seasons.current().plan
    if at > to_ms(now()):
        return "in-future"
    return None if plan.open_on(from_ms(at).astimezone(plan.zone).date()) else "outside-season"


def _made_before(standing: Mapping[str, Clearance], step: str) -> set[tuple[str, str, int, int | None, str]]:
    """What was typed in of sheets before: graduate, act, time, amount, who signed."""
    among, refs = bulk.one_of([cell.graduate.ref for cell in standing.values()])
    sql = f"SELECT student, jws, hash FROM entry WHERE student {among} AND step = {mark()} AND via = {mark()}"
    found = [(ref, from_stored(token, hash_)) for ref, token, hash_ in database.execute_sql(sql, (refs, step, VIA))]
    return {(ref, entry.act, entry.corrected, entry.amount, entry.operator) for ref, entry in found}
