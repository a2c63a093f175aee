"""How a conflict can be ended, and what each way would make of the step. Pure.

What people decided differently is ended by a decision made knowing all of it; what was handed over twice, or over somebody's hold,
by taking back what does not count, or by saying that both are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from db.rules.decision import ACTS
from db.rules.entry import PORTAL, Entry
from db.rules.fold import Cell, Picture

UNDO = "undo"


class Choice(NamedTuple):
    """One way out. `act` is the entry to be made, once for each of `targets` (hashes) where it is an undo.

    `cell` is what the step would be then.
    """

    act: str
    targets: tuple[str, ...]
    cell: Cell

    @property
    def name(self) -> str:
        """What a form sends: the act, or the undo with what it takes back."""
        return ".".join((self.act, *self.targets))


def choices(picture: Picture, how: str, operator: str, at: int) -> tuple[Choice, ...]:
    """The ways to end the conflict, for a reviewer at that moment; none where there is no conflict."""
    conflict = picture.cell.conflict
    if conflict is None:
        return ()
    if conflict == "collected-twice":
        collects = sorted(picture.collects)
        ways = [(UNDO, tuple(other for other in collects if other != kept)) for kept in collects]
    elif conflict == "collected-while-held":
        ways = [("reopen", ()), (UNDO, _holds_in_the_way(picture, operator, at)), (UNDO, tuple(sorted(picture.collects)))]
    else:
        ways = [(act, ()) for act in ACTS if act != "clear" or how != "collect"]
    return tuple(Choice(act, targets, _after(picture, act, targets, operator, at).cell) for act, targets in ways)


def sides(picture: Picture) -> frozenset[str]:
    """The hashes of the entries that stand against one another."""
    conflict = picture.cell.conflict
    if conflict == "collected-twice":
        return frozenset(picture.collects)
    if conflict == "collected-while-held":
        return frozenset(picture.collects) | _blind(picture)
    return frozenset(picture.heads) if conflict else frozenset()


def made_already(
    entries: Iterable[Entry], operator: str, choice: str, saw: Sequence[str], reason: str | None, amount: int | None
) -> bool:
    """Whether this very settlement is among the entries: a form that was sent twice."""
    act, *targets = choice.split(".")
    known = list(entries)
    own = [e for e in known if (e.device, e.operator, e.act) == (PORTAL, operator, act) and set(e.saw) == set(saw)]
    own = [e for e in own if reason in (None, e.reason) and amount in (None, e.amount)]
    if act != UNDO:
        return bool(own) and not targets
    wanted = {e.id for e in known if e.hash in targets}
    return bool(targets) and len(wanted) == len(targets) and wanted <= {e.target for e in own}


def _blind(picture: Picture) -> set[str]:
    """The head holds that did not know of everything that was handed over."""
    return {h for h in picture.head_holds if not picture.seen_by(h) >= picture.collects.keys()}


def _holds_in_the_way(picture: Picture, operator: str, at: int) -> tuple[str, ...]:
    """The holds to take back: those that did not know, and whichever come back to the top when these are gone."""
    targets: set[str] = set()
    while more := _blind(_after(picture, UNDO, tuple(sorted(targets)), operator, at) if targets else picture) - targets:
        targets |= more
    return tuple(sorted(targets))


def _after(picture: Picture, act: str, targets: tuple[str, ...], operator: str, at: int) -> Picture:
    ids: list[str | None] = [picture.entries[hash_].id for hash_ in targets]
    made = [
        Entry(f"new {n}", f"new {n}", PORTAL, None, act, operator, at, saw=tuple(picture.heads), target=id_)
        for n, id_ in enumerate(ids or [None])
    ]
    return Picture([*picture.entries.values(), *made], picture.facts)
