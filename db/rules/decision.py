"""Which decisions by hand make sense for a step as it stands. Pure."""

from __future__ import annotations

ACTS = ("clear", "hold", "waive", "reopen")

_BY_STATE = {
    "open": ("clear", "hold", "waive"),
    "unknown": ("clear", "hold", "waive"),
    "submitted": ("clear", "hold", "waive", "reopen"),
    "held": ("clear", "hold", "waive", "reopen"),
    "cleared": ("hold", "reopen"),
    "waived": ("hold", "reopen"),
}


def offers(state: str, conflict: str | None, how: str) -> tuple[str, ...]:
    """The acts to choose from, in the order of ACTS.

    A conflict may be ended by any of them. What was handed over stays so: against a hold made without knowing of it, reopening
    ends the conflict and nothing else; `collected-twice` is ended at stations alone. A thing is never handed over by hand.
    """
    if state == "collected":
        return ("reopen",) if conflict == "collected-while-held" else ()
    offered = ACTS if conflict and state in _BY_STATE else _BY_STATE.get(state, ())
    return tuple(act for act in offered if act != "clear" or how != "collect")
