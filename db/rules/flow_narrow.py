"""The flow picture for a phone: one box below the other, arrows in lanes at the right, one lane for each waiting step."""

from __future__ import annotations

from collections.abc import Mapping

from db.rules.flow_graph import Arrows, lonely, reading_order, turned
from db.rules.flow_parts import PADDING, TEXT_X, Edge, Node, Picture, box, height_of, wrap
from db.rules.season import Plan

WIDTH = 326
LANE = 12
GAP = 10
LEAST_BOX = 150
BEFORE_FREE = 34
TURN = 6


def narrow(plan: Plan, arrows: Arrows, states: Mapping[str, str | None], lang: str, settled: frozenset[str]) -> Picture:
    """The picture, as wide as a small phone allows; a plan that needs very many lanes makes it wider."""
    order = reading_order(arrows)
    lanes = _lanes(order, arrows)
    gutter = (max(lanes.values(), default=-1) + 1) * LANE + (14 if lanes else 0)
    width = max(WIDTH - gutter, LEAST_BOX)
    apart = lonely(arrows)
    nodes: dict[str, Node] = {}
    y, free_y = 1.0, None
    for code in order:
        if apart and code == apart[0]:
            free_y = y + 20
            y += BEFORE_FREE
        step = plan.step(code)
        lines = wrap(step.name.pick(lang), width - TEXT_X - PADDING)
        nodes[code] = box(step, states[code], lines, 1, y, width)
        y += height_of(lines) + GAP
    edges = _edges(arrows, nodes, lanes, settled)
    return Picture(width + gutter + 2, y - GAP + 1, tuple(nodes.values()), edges, free_y)


def _lanes(order: tuple[str, ...], arrows: Arrows) -> dict[str, int]:
    """A lane for each step that waits: short ones inside, and none shared by two that are under way at the same place."""
    place = {code: at for at, code in enumerate(order)}
    spans = {code: (min(place[one] for one in before), place[code]) for code, before in arrows.items() if before}
    lanes: dict[str, int] = {}
    for code in sorted(spans, key=lambda code: (spans[code][1] - spans[code][0], place[code])):
        first, last = spans[code]
        taken = {lane for other, lane in lanes.items() if spans[other][0] <= last and first <= spans[other][1]}
        lanes[code] = next(lane for lane in range(len(spans)) if lane not in taken)
    return lanes


def _edges(arrows: Arrows, nodes: Mapping[str, Node], lanes: Mapping[str, int], settled: frozenset[str]) -> tuple[Edge, ...]:
    after = turned(arrows)
    edges = []
    for code, before in arrows.items():
        for one in before:
            start, end = nodes[one], nodes[code]
            right = start.x + start.width
            lane = right + 14 + lanes[code] * LANE
            # Arrivals meet the upper part of a box, departures leave the lower: nobody's line passes for another's.
            ways = after[one]
            y1 = start.y + start.height * (0.5 + 0.4 * (ways.index(code) + 1) / (len(ways) + 1))
            y2 = end.y + end.height * 0.3
            path = f"M{right:g} {y1:g}H{lane - TURN:g}Q{lane:g} {y1:g} {lane:g} {y1 + TURN:g}V{y2 - TURN:g}"
            path += f"Q{lane:g} {y2:g} {lane - TURN:g} {y2:g}H{right + 5:g}"
            arrow = f"M{right:g} {y2:g}l7 -4v8z"
            edges.append(Edge(one, code, path, arrow, one in settled))
    return tuple(edges)
