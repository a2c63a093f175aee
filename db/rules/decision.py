"""Which decisions by hand make sense for a step as it stands. Pure."""

from __future__ import annotations

ACTS = ("clear", "hold", "waive", "reopen")

UNDO = "undo"
"""Taking back a hand-over by post: no other hand-over was recorded by hand."""

_BY_STATE = {
    "open": ("clear", "hold", "waive"),
    "unknown": ("clear", "hold", "waive"),
    "submitted": ("clear", "hold", "waive", "reopen"),
    "held": ("clear", "hold", "waive", "reopen"),
    "cleared": ("hold", "reopen"),
    "waived": ("hold", "reopen"),
}


def offers(state: str, conflict: str | None, how: str, posted: bool = False) -> tuple[str, ...]:
    """The acts to choose from, in the order of ACTS, `UNDO` last. `posted`: a hand-over by post stands.

    A conflict may be ended by any of them. What was handed over stays so: against a hold made without knowing of it, reopening
    ends the conflict and nothing else; what a desk handed out is taken back at the desk, what was posted here. A thing is never
    handed over by hand.
    """
    if state == "collected":
        return (*(("reopen",) if conflict == "collected-while-held" else ()), *((UNDO,) if posted else ()))
    offered = ACTS if conflict and state in _BY_STATE else _BY_STATE.get(state, ())
    return tuple(act for act in offered if act != "clear" or how != "collect")
