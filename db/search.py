"""Finding graduates among those whom somebody may look at: by name, number or card, college, class, and how a step stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import peewee

from db import season as seasons
from db.accounts import Account
from db.clearance import STATES, Clearance
from db.database import database, marks
from db.grants import classes_near, graduates_in_scope, powers_of
from db.people import ClassGroup, College, Graduate, in_order
from db.rules.fold import SETTLED
from db.rules.powers import Powers
from db.rules.season import Plan
from db.rules.sight import Sight, sight

PAGE = 50
CONFLICT, UNSETTLED = "conflict", "unsettled"
CHOICES = (UNSETTLED, CONFLICT, *STATES)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; empty is everybody. `text` is part of a name or number; `state` is one of CHOICES, of `step` or of any."""

    text: str = ""
    college: str = ""
    class_: str = ""
    step: str = ""
    state: str = ""


class Cell(NamedTuple):
    """How one step stands, in short."""

    step: str
    state: str
    conflict: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """A graduate with class and college, and the steps the finder sees in full, in the plan's order."""

    graduate: Graduate
    cells: tuple[Cell, ...]
    settled: int
    total: int

    def of(self, step: str) -> Cell | None:
        return next((cell for cell in self.cells if cell.step == step), None)

    @property
    def trouble(self) -> tuple[Cell, ...]:
        """What is held or in conflict."""
        return tuple(cell for cell in self.cells if cell.conflict or cell.state == "held")


class Page(NamedTuple):
    """A page of what was found, by number; `after` is where the next begins (None: that was all), `total` how many in all."""

    rows: list[Found]
    after: str | None
    total: int


def search(account: Account, wanted: Wanted, after: str = "", most: int = PAGE) -> Page:
    """Graduates still on the roster, by number, those after the number `after`. Five queries at most, however many they are."""
    plan = seasons.current().plan
    query = _matching(account, wanted, plan)
    total = query.count()
    people = query.select(Graduate, ClassGroup, College).where(Graduate.number > after).order_by(Graduate.number).limit(most + 1)
    graduates = list(people)
    more = graduates[most - 1].number if len(graduates) > most else None
    return Page(_with_cells(powers_of(account), plan, graduates[:most]), more, total)


def by_ref(account: Account, ref: str) -> Graduate | None:
    """The graduate whose cards carry this ref, if this account may look at them. One query."""
    return graduates_in_scope(account).where(Graduate.ref == ref, Graduate.removed_at.is_null()).first()


def load(account: Account, number: str) -> Graduate | None:
    """The graduate of this number with class and college, still on the roster, if this account may look at them. One query."""
    found = graduates_in_scope(account).select(Graduate, ClassGroup, College).join(ClassGroup).join(College)
    return found.where(Graduate.number == number, Graduate.removed_at.is_null()).first()


def classes(account: Account) -> list[ClassGroup]:
    """The classes with their colleges that this account may choose among, college by college. One query."""
    powers = powers_of(account)
    every = ClassGroup.select(ClassGroup, College).join(College)
    return in_order(every if _sees_everybody(powers) else every.where(ClassGroup.id.in_(classes_near(powers))))


def steps_to_filter(powers: Powers, plan: Plan) -> list[str]:
    """Codes of the steps somebody may look for: one's own, or all of them where graduates stand close."""
    codes = [step.code for step in plan.steps]
    close = powers.roles & {"admin", "counselor", "college"}
    return codes if close else list(powers.steps(codes))


def _sees_everybody(powers: Powers) -> bool:
    return bool(powers.roles & {"admin", "officer"})


def _matching(account: Account, wanted: Wanted, plan: Plan) -> peewee.ModelSelect:
    query = graduates_in_scope(account).join(ClassGroup).join(College).where(Graduate.removed_at.is_null())
    if wanted.text:
        query = query.where(Graduate.number.contains(wanted.text) | Graduate.name.contains(wanted.text))
    if wanted.college:
        query = query.where(College.name == wanted.college)
    if wanted.class_:
        query = query.where(ClassGroup.name == wanted.class_)
    if wanted.state:
        query = query.where(_standing_so(powers_of(account), wanted, plan))
    return query


def _standing_so(powers: Powers, wanted: Wanted, plan: Plan) -> peewee.Expression:
    """A step stands as wanted, and is one that the finder sees of this graduate: what is not shown cannot be looked for."""
    own = powers.steps(step.code for step in plan.steps)
    steps = [Clearance.step == wanted.step] if wanted.step else []
    cells = Clearance.select(peewee.SQL("1")).where(Clearance.graduate == Graduate.id, _state(wanted.state), *steps)
    near = Graduate.class_group.in_(classes_near(powers))
    return peewee.fn.EXISTS(cells.where(Clearance.step.in_(own))) | (near & peewee.fn.EXISTS(cells))


def _state(state: str) -> peewee.Expression:
    if state == CONFLICT:
        return Clearance.conflict.is_null(False)
    if state == UNSETTLED:
        return Clearance.state.not_in(sorted(SETTLED))
    return Clearance.state == state


def _with_cells(powers: Powers, plan: Plan, graduates: Sequence[Graduate]) -> list[Found]:
    stored = _cells([graduate.id for graduate in graduates])
    found = []
    for graduate in graduates:
        seen = sight(powers, plan.steps, graduate.class_group.name, graduate.class_group.college.name)
        found.append(_found(graduate, plan, seen, stored.get(graduate.id, {})))
    return found


def _found(graduate: Graduate, plan: Plan, seen: Sight, stored: dict[str, Cell]) -> Found:
    steps = [step for step in plan.steps if step.code in seen.full and step.code in stored]
    cells = tuple(stored[step.code] for step in steps)
    counted = [stored[step.code].state for step in steps if step.required and stored[step.code].state != "not-applicable"]
    return Found(graduate, cells, sum(state in SETTLED for state in counted), len(counted))


def _cells(ids: Sequence[int]) -> dict[int, dict[str, Cell]]:
    if not ids:
        return {}
    sql = f"SELECT graduate_id, step, state, conflict, reason FROM clearance WHERE graduate_id IN ({marks(len(ids))})"
    found: dict[int, dict[str, Cell]] = {}
    for id_, *cell in database.execute_sql(sql, tuple(ids)):
        found.setdefault(id_, {})[cell[0]] = Cell(*cell)
    return found
