"""A table as text: what an uploaded file comes to before anybody asks what its columns mean."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell whose text could not be had: `formula`, `error-value` or `digits-lost`. Rows count from 1, cells from 0."""

    row: int
    cell: int
    code: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of stripped cells; row 1 is the file's first line, so that numbers are those a spreadsheet shows."""

    rows: tuple[tuple[str, ...], ...]
    faults: tuple[Fault, ...] = ()


def folded(heading: str) -> str:
    """A heading reduced to what distinguishes it: width, case, spaces and marks such as `*` or `：` do not."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", heading).casefold() if sign.isalnum())
