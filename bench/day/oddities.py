"""The oracle's findings: what is odd and counts all the same, read off the protocol's page (docs/wire.md, docs/rules.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from bench.day.college import Proxy
from bench.day.oracle import ACTING, SETTLED, Facts, Verdict, judge, seen_all
from bench.day.signed import Made

TEN_MINUTES = 600_000
JUDGED = frozenset((
    "undo-without-effect", "clock-off", "held-after-collected", "settled-without-supervisor", "collected-before-settled",
    "card-replaced", "card-revoked", "step-not-applicable", "operator-without-right",
    "operator-without-shift", "proxy-unknown", "proxy-not-standing",
))  # fmt: skip
"""The codes this oracle knows; the portal may know more."""

Cards = Sequence[tuple[int, int, int | None]]
"""A graduate's card generations: number, when issued, when revoked (or None)."""


Shift = tuple[str, str, int, int | None]
"""Device, operator, when it began and when it ended (None: it lasts)."""


class Around(NamedTuple):
    """What findings need beside one step's entries. `blocking` are the entries and facts of the steps that block it; `right_until`
    answers when the right of (operator, station) ended: None never, 0 there was none; `shifts`
    tell by id who worked where, and from when to when (None: it lasts); `proxies` are this graduate's approvals, by id."""

    blocking: Sequence[tuple[Sequence[Made], Facts]]
    cards: Cards
    right_until: Callable[[str, str], int | None]
    shifts: Mapping[str, Shift]
    proxies: Mapping[str, Proxy]


def oddities(entries: Sequence[Made], facts: Facts, verdict: Verdict, around: Around) -> set[tuple[str, str]]:
    """(code, hash) of everything odd about these entries."""
    found = {("undo-without-effect", undo.hash) for undo in verdict.vain}
    for entry in entries:
        found |= {(code, entry.hash) for code in _of_one(entry, around)}
    if not facts.applies:
        return found | {("step-not-applicable", e.hash) for e in entries if e.payload["act"] in ACTING}
    collects = [entry for entry in verdict.live if entry.payload["act"] == "collect"]
    for entry in verdict.live:
        if _holds_what_is_gone(entry, collects, verdict):
            found.add(("held-after-collected", entry.hash))
        if not facts.supervises(entry) and _settles(entry, entries, facts, verdict.seen):
            found.add(("settled-without-supervisor", entry.hash))
    for collect in collects:
        if any(not _settled_by(collect.corrected, *blocking) for blocking in around.blocking):
            found.add(("collected-before-settled", collect.hash))
    return found


def _of_one(entry: Made, around: Around) -> Iterable[str]:
    payload = entry.payload
    if abs(payload["offset"]) > TEN_MINUTES:
        yield "clock-off"
    card = payload["card"] or {}
    if payload["proxy"] is not None and payload["act"] != "refuse":
        approval = around.proxies.get(payload["proxy"])
        if approval is None or payload["step"] not in approval.steps:
            yield "proxy-unknown"
        elif not approval.began - TEN_MINUTES <= entry.corrected < approval.over:
            yield "proxy-not-standing"
    elif card.get("via") == "scan" and payload["act"] != "refuse":
        newest = max((gen for gen, issued, _ in around.cards if issued <= entry.corrected), default=0)
        if newest > card["gen"]:
            yield "card-replaced"
        elif any(gen == card["gen"] and gone is not None and gone <= entry.corrected for gen, _, gone in around.cards):
            yield "card-revoked"
    if payload["device"] != "portal":
        until = around.right_until(payload["operator"], payload["station"])
        if until is not None and until <= entry.corrected:
            yield "operator-without-right"
        if not _within(entry, around.shifts.get(payload["shift"])):
            yield "operator-without-shift"


def _within(entry: Made, shift: Shift | None) -> bool:
    """Whether the entry was made in this shift, give or take ten minutes, by the one whose it is, where it was."""
    if shift is None or shift[:2] != (entry.payload["device"], entry.payload["operator"]):
        return False
    _, _, began, ended = shift
    return began - TEN_MINUTES <= entry.corrected and (ended is None or entry.corrected <= ended + TEN_MINUTES)


def _holds_what_is_gone(entry: Made, collects: Sequence[Made], verdict: Verdict) -> bool:
    """A head hold by somebody who had seen every live collect."""
    is_head_hold = entry.hash in verdict.heads and entry.payload["act"] == "hold"
    return bool(collects) and is_head_hold and seen_all(entry, collects, verdict.seen)


def _settles(entry: Made, entries: Sequence[Made], facts: Facts, seen: Mapping[str, set[str]]) -> bool:
    """Whether what this entry had seen was in conflict, and with this entry is no more."""
    known = [other for other in entries if other.hash in seen[entry.hash]]
    return len(known) > 1 and judge(known, facts).conflict is not None and judge([*known, entry], facts).conflict is None


def _settled_by(at: int, entries: Sequence[Made], facts: Facts) -> bool:
    """Whether a step was settled at that moment, by corrected times."""
    return judge([entry for entry in entries if entry.corrected <= at], facts).state in SETTLED
