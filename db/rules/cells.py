"""Cells of uploaded tables as they are meant: cleaned of what keyboards and spreadsheets do. Shared by all kinds of tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from db.rules.message import Message, _

LOOK = 10
"""A title and a note or two may stand above the headings: they are looked for in so many rows."""
NUMBER = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9-]{3,19}")
IN_SPREADSHEET = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
FAULTS = {
    "formula": Message(_("This cell is a formula. Paste its value instead; nothing is calculated here.")),
    "error-value": Message(_("This cell holds an error of the spreadsheet.")),
    "number-form": Message(_("A student number is 4 to 20 letters, digits and hyphens, with at least one digit.")),
    "number-missing": Message(_("The student number is missing.")),
    "digits-lost": Message(_("The spreadsheet stored this as a number and lost its last digits. Format the column as text.")),
    "not-shown": Message(_("This cell holds characters that cannot be shown.")),
}
_DOTS = dict.fromkeys(map(ord, "•‧・･∙⋅．"), "·")  # of names such as 阿依古丽·买买提 every keyboard has another


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a row (numbered as in the file) under a heading (empty: the row as a whole)."""

    row: int
    column: str
    message: Message
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """Where each meaning stands in the row of headings, and the headings that mean nothing here."""

    at: Mapping[str, int]
    ignored: tuple[str, ...]


def place(cells: tuple[str, ...], meaning: Callable[[str], str | None]) -> Placed | Message:
    """What the headings mean; the sentence for the reader when two of them mean the same."""
    at: dict[str, int] = {}
    ignored = []
    for index, cell in enumerate(cells):
        key = meaning(cell)
        if key is None:
            ignored.append(cell)
        elif key in at:
            again = {"first": cells[at[key]], "second": cell}
            return Message(_("Two columns mean the same: “%(first)s” and “%(second)s”. Remove one."), again)
        else:
            at[key] = index
    return Placed(at, tuple(filter(None, ignored)))


def number_fault(number: str) -> Message | None:
    """What is wrong with the form of a student number, None if nothing."""
    if not number:
        return FAULTS["number-missing"]
    if NUMBER.fullmatch(number):
        return None
    return FAULTS["digits-lost" if IN_SPREADSHEET.fullmatch(number) else "number-form"]


def too_long(text: str, most: int) -> Message:
    """The sentence about an overlong text."""
    return Message(_("At most %(most)s characters are taken here; these are %(count)s."), {"most": most, "count": len(text)})


def showable(text: str) -> bool:
    """Whether it has no control, unassigned or private characters."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn") for sign in text)


def person_name(text: str) -> str:
    """A name with one kind of dot in it."""
    return spaced(text).translate(_DOTS)


def spaced(text: str) -> str:
    """As written, brackets and all, but for its spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def plain(text: str) -> str:
    """Half-width, without any space."""
    return "".join(unicodedata.normalize("NFKC", text).split())
