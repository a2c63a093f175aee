"""Reads the first sheet of one untrusted XLSX file, in a process of its own. Run by `db.tables`, imported for its numbers.

Standard input is the file; standard output, in JSON, its rows of text and what could not be taken as text. See `db/confined.py`.
"""

from __future__ import annotations

import codecs
import io
import json
import sys
import warnings
import zipfile
from datetime import date, datetime, time
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = sys.argv[1:]  # nothing else says where packages are
    sys.modules.update({"numpy": None, "lxml": None, "PIL": None})  # type: ignore[dict-item]  # larger than the file's share

from db import confined
from db.confined import Refused

MEMORY = 256 * 2**20
SECONDS = 15
MOST_BYTES = 10 * 2**20
MOST_UNPACKED = 150 * 2**20
MOST_ROWS = 20_000
MOST_COLUMNS = 64
MOST_CELLS = 600_000
"""Cells with something in them: 4,883 graduates of 30 columns are 146,490."""
FAULTS = ("formula", "error-value", "digits-lost")
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number; what is longer has lost its end

Fault = tuple[int, int, str]
"""Row and cell, both from 0, and one of FAULTS."""


def main() -> int:
    """Read standard input to standard output."""
    return confined.serve(_answer, MOST_BYTES, MEMORY, SECONDS, "table")


def read(content: bytes) -> tuple[list[list[str]], list[Fault]]:
    """Rows as text, without what is empty at a row's end, and faults. One row more than MOST_ROWS below the headings is read."""
    import openpyxl  # half a second

    codecs.lookup("cp437")  # of names in archives; loaded now, since nothing can be loaded later
    if __name__ == "__main__":
        confined.shut()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
            raise Refused("table-unpacks-too-large")
    with warnings.catch_warnings(action="ignore"):
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()
        return _taken(sheet.iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS + 2))


def _answer(content: bytes) -> bytes:
    return json.dumps(read(content), ensure_ascii=False, separators=(",", ":")).encode()


def _taken(found: Any) -> tuple[list[list[str]], list[Fault]]:
    rows: list[list[str]] = []
    faults: list[Fault] = []
    filled = 0
    for number, cells in enumerate(found):
        row = [_text(cell.value, cell.data_type) for cell in cells]
        here = [(number, index, text) for index, (text, fault) in enumerate(row) if fault]
        while row and not row[-1][0]:
            row.pop()
        filled += len(row) + len(here)
        if filled > MOST_CELLS:
            raise Refused("too-many-cells")
        faults += here
        rows.append([text if not fault else "" for text, fault in row])
    return rows, faults


def _text(value: Any, kind: str) -> tuple[str, bool]:
    """The cell's text, or the code of why there is none and True."""
    if value is None:
        return "", False
    if kind in ("f", "e"):
        return ("formula" if kind == "f" else "error-value"), True
    if isinstance(value, bool):
        return str(int(value)), False
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            return "digits-lost", True
        return str(int(value)) if value == int(value) else repr(value), False
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, datetime | date | time):
        return value.isoformat(), False
    return str(value).strip(), False


if __name__ == "__main__":
    sys.exit(main())
