"""What a roster file would change: a pure comparison of its rows with who is known. Nothing here raises; problems are told by row.

`plan_import(table, known)` is the dry run; `db/roster.py` carries it out.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property

from db.rules.cells import Problem
from db.rules.message import Message
from db.rules.roster_columns import Columns, recognise
from db.rules.roster_row import Classes, Person, RowReader
from db.rules.table import Table

FEW = 20
"""Up to so many people may be removed without typing how many they are."""

__all__ = ["FEW", "Changed", "Classes", "ImportPlan", "Known", "New", "Person", "Problem", "plan_import"]


@dataclass(frozen=True)
class Known:
    """Who and what is known before the import.

    `people` by number, removed ones included; `removed` their numbers; `classes` by name. `colleges` and `flags` map
    every folded name that a file may use to the college's Chinese name or the flag's code.
    """

    people: Mapping[str, Person]
    removed: frozenset[str]
    classes: Classes
    colleges: Mapping[str, str]
    flags: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """Stands for all of it: an import planned against one state must not be carried out on another."""
        content = {
            "people": {number: {**asdict(person), "flags": sorted(person.flags)} for number, person in self.people.items()},
            "removed": sorted(self.removed),
            "classes": {name: asdict(known) for name, known in self.classes.items()},
            "colleges": dict(self.colleges),
            "flags": dict(self.flags),
        }
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class New:
    """Somebody who was not known."""

    row: int
    person: Person


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody known with other values. `was` holds the old value of each field that differs; `returns`: was removed."""

    row: int
    person: Person
    was: Mapping[str, str]
    returns: bool


@dataclass(frozen=True)
class ImportPlan:
    """What a file would do. `missing` are known people whom the file does not name; they stay unless somebody says otherwise.

    `created` are the classes that nobody knew, with how many rows name each; `present` is how many people are on the roster now.
    """

    table: Table
    basis: str
    columns: Columns | None = None
    new: tuple[New, ...] = ()
    changed: tuple[Changed, ...] = ()
    unchanged: int = 0
    missing: tuple[Person, ...] = ()
    classes: Classes = field(default_factory=dict)
    created: Mapping[str, int] = field(default_factory=dict)
    present: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems that keep a row, or the whole file, from being imported."""
        return tuple(problem for problem in self.problems if not problem.warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What should be looked at, and is imported as it stands."""
        return tuple(problem for problem in self.problems if problem.warning)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.new or self.changed or self.classes)

    @property
    def names_anybody(self) -> bool:
        """Whether the file has a right row at all: one that has none says nothing about who is missing."""
        return bool(self.new or self.changed or self.unchanged)

    @property
    def many_missing(self) -> bool:
        """Whether so many are missing that it looks like a wrong file: more than `FEW`, and more than a fifth of those present."""
        return len(self.missing) > max(FEW, self.present // 5)


def plan_import(table: Table, known: Known) -> ImportPlan:
    """Compare the table with who is known. `classes` of the result are those that are new or change counselor or campus."""
    columns = recognise(table, known.flags)
    if isinstance(columns, Message):
        return ImportPlan(table, known.digest, problems=(Problem(1, "", columns),))
    reader = RowReader(columns, table.faults, known)
    new: list[New] = []
    changed: list[Changed] = []
    unchanged = 0
    for row, cells in enumerate(table.rows[columns.row :], start=columns.row + 1):
        if not any(cells) and row not in reader.faulty_rows:
            continue
        person = reader.read(row, cells)
        if person is None:
            continue
        before = known.people.get(person.number)
        if before is None:
            new.append(New(row, person))
        elif (was := _differences(before, person)) or person.number in known.removed:
            changed.append(Changed(row, person, was, person.number in known.removed))
        else:
            unchanged += 1
    people = [*(each.person for each in new), *(each.person for each in changed)]
    classes = Counter(person.class_name for person in people)
    gone = known.people.keys() - reader.seen.keys() - known.removed
    return ImportPlan(
        table,
        known.digest,
        columns,
        tuple(new),
        tuple(changed),
        unchanged,
        tuple(known.people[number] for number in sorted(gone)),
        reader.changed_classes(),
        {name: count for name, count in classes.items() if name not in known.classes},
        len(known.people) - len(known.removed),
        tuple(reader.problems),
    )


def _differences(before: Person, after: Person) -> dict[str, str]:
    old, new = before.texts(), after.texts()
    return {name: old[name] for name in old if old[name] != new[name]}
