"""What a department's list says: one row for each graduate who is not cleared. Nothing here raises; problems are told by row.

No row is ever left out: whoever is not on a list is cleared by it, so a list with a wrong row is not taken in at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db.rules import money
from db.rules.cells import FAULTS, LOOK, Placed, Problem, number_fault, person_name, place, plain, showable, spaced, too_long
from db.rules.message import Message, _
from db.rules.step import Step
from db.rules.table import Table, folded

HEADINGS = {
    "number": ("学号", "学生学号", "number", "student number", "student no"),
    "name": ("姓名", "学生姓名", "name", "full name"),
    "reason": ("原因", "未通过原因", "事由", "reason"),
    "amount": ("金额", "金额（元）", "欠费金额", "赔偿金额", "应缴金额", "amount", "amount (yuan)"),
}
LONGEST_REASON = 200
_FIELDS = {folded(heading): field for field, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True, slots=True)
class Known:
    """A graduate as a list is read against: `concerned` when on the roster and the step applies."""

    name: str
    concerned: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One right row. `reason` is as an entry holds it: the plan's code, or words; `amount` in fen."""

    row: int
    number: str
    name: str
    reason: str = ""
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class ListFile:
    """What a file says. `readable` is False when it has no headings of a list. `ignored` headings mean nothing here."""

    readable: bool
    rows: tuple[Listed, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems that keep the list from being taken in."""
        return tuple(problem for problem in self.problems if not problem.warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What should be looked at, and stops nothing."""
        return tuple(problem for problem in self.problems if problem.warning)

    @property
    def total(self) -> int:
        """All amounts together, in fen."""
        return sum(row.amount or 0 for row in self.rows)


def read_list(table: Table, step: Step, known: Mapping[str, Known]) -> ListFile:
    """Read the table as a list of this step; `known` are all graduates by number. Rows without any text are passed over."""
    start, placed = _headings(table)
    if isinstance(placed, Message):
        return ListFile(False, problems=(Problem(1, "", placed),))
    reader = _Reader(table, start, placed, step, known)
    faulty = {fault.row for fault in table.faults}
    for row, cells in enumerate(table.rows[start:], start=start + 1):
        if any(cells) or row in faulty:
            reader.read(row, cells)
    return ListFile(True, tuple(reader.rows), tuple(reader.problems), placed.ignored)


def _headings(table: Table) -> tuple[int, Placed | Message]:
    """The number of the heading row, and what stands in it: the first of ten that names a student number."""
    for row, cells in enumerate(table.rows[:LOOK], start=1):
        placed = place(cells, lambda cell: _FIELDS.get(folded(cell)))
        if isinstance(placed, Message) or "number" in placed.at:
            return row, placed
    return 0, Message(_("There is no row of headings with a student number (学号) among the first ten."))


class _Reader:
    def __init__(self, table: Table, start: int, placed: Placed, step: Step, known: Mapping[str, Known]) -> None:
        self.rows: list[Listed] = []
        self.problems: list[Problem] = []
        self._at, self._headings, self._known = placed.at, table.rows[start - 1], known
        self._faults = {(fault.row, fault.cell): fault.code for fault in table.faults}
        self._reasons = {
            folded(word): reason.code for reason in step.reasons for word in (reason.code, reason.name.zh, reason.name.en)
        }
        self._first: dict[str, int] = {}
        self._row, self._cells, self._wrong = 0, tuple[str, ...](), False

    def read(self, row: int, cells: tuple[str, ...]) -> None:
        self._row, self._cells, self._wrong = row, cells, False
        number = plain(self._cell("number")).upper()
        found = self._person(number)
        reason, amount = self._reason(), self._amount()
        if found and not self._wrong:
            self.rows.append(Listed(row, number, found.name, reason, amount))

    def _person(self, number: str) -> Known | None:
        fault = number_fault(number)
        found = self._known.get(number)
        if fault:
            self._tell("number", fault)
        elif number in self._first:
            self._tell("number", Message(_("Row %(first)s has the same student number."), {"first": self._first[number]}))
        elif found is None:
            self._tell("number", Message(_("No graduate of this season has this student number.")))
        elif not found.concerned:
            self._tell("number", Message(_("This step does not apply to this graduate; the row changes nothing.")), warning=True)
        self._first.setdefault(number, self._row)
        name = person_name(self._cell("name"))
        if found and name and folded(name) != folded(found.name):
            self._tell("name", Message(_("The roster has another name for this number: “%(name)s”."), {"name": found.name}))
        return found

    def _reason(self) -> str:
        text = spaced(self._cell("reason"))
        if not showable(text):
            self._tell("reason", FAULTS["not-shown"])
        elif len(text) > LONGEST_REASON:
            self._tell("reason", too_long(text, LONGEST_REASON))
        return self._reasons.get(folded(text), text)

    def _amount(self) -> int | None:
        text = plain(self._cell("amount"))
        if not text:
            return None
        try:
            amount = money.fen(text)
        except ValueError:
            self._tell("amount", Message(_("This is not an amount in yuan with at most two decimals, such as 35.50.")))
            return None
        if amount == 0:
            self._tell("amount", Message(_("Who owes nothing does not belong on this list: remove the row.")))
        return amount

    def _cell(self, key: str) -> str:
        index = self._at.get(key)
        if index is None:
            return ""
        if (self._row, index) in self._faults:
            self._tell(key, FAULTS[self._faults[self._row, index]])
        return self._cells[index] if index < len(self._cells) else ""

    def _tell(self, key: str, message: Message, warning: bool = False) -> None:
        self._wrong = self._wrong or not warning
        self.problems.append(Problem(self._row, self._headings[self._at[key]], message, warning))
