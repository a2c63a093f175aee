"""Read a table that somebody uploaded: CSV in the encodings that offices here use, or XLSX. Nothing in it is evaluated."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from db.refusals import Invalid, Refusal, TooLarge
from db.rules.table import Fault, Table

MOST_BYTES = 10 * 2**20
MOST_UNPACKED = 150 * 2**20
MOST_ROWS = 20_000
MOST_COLUMNS = 64
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number; what is longer has lost its end


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    fault: str | None = None


def read_table(content: bytes) -> Table:
    """The first sheet of an XLSX file, or a CSV file in UTF-8, UTF-16 or GB18030, as text cell by cell.

    Which of the two it is shows in the content, whatever the file is called. Raises TooLarge for more than 10 MiB or
    20,000 rows, Invalid for what is neither; columns after the 64th are not read.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge("table-too-large", most=MOST_BYTES // 2**20)
    rows: list[tuple[str, ...]] = []
    faults: list[Fault] = []
    for number, cells in enumerate(_xlsx(content) if content.startswith(b"PK\x03\x04") else _csv(content), start=1):
        if number > MOST_ROWS + 1:
            raise TooLarge("too-many-rows", most=MOST_ROWS)
        faults += (Fault(number, index, cell.fault) for index, cell in enumerate(cells) if cell.fault)
        rows.append(tuple(cell.text for cell in cells))
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise Invalid(code="table-empty")
    return Table(tuple(rows), tuple(faults))


def _csv(content: bytes) -> Iterator[list[_Cell]]:
    text = _decode(content)
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",\t;", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            yield [_Cell(cell.strip()) for cell in row[:MOST_COLUMNS]]
    except csv.Error as error:
        raise Invalid(code="table-unreadable") from error


def _decode(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(code="table-encoding")


def _xlsx(content: bytes) -> list[list[_Cell]]:
    import openpyxl  # half a second to import, and most processes never read a workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise TooLarge("table-too-large", most=MOST_UNPACKED // 2**20)
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            sheet: Any = book.worksheets[0]
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS + 2)
            return [_trimmed([_cell(cell.value, cell.data_type) for cell in row]) for row in rows]
    except Refusal:
        raise
    except Exception as error:
        # Whatever a damaged or hostile file makes the reader raise, to the one who uploaded it means the same.
        raise Invalid(code="table-unreadable") from error


def _trimmed(cells: list[_Cell]) -> list[_Cell]:
    while cells and not cells[-1].text and not cells[-1].fault:
        cells.pop()
    return cells


def _cell(value: Any, kind: str) -> _Cell:
    if value is None:
        return _Cell("")
    if kind == "f":
        return _Cell("", "formula")
    if kind == "e":
        return _Cell("", "error-value")
    if isinstance(value, bool):
        return _Cell("1" if value else "0")
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            return _Cell("", "digits-lost")
        return _Cell(str(int(value)) if value == int(value) else repr(value))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, datetime | date | time):
        return _Cell(value.isoformat())
    return _Cell(str(value).strip())
