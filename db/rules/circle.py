"""Circles: to whom a step applies, written as an expression over the flags that a plan declares.

`all` is everybody; `party` those with the flag; `!delayed` those without it; `&` binds closer than `|`:
`departed & !delayed`, `party | league`. There are no brackets: a list of alternatives is all that plans have needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

EVERYBODY = "all"
_TERM = re.compile(r"(!?)\s*([a-z][a-z0-9-]*)\Z")


class CircleError(ValueError):
    """The expression cannot be read; `args[0]` is the part that could not."""


@dataclass(frozen=True)
class Circle:
    """A parsed expression. `clauses` are alternatives; in each all (flag, wanted) must hold, in the order written."""

    text: str
    clauses: tuple[tuple[tuple[str, bool], ...], ...]

    @property
    def flags(self) -> frozenset[str]:
        """Every flag the expression names."""
        return frozenset(flag for clause in self.clauses for flag, _ in clause)

    @property
    def everybody(self) -> bool:
        """True when it holds for any flags at all because one alternative asks for nothing."""
        return any(not clause for clause in self.clauses)

    @property
    def nobody(self) -> bool:
        """True when every alternative wants a flag and its opposite."""
        return all(any((flag, not wanted) in clause for flag, wanted in clause) for clause in self.clauses)

    def holds(self, flags: frozenset[str]) -> bool:
        """Whether a graduate with exactly these flags is in the circle."""
        return any(all((flag in flags) == wanted for flag, wanted in clause) for clause in self.clauses)


def parse(text: str) -> Circle:
    """Read an expression; raises CircleError. `all` adds nothing to a clause; `!all` is refused."""
    return Circle(text, tuple(_clause(part) for part in text.split("|")))


def _clause(text: str) -> tuple[tuple[str, bool], ...]:
    terms: dict[tuple[str, bool], None] = {}
    for part in text.split("&"):
        found = _TERM.match(part.strip())
        if not found or (found[1] and found[2] == EVERYBODY):
            raise CircleError(part.strip() or text.strip() or text)
        if found[2] != EVERYBODY:
            terms[found[2], not found[1]] = None
    return tuple(terms)
