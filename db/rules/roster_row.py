"""One row of a roster, read and checked. Everything wrong with it is told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from db.rules import id_number
from db.rules.cells import FAULTS, IN_SPREADSHEET, Problem, number_fault, person_name, plain, showable, spaced, too_long
from db.rules.message import Message, _
from db.rules.roster_columns import Columns
from db.rules.table import Fault, folded

MOST = {
    "number": 20, "name": 60, "class": 60, "building": 20, "room": 20, "phone": 30, "email": 120, "id_number": 20,
    "counselor": 20, "campus": 20,
}  # fmt: skip
YES, NO = frozenset(("是", "有", "√", "✓", "1", "y", "yes", "true")), frozenset(("", "否", "无", "0", "n", "no", "false", "×"))
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,28}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_STAFF = re.compile(r"[a-z][a-z0-9_-]{1,31}")
_OTHER_DOCUMENT = re.compile(r"[A-Z0-9()-]{5,20}")


@dataclass(frozen=True, slots=True)
class Person:
    """What a roster says about a graduate. The college is that of the class."""

    number: str
    name: str
    class_name: str
    flags: frozenset[str] = frozenset()
    building: str = ""
    room: str = ""
    phone: str = ""
    email: str = ""
    id_number: str = ""

    def texts(self) -> dict[str, str]:
        """Its fields as text, in the order a report shows them."""
        return {
            "name": self.name, "class": self.class_name, "flags": " ".join(sorted(self.flags)), "building": self.building,
            "room": self.room, "phone": self.phone, "email": self.email, "id_number": self.id_number,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownClass:
    """A class: its college by Chinese name, its campus, its counselor's staff id; the last two empty where unknown."""

    college: str
    campus: str = ""
    counselor: str = ""


Classes = Mapping[str, KnownClass]


class Knowledge(Protocol):
    """What a row is read against: `roster.Known`."""

    @property
    def people(self) -> Mapping[str, Person]: ...
    @property
    def classes(self) -> Classes: ...
    @property
    def colleges(self) -> Mapping[str, str]: ...
    @property
    def flags(self) -> Mapping[str, str]: ...


