"""Activation slips: a one-time code for each graduate of a class on A4, twelve a page, to be cut apart and handed over.

Like cards they go from hand to hand, Chinese first with English below, and so their words are not in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.cardart.grid import Grid
from portal.cardart.lettering import Setting, fit, shown
from portal.cardart.pdf import ACCENT, INK, QUIET_INK, draw_code, set_text

GRID = Grid(columns=2, rows=6, width=92 * mm, height=42 * mm)
TITLE = "账号激活单"
TITLE_ENGLISH = "Account activation slip"
_CODE = 30 * mm


@dataclass(frozen=True, slots=True)
class Slip:
    """One graduate's way in. `number` in full: it is what one signs in with."""

    name: str
    number: str
    code: str


@dataclass(frozen=True, slots=True)
class Slips:
    """What all slips of a class have in common: `address` is where to type the code, `until` how long it is good for."""

    class_name: str
    college: str
    season: str
    address: str
    until: str

    def pdf(self, slips: Sequence[Slip]) -> bytes:
        """The slips, in the order given, as a PDF of A4 pages. ValueError for none."""
        if not slips:
            raise ValueError("there is nothing to print")
        about = f"{self.college} · {self.season} · {TITLE} · 共 {len(slips)} 张"
        return GRID.document(TITLE, self.class_name, about, slips, self._draw)

    def _draw(self, sheet: Canvas, slip: Slip, x: float, y: float) -> None:
        """One slip with its lower left corner at (x, y). The square code is the address, for whoever would rather not type it."""
        left, top = x + 4 * mm, y + GRID.height
        beside = GRID.width - _CODE - 6 * mm
        draw_code(sheet, self.address, x + GRID.width - _CODE - 1 * mm, top - _CODE - 2 * mm, _CODE)
        set_text(sheet, left, top - 7 * mm, Setting(8.5, [TITLE]), ACCENT)
        set_text(sheet, left + 25 * mm, top - 7 * mm, Setting(6, [TITLE_ENGLISH]), QUIET_INK)
        set_text(sheet, left, top - 14 * mm, fit(shown(slip.name), beside, 14, 8), INK)
        set_text(sheet, left, top - 18.5 * mm, fit(f"学号 No. {shown(slip.number)}", beside, 9, 6), INK)
        set_text(sheet, left, top - 22.3 * mm, fit(shown(self.class_name), beside, 7.5, 5), QUIET_INK)
        set_text(sheet, left, top - 29 * mm, Setting(7, ["激活码 Code"]), QUIET_INK)
        set_text(sheet, left + 17 * mm, top - 29.3 * mm, fit(shown(slip.code), beside - 17 * mm, 13, 8), INK)
        whole = GRID.width - 8 * mm
        set_text(sheet, left, top - 34 * mm, fit(f"打开 Open: {shown(self.address)}", whole, 8, 5), INK)
        once = f"{shown(self.until)} 前有效，只能用一次，勿转交他人 · valid once, until then; for you alone"
        set_text(sheet, left, top - 38 * mm, fit(once, whole, 6.5, 5), QUIET_INK)
