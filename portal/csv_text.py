"""Tables as CSV that spreadsheets open as they are meant: Chinese readable, and no cell ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from portal import rehearsal


def csv_text(headings: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """The table as text that begins with a byte order mark: without it the usual spreadsheet reads Chinese wrongly."""
    return "".join(csv_lines(headings, rows))


def csv_lines(headings: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The same, line by line: for tables too long to lie in memory."""
    yield "\ufeff" + _line(rehearsal.mark_row(headings))
    for row in map(rehearsal.mark_row, rows):
        yield _line(tuple(map(_harmless, row)))


def _line(cells: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _harmless(cell: object) -> str:
    """A cell that a spreadsheet takes as text, not as a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
