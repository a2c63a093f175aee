"""The overlay: a server's cell with a device's own, still unanswered entries laid over it (docs/rules.md, overlay).

The tablet runs the same rule in `static/tablet/rules/overlay.js`; both are held to `tests/vectors/overlay.json`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from db.rules.entry import Entry, format_moment, from_payload, parse_moment
from db.rules.fold import Cell, Facts, fold

_ACT_OF = {
    "cleared": "clear",
    "held": "hold",
    "collected": "collect",
    "submitted": "submit",
    "waived": "waive",
    "open": "return",
    "unknown": "return",
}


def overlay(cell: dict[str, Any], own: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The wire cell to show. `own`: payloads with `hash` and `before` (and `undone` on an undo), in seq order."""
    if not own:
        return cell
    ours = {item["hash"] for item in own}
    for item in own:
        undone = item.get("undone")
        if item["act"] == "undo" and undone and undone not in ours:
            cell = _without(cell, undone, item["before"])
    entries = [*_standing_for(cell, ours), *(from_payload(item, item["hash"]) for item in own)]
    facts = Facts(
        applies=cell["state"] != "not-applicable",
        awaits_list=cell["state"] == "unknown",
        supervisors={item["operator"]: None for item in own},
    )
    shown = to_wire(fold(entries, facts))
    if cell.get("conflict") and "conflict" not in shown and set(cell["heads"]) <= set(shown["heads"]):
        shown["conflict"] = cell["conflict"]
    return shown


def _without(cell: dict[str, Any], undone: str, before: dict[str, Any]) -> dict[str, Any]:
    if cell["heads"] == [undone]:
        return before
    if undone not in cell["heads"]:
        return cell
    left = {name: value for name, value in cell.items() if name != "conflict"}  # it was one among all the heads
    return {**left, "heads": [head for head in cell["heads"] if head != undone]}


def _standing_for(cell: dict[str, Any], ours: set[str]) -> Iterator[Entry]:
    act = _ACT_OF.get(cell["state"])
    at = parse_moment(cell.get("as_of")) or 0
    for head in cell["heads"]:
        if act and head not in ours:
            yield Entry(head, head, "", None, act, cell.get("by") or "", at, reason=cell.get("reason"))


def to_wire(cell: Cell) -> dict[str, Any]:
    """A cell as the protocol writes it: absent values left out, moments in RFC 3339."""
    wire: dict[str, Any] = {"state": cell.state, "heads": list(cell.heads)}
    if cell.as_of is not None:
        wire["as_of"] = format_moment(cell.as_of)
    for name, value in (("by", cell.by), ("reason", cell.reason), ("conflict", cell.conflict)):
        if value is not None:
            wire[name] = value
    return wire
