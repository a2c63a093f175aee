"""What graduates are told when a proxy collected something for them, in the transaction in which it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db import messages
from db.messages import News
from db.rules.entry import Entry
from db.rules.fold import Cell, Picture

COLLECTED, TAKEN_BACK = "collected", "collected.undone"


Key = tuple[str, str]


def tell(
    changed: Mapping[Key, Cell], before: Mapping[Key, Cell], pictures: Mapping[Key, Picture], people: Mapping[str, Any]
) -> None:
    """Send what these changes mean. Keys are a graduate's ref and a step's code; `people` have an `id` each, by ref.

    Asks the database nothing where no proxy came. Inside `writing()`; each entry is told once, however often it is folded.
    """
    news = []
    for key in changed:
        picture = pictures[key]
        came = [entry for entry in picture.entries.values() if entry.proxy and entry.act == "collect"]
        was_collected = key in before and before[key].state == "collected"
        for entry in came:
            if entry.hash in picture.collects:
                news.append(_about(COLLECTED, entry, people[key[0]].id))
            elif was_collected and entry.hash in picture.removed:
                news.append(_about(TAKEN_BACK, entry, people[key[0]].id))
    messages.send_all(news)


def _about(kind: str, entry: Entry, graduate: int) -> News:
    facts = {"step": entry.step, "application": entry.proxy, "station": entry.station, "at": entry.corrected}
    return News(graduate, kind, f"{kind} {entry.hash}", facts)
