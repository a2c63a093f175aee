"""The parts of a season's plan, as `db/rules/plan.py` loads them. All are frozen; texts are in both languages."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from db.rules.dated import Dated
from db.rules.message import Names
from db.rules.step import Reason, Step


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A property of a graduate that circles may name, such as `resident`."""

    code: str
    name: Names


@dataclass(frozen=True, kw_only=True)
class College:
    """A college; rosters name it by `name.zh`."""

    code: str
    name: Names


@dataclass(frozen=True, kw_only=True)
class Department:
    """An office that answers for steps."""

    code: str
    name: Names
    place: Names
    phone: str
    hours: Names


@dataclass(frozen=True, kw_only=True)
class Station:
    """A desk. `steps` in the order it offers them; `colleges` limits whose graduates it serves, empty means all."""

    code: str
    name: Names
    place: Names
    hours: Names
    steps: tuple[str, ...]
    colleges: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Milestone(Dated):
    """Work around the steps: never complete before each of `needs` is, and to last as long as each of `lasts`."""

    code: str
    name: Names
    needs: tuple[str, ...]
    lasts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Handover(Dated):
    """A list that one department owes others by the day it closes; `of` is the step or milestone it reports on."""

    code: str
    name: Names
    sender: str
    receivers: tuple[str, ...]
    of: str


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """How somebody else may come for a graduate: which `steps` a proxy may settle, and which are posted (`post`) instead.

    `most_days`: how long an authorization may last; `most_graduates`: for how many one proxy may stand.
    `reasons`: why somebody cannot come.
    """

    steps: tuple[str, ...]
    post: tuple[str, ...]
    most_days: int
    most_graduates: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Ceremony:
    """The graduation ceremony; `at` is aware, in the season's zone."""

    name: Names
    place: Names
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Plan(Dated):
    """A season's plan, checked. Its own `opens` and `closes` are the season's, and are always given."""

    code: str
    name: Names
    institution: Names
    ceremony: Ceremony | None
    flags: tuple[Flag, ...]
    colleges: tuple[College, ...]
    departments: tuple[Department, ...]
    steps: tuple[Step, ...]
    stations: tuple[Station, ...]
    milestones: tuple[Milestone, ...]
    handovers: tuple[Handover, ...]
    proxy: Proxy | None = None
    shifted_days: int = 0

    def step(self, code: str) -> Step:
        """The step of that code; KeyError when there is none."""
        return self.steps_by_code[code]

    def station(self, code: str) -> Station:
        """The station of that code; KeyError when there is none."""
        return self.stations_by_code[code]

    def department(self, code: str) -> Department:
        """The department of that code; KeyError when there is none."""
        return self._departments[code]

    def flag(self, code: str) -> Flag:
        """The flag of that code; KeyError when there is none."""
        return self._flags[code]

    def college(self, code: str) -> College:
        """The college of that code; KeyError when there is none."""
        return self._colleges[code]

    def applies(self, step: Step, flags: frozenset[str]) -> bool:
        """Whether the step applies to a graduate with exactly these flags."""
        return step.circle.holds(flags)

    def stations_for(self, step: str, college: str | None = None) -> tuple[Station, ...]:
        """Stations that serve a step, in the plan's order; with a college, only those open to its graduates."""
        return tuple(s for s in self.stations if step in s.steps and (college is None or not s.colleges or college in s.colleges))

    def blocks(self, code: str) -> tuple[Step, ...]:
        """The steps that name this one as a prerequisite, in the plan's order."""
        return tuple(step for step in self.steps if code in step.blocked_by)

    def shifted(self, days: int) -> Plan:
        """The plan with every date moved by whole days: for demonstrations. Shifts add up in `shifted_days`."""
        moved = super().shifted(days)
        return replace(
            moved,
            ceremony=replace(self.ceremony, at=self.ceremony.at + timedelta(days=days)) if self.ceremony else None,
            steps=tuple(step.shifted(days) for step in self.steps),
            milestones=tuple(milestone.shifted(days) for milestone in self.milestones),
            handovers=tuple(handover.shifted(days) for handover in self.handovers),
            shifted_days=self.shifted_days + days,
        )

    @cached_property
    def digest(self) -> str:
        """16 hex characters over the whole content: equal plans, whatever file they came from, have equal digests."""
        text = json.dumps(asdict(self), default=str, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def steps_by_code(self) -> dict[str, Step]:
        """Every step by its code, for codes that may be none of this plan."""
        return {step.code: step for step in self.steps}

    @cached_property
    def stations_by_code(self) -> dict[str, Station]:
        """Every station by its code, for codes that may be none of this plan."""
        return {station.code: station for station in self.stations}

    @cached_property
    def _departments(self) -> dict[str, Department]:
        return {department.code: department for department in self.departments}

    @cached_property
    def _flags(self) -> dict[str, Flag]:
        return {flag.code: flag for flag in self.flags}

    @cached_property
    def _colleges(self) -> dict[str, College]:
        return {college.code: college for college in self.colleges}


def clearance_day(plan: Plan) -> date:
    """The day on which most station steps are open; the last of these when there are several."""
    days: Counter[date] = Counter()
    day = plan.opens or date.min
    while day <= (plan.closes or date.min):
        days[day] = sum(step.at_station and step.open_on(day) for step in plan.steps)
        day += timedelta(days=1)
    return max(days, key=lambda found: (days[found], found))
