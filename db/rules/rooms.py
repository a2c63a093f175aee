"""Where a room is: building, floor and room told apart in the label that rosters make of them. Pure.

The tablet does the same in `static/tablet/rules/rooms.js`; both are held to `tests/vectors/rooms.json`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_ROOM_AFTER_SPACE = re.compile(r"(.+) (\S*[0-9]\S*)", re.ASCII)
_ROOM_AFTER_HOUSE = re.compile(r"(.*(?:栋|幢|号楼|公寓|宿舍|座|苑|园|舍))[-#]?([^栋幢座苑园舍]*[0-9][^栋幢座苑园舍]*)")
_BARE_ROOM = re.compile(r"[A-Za-z]?[0-9]{2,4}[A-Za-z]?")
_ROOM_AFTER_DASH = re.compile(r"(.*[0-9A-Za-z])[-#]([0-9]{3,4}.*)")
_LONG = re.compile(r"[0-9]{3,}")
_APART = re.compile(r"([0-9]{1,2})[^0-9]+[0-9]{1,2}(?![0-9])")


class Place(NamedTuple):
    """Empty texts where the label does not say; `floor` is a number written without leading zeros."""

    building: str
    floor: str
    room: str


def place(label: str) -> Place:
    """`兰园1栋 305` is room 305 on floor 3 of 兰园1栋. A label that names no room is a building; an empty one is nowhere."""
    text = " ".join(unicodedata.normalize("NFKC", label).split())
    for pattern in (_ROOM_AFTER_SPACE, _ROOM_AFTER_DASH, _ROOM_AFTER_HOUSE):
        if found := pattern.fullmatch(text):
            return Place(found[1], _floor(found[2]), found[2])
    if _BARE_ROOM.fullmatch(text):
        return Place("", _floor(text), text)
    return Place(text, "", "")


def _floor(room: str) -> str:
    """305 and 3-05 are on floor 3, 1205 on 12; of 12 or of a name nobody can tell."""
    if found := _LONG.search(room):
        return found[0][:-2].lstrip("0")
    if found := _APART.match(room):
        return found[1].lstrip("0")
    return ""


def in_order(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts labels as people count: 2 before 10, numbers before words."""
    parts = re.split(r"([0-9]+)", text)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]
