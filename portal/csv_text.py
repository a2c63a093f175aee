"""Tables as CSV that spreadsheets open as they are meant: Chinese readable, and no cell ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def csv_text(headings: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """The table as text that begins with a byte order mark: without it the usual spreadsheet reads Chinese wrongly."""
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows(tuple(map(_harmless, row)) for row in rows)
    return out.getvalue()


def _harmless(cell: object) -> str:
    """A cell that a spreadsheet takes as text, not as a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
