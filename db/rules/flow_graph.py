"""The blocking relation as a graph: only the arrows that say something, and a reading order."""

from __future__ import annotations

from collections.abc import Mapping

from db.rules.season import Plan

Arrows = Mapping[str, tuple[str, ...]]


def reduced(plan: Plan) -> Arrows:
    """For each step, in the plan's order, its prerequisites without those that another prerequisite waits for anyway."""
    waits = {step.code: step.blocked_by for step in plan.steps}
    far: dict[str, frozenset[str]] = {}

    def all_before(code: str) -> frozenset[str]:
        if code not in far:
            far[code] = frozenset(waits[code]).union(*(all_before(before) for before in waits[code]))
        return far[code]

    return {
        code: tuple(one for one in before if not any(one in all_before(other) for other in before if other != one))
        for code, before in waits.items()
    }


def turned(arrows: Arrows) -> Arrows:
    """The same arrows from the other end: for each step, those that wait for it."""
    return {code: tuple(after for after, before in arrows.items() if code in before) for code in arrows}


def lonely(arrows: Arrows) -> tuple[str, ...]:
    """Steps that wait for nothing and that nothing waits for."""
    named = {before for befores in arrows.values() for before in befores}
    return tuple(code for code, before in arrows.items() if not before and code not in named)


def reading_order(arrows: Arrows) -> tuple[str, ...]:
    """Every step after its prerequisites and as close behind them as can be; lonely steps last."""
    order: dict[str, None] = {}

    def put(code: str) -> None:
        if code not in order:
            for before in arrows[code]:
                put(before)
            order[code] = None

    after = turned(arrows)
    apart = lonely(arrows)
    for code in arrows:
        if not after[code] and code not in apart:
            put(code)
    return (*order, *apart)
