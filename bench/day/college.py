"""The season before the doors open: the product's plan moved to today, graduates, staff, cards, and what came in weeks before."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from db import cards, lists, roster, season
from db.database import database, now, on_sqlite
from db.keys import KeyStore
from db.migrations import migrate
from db.people import ClassGroup, College, Graduate
from db.signoffs import Act, record_all
from db.tables import read_table
from portal.demo import people, staff

ROOT = Path(__file__).resolve().parent.parent.parent
PLAN, CLASSES = ROOT / "plans" / "2023.toml", ROOT / "plans" / "classes-2023.csv"
CEREMONY = date(2023, 6, 26)
"""The day of the plan that today becomes: everything that is handed over is open then."""

SECOND_DESK = """
[[stations]]
code = "diploma-accounting-2"
name = { zh = "会计学院毕业证书领取点二", en = "Second diploma desk, Accounting" }
place = { zh = "明理楼 103", en = "Mingli Building 103" }
hours = { zh = "8:30–17:30", en = "8:30–17:30" }
steps = ["diploma", "internship"]
colleges = ["accounting"]
"""
"""A twentieth station beside the plan's: two desks of one college share its classes."""
FIRST = ("library", "diploma-accounting", "dorm-east", "diploma-accounting-2", "campus-card", "campus-card-2")
"""Where tablets stand when there are too few for every station."""

BY_LIST = {"conduct": 0.01, "internship": 0.05, "eligibility": 0.01, "credits": 0.01, "tuition": 0.04}
"""Lists that have arrived, and the part of the graduates who stand on them. All others have not."""
BY_FORM = ("record-check", "loan", "archive-address", "party", "league", "departure")
EARLY = {"library": "clear", "dorm": "clear", "charges": "clear", "campus-card": "waive"}
EARLY_PART = 0.3
"""The part of the graduates who have all of these behind them in the morning."""
LATE = 0.06
"""The part of the forms that are still open in the morning."""


@dataclass
class Person:
    """A graduate, as the simulation knows them. `gen` is the newest generation of the card in their pocket; `proxy` is the
    approval by which somebody else comes instead."""

    ref: str
    number: str
    name: str
    college: str
    class_name: str
    room: str
    flags: frozenset[str]
    gen: int = 1
    revoked: bool = False
    left: list[str] = field(default_factory=list)
    before: frozenset[str] = frozenset()
    tries: int = 0
    proxy: str = ""


@dataclass
class Proxy:
    """One approval: `ref` is the graduate's, `steps` what it is for. It holds from `began` until the end of its last day, `until`,
    or until it is taken back, `ended`; epoch ms."""

    id: str
    ref: str
    name: str
    id_number: str
    steps: tuple[str, ...]
    began: int
    until: int
    ended: int | None = None

    @property
    def over(self) -> int:
        return self.until if self.ended is None else min(self.until, self.ended)


@dataclass
class Step:
    """A step as the plan file has it."""

    code: str
    how: str
    applies: str
    blocked_by: tuple[str, ...]
    rooms: bool

    def concerns(self, person: Person) -> bool:
        """Whether it applies: alternatives of flags that must, or (with !) must not, be there."""
        return self.applies == "all" or any(
            all((flag.strip().lstrip("!") in person.flags) != flag.strip().startswith("!") for flag in clause.split("&"))
            for clause in self.applies.split("|")
        )


@dataclass
class Station:
    """A desk: whose graduates it serves (no colleges: everybody's), and what may be signed off there."""

    code: str
    steps: tuple[str, ...]
    colleges: tuple[str, ...]

    def serves(self, person: Person) -> bool:
        return not self.colleges or person.college in self.colleges


@dataclass
class Right:
    """A right of staff. `until` is the moment (epoch ms) it ended, None while it holds."""

    staff: str
    role: str
    kind: str
    scope: str
    until: int | None = None


@dataclass
class Place:
    """Everything that stands in the records and not in entries."""

    keys: KeyStore
    people: dict[str, Person]
    steps: dict[str, Step]
    stations: dict[str, Station]
    rights: list[Right]
    lists: set[str]
    cards: dict[str, list[tuple[int, int, int | None]]]
    proxies: dict[str, Proxy] = field(default_factory=dict)


