"""The class sheet: a class on A4 with what each graduate has not settled, to be worked through by hand. In Chinese, for filing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.cardart.lettering import Setting, fit, shown
from portal.cardart.pdf import ACCENT, INK, LINE, QUIET_INK, new_document, set_text

TITLE = "班级离校办理情况表"
FOOT = "含个人信息，用后请妥善保管或销毁。辅导员签字 ____________________  日期 ____________"
_LEFT, _TOP, _FLOOR, _ROW = 10 * mm, A4[1] - 32 * mm, 16 * mm, 11 * mm
_COLUMNS = (
    ("", 8 * mm), ("学号", 30 * mm), ("姓名", 27 * mm), ("办结", 15 * mm), ("未办结环节", 68 * mm), ("欠费（元）", 18 * mm),
    ("备注", 24 * mm),
)  # fmt: skip
_EDGES = [_LEFT + sum(width for _, width in _COLUMNS[:place]) for place in range(len(_COLUMNS) + 1)]
A_PAGE = int((_TOP - _FLOOR) / _ROW)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One graduate: what is settled of what, the names of what is not, and yuan owed, both empty where there is none."""

    number: str
    name: str
    settled: str
    unsettled: str
    owed: str


def class_list(class_name: str, about: str, rows: Sequence[ListRow]) -> bytes:
    """The sheet as a PDF of A4 pages, in the order given. ValueError for nobody."""
    if not rows:
        raise ValueError("there is nothing to print")
    out, sheet = new_document(f"{TITLE} {shown(class_name)}", A4)
    pages = [rows[start : start + A_PAGE] for start in range(0, len(rows), A_PAGE)]
    for number, page in enumerate(pages, start=1):
        _heading(sheet, class_name, about, f"第 {number} 页，共 {len(pages)} 页")
        for place, row in enumerate(page):
            cells = (str((number - 1) * A_PAGE + place + 1), row.number, row.name, row.settled, row.unsettled, row.owed)
            _row(sheet, cells, _TOP - (place + 1) * _ROW)
        _lines(sheet, len(page))
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def _heading(sheet: Canvas, class_name: str, about: str, page: str) -> None:
    top, width = A4[1], _EDGES[-1] - _LEFT
    set_text(sheet, _LEFT, top - 13 * mm, fit(f"{TITLE} · {shown(class_name)}", width * 0.75, 15, 8), ACCENT)
    set_text(sheet, _LEFT, top - 20 * mm, fit(shown(about), width, 9, 6), QUIET_INK)
    set_text(sheet, _LEFT, 9 * mm, Setting(7.5, [FOOT]), QUIET_INK)
    set_text(sheet, _EDGES[-1] - 30 * mm, top - 13 * mm, Setting(8, [page]), QUIET_INK)
    for (heading, _width), x in zip(_COLUMNS, _EDGES, strict=False):
        set_text(sheet, x + 1.5 * mm, _TOP + 2 * mm, Setting(8.5, [heading]), INK)


def _row(sheet: Canvas, cells: Sequence[str], y: float) -> None:
    for (_heading, width), x, cell in zip(_COLUMNS, _EDGES, cells, strict=False):
        setting = fit(shown(cell), width - 3 * mm, 9, 6.5, most_lines=3)
        first = y + _ROW / 2 - setting.size * 0.35 + (len(setting.lines) - 1) * setting.size * 0.65
        set_text(sheet, x + 1.5 * mm, first, setting, INK)


def _lines(sheet: Canvas, rows: int) -> None:
    bottom = _TOP - rows * _ROW
    sheet.setStrokeColor(LINE)
    sheet.setLineWidth(0.5)
    for place in range(rows + 1):
        sheet.line(_LEFT, _TOP - place * _ROW, _EDGES[-1], _TOP - place * _ROW)
    for x in _EDGES:
        sheet.line(x, bottom, x, _TOP)