class RowReader:
    """Reads the rows of one file in their order. `seen` maps every number met, in wrong rows too, to its first row."""

    def __init__(self, columns: Columns, faults: Sequence[Fault], known: Knowledge) -> None:
        self.columns = columns
        self.known = known
        self.problems: list[Problem] = []
        self.seen: dict[str, int] = {}
        self.faulty_rows = {fault.row for fault in faults if fault.row > columns.row}
        self._faults = {(fault.row, fault.cell): fault.code for fault in faults}
        self._classes: dict[str, KnownClass] = {}
        self._row = 0
        self._cells: Sequence[str] = ()
        self._wrong = False

    def read(self, row: int, cells: Sequence[str]) -> Person | None:
        """The person in the row; None when something in it is wrong. A column the file lacks keeps what is known."""
        self._row, self._cells, self._wrong = row, cells, False
        # Capital letters, because staff ids are small ones: a graduate's account must never bear the id of one of the staff.
        number = self._text("number", plain).upper()
        self._check_number(number)
        before = self.known.people.get(number)
        name = self._text("name", person_name)
        if not name:
            self._error("name", Message(_("The name is missing.")))
        elif before and before.name != name:
            self._warn("name", Message(_("The name was “%(was)s” until now. Is it the same person?"), {"was": before.name}))
        class_name, group = self._class(before)
        old = before or Person(number, name, class_name)
        person = Person(
            number,
            name,
            class_name,
            self._flags(old.flags),
            self._text("building", plain) if self._has("building") else old.building,
            self._text("room", plain) if self._has("room") else old.room,
            self._matching("phone", _PHONE, Message(_("This is not a telephone number.")), old.phone),
            self._matching("email", _EMAIL, Message(_("This is not an e-mail address.")), old.email),
            self._id_number(old.id_number),
        )
        if self._wrong or group is None:
            return None
        self._classes[class_name] = group
        return person

    def changed_classes(self) -> dict[str, KnownClass]:
        """The classes met that are new, or whose counselor or campus the file changes."""
        return {name: met for name, met in self._classes.items() if self.known.classes.get(name) != met}

    def _check_number(self, number: str) -> None:
        fault = number_fault(number)
        if fault:
            self._error("number", fault)
        elif number in self.seen:
            self._error("number", Message(_("Row %(first)s has the same student number."), {"first": self.seen[number]}))
        else:
            self.seen[number] = self._row

    def _class(self, before: Person | None) -> tuple[str, KnownClass | None]:
        """The class's name, and the class as it stands with this row; None in its place when something is wrong with it."""
        name = self._text("class", spaced) if self._has("class") else (before.class_name if before else "")
        standing = self._classes.get(name) or self.known.classes.get(name)
        college = self._college(standing)
        if not name:
            self._error("class", Message(_("The class is missing.")))
        elif college and standing and standing.college != college:
            belongs = {"name": name, "college": standing.college}
            self._error("college", Message(_("The class “%(name)s” belongs to %(college)s."), belongs))
        elif college:
            return name, self._staffed(name, standing or KnownClass(college))
        return name, None

    def _college(self, standing: KnownClass | None) -> str:
        if not self._has("college"):
            if standing is None:
                self._error("class", Message(_("This class is new: a column with its college is needed.")))
            return standing.college if standing else ""
        text = self._text("college", spaced)
        found = self.known.colleges.get(folded(text), "")
        if not text:
            self._error("college", Message(_("The college is missing.")))
        elif not found:
            self._error("college", Message(_("The plan has no college “%(name)s”."), {"name": text[:60]}))
        return found

    def _staffed(self, name: str, group: KnownClass) -> KnownClass:
        """The class with counselor and campus of this row, where it names them."""
        said = {"counselor": self._text("counselor", plain).lower(), "campus": self._text("campus", spaced)}
        if said["counselor"] and not _STAFF.fullmatch(said["counselor"]):
            self._error("counselor", Message(_("A counselor is named by staff id, such as c01.")))
        for key, text in said.items():
            standing = getattr(group, key)
            if not text or text == standing:
                continue
            if name in self._classes and standing:
                other = {"other": standing}
                self._warn(key, Message(_("Another row of this class says “%(other)s”; the first one counts."), other))
            else:
                group = replace(group, **{key: text})
        return group

    def _flags(self, old: frozenset[str]) -> frozenset[str]:
        if not self.columns.tell_flags:
            return old
        flags = set() if self._has("flags") else set(old - self.columns.flags.keys())
        for part in self._flag_words():
            if folded(part) in self.known.flags:
                flags.add(self.known.flags[folded(part)])
            else:
                self._error("flags", Message(_("The plan has no flag “%(name)s”."), {"name": part[:40]}))
        for flag, index in self.columns.flags.items():
            word = self._cell(index).casefold()
            if word in YES:
                flags.add(flag)
            elif word not in NO:
                self._problem(index, Message(_("Yes (是) or no (否) is expected here, not “%(word)s”."), {"word": word[:40]}))
        return frozenset(flags)

    def _flag_words(self) -> list[str]:
        """The words of the flags' cell. A 、 separates, too, unless it is part of a flag's name."""
        words = re.split(r"[\s,，;；|/]+", self._text("flags", str.strip))
        apart = [[word] if folded(word) in self.known.flags else word.split("、") for word in words]
        return [word for some in apart for word in some if word]

    def _id_number(self, old: str) -> str:
        if not self._has("id_number"):
            return old
        text = self._text("id_number", plain).upper()
        if not text or id_number.valid(text):
            return text
        if id_number.well_formed(text):
            self._error("id_number", Message(_("The check character does not fit this identity number: a digit is mistyped.")))
        elif IN_SPREADSHEET.fullmatch(text):
            self._error("id_number", FAULTS["digits-lost"])
        elif _OTHER_DOCUMENT.fullmatch(text):
            self._warn("id_number", Message(_("This is no 18-character identity number; it is taken as another document's.")))
        else:
            self._error("id_number", Message(_("This is not the number of an identity document.")))
        return text

    def _matching(self, key: str, form: re.Pattern[str], otherwise: Message, old: str) -> str:
        if not self._has(key):
            return old
        text = self._text(key, plain)
        if text and not form.fullmatch(text):
            self._error(key, FAULTS["digits-lost"] if IN_SPREADSHEET.fullmatch(text) else otherwise)
        return text

    def _text(self, key: str, clean: Callable[[str], str]) -> str:
        """The cleaned cell of a field; what is overlong or holds control characters is told and comes back empty-handed."""
        if not self._has(key):
            return ""
        index = self.columns.at[key]
        text = clean(self._cell(index))
        if not showable(text):
            self._problem(index, FAULTS["not-shown"])
        elif len(text) > MOST.get(key, 200):
            self._problem(index, too_long(text, MOST.get(key, 200)))
        return text

    def _cell(self, index: int) -> str:
        if (self._row, index) in self._faults:
            self._problem(index, FAULTS[self._faults[self._row, index]])
        return self._cells[index].strip() if index < len(self._cells) else ""

    def _has(self, key: str) -> bool:
        return key in self.columns.at

    def _error(self, key: str, message: Message) -> None:
        self._problem(self.columns.at.get(key), message)

    def _warn(self, key: str, message: Message) -> None:
        self._problem(self.columns.at.get(key), message, warning=True)

    def _problem(self, index: int | None, message: Message, warning: bool = False) -> None:
        self._wrong = self._wrong or not warning
        self.problems.append(Problem(self._row, "" if index is None else self.columns.heading(index), message, warning))
