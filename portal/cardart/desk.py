"""Desk sheets: a class at one station and step on A4, for the day on which no tablet works. A row for each graduate, to be signed.

Like cards they are Chinese first with English below, and so their words are not in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.cardart.lettering import Setting, fit, shown
from portal.cardart.pdf import ACCENT, INK, LINE, QUIET_INK, draw_code, new_document, set_text

TITLE, TITLE_ENGLISH = "纸质应急签办表", "Desk sheet, for when no tablet works"
RESULTS = {"clear": "办结 Cleared", "collect": "已领取 Handed over", "hold": "暂缓 Held:"}
AMOUNT = "金额 Amount ￥__________"
FOOT = "离校卡与本人身份证核对一致后，填写时间、勾选结果，经办人与毕业生签名。事后拍照或扫描，由本站点在系统中补录。"
FOOT_ENGLISH = "Compare card and ID card; write the time, tick the result, both sign. Afterwards it is photographed and typed in."

_LEFT, _TOP, _FLOOR = 9 * mm, A4[1] - 37 * mm, 16 * mm
_ROW, _CODE = 24 * mm, 23 * mm
# Heading in both languages and width of each column.
_COLUMNS = (
    ("", "", 7 * mm), ("离校卡", "Card", 25 * mm), ("毕业生", "Graduate", 41 * mm), ("时间", "Time", 17 * mm),
    ("结果", "Result", 36 * mm), ("经办人签名", "Operator signs", 33 * mm), ("毕业生签名", "Graduate signs", 33 * mm),
)  # fmt: skip
_EDGES = [_LEFT + sum(width for *_, width in _COLUMNS[:place]) for place in range(len(_COLUMNS) + 1)]
A_PAGE = int((_TOP - _FLOOR) / _ROW)


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One graduate. `token` is the card's code, None for whoever holds no card that counts."""

    name: str
    number: str
    token: str | None


@dataclass(frozen=True, slots=True)
class DeskSheet:
    """What all rows have in common; `act` is how the step is done: clear or collect. `money`: an amount is written with it."""

    station: str
    step: str
    class_name: str
    about: str
    act: str
    money: bool = False

    def pdf(self, rows: Sequence[DeskRow]) -> bytes:
        """The sheet as a PDF of A4 pages, in the order given. ValueError for nobody."""
        if not rows:
            raise ValueError("there is nothing to print")
        out, sheet = new_document(f"{TITLE} {shown(self.class_name)}", A4)
        pages = [rows[start : start + A_PAGE] for start in range(0, len(rows), A_PAGE)]
        for number, page in enumerate(pages, start=1):
            self._heading(sheet, f"第 {number} 页，共 {len(pages)} 页")
            for place, row in enumerate(page):
                self._row(sheet, (number - 1) * A_PAGE + place + 1, row, _TOP - (place + 1) * _ROW)
            _lines(sheet, len(page))
            sheet.showPage()
        sheet.save()
        return out.getvalue()

    def _heading(self, sheet: Canvas, page: str) -> None:
        top, right, width = A4[1], _EDGES[-1], _EDGES[-1] - _LEFT
        set_text(sheet, _LEFT, top - 13 * mm, fit(f"{shown(self.step)} · {shown(self.station)}", width * 0.62, 15, 8), INK)
        about = fit(f"{shown(self.class_name)} · {shown(self.about)}", width * 0.72, 10, 6)
        set_text(sheet, _LEFT, top - 19 * mm, about, QUIET_INK)
        for text, size, y in ((TITLE, 11, 12.5), (TITLE_ENGLISH, 6.5, 15.8), (page, 8, 19.5)):
            set_text(sheet, right, top - y * mm, Setting(size, [""]), ACCENT if size == 11 else QUIET_INK)
            sheet.drawRightString(right, top - y * mm, text)
        dated = "日期 Date ______年____月____日        值班负责人 In charge ____________________"
        set_text(sheet, _LEFT, top - 26.5 * mm, Setting(9, [dated]), INK)
        for (chinese, english, _width), x in zip(_COLUMNS, _EDGES, strict=False):
            set_text(sheet, x + 1.5 * mm, _TOP + 4.6 * mm, Setting(8.5, [chinese]), INK)
            set_text(sheet, x + 1.5 * mm, _TOP + 1.6 * mm, Setting(6, [english]), QUIET_INK)
        set_text(sheet, _LEFT, 10.5 * mm, fit(FOOT, width, 7.5, 5), QUIET_INK)
        set_text(sheet, _LEFT, 7 * mm, fit(FOOT_ENGLISH, width, 6.5, 5), QUIET_INK)

    def _row(self, sheet: Canvas, number: int, row: DeskRow, y: float) -> None:
        middle = y + _ROW / 2
        set_text(sheet, _EDGES[0] + 1 * mm, middle - 1 * mm, Setting(8, [str(number)]), QUIET_INK)
        if row.token:
            draw_code(sheet, row.token, _EDGES[1] + 1 * mm, y + (_ROW - _CODE) / 2, _CODE)
        else:
            set_text(sheet, _EDGES[1] + 2 * mm, middle, Setting(7, ["无有效离校卡", "no valid card"]), QUIET_INK)
        width = _COLUMNS[2][2] - 3 * mm
        name_at = set_text(sheet, _EDGES[2] + 1.5 * mm, middle + 3 * mm, fit(shown(row.name), width, 13, 7, most_lines=2), INK)
        set_text(sheet, _EDGES[2] + 1.5 * mm, name_at - 0.5 * mm, fit(shown(row.number), width, 9.5, 6), INK)
        apart = 6.5 * mm if self.money else 4 * mm
        if self.money:
            set_text(sheet, _EDGES[4] + 1.5 * mm, middle, Setting(8, [AMOUNT]), INK)
        for act, at in ((self.act, middle + apart), ("hold", middle - apart)):
            sheet.setStrokeColor(INK)
            sheet.rect(_EDGES[4] + 1.5 * mm, at - 0.6 * mm, 3 * mm, 3 * mm)
            set_text(sheet, _EDGES[4] + 6 * mm, at, Setting(8, [RESULTS[act]]), INK)


def _lines(sheet: Canvas, rows: int) -> None:
    bottom = _TOP - rows * _ROW
    sheet.setStrokeColor(LINE)
    sheet.setLineWidth(0.5)
    for place in range(rows + 1):
        sheet.line(_LEFT, _TOP - place * _ROW, _EDGES[-1], _TOP - place * _ROW)
    for x in _EDGES:
        sheet.line(x, bottom, x, _TOP)
