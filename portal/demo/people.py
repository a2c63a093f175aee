"""Synthetic graduates: the same for the same classes, number and seed, on every machine. Nobody in here exists.

Telephones begin with 100 and identity numbers with region 99: neither is given to anybody, so nothing here reaches a person.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from db.rules.id_number import check_character
from db.rules.roster import Person
from db.rules.season import Plan
from portal.demo.names import name

SEED = 2023
_WOMEN = {"会计学院": 0.74, "财经管理学院": 0.66, "人工智能学院": 0.28, "烹饪学院": 0.31, "电子商务学院": 0.58,
          "经济贸易学院": 0.61, "出版传媒学院": 0.69, "文化旅游学院": 0.72}  # fmt: skip
_SHARES = (("borrower", 0.25), ("honoured", 0.05), ("resident", 0.94), ("charged", 0.02), ("delayed", 0.01))
_PARTY, _LEAGUE = 0.08, 0.70
_BEDS, _ROOMS_A_FLOOR, _FLOORS = 6, 20, 6
_HALLS = {True: ("兰园", "桂园"), False: ("松园", "竹园")}
_FIRST_BIRTHDAY, _DAYS, _BIRTHS_A_DAY = date(2000, 9, 1), 730, 490


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class of the class list with the number of its graduates."""

    college: str
    name: str
    size: int
    counselor: str
    campus: str


def read_classes(text: str) -> list[SchoolClass]:
    """The class list, a CSV with the columns college, class, size, counselor and campus."""
    rows = csv.DictReader(io.StringIO(text))
    return [SchoolClass(r["college"], r["class"], int(r["size"]), r["counselor"], r["campus"]) for r in rows]


def cut(classes: Sequence[SchoolClass], graduates: int) -> list[SchoolClass]:
    """Whole classes with that many graduates in all (the last one may be cut), taken from the colleges in turn."""
    turns: dict[str, int] = {}
    ranked = []
    for place, each in enumerate(classes):
        turns[each.college] = turns.get(each.college, 0) + 1
        ranked.append((turns[each.college], place, each))
    chosen = []
    for _, place, each in sorted(ranked, key=lambda item: item[:2]):
        size = min(each.size, graduates)
        if size:
            chosen.append((place, SchoolClass(each.college, each.name, size, each.counselor, each.campus)))
        graduates -= size
    return [each for _, each in sorted(chosen, key=lambda item: item[0])]


class Dormitory:
    """Gives beds out room by room. A class's women and men each begin a room of their own."""

    def __init__(self) -> None:
        self._next = {True: 0, False: 0}
        self._free: list[tuple[str, str]] = []

    def begin_group(self) -> None:
        """The next bed is in a fresh room."""
        self._free = []

    def bed(self, female: bool) -> tuple[str, str]:
        """Building and room of the next bed."""
        if not self._free:
            self._free = [self._room(female)] * _BEDS
        return self._free.pop()

    def _room(self, female: bool) -> tuple[str, str]:
        rest, place = divmod(self._next[female], _ROOMS_A_FLOOR)
        building, floor = divmod(rest, _FLOORS)
        self._next[female] += 1
        halls = _HALLS[female]
        return f"{halls[building % len(halls)]}{building // len(halls) + 1}栋", f"{floor + 1}{place + 1:02d}"


def graduates(classes: Iterable[SchoolClass], seed: int = SEED) -> list[Person]:
    """One person for each place in the classes, in the classes' order. Numbers tell entry year, college, class and place."""
    classes = list(classes)
    random = Random(seed)  # noqa: S311 - a game of chance that must come out the same again, not a secret
    dormitory = Dormitory()
    colleges: dict[str, int] = {}
    groups: dict[str, int] = {}
    people: list[Person] = []
    births = random.sample(range(_DAYS * _BIRTHS_A_DAY), sum(each.size for each in classes))
    for each in classes:
        college = colleges.setdefault(each.college, len(colleges) + 1)
        groups[each.college] = groups.get(each.college, 0) + 1
        women = round(each.size * _WOMEN.get(each.college, 0.5))
        for place in range(each.size):
            if place in (0, women):
                dormitory.begin_group()
            number = f"{_year(each.name)}{college:02d}{groups[each.college]:02d}{place + 1:02d}"
            people.append(_person(random, number, each.name, place < women, births[len(people)], len(people) + 1, dormitory))
    return people


def roster_csv(people: Iterable[Person], classes: Iterable[SchoolClass], plan: Plan) -> str:
    """The people as a roster file, with Chinese headings and the plan's Chinese names of flags."""
    of = {each.name: each for each in classes}
    flags = {flag.code: flag.name.zh for flag in plan.flags}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("学号", "姓名", "学院", "班级", "辅导员", "校区", "宿舍楼", "寝室", "标记", "手机", "邮箱", "身份证号"))
    for person in people:
        group = of[person.class_name]
        words = " ".join(flags[flag] for flag in sorted(person.flags) if flag in flags)
        writer.writerow((person.number, person.name, group.college, group.name, group.counselor, group.campus,
                         person.building, person.room, words, person.phone, person.email, person.id_number))  # fmt: skip
    return out.getvalue()


def _person(
    random: Random, number: str, class_name: str, female: bool, birth: int, place: int, dormitory: Dormitory
) -> Person:
    flags = {flag for flag, share in _SHARES if random.random() < share}
    membership = random.random()
    if membership < _PARTY:
        flags.add("party")
    elif membership < _PARTY + _LEAGUE:
        flags.add("league")
    building, room = dormitory.bed(female) if "resident" in flags else ("", "")
    return Person(
        number=number,
        name=name(random, female),
        class_name=class_name,
        flags=frozenset(flags),
        building=building,
        room=room,
        phone=f"100{place:08d}",
        email=f"{number}@example.com",
        id_number=_id_number(birth, female),
    )


def _year(class_name: str) -> str:
    """The year a class entered, as its name begins with it."""
    return class_name[:4] if class_name[:4].isdecimal() else "2020"


def _id_number(birth: int, female: bool) -> str:
    """The number of the `birth`-th child: another one for every number below `_DAYS * _BIRTHS_A_DAY`."""
    day, order = divmod(birth, _BIRTHS_A_DAY)
    body = f"990000{_FIRST_BIRTHDAY + timedelta(days=day):%Y%m%d}{order * 2 + (2 if female else 1):03d}"
    return body + check_character(body)
