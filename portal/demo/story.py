"""What has happened by the morning of a clearance day: lists, forms, the desks' first days. Chance, but the same each time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from db.database import from_ms, to_ms
from db.lists import Row
from db.rules.season import Plan
from db.rules.step import Step
from db.signoffs import Act
from portal.demo.staff import dean_of, officer_of
from portal.demo.tablets import Deed

_OPENS, _SECONDS_OPEN = time(8, 30), 9 * 3600
# The share of people on each list that has arrived. Lists that are due after today have not.
_LISTED = {"conduct": 0.004, "internship": 0.008, "eligibility": 0.005, "credits": 0.012, "tuition": 0.018}
# Of each form: approved, waiting for review, returned with a reason. The rest have not begun.
_FORMS = {
    "record-check": (0.965, 0.008, 0.004), "destination": (0.90, 0.012, 0.006), "loan": (0.98, 0.006, 0.004),
    "archive-address": (0.955, 0.010, 0.008), "party": (0.975, 0.008, 0.006), "league": (0.965, 0.008, 0.004),
    "departure": (0.93, 0.0, 0.0), "alumni": (0.72, 0.0, 0.0),
}  # fmt: skip
_BY_LIST_AT_LIBRARY, _AT_LIBRARY, _HELD_AT_LIBRARY = 0.50, 0.30, 0.006
_AT_DORM, _HELD_AT_DORM = 0.86, 0.010
_DISAGREED = 0.0008
_CARD_REFUNDED, _CHARGES_PAID = 0.42, 0.5


class Someone(NamedTuple):
    """A graduate as far as the story needs one. `college` is the plan's code."""

    ref: str
    number: str
    college: str
    counselor: str
    flags: frozenset[str]


@dataclass
class Story:
    """What happened: rows by list, decisions by operator at the portal, deeds at stations."""

    lists: dict[str, list[Row]] = field(default_factory=dict)
    decisions: dict[str, list[Act]] = field(default_factory=lambda: defaultdict(list))
    deeds: list[Deed] = field(default_factory=list)


