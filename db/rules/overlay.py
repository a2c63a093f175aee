"""The overlay: a server's cell with a device's own, still unanswered entries laid over it (docs/rules.md, overlay).

The tablet runs the same rule in `static/tablet/rules/overlay.js`; both are held to `tests/vectors/overlay.json`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

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


class _Base(NamedTuple):
    """What the server's cell stands for: entries in the place of its heads, and the conflict that is between them."""

    state: str
    conflict: str | None
    heads: list[Entry]


def overlay(cell: dict[str, Any], own: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The wire cell to show. `own`: payloads with `hash` and `before` (on an undo also `undone` and `undid`), in seq order."""
    if not own:
        return cell
    ours = {item["hash"] for item in own}
    base = _base_of(cell)
    for item in own:
        if item["act"] == "undo" and item.get("undone") and item["undone"] not in ours:
            base = _without(base, item)
    entries = [*(head for head in base.heads if head.hash not in ours), *(from_payload(item, item["hash"]) for item in own)]
    facts = Facts(
        applies=base.state != "not-applicable",
        awaits_list=base.state == "unknown",
        supervisors={item["operator"]: None for item in own},
    )
    shown = to_wire(fold(entries, facts))
    if base.conflict and "conflict" not in shown and {head.hash for head in base.heads} <= set(shown["heads"]):
        shown["conflict"] = base.conflict
    return shown


def _base_of(cell: dict[str, Any]) -> _Base:
    act, at = _ACT_OF.get(cell["state"]), parse_moment(cell.get("as_of")) or 0
    heads = [Entry(head, head, "", None, act, cell.get("by") or "", at, reason=cell.get("reason")) for head in cell["heads"] if act]
    return _Base(cell["state"], cell.get("conflict"), heads)


def _without(base: _Base, undo: dict[str, Any]) -> _Base:
    """Take back what the server has counted. What it had seen counts again; whether others had seen that, nobody here knows."""
    left = [head for head in base.heads if head.hash != undo["undone"]]
    if len(left) == len(base.heads):
        return base
    before = _base_of(undo["before"])
    if not left:
        return before
    if len(left) == 1:
        left = [_the_other_side(base, left[0], undo.get("undid"))]
    kept = {head.hash for head in left}
    conflict = base.conflict if len(left) > 1 else None  # who of the others disagrees, the cell does not tell
    return _Base(base.state, conflict, [*left, *(head for head in before.heads if head.hash not in kept)])


def _the_other_side(base: _Base, head: Entry, undid: str | None) -> Entry:
    """The one head that is left of a conflict, with the act that was not undone: the cell tells the sterner one's alone."""
    acts = {"collect", "hold"} if base.conflict == "collected-while-held" else set((base.conflict or "").split("-vs-"))
    rest = acts - {undid}
    if undid not in acts or len(rest) != 1 or head.act in rest:
        return head
    return head._replace(act=rest.pop(), operator="", reason=None)


def to_wire(cell: Cell) -> dict[str, Any]:
    """A cell as the protocol writes it: absent values left out, moments in RFC 3339."""
    wire: dict[str, Any] = {"state": cell.state, "heads": list(cell.heads)}
    if cell.as_of is not None:
        wire["as_of"] = format_moment(cell.as_of)
    for name, value in (("by", cell.by), ("reason", cell.reason), ("conflict", cell.conflict)):
        if value is not None:
            wire[name] = value
    return wire
