"""Tables as XLSX: text stays text, whatever it begins with, money is a number, and pictures stand in their cell."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from PIL import Image

from portal import rehearsal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROW_POINTS, _PICTURE = 36, (130, 46)  # a row with a picture: its height, and the picture's size in pixels


def workbook(
    title: str,
    headings: Sequence[object],
    rows: Iterable[Sequence[object]],
    pictures: Mapping[tuple[int, int], Image.Image] | None = None,
) -> bytes:
    """One sheet with a head that stays in sight. A `Decimal` is money in yuan.

    `pictures`: by row and column of the table, both from 0.
    """
    from openpyxl import Workbook  # half a second to import, and most processes never write a workbook
    from openpyxl.drawing.image import Image as Picture
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    if rehearsal.running():
        title = f"{rehearsal.WORDS} {title}"
        sheet.oddHeader.center.text = rehearsal.WORDS  # on every printed page
    sheet.title = "".join(sign for sign in title if sign not in "[]:*?/\\")[:31] or "1"
    widths = [len(str(heading)) for heading in rehearsal.mark_row(headings)]
    for line, row in enumerate(map(rehearsal.mark_row, [headings, *rows]), 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(line, column)
            if isinstance(value, Decimal):
                cell.value, cell.number_format = value, "#,##0.00"
            elif isinstance(value, int):
                cell.value = value
            else:
                cell.value, cell.data_type = _on_one_line(str(value)), "s"  # never a formula
            widths[column - 1] = max(widths[column - 1], sum(2 if ord(sign) > 0x2E80 else 1 for sign in str(value)))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for column, wide in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = min(max(wide + 2, 8), 40)
    for (at_row, at_column), picture in (pictures or {}).items():
        place = f"{get_column_letter(at_column + 1)}{at_row + 2}"
        content = io.BytesIO()
        picture.save(content, "PNG")
        drawn = Picture(content)
        scale = min(_PICTURE[0] / picture.width, _PICTURE[1] / picture.height)
        drawn.width, drawn.height = round(picture.width * scale), round(picture.height * scale)
        sheet.add_image(drawn, place)
        sheet.row_dimensions[at_row + 2].height = _ROW_POINTS
        sheet.column_dimensions[get_column_letter(at_column + 1)].width = 20
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _on_one_line(text: str) -> str:
    """Line breaks and other blanks as spaces, so that words stay apart; without signs that cannot be printed."""
    signs = text.replace("\r\n", "\n")
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "" for sign in signs)
