"""The issue register of a class as A4 pages, to be filed, or signed by hand.

It goes from hand to hand, Chinese first with English below, and so its headings are not in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from portal.cardart.lettering import Setting, fit, shown
from portal.cardart.pdf import ACCENT, INK, LINE, QUIET_INK, new_document, set_text
from portal.register_rows import Row

TITLE, TITLE_ENGLISH = "签领表", "Issue register"
COLUMNS = (
    ("序号", "No.", 11), ("学号", "Number", 27), ("姓名", "Name", 27), ("领取人", "Taken by", 25), ("领取时间", "When", 31),
    ("站点 · 平板", "Where", 48), ("经办人", "Handed over by", 25), ("签名", "Signature", 47), ("备注", "Remark", 32),
)  # fmt: skip
_LEFT, _TOP, _ROW, _HEAD = 12 * mm, 36 * mm, 11.5 * mm, 9 * mm
_PER_PAGE = 13


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the table of every page; `printed` says when and by whom."""

    item: str
    class_name: str
    college: str
    season: str
    total: int
    collected: int
    printed: str


def register_pdf(heading: Heading, rows: Sequence[Row]) -> bytes:
    """The register as a PDF of A4 pages across."""
    title = f"{shown(heading.item)}{TITLE}"
    out, sheet = new_document(f"{title} {shown(heading.class_name)}", landscape(A4))
    pages = [rows[start : start + _PER_PAGE] for start in range(0, len(rows), _PER_PAGE)] or [[]]
    for number, part in enumerate(pages, 1):
        _page(sheet, heading, title, part, f"{number} / {len(pages)}")
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def _page(sheet: Canvas, heading: Heading, title: str, rows: Sequence[Row], number: str) -> None:
    width, height = landscape(A4)
    whole = sum(wide for *_, wide in COLUMNS) * mm
    set_text(sheet, _LEFT, height - 15 * mm, fit(title, whole * 0.6, 17, 10), ACCENT)
    set_text(sheet, _LEFT, height - 20 * mm, Setting(7.5, [TITLE_ENGLISH]), QUIET_INK)
    about = f"{heading.season} · {heading.college} · {heading.class_name} · 应领 {heading.total} 人，已领 {heading.collected} 人"
    set_text(sheet, _LEFT, height - 27 * mm, fit(shown(about), whole, 11, 7), INK)
    y = height - _TOP
    x = _LEFT
    for chinese, english, wide in COLUMNS:
        set_text(sheet, x + 1.5 * mm, y + 3.2 * mm, Setting(9, [chinese]), INK)
        set_text(sheet, x + 1.5 * mm, y + 0.6 * mm, fit(english, wide * mm - 3 * mm, 6, 4), QUIET_INK)
        x += wide * mm
    sheet.setStrokeColor(LINE)
    sheet.line(_LEFT, y - 1 * mm, _LEFT + whole, y - 1 * mm)
    for row in rows:
        y -= _ROW
        _row(sheet, row, y)
        sheet.line(_LEFT, y - 1 * mm, _LEFT + whole, y - 1 * mm)
    set_text(sheet, _LEFT, 9 * mm, fit(shown(heading.printed), whole - 30 * mm, 7.5, 5), QUIET_INK)
    set_text(sheet, width - _LEFT - 12 * mm, 9 * mm, Setting(7.5, [number]), QUIET_INK)


def _row(sheet: Canvas, row: Row, y: float) -> None:
    """One row with its line below at `y`."""
    where = f"{row.where} · {row.tablet}" if row.tablet else row.where
    texts = (str(row.place or ""), row.number, row.name, row.taken_by, row.when, where, row.operator, row.signed, row.remark)
    x = _LEFT
    for text, (chinese, _english, wide) in zip(texts, COLUMNS, strict=True):
        if chinese == "签名" and row.picture is not None:
            box = (wide * mm - 3 * mm, _ROW - 1.5 * mm)
            sheet.drawImage(ImageReader(row.picture), x + 1.5 * mm, y - 0.4 * mm, *box, preserveAspectRatio=True, anchor="w")
        elif text:
            setting = fit(shown(text), wide * mm - 3 * mm, 9.5, 6.5, most_lines=2)
            set_text(sheet, x + 1.5 * mm, y + (5 if len(setting.lines) > 1 else 3.4) * mm, setting, INK)
        x += wide * mm
