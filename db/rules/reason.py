"""The reason of an entry: one of the plan's, words of one's own, or both in one text, "code: words", as tablets write it too."""

from __future__ import annotations

from typing import NamedTuple

from db.rules.message import Names
from db.rules.step import Step

ON_PAPER = "signed-on-paper"
"""The reason of a hand-over that was signed for on paper, not on the tablet's glass."""

_POSTED = "posted: "


class Said(NamedTuple):
    """A reason taken apart: the plan's name for it where it has one, and what was written beside it."""

    listed: Names | None
    words: str


def write(code: str, words: str) -> str | None:
    """The reason as an entry holds it; None when nothing was given."""
    words = words.strip()
    return f"{code}: {words}" if code and words else code or words or None


def of_parcel(number: str) -> str:
    """The reason of a hand-over by post, under this number."""
    return _POSTED + number


def parcel(reason: str | None) -> str | None:
    """The number of the parcel in which it was posted, None for any other reason."""
    return reason.removeprefix(_POSTED) if reason and reason.startswith(_POSTED) else None


def read(reason: str | None, step: Step | None) -> Said:
    """What a stored reason says. A code that the plan's step does not list is words like any other."""
    text = reason or ""
    code, _, words = text.partition(": ")
    listed = next((one.name for one in step.reasons if one.code == code), None) if step else None
    return Said(listed, words) if listed else Said(None, text)
