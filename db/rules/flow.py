"""The flow picture of a plan: where every box and arrow stands, for a desk and for a phone, and the same as a list.

Pure geometry; `templates/plan/_flow.html` draws it and `static/plan.css` colours it. Arrows that follow from others
are left out, so that the picture can be read: see `Item.waits_for` for what the plan really says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db.rules.flow_graph import reading_order, reduced
from db.rules.flow_narrow import narrow
from db.rules.flow_parts import Edge, Node, Picture
from db.rules.flow_wide import wide
from db.rules.season import Plan
from db.rules.step import Step

__all__ = ["Edge", "Flow", "Item", "Node", "Picture", "layout"]

SETTLED = frozenset({"cleared", "collected", "waived", "not-applicable"})


@dataclass(frozen=True)
class Item:
    """A step in reading order, for those who hear the picture: its state and all its prerequisites, in plan order."""

    step: Step
    state: str | None
    waits_for: tuple[Step, ...]


@dataclass(frozen=True)
class Flow:
    """Both pictures and the list. Prerequisites come before what waits for them: left of it, above it, earlier.

    `own` tells whether it shows one graduate's states.
    """

    wide: Picture
    narrow: Picture
    items: tuple[Item, ...]
    own: bool


def layout(plan: Plan, states: Mapping[str, str] | None = None, lang: str = "zh") -> Flow:
    """Lay out a plan; with `states` (step code → state as in `wire.md`) as one graduate's own position in it.

    A step that `states` leaves out is drawn as `unknown`. Without `states` every state is None. Names are those of `lang`.
    """
    arrows = reduced(plan)
    shown = {step.code: None if states is None else states.get(step.code, "unknown") for step in plan.steps}
    settled = frozenset(code for code, state in shown.items() if state in SETTLED)
    items = tuple(
        Item(
            step=plan.step(code),
            state=shown[code],
            waits_for=tuple(step for step in plan.steps if step.code in plan.step(code).blocked_by),
        )
        for code in reading_order(arrows)
    )
    return Flow(wide(plan, arrows, shown, lang, settled), narrow(plan, arrows, shown, lang, settled), items, states is not None)
