"""A graduate's request for help (求助): its whole life as moves. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

OPEN, ANSWERED, CLOSED = STATES = ("open", "answered", "closed")
GRADUATE, COUNSELOR, OFFICER = "graduate", "counselor", "officer"
REOPEN_WITHIN = timedelta(days=7)
"""So long after it was closed a graduate may open it again; afterwards a new one is written."""


class Move(NamedTuple):
    """One act: from which states, to which, by whom; with `asks` somebody of the college has to answer from now on."""

    before: frozenset[str]
    after: str
    by: frozenset[str]
    asks: bool = False


def _move(before: str, after: str, by: str, asks: bool = False) -> Move:
    return Move(frozenset(before.split()), after, frozenset(by.split()), asks)


MOVES: dict[str, Move] = {
    "write": _move("open answered", OPEN, GRADUATE, asks=True),
    "answer": _move("open answered", ANSWERED, "counselor officer"),
    "hand-on": _move("open answered", OPEN, COUNSELOR, asks=True),
    "hand-back": _move("open answered", OPEN, OFFICER, asks=True),
    "close": _move("open answered", CLOSED, "graduate counselor"),
    "reopen": _move("closed", OPEN, GRADUATE, asks=True),
}
AMONG_STAFF = frozenset(("hand-on", "hand-back"))
"""What is written with these is not for the graduate."""


def after(state: str, act: str, role: str) -> str | None:
    """The state that the act leads to; None where it may not be done from here or by this role."""
    move = MOVES.get(act)
    return move.after if move is not None and state in move.before and role in move.by else None


def offers(state: str, role: str) -> tuple[str, ...]:
    """What this role may do now, in the order of MOVES."""
    return tuple(act for act in MOVES if after(state, act, role))


def due(act: str, standing: datetime | None, moment: datetime, within: timedelta) -> datetime | None:
    """By when the college has to answer after this act at that moment. A clock that runs is not wound again by writing more."""
    if not MOVES[act].asks:
        return None
    return standing or moment + within


def may_reopen(closed: datetime, moment: datetime) -> bool:
    return moment - closed <= REOPEN_WITHIN


def overdue(state: str, due_at: datetime | None, moment: datetime) -> bool:
    """Whether somebody should have answered by now."""
    return state == OPEN and due_at is not None and due_at < moment
