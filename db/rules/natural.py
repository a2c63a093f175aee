"""The order in which people expect names with numbers: class 2 before class 10."""

from __future__ import annotations

import re


def natural(text: str) -> tuple[str | int, ...]:
    """A key to sort by: texts and numbers in turn, so that two keys always compare like with like."""
    return tuple(int(part) if at % 2 else part for at, part in enumerate(re.split(r"([0-9]+)", text)))