def found(keys: KeyStore, graduates: int, seed: int) -> Place:
    """Fill the open, empty database with a season on the morning of its last day."""
    migrate()
    if on_sqlite():
        database.execute_sql("PRAGMA synchronous = OFF")  # only this connection's: nothing is at stake before the day
    text = PLAN.read_text("utf-8") + SECOND_DESK
    plan = season.load_plan(text, PLAN.name, staff.ADMIN, (date.today() - CEREMONY).days)
    classes = people.cut(people.read_classes(CLASSES.read_text("utf-8")), graduates)
    crew = [*staff.members(plan, classes), *_aides(text)]
    staff.hire(crew, now() - timedelta(days=60), Random(seed))
    content = people.roster_csv(people.graduates(classes, seed), classes, plan).encode("utf-8-sig")
    roster.apply(roster.dry_run(read_table(content), plan), plan, staff.ADMIN)
    cards.issue(staff.ADMIN)
    place = _read(tomllib.loads(text), keys, crew)
    _weeks_before(place, Random(f"{seed} weeks before"))
    if on_sqlite():
        database.execute_sql("PRAGMA synchronous = FULL")
    return place


def _aides(text: str) -> list[staff.Member]:
    """A second operator for each station."""
    codes = [station["code"] for station in tomllib.loads(text)["stations"]]
    return [staff.Member(f"aide-{code}", "助理 aide", (("operator", "station", code),)) for code in codes]


def _read(plan: dict[str, Any], keys: KeyStore, crew: Sequence[staff.Member]) -> Place:
    names = {college["code"]: college["zh"] for college in plan["colleges"]}
    columns = (Graduate.ref, Graduate.number, Graduate.name, College.name, ClassGroup.name, Graduate.building, Graduate.room,
               Graduate.flags)  # fmt: skip
    query = Graduate.select(*columns).join(ClassGroup).join(College).order_by(Graduate.number).tuples()
    everybody = {
        ref: Person(ref, number, name, college, group, f"{building} {room}".strip(), frozenset(flags.split()))
        for ref, number, name, college, group, building, room, flags in query
    }
    codes = [station["code"] for station in plan["stations"]]
    found = {s["code"]: s for s in plan["stations"]}
    issued = database.execute_sql("SELECT graduate.ref, card.gen, issued_at FROM card JOIN graduate ON graduate.id = graduate_id")
    return Place(
        keys,
        everybody,
        {s["code"]: Step(s["code"], s["how"], s["applies"], tuple(s.get("blocked_by", ())), "rooms" in s) for s in plan["steps"]},
        {
            code: Station(code, tuple(found[code]["steps"]), tuple(names[c] for c in found[code].get("colleges", ())))
            for code in sorted(codes, key=lambda code: FIRST.index(code) if code in FIRST else len(FIRST))
        },
        [Right(member.id, *right) for member in crew for right in member.rights],
        set(),
        {ref: [(gen, at, None)] for ref, gen, at in issued.fetchall()},
    )


def _weeks_before(place: Place, dice: Random) -> None:
    """Lists that have arrived and forms that were approved."""
    everybody = list(place.people.values())
    for step, part in BY_LIST.items():
        reason = "review-open" if step == "conduct" else ""
        rows = [lists.Row(person.number, reason) for person in everybody if dice.random() < part]
        lists.arrive(place.keys.entry_key, step, rows, staff.ADMIN)
        place.lists.add(step)
        on_it = {row.number for row in rows}
        for person in everybody:
            if person.number in on_it:
                person.left.append(step)
    early = [person for person in everybody if dice.random() < EARLY_PART]
    for person in early:
        person.before = frozenset(code for code in EARLY if place.steps[code].concerns(person))
    acts = [Act(person.ref, code, act) for code, act in EARLY.items() for person in early if code in person.before]
    acts += [
        Act(person.ref, step, "clear")
        for step in BY_FORM
        for person in everybody
        if place.steps[step].concerns(person) and dice.random() >= LATE
    ]
    record_all(place.keys.entry_key, staff.ADMIN, acts, "form")
