"""The flow picture for a desk: columns from left to right, each step just left of the first that waits for it.

The usual way for layered graphs: arrows that pass a column get a place of their own in it, columns are sorted by
where their neighbours stand, and then everything moves as close to its neighbours as its column allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from db.rules.flow_graph import Arrows, lonely, turned
from db.rules.flow_parts import PADDING, TEXT_X, Edge, Picture, box, height_of, wrap
from db.rules.season import Plan

BOX = 196
COLUMN_GAP = 72
GAP = 12
PASSAGE = 6  # the height that an arrow takes where it passes a column
BEFORE_FREE = 44
SWEEPS = 12


@dataclass(eq=False)
class _Spot:
    """A box or a passing arrow in a column."""

    code: str | None
    height: float
    y: float = 0.0
    before: list[_Spot] = field(default_factory=list)
    after: list[_Spot] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def wide(plan: Plan, arrows: Arrows, states: Mapping[str, str | None], lang: str, settled: frozenset[str]) -> Picture:
    """The picture. Its width follows from the longest chain of prerequisites, its height from the fullest column."""
    lines = {step.code: wrap(step.name.pick(lang), BOX - TEXT_X - PADDING) for step in plan.steps}
    apart = lonely(arrows)
    columns, paths = _columns(arrows, apart, {code: height_of(text) for code, text in lines.items()})
    _arrange(columns)
    places = {
        spot.code: (1.0 + at * (BOX + COLUMN_GAP), spot.y) for at, column in enumerate(columns) for spot in column if spot.code
    }
    count = max(len(columns), 4 if apart else 1)
    bottom = max((spot.y + spot.height for column in columns for spot in column), default=0.0)
    free_y = None
    if apart:
        free_y = bottom + 22
        bottom = _place_apart(apart, lines, places, free_y + BEFORE_FREE - 22, count)
    nodes = tuple(box(step, states[step.code], lines[step.code], *places[step.code], BOX) for step in plan.steps)
    edges = tuple(_edge(one, code, spots, places[one][0], one in settled) for (one, code), spots in paths.items())
    return Picture(count * (BOX + COLUMN_GAP) - COLUMN_GAP + 2, bottom + 1, nodes, edges, free_y)


def _columns(
    arrows: Arrows, apart: Sequence[str], heights: Mapping[str, float]
) -> tuple[list[list[_Spot]], dict[tuple[str, str], list[_Spot]]]:
    """Spots by column, and for every arrow the spots it leads through, both ends included."""
    after = turned(arrows)
    to_end: dict[str, int] = {}

    def steps_to_end(code: str) -> int:
        if code not in to_end:
            to_end[code] = 1 + max((steps_to_end(other) for other in after[code]), default=-1)
        return to_end[code]

    codes = [code for code in arrows if code not in apart]
    last = max((steps_to_end(code) for code in codes), default=-1)
    columns: list[list[_Spot]] = [[] for _ in range(last + 1)]
    spots = {code: _Spot(code, heights[code]) for code in codes}
    for code in codes:
        columns[last - to_end[code]].append(spots[code])
    paths = {}
    for code in codes:
        for one in arrows[code]:
            passed = [_Spot(None, PASSAGE) for _ in range(to_end[one] - to_end[code] - 1)]
            for at, spot in enumerate(passed, last - to_end[one] + 1):
                columns[at].append(spot)
            path = [spots[one], *passed, spots[code]]
            for left, right in pairwise(path):
                left.after.append(right)
                right.before.append(left)
            paths[one, code] = path
    return columns, paths


def _arrange(columns: list[list[_Spot]]) -> None:
    """Sort every column by its neighbours' places, sweep after sweep, then give everything its y from 1 downwards."""
    for column in columns:
        _stack(column)
    for sweep in range(SWEEPS):
        rightwards = sweep % 2 == 0
        for column in columns if rightwards else reversed(columns):
            wanted = {spot: _wanted(spot, spot.before if rightwards else spot.after) for spot in column}
            column.sort(key=wanted.__getitem__)
            _stack(column)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 else reversed(columns):
            _settle(column, [_wanted(spot, spot.before + spot.after) for spot in column])
    top = min((spot.y for column in columns for spot in column), default=1.0)
    for column in columns:
        for spot in column:
            spot.y = round(spot.y - top + 1, 1)


def _wanted(spot: _Spot, neighbours: Sequence[_Spot]) -> float:
    return sum(other.middle for other in neighbours) / len(neighbours) if neighbours else spot.middle


def _stack(column: Sequence[_Spot]) -> None:
    """One below the other, the whole around 0."""
    y = -sum(spot.height + GAP for spot in column) / 2
    for spot in column:
        spot.y = y
        y += spot.height + GAP


def _settle(column: Sequence[_Spot], wanted: Sequence[float]) -> None:
    """Move spots to the middles they want, without changing their order and with a gap between: least squares by pooling."""
    blocks: list[tuple[float, list[_Spot], float]] = []  # top wanted, members, height with gaps
    for spot, middle in zip(column, wanted, strict=True):
        top, members, height = middle - spot.height / 2, [spot], spot.height + GAP
        while blocks and blocks[-1][0] + blocks[-1][2] > top:
            upper, above, tall = blocks.pop()
            top = (upper * len(above) + (top - tall) * len(members)) / (len(above) + len(members))
            members, height = above + members, tall + height
        blocks.append((top, members, height))
    for top, members, _ in blocks:
        for spot in members:
            spot.y = top
            top += spot.height + GAP


def _place_apart(
    apart: Sequence[str], lines: Mapping[str, list[str]], places: dict[str, tuple[float, float]], y: float, count: int
) -> float:
    """Lonely steps in rows below everything; returns where the last row ends."""
    bottom = y
    for start in range(0, len(apart), count):
        row = apart[start : start + count]
        for at, code in enumerate(row):
            places[code] = (1.0 + at * (BOX + COLUMN_GAP), y)
        bottom = y + max(height_of(lines[code]) for code in row)
        y = bottom + GAP
    return bottom


def _edge(before: str, after: str, spots: Sequence[_Spot], x: float, settled: bool) -> Edge:
    """A curve from the right of the first box, level through the columns it passes, to the left of the last."""
    x += BOX
    path = f"M{x:g} {spots[0].middle:g}"
    for at, spot in enumerate(spots[1:], 1):
        half, end = x + COLUMN_GAP / 2, x + COLUMN_GAP
        y0, y1 = spots[at - 1].middle, spot.middle
        if spot is spots[-1]:
            path += f"C{half:g} {y0:g} {half:g} {y1:g} {end - 6:g} {y1:g}"
            return Edge(before, after, path, f"M{end:g} {y1:g}l-8 -4.5v9z", settled)
        path += f"C{half:g} {y0:g} {half:g} {y1:g} {end:g} {y1:g}H{end + BOX:g}"
        x = end + BOX
    raise AssertionError("an arrow leads through at least two spots")