class Teller:
    """Tells the story of these people under this plan up to `until`, a moment of the clearance day."""

    def __init__(self, plan: Plan, until: datetime, random: Random) -> None:
        self.plan = plan
        self.until = until.astimezone(plan.zone)
        self.random = random
        self.story = Story()

    def tell(self, people: Sequence[Someone]) -> Story:
        """Everything that happened to them."""
        self.story.lists = {code: [] for code in _LISTED}
        for person in people:
            self._lists(person)
            for code, shares in _FORMS.items():
                step = self.plan.step(code)
                if self.plan.applies(step, person.flags):
                    self._form(person, step, *shares)
            self._desks(person)
        return self.story

    def _lists(self, person: Someone) -> None:
        for code, share in _LISTED.items():
            due = code == "eligibility" and "delayed" in person.flags
            if due or self.random.random() < share:
                reason = self.random.choice(self.plan.step(code).reasons).code
                amount = self.random.randrange(80_000, 900_000, 5_000) if code == "tuition" else None
                self.story.lists[code].append(Row(person.number, reason, amount))

    def _form(self, person: Someone, step: Step, approved: float, waiting: float, returned: float) -> None:
        at = self._moment(step.opens, step.closes)
        kind = self.random.random()
        if at is None or kind >= approved + waiting + returned:
            return
        if kind < approved:
            self._decide(self._settler(person, step), Act(person.ref, step.code, "clear", at=at))
        elif kind < approved + waiting:
            self._decide(person.number, Act(person.ref, step.code, "submit", at=at))
        else:
            reason = self.random.choice(step.reasons).code
            self._decide(self._reviewer(person, step), Act(person.ref, step.code, "return", reason, at=at))

    def _settler(self, person: Someone, step: Step) -> str:
        """Who clears the step: its last reviewer, or the graduate's own form where nobody has to look at it."""
        at_once = step.form and (not step.reviews or any(option.settles for one in step.form for option in one.options))
        return person.number if at_once else self._reviewer(person, step)

    def _reviewer(self, person: Someone, step: Step) -> str:
        match step.reviews[-1:]:
            case ("counselor",) if person.counselor:
                return person.counselor
            case ("college" | "counselor",):
                return dean_of(person.college)
        return officer_of(step.department)

    def _desks(self, person: Someone) -> None:
        if self.random.random() < _DISAGREED:
            self._disagree(person, self.plan.step("library"))
            return
        back = self._library(person)
        out = self._dorm(person) if "resident" in person.flags else 0
        if back is None or out is None:
            return
        settled = max(back, out)
        if "charged" in person.flags:
            if self.random.random() >= _CHARGES_PAID:
                return
            settled = self._later(settled)
            self._do(person, settled, "clear", "charges")
        if self.random.random() < _CARD_REFUNDED:
            refund = self.random.randrange(0, 12_000, 10)
            self._do(person, self._later(settled), "collect", "campus-card", None, refund)

    def _library(self, person: Someone) -> int | None:
        """When it was settled; None if it was not."""
        step = self.plan.step("library")
        at = self._moment(step.opens, self._yesterday)
        kind = self.random.random()
        if at is None:
            return None
        if kind < _BY_LIST_AT_LIBRARY:
            self._decide(officer_of(step.department), Act(person.ref, step.code, "clear", at=at))
            return at
        if kind < _BY_LIST_AT_LIBRARY + _AT_LIBRARY:
            self._do(person, at, "clear", step.code)
            return at
        if kind < _BY_LIST_AT_LIBRARY + _AT_LIBRARY + _HELD_AT_LIBRARY:
            reason = self.random.choice(step.reasons).code
            self._do(person, at, "hold", step.code, reason, self.random.randrange(1_500, 12_000, 50))
        return None

    def _dorm(self, person: Someone) -> int | None:
        """When it was settled; None if it was not."""
        step = self.plan.step("dorm")
        at = self._moment(step.opens, self._yesterday)
        kind = self.random.random()
        if at is None or kind >= _AT_DORM + _HELD_AT_DORM:
            return None
        if kind < _AT_DORM:
            self._do(person, at, "clear", step.code)
            return at
        reason = self.random.choice(step.reasons).code
        self._do(person, at, "hold", step.code, reason, self.random.randrange(2_000, 30_000, 100))
        return None

    def _decide(self, operator: str, act: Act) -> None:
        self.story.decisions[operator].append(act)

    def _do(self, person: Someone, at: int, act: str, step: str, reason: str | None = None, amount: int | None = None) -> None:
        stations = self.plan.stations_for(step, person.college)
        if stations and at <= to_ms(self.until):
            self.story.deeds.append(Deed(at, self.random.choice(stations).code, act, person.ref, step, reason, amount))

    def _disagree(self, person: Someone, step: Step) -> None:
        """Two desks that did not know of one another: what a reviewer finds in the morning."""
        at = self._moment(step.opens, self._yesterday)
        first, second, *_ = [*self.plan.stations_for(step.code, person.college), None, None]
        if at and first and second:
            self.story.deeds += (
                Deed(at, first.code, "clear", person.ref, step.code),
                Deed(at + 90_000, second.code, "hold", person.ref, step.code, step.reasons[0].code),
            )

    @property
    def _yesterday(self) -> date:
        return self.until.date() - timedelta(days=1)

    def _moment(self, opens: date | None, closes: date | None) -> int | None:
        """Epoch ms within working hours of one of these days before today, later days more often; None when there is none."""
        first = opens or self.until.date()
        last = min(closes or self._yesterday, self._yesterday)
        if first > last:
            return None
        days = (last - first).days
        day = first + timedelta(days=round(days * self.random.random() ** 0.7))
        local = datetime.combine(day, _OPENS, self.plan.zone) + timedelta(seconds=self.random.randrange(_SECONDS_OPEN))
        return to_ms(local) + self.random.randrange(1000)

    def _later(self, at: int) -> int:
        """From ten minutes to two days after, within working hours: partly on the clearance day itself, up to now."""
        after = at + self.random.randrange(600_000, 130_000_000)
        local = from_ms(after).astimezone(self.plan.zone)
        opens = datetime.combine(local.date(), _OPENS, self.plan.zone)
        if timedelta() <= local - opens < timedelta(seconds=_SECONDS_OPEN):
            return after
        # Nobody is at a desk then: the whole day is pressed together into its working hours, or those of the next day.
        pressed = opens + (local - datetime.combine(local.date(), time(), self.plan.zone)) * _SECONDS_OPEN / 86_400
        return to_ms(pressed if to_ms(pressed) > at else pressed + timedelta(days=1))
