"""Who of a class needs somebody, and who blocks: from states, marks and amounts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from db.rules.fold import SETTLED
from db.rules.step import Step

NEEDS = ("unfinished", "debt", "unreachable", "delayed", "no-destination", "help")
"""Every reason to look after somebody, in the order people are offered them."""


OF_ANSWERS = ("unreachable", "delayed", "no-destination")
"""What an answer to an online form may say of who gives it, as a counselor's mark may."""


def unsettled(steps: Sequence[Step], states: Mapping[str, str]) -> tuple[Step, ...]:
    """The required steps that apply and are not settled, in the plan's order. A step without a state has not begun."""
    return tuple(step for step in steps if step.required and states.get(step.code, "unknown") not in SETTLED)


def blocking(open_steps: Sequence[Step]) -> tuple[Step, ...]:
    """Those of the unsettled steps that wait for no other of them: where something has to happen now."""
    codes = {step.code for step in open_steps}
    return tuple(step for step in open_steps if codes.isdisjoint(step.blocked_by))


def needs(finished: bool, owes: int, marks: Set[str], flags: Set[str]) -> frozenset[str]:
    """Which of NEEDS hold. `owes` in fen; `marks` still stand (`help`: waits for an answer).

    `flags` are the roster's: who is delayed there is delayed.
    """
    found = set(marks) | ({"delayed"} & flags)
    if not finished:
        found.add("unfinished")
    if owes:
        found.add("debt")
    return frozenset(found) & frozenset(NEEDS)
