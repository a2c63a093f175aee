"""What is cut apart: equal pieces in rows and columns on A4, a heading over every page, a small cross wherever pieces meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.cardart import face as words
from portal.cardart.lettering import Setting, fit, shown
from portal.cardart.pdf import INK, LINE, QUIET_INK, new_document, set_text

_TOP = A4[1] - 22 * mm
_ARM = 2 * mm

Piece = TypeVar("Piece")
Draw = Callable[[Canvas, Piece, float, float], None]


@dataclass(frozen=True, slots=True)
class Grid:
    """`columns` by `rows` pieces a page, each of this width and height in points."""

    columns: int
    rows: int
    width: float
    height: float

    def document(self, title: str, name: str, about: str, pieces: Sequence[Piece], draw: Draw[Piece]) -> bytes:
        """A PDF of all pieces, row by row; `draw` gets each with its lower left corner. Every page says `name` and `about`."""
        out, sheet = new_document(f"{title} {shown(name)}", A4)
        a_page = self.columns * self.rows
        pages = [pieces[start : start + a_page] for start in range(0, len(pieces), a_page)]
        for number, page in enumerate(pages, start=1):
            self._heading(sheet, name, about, f"第 {number} 页，共 {len(pages)} 页")
            for place, piece in enumerate(page):
                row, column = divmod(place, self.columns)
                draw(sheet, piece, self._left + column * self.width, _TOP - (row + 1) * self.height)
            self._cut_marks(sheet, -(-len(page) // self.columns))
            sheet.showPage()
        sheet.save()
        return out.getvalue()

    @property
    def _left(self) -> float:
        return (A4[0] - self.columns * self.width) / 2

    def _heading(self, sheet: Canvas, name: str, about: str, page: str) -> None:
        width = self.columns * self.width
        set_text(sheet, self._left, A4[1] - 13 * mm, fit(shown(name), width * 0.6, 15, 8), INK)
        set_text(sheet, self._left, A4[1] - 18.5 * mm, fit(shown(about), width * 0.7, 9, 6), QUIET_INK)
        sheet.drawRightString(self._left + width, A4[1] - 18.5 * mm, page)
        set_text(sheet, A4[0] / 2, 9 * mm, Setting(8, [words.CUT]), QUIET_INK, centred=True)

    def _cut_marks(self, sheet: Canvas, rows: int) -> None:
        sheet.setStrokeColor(LINE)
        sheet.setLineWidth(0.4)
        for column in range(self.columns + 1):
            for row in range(rows + 1):
                x, y = self._left + column * self.width, _TOP - row * self.height
                sheet.line(x - _ARM, y, x + _ARM, y)
                sheet.line(x, y - _ARM, x, y + _ARM)
