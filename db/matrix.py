"""Graduates × steps for those who look after them: every cell, what is owed, who blocks and who needs somebody.

A fixed number of queries, whatever the number of classes; rows are read as plain tuples, since 500 graduates have 11,000 cells.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from db import season as seasons
from db.accounts import Account
from db.bulk import one_of
from db.database import database
from db.grants import classes_near, powers_of
from db.people import ClassGroup, College, in_order
from db.rules import jws
from db.rules.needs import NEEDS, blocking, needs, unsettled
from db.rules.season import Plan
from db.rules.step import Step

CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Row:
    """A graduate. `states` are in the plan's order, `conflict` where people disagree; `owes` is in fen, of what is held now."""

    number: str
    name: str
    group: ClassGroup
    states: tuple[str, ...]
    open_steps: tuple[Step, ...]
    blocking: tuple[Step, ...]
    required: int
    owes: int
    needs: frozenset[str]

    @property
    def marked(self) -> bool:
        """Whether there is more to say than that something is unfinished."""
        return bool(self.needs - {"unfinished"})

    @property
    def settled(self) -> int:
        return self.required - len(self.open_steps)


class Asked(NamedTuple):
    """Which rows are wanted: of a class, with a need, blocked now by an office (its code), with a step not settled. Empty: all."""

    class_: str = ""
    need: str = ""
    office: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rows asked for, and how many graduates of the class asked for each need and each office would give."""

    steps: tuple[Step, ...]
    rows: list[Row]
    classes: list[ClassGroup]
    needs: Mapping[str, int]
    offices: Mapping[str, int]
    total: int


def matrix(account: Account, asked: Asked) -> Matrix:
    """The matrix of everybody in this account's care, as counselor or college."""
    plan = seasons.current().plan
    near = ClassGroup.id.in_(classes_near(powers_of(account)))
    groups = in_order(ClassGroup.select(ClassGroup, College).join(College).where(near))
    chosen = [group for group in groups if not asked.class_ or group.name == asked.class_]
    everybody = _rows(plan, {group.id: group for group in chosen}) if chosen else []
    counted = Counter(need for row in everybody for need in row.needs)
    offices = Counter(office for row in everybody for office in {step.department for step in row.blocking})
    rows = [row for row in everybody if _wanted(asked)(row)]
    return Matrix(plan.steps, rows, groups, {need: counted[need] for need in NEEDS}, offices, len(everybody))


def _wanted(asked: Asked) -> Callable[[Row], bool]:
    def wanted(row: Row) -> bool:
        return (
            (not asked.need or asked.need in row.needs)
            and (not asked.office or any(step.department == asked.office for step in row.blocking))
            and (not asked.step or any(step.code == asked.step for step in row.open_steps))
        )

    return wanted


def _rows(plan: Plan, groups: Mapping[int, ClassGroup]) -> list[Row]:
    among, ids = one_of(groups)
    people = database.execute_sql(
        f"SELECT id, number, name, class_id, flags FROM graduate WHERE removed_at IS NULL AND class_id {among}", (ids,)
    ).fetchall()
    states, owed = _cells(among, ids)
    marks, answers = _marks(among, ids), _answers(plan, among, ids)
    place = {group: index for index, group in enumerate(groups)}
    people.sort(key=lambda person: (place[person[3]], person[1]))
    return [
        _row(plan, groups, person, states[person[0]], owed.get(person[0], 0), marks[person[0]] | answers[person[0]])
        for person in people
    ]


def _row(
    plan: Plan, groups: Mapping[int, ClassGroup], person: tuple, states: Mapping[str, str], owes: int, marks: Collection[str]
) -> Row:
    _id, number, name, class_id, flags = person
    open_steps = unsettled(plan.steps, states)
    required = sum(1 for step in plan.steps if step.required and states.get(step.code, "unknown") != "not-applicable")
    return Row(
        number, name, groups[class_id], tuple(states.get(step.code, "unknown") for step in plan.steps), open_steps,
        blocking(open_steps), required, owes, needs(not open_steps, owes, set(marks), set(flags.split())),
    )  # fmt: skip


def _cells(among: str, ids: object) -> tuple[dict[int, dict[str, str]], dict[int, int]]:
    """State by step of each graduate, and the fen that the entries behind held cells name."""
    states: dict[int, dict[str, str]] = defaultdict(dict)
    heads: dict[str, int] = {}
    cells = database.execute_sql(
        "SELECT c.graduate_id, c.step, c.state, c.conflict, CASE WHEN c.state = 'held' THEN c.heads ELSE '' END "
        f"FROM graduate g JOIN clearance c ON c.graduate_id = g.id WHERE g.removed_at IS NULL AND g.class_id {among}",
        (ids,),
    )
    for graduate, step, state, conflict, held_by in cells.fetchall():
        states[graduate][step] = CONFLICT if conflict else state
        if held_by:
            heads.update(dict.fromkeys(held_by.split(), graduate))
    return states, _amounts(heads)


def _amounts(heads: Mapping[str, int]) -> dict[int, int]:
    owed: dict[int, int] = defaultdict(int)
    among, hashes = one_of(heads)
    for hash_, token in database.execute_sql(f"SELECT hash, jws FROM entry WHERE hash {among}", (hashes,)).fetchall():
        owed[heads[hash_]] += jws.payload_of(token).get("amount") or 0
    return owed


def _answers(plan: Plan, among: str, ids: object) -> dict[int, set[str]]:
    """What they need by their own answers to online forms. One query, none where the plan has no such answer."""
    told = {
        (step.code, question.code, option.code): option.need
        for step in plan.steps
        for question in step.form
        for option in question.options
        if option.need
    }
    found: dict[int, set[str]] = defaultdict(set)
    if not told:
        return found
    of_steps, steps = one_of({step for step, _, _ in told})
    sql = (
        "SELECT f.graduate_id, f.step, f.sent FROM step_form f JOIN graduate g ON g.id = f.graduate_id "
        f"WHERE f.sent IS NOT NULL AND g.removed_at IS NULL AND g.class_id {among} AND f.step {of_steps}"
    )
    for graduate, step, sent in database.execute_sql(sql, (ids, steps)).fetchall():
        answers = json.loads(sent).items()
        found[graduate] |= {told[step, code, answer] for code, answer in answers if (step, code, answer) in told}
    return found


def _marks(among: str, ids: object) -> dict[int, set[str]]:
    """What those who look after them set, and `help` for who waits for an answer. One query."""
    found: dict[int, set[str]] = defaultdict(set)
    sql = (
        "SELECT m.graduate_id, m.kind FROM graduate_mark m JOIN graduate g ON g.id = m.graduate_id "
        f"WHERE m.ended_at IS NULL AND g.removed_at IS NULL AND g.class_id {among} "
        "UNION ALL SELECT h.graduate_id, 'help' FROM help_request h JOIN graduate g ON g.id = h.graduate_id "
        f"WHERE h.state = 'open' AND g.removed_at IS NULL AND g.class_id {among}"
    )
    for graduate, kind in database.execute_sql(sql, (ids, ids)).fetchall():
        found[graduate].add(kind)
    return found
