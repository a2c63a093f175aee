"""The dates that graduates gave in a form as a calendar: by day who, and those who gave none. For counselors and colleges.

Which step that is says the plan: the one whose form has a date with `calendar = true`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from db.accounts import Account
from db.bulk import one_of
from db.database import Json, database, mark
from db.grants import classes_near, powers_of
from db.people import ClassGroup, College, in_order
from db.rules.step import Step


class Person(NamedTuple):
    """A graduate of the calendar; `answers` by the question's code, empty for who sent nothing; `late`: sent after the last day."""

    number: str
    name: str
    group: ClassGroup
    state: str
    answers: Mapping[str, str]
    late: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Who gave which day, and who gave none although the step applies. `classes`: all in this account's care."""

    step: Step
    days: dict[date, list[Person]]
    without: list[Person]
    classes: list[ClassGroup]

    @property
    def total(self) -> int:
        return sum(map(len, self.days.values())) + len(self.without)

    def part(self, start: int, most: int) -> tuple[dict[date, list[Person]], list[Person]]:
        """So many graduates from the one at `start` on, by day as they stand; then of those without one."""
        stop = start + most
        days = {}
        for day, people in self.days.items():
            if shown := people[max(start, 0) : max(stop, 0)]:
                days[day] = shown
            start, stop = start - len(people), stop - len(people)
        return days, self.without[max(start, 0) : max(stop, 0)]

    def spread(self, day: date) -> list[tuple[str, int]]:
        """How many of that day gave which answer to the form's first choice (how they travel), most first."""
        choice = next((question.code for question in self.step.form if question.options), None)
        found = Counter(person.answers.get(choice, "") for person in self.days[day]) if choice else Counter()
        return [(code, count) for code, count in found.most_common() if code]


def calendar(account: Account, step: Step, class_: str = "") -> Calendar:
    """The calendar of those in this account's care, of one class or of all. A fixed number of queries."""
    near = ClassGroup.id.in_(classes_near(powers_of(account)))
    groups = in_order(ClassGroup.select(ClassGroup, College).join(College).where(near))
    chosen = {group.id: group for group in groups if not class_ or group.name == class_}
    days: dict[date, list[Person]] = {}
    without = []
    for day, person in _people(step, chosen) if chosen else ():
        if day is None:
            without.append(person)
        else:
            days.setdefault(day, []).append(person)
    return Calendar(step, dict(sorted(days.items())), without, groups)


def _people(step: Step, groups: Mapping[int, ClassGroup]) -> list[tuple[date | None, Person]]:
    among, ids = one_of(groups)
    sql = (
        "SELECT g.number, g.name, g.class_id, c.state, f.sent, f.late FROM graduate g "
        f"JOIN clearance c ON c.graduate_id = g.id AND c.step = {mark()} "
        "LEFT JOIN step_form f ON f.graduate_id = g.id AND f.step = c.step "
        f"WHERE g.removed_at IS NULL AND c.state NOT IN ('not-applicable', 'waived') AND g.class_id {among}"
    )
    place = {group: index for index, group in enumerate(groups)}
    rows = sorted(database.execute_sql(sql, (step.code, ids)).fetchall(), key=lambda row: (place[row[2]], row[0]))
    found = []
    for number, name, group, state, sent, late in rows:
        # What was withdrawn or returned is no date that anybody reckons with.
        answers = (Json().python_value(sent) or {}) if state in ("cleared", "submitted", "held") else {}
        day = _day(answers.get(step.dated.code, "")) if step.dated else None
        found.append((day, Person(number, name, groups[group], state, answers, bool(late))))
    return found


def _day(answer: str) -> date | None:
    """The day that was answered; None for none, and for words: the plan may have asked something else by that code before."""
    try:
        return date.fromisoformat(answer)
    except ValueError:
        return None
