"""The parts of a flow picture, and how a step's name is broken into lines. Lengths are CSS pixels, y grows downwards."""

from __future__ import annotations

import re
from dataclasses import dataclass

from db.rules.step import Step

FONT = 14  # the size the picture's names are set in; `static/plan.css` says the same
LINE = 18
NOTE = 16  # the smaller line below the name: dates or the state's word
PADDING = 9
TEXT_X = 34  # room for the icon at the left
LEAST_HEIGHT = 44

_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]")
_PIECES = re.compile("[\u2e80-\u9fff\uf900-\ufaff][，。、；：！？）》”·]*|[^\\s\u2e80-\u9fff\uf900-\ufaff]+\\s*")


@dataclass(frozen=True)
class Node:
    """A step as a box. `lines` are (text, x, y of the baseline); `state` is None where nobody's own state is drawn."""

    step: Step
    state: str | None
    x: float
    y: float
    width: float
    height: float
    lines: tuple[tuple[str, float, float], ...]
    note_at: tuple[float, float]
    icon_at: tuple[float, float]

    @property
    def middle(self) -> float:
        """The y of the box's middle."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Edge:
    """A line from a prerequisite to the step that waits for it: the path's data, and that of its arrow head."""

    before: str
    after: str
    path: str
    arrow: str
    settled: bool


@dataclass(frozen=True)
class Picture:
    """Everything drawn. Steps that nothing connects stand below `free_y`, which is None where there are none."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    free_y: float | None


def wrap(text: str, width: float) -> list[str]:
    """Break a name into lines of at most `width`: Chinese between characters, Latin between words.

    A single word that is longer than a line is cut. Never empty.
    """
    lines = [""]
    for piece in _pieces(text, width):
        if lines[-1] and _measure((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def height_of(lines: list[str]) -> float:
    """The height of a box with these lines and a note below them."""
    return max(LEAST_HEIGHT, len(lines) * LINE + NOTE + 2 * PADDING)


def box(step: Step, state: str | None, lines: list[str], x: float, y: float, width: float) -> Node:
    """The box at its place, with its texts placed in it."""
    height = height_of(lines)
    top = y + (height - len(lines) * LINE - NOTE) / 2
    return Node(
        step=step,
        state=state,
        x=x,
        y=y,
        width=width,
        height=height,
        lines=tuple((line, x + TEXT_X, top + place * LINE + FONT) for place, line in enumerate(lines)),
        note_at=(x + TEXT_X, top + len(lines) * LINE + 12),
        icon_at=(x + 10, y + height / 2 - 8),
    )


def _pieces(text: str, width: float) -> list[str]:
    pieces = []
    for piece in _PIECES.findall(text):
        while _measure(piece.rstrip()) > width and len(piece) > 1:
            fits = next((n for n in range(len(piece) - 1, 1, -1) if _measure(piece[:n]) <= width), 1)
            pieces.append(piece[:fits])
            piece = piece[fits:]
        pieces.append(piece)
    return pieces


def _measure(text: str) -> float:
    """About as wide as the text is set; a little more rather than less."""
    return sum(FONT if _WIDE.match(sign) else FONT * (0.76 if sign.isupper() else 0.6) for sign in text)
