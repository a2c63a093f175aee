"""Where one graduate stands: every step with its state, what it waits for, and the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import peewee

from db import season as seasons
from db.clearance import Clearance
from db.database import now
from db.people import ClassGroup, College, Graduate
from db.rules.plan import Station, Step
from db.season import Season

GROUPS = ("held", "todo", "waiting", "done", "not-applicable")


@dataclass(frozen=True)
class StepStanding:
    """One step for one graduate. `waits_for` are blocking steps not yet settled; `today` is the season's local day."""

    step: Step
    state: str
    as_of: datetime | None
    by: str | None
    reason: str | None
    conflict: str | None
    heads: tuple[str, ...]
    waits_for: tuple[Step, ...]
    stations: tuple[Station, ...]
    today: date

    @property
    def group(self) -> str:
        """One of GROUPS."""
        if self.state in ("cleared", "collected", "waived"):
            return "done"
        if self.state in ("submitted", "unknown") or (self.state == "open" and self.step.by_list):
            return "waiting"
        return {"held": "held", "not-applicable": "not-applicable"}.get(self.state, "todo")

    @property
    def open_today(self) -> bool:
        return self.step.open_on(self.today)

    @property
    def overdue(self) -> bool:
        return self.step.closes is not None and self.today > self.step.closes and self.group in ("todo", "held")

    @property
    def days_left(self) -> int | None:
        """Days until the last day, that day not counted; None without a last day, negative when it has passed."""
        return None if self.step.closes is None else (self.step.closes - self.today).days

    @property
    def ready(self) -> bool:
        """Whether going there today makes sense."""
        return self.group == "todo" and not self.waits_for and (self.step.opens is None or self.step.opens <= self.today)


@dataclass(frozen=True)
class Standing:
    """All steps of one graduate, in the plan's order."""

    graduate: Graduate
    steps: tuple[StepStanding, ...]

    @cached_property
    def applicable(self) -> tuple[StepStanding, ...]:
        return tuple(each for each in self.steps if each.state != "not-applicable" and each.step.required)

    @property
    def total(self) -> int:
        """How many required steps apply."""
        return len(self.applicable)

    @property
    def settled(self) -> int:
        """How many of them are settled."""
        return sum(each.group == "done" for each in self.applicable)

    def group(self, name: str) -> tuple[StepStanding, ...]:
        return tuple(each for each in self.steps if each.group == name)

    def of(self, code: str) -> StepStanding | None:
        return next((each for each in self.steps if each.step.code == code), None)

    @property
    def next(self) -> StepStanding | None:
        """The one thing to do next: something held first, then what is open today and closes soonest; None: nothing."""
        held = [each for each in self.group("held") if each.step.required]
        return next(iter(held + self._ready), None)

    @property
    def meanwhile(self) -> StepStanding | None:
        """What can be done today although something is held, at a desk if anything is; None where nothing is held or to be done."""
        if self.next is None or self.next.group != "held":
            return None
        ready = self._ready
        return next((each for each in ready if each.step.at_station and each.stations), next(iter(ready), None))

    @property
    def _ready(self) -> list[StepStanding]:
        ready = [each for each in self.group("todo") if each.ready]
        return sorted(ready, key=lambda each: (not each.step.required, each.days_left is None, each.days_left or 0))

    @property
    def finished(self) -> bool:
        """Whether every required step that applies is settled."""
        return self.total > 0 and self.settled == self.total

    @property
    def upcoming(self) -> StepStanding | None:
        """The first thing that waits for nothing but its first day."""
        later = [each for each in self.group("todo") if not each.waits_for and not each.ready]
        return min(later, key=lambda each: each.step.opens or each.today, default=None)

    @property
    def blocked(self) -> tuple[StepStanding, ...]:
        """What would be to do but waits for other steps: "do not come yet"."""
        return tuple(each for each in self.group("todo") if each.waits_for)


def local_day(season: Season) -> date:
    """Today in the season's zone."""
    return now().astimezone(season.plan.zone).date()


def standing(graduate: Graduate, today: date) -> Standing:
    """The standing of a graduate loaded with class and college. Two queries."""
    rows = Clearance.select().where(Clearance.graduate == graduate.id)
    return _standing(seasons.current(), graduate, {row.step: row for row in rows}, today)


def standing_of(season: Season, graduate_id: int) -> Standing | None:
    """The standing today of a graduate, loaded with class and college; None for one who has left the season. One query."""
    found = list(
        Graduate.select(Graduate, ClassGroup, College, Clearance)
        .join(ClassGroup)
        .join(College)
        .join_from(Graduate, Clearance, peewee.JOIN.LEFT_OUTER, attr="row")
        .where(Graduate.id == graduate_id, Graduate.removed_at.is_null())
    )
    if not found:
        return None
    rows = {each.row.step: each.row for each in found if each.row is not None}
    return _standing(season, found[0], rows, local_day(season))


def _standing(season: Season, graduate: Graduate, rows: dict[str, Clearance], today: date) -> Standing:
    college = season.college_code(graduate.class_group.college.name)
    return Standing(graduate, tuple(_of_step(season, step, rows, college, today) for step in season.plan.steps))


def _of_step(season: Season, step: Step, rows: dict[str, Clearance], college: str | None, today: date) -> StepStanding:
    row = rows.get(step.code)
    waits = tuple(season.plan.step(code) for code in step.blocked_by if (blocker := rows.get(code)) is None or not blocker.settled)
    stations = season.plan.stations_for(step.code, college)
    if row is None:
        return StepStanding(step, "unknown", None, None, None, None, (), waits, stations, today)
    heads = tuple(row.heads.split())
    return StepStanding(step, row.state, row.as_of, row.by, row.reason, row.conflict, heads, waits, stations, today)


def load(number: str) -> Graduate | None:
    """The graduate of a student number, with class and college, who has not left the season. One query."""
    return (
        Graduate.select(Graduate, ClassGroup, College)
        .join(ClassGroup)
        .join(College)
        .where(Graduate.number == number, Graduate.removed_at.is_null())
        .get_or_none()
    )
