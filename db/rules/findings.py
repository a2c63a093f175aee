"""Findings: what is odd about entries that count all the same, for a reviewer to read.

Like the fold, a pure function of the set of entries and the facts; findings come and go as entries arrive.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from db.rules.entry import ACTING, PORTAL, Entry
from db.rules.fold import Facts, Picture, fold
from db.rules.rights import Rights

CLOCK_MS = 600_000

Moments = Sequence[tuple[int, bool]]


class CardSpan(NamedTuple):
    """One generation of a card: when it was issued and, where it was, revoked. Epoch ms."""

    gen: int
    issued: int
    revoked: int | None = None


class ShiftSpan(NamedTuple):
    """One person's time at one tablet, as the portal recorded it. Epoch ms; `ended` is None while it lasts."""

    device: str
    operator: str
    began: int
    ended: int | None = None

    def holds(self, entry: Entry) -> bool:
        """Whether the entry was made in it. Clocks may differ by as much as goes unremarked."""
        if (entry.device, entry.operator) != (self.device, self.operator):
            return False
        return self.began - CLOCK_MS <= entry.corrected and (self.ended is None or entry.corrected <= self.ended + CLOCK_MS)


class ProxySpan(NamedTuple):
    """What one approval lets a proxy settle for this graduate, and when.

    Epoch ms; `ended` is the end of its last day, or the moment of what ended it before.
    """

    steps: frozenset[str]
    began: int
    ended: int


class Records(NamedTuple):
    """Facts that only findings need. `blocking` tells for each blocking step from when on it was settled or not.

    `shifts` are those that the entries name, by id (None: they are not to be judged); entries made before `shifts_since` are from a
    time in which tablets had none. `proxies` are this graduate's approvals that the entries name, by id (None: not to be judged).
    """

    cards: Sequence[CardSpan] = ()
    blocking: Mapping[str, Moments] = {}
    rights: Rights | None = None
    shifts: Mapping[str, ShiftSpan] | None = None
    shifts_since: int = 0
    proxies: Mapping[str, ProxySpan] | None = None


def findings(entries: Iterable[Entry], facts: Facts, records: Records) -> set[tuple[str, str]]:
    """Pairs of code and entry hash. The codes:

    `step-not-applicable`: an entry on a step that does not apply to this graduate.
    `clock-off`: the device's clock was more than 10 minutes away from the server's.
    `undo-without-effect`: no such entry here, not to be undone, too late, or by somebody who may not.
    `held-after-collected`: a hold by somebody who knew that the thing was handed over.
    `settled-without-supervisor`: a conflict ended by somebody who is not a supervisor; what stays in conflict is not ended.
    `collected-before-settled`: a blocking step was not settled when the thing was handed over.
    `card-replaced`, `card-revoked`: the card that was read was no longer the newest, or revoked, at that time.
    `proxy-unknown`: nobody approved this proxy for this graduate and step.
    `proxy-not-standing`: the approval was withdrawn, revoked, or outside its days at that time; a clock 10 minutes slow is none.
    `operator-without-right`: the operator's right at that station had ended before, or never was; on paper as on a tablet.
    `operator-without-shift`: a tablet's entry names no shift, an unknown one, somebody else's, or was made outside its time.
    """
    return findings_of(Picture(entries, facts), records)


def findings_of(picture: Picture, records: Records) -> set[tuple[str, str]]:
    """As `findings`, of entries that were looked at already."""
    found = {("undo-without-effect", h) for h in picture.vain_undos}
    if picture.facts.applies:
        found |= _of_collects(picture, records)
        found |= {("settled-without-supervisor", h) for h in picture.live if _settles_without_right(picture, h)}
    else:
        found |= {("step-not-applicable", h) for h, e in picture.entries.items() if e.act in ACTING}
    found |= {(code, h) for h, entry in picture.entries.items() for code in _of_entry(entry, records)}
    return found


def _of_entry(entry: Entry, records: Records) -> Iterable[str]:
    if abs(entry.offset) > CLOCK_MS:
        yield "clock-off"
    if entry.via == "scan" and entry.gen is not None and entry.proxy is None and entry.act != "refuse":
        if any(card.gen > entry.gen and card.issued <= entry.corrected for card in records.cards):
            yield "card-replaced"
        elif any(card.gen == entry.gen and card.revoked is not None and card.revoked <= entry.corrected for card in records.cards):
            yield "card-revoked"
    if entry.proxy is not None and entry.act != "refuse" and records.proxies is not None:
        span = records.proxies.get(entry.proxy)
        if span is None or entry.step not in span.steps:
            yield "proxy-unknown"
        elif not span.began - CLOCK_MS <= entry.corrected < span.ended:
            yield "proxy-not-standing"
    if entry.device == PORTAL and entry.via != "paper":
        return
    if records.rights is not None and not records.rights.had_right(entry.operator, entry.station or "", entry.corrected):
        yield "operator-without-right"
    if entry.device != PORTAL and records.shifts is not None and entry.corrected >= records.shifts_since:
        shift = records.shifts.get(entry.shift or "")
        if shift is None or not shift.holds(entry):
            yield "operator-without-shift"


def _of_collects(picture: Picture, records: Records) -> set[tuple[str, str]]:
    if not picture.collects:
        return set()
    found = {("held-after-collected", h) for h in picture.head_holds if picture.seen_by(h) >= picture.collects.keys()}
    for h, entry in picture.collects.items():
        if not all(_settled_at(moments, entry.corrected) for moments in records.blocking.values()):
            found.add(("collected-before-settled", h))
    return found


def _settled_at(moments: Moments, at: int) -> bool:
    settled = False
    for moment, is_settled in moments:
        if moment > at:
            break
        settled = is_settled
    return settled


def _settles_without_right(picture: Picture, hash_: str) -> bool:
    entry = picture.live[hash_]
    # Two that disagree and this one. All entries count: what it had seen does not change when one of them is undone later.
    # Whoever leaves a conflict behind has settled nothing: what was handed over twice is ended by undoing alone.
    if len(picture.entries) < 3 or picture.facts.supervises(entry.operator, entry.corrected):
        return False
    seen = [picture.entries[h] for h in picture.seen_by(hash_) - {hash_}]
    return fold(seen, picture.facts).conflict is not None and fold([*seen, entry], picture.facts).conflict is None
