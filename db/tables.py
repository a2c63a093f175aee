"""Read a table that somebody uploaded: CSV in the encodings that offices here use, or XLSX. Nothing in it is evaluated.

A workbook is read by a process of its own (`db/workbook_alone.py`): few bytes of one can unpack to more than this machine has.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from db import alone, workbook_alone
from db.refusals import Invalid, Refusal, TooLarge
from db.rules.table import Fault, Table
from db.workbook_alone import FAULTS, MOST_BYTES, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, MOST_UNPACKED

SECONDS = 30
"""A workbook's time, its process's start included. One that waits gives up after as long."""
MOST_READ = 32 * 2**20
_places = alone.Places(1, 2, SECONDS, "tables-busy")


def read_table(content: bytes) -> Table:
    """The first sheet of an XLSX file, or a CSV file in UTF-8, UTF-16 or GB18030, as text cell by cell.

    Which of the two it is shows in the content, whatever the file is called. Raises TooLarge for more than 10 MiB, 20,000 rows or a
    workbook's 600,000 cells, Invalid for what is neither or takes too much time or memory; columns after the 64th are not read.
    Unavailable("tables-busy") while too many workbooks wait. A workbook takes some seconds: never call it in a transaction.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge("table-too-large", most=MOST_BYTES // 2**20)
    rows, faults = _workbook(content) if content.startswith(b"PK\x03\x04") else (list(islice(_csv(content), MOST_ROWS + 2)), ())
    if len(rows) > MOST_ROWS + 1:
        raise TooLarge("too-many-rows", most=MOST_ROWS)
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise Invalid(code="table-empty")
    return Table(tuple(rows), tuple(faults))


def _csv(content: bytes) -> Iterator[tuple[str, ...]]:
    text = _decode(content)
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",\t;", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            yield tuple(cell.strip() for cell in row[:MOST_COLUMNS])
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


def _workbook(content: bytes) -> tuple[list[tuple[str, ...]], list[Fault]]:
    with _places.one():
        status, out = alone.run(_command(), content, SECONDS, MOST_READ)
    if status == 1:
        raise _refusal(out.decode("ascii", "replace"))
    if status != 0 or len(out) > MOST_READ:
        raise Invalid(code="table-too-heavy")
    try:
        rows, faults = json.loads(out)
        return [tuple(map(_is_text, row)) for row in rows], [_fault(*fault) for fault in faults]
    except (TypeError, ValueError) as error:
        raise Invalid(code="table-unreadable") from error


def _is_text(cell: Any) -> str:
    if not isinstance(cell, str):
        raise TypeError
    return cell


def _fault(row: int, cell: int, code: str) -> Fault:
    if code not in FAULTS:
        raise ValueError
    return Fault(int(row) + 1, int(cell), code)


@cache
def _command() -> list[str]:
    return alone.command(workbook_alone.__file__, ("openpyxl", "et_xmlfile"))


def _refusal(told: str) -> Refusal:
    """What the process told; nothing is believed that it should not be able to say."""
    if told == "table-unpacks-too-large":
        return TooLarge("table-too-large", most=MOST_UNPACKED // 2**20)
    if told == "too-many-cells":
        return TooLarge(told, most=MOST_CELLS)
    # Whatever a damaged file makes the reader raise means the same to the one who uploaded it.
    return Invalid(code=told if told == "table-too-heavy" else "table-unreadable")
