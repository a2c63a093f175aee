"""The oracle: what the ledger must say about a graduate's step, read off the protocol's page to the letter.

Slow, plain and written independently of `db/`: sets and definitions, in the page's own order and words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bench.day.signed import Made

ACTING = {"clear", "hold", "collect", "submit", "return", "waive", "reopen"}
STATE = {"clear": "cleared", "collect": "collected", "hold": "held", "submit": "submitted", "waive": "waived",
         "return": "open", "reopen": "open"}  # fmt: skip
LEAST_PERMISSIVE_FIRST = ("held", "open", "submitted", "cleared", "waived")
SETTLED = {"not-applicable", "cleared", "collected", "waived"}
TWO_MINUTES = 120_000


@dataclass(frozen=True)
class Facts:
    """What the records say. `supervisors`: staff id to the moment (epoch ms) from which the right is gone, None while it holds."""

    applies: bool
    awaits_list: bool
    supervisors: Mapping[str, int | None]

    def supervises(self, entry: Made) -> bool:
        """Whether the operator was a supervisor at any time since this entry was made."""
        operator = entry.payload["operator"]
        if operator not in self.supervisors:
            return False
        gone = self.supervisors[operator]
        return gone is None or gone > entry.corrected


@dataclass(frozen=True)
class Verdict:
    """A step's state as the rules define it, with what led there. `as_of` in epoch ms."""

    state: str
    as_of: int | None = None
    by: str | None = None
    reason: str | None = None
    conflict: str | None = None
    heads: tuple[str, ...] = ()
    live: tuple[Made, ...] = field(default=(), compare=False, repr=False)
    vain: tuple[Made, ...] = field(default=(), compare=False, repr=False)
    seen: Mapping[str, set[str]] = field(default_factory=dict, compare=False, repr=False)


def judge(entries: Collection[Made], facts: Facts) -> Verdict:
    """The state, conflict and heads of one (student, step) over all its stored, not quarantined entries."""
    seen = who_has_seen_whom(entries)
    live, vain = what_is_live(entries, facts)
    heads = [a for a in live if not any(a.hash in seen[b.hash] for b in live if b is not a)]
    state, deciding, conflict = _state(live, heads, seen, facts)
    as_of, by, reason = _earliest(deciding) if deciding else (None, None, None)
    names = tuple(sorted(head.hash for head in heads))
    return Verdict(state, as_of, by, reason, conflict, names, tuple(live), tuple(vain), seen)


def _state(
    live: Sequence[Made], heads: Sequence[Made], seen: Mapping[str, set[str]], facts: Facts
) -> tuple[str, Sequence[Made], str | None]:
    """State, the entries that decide it, and the conflict."""
    if not facts.applies:
        return "not-applicable", (), None
    collects = [entry for entry in live if entry.payload["act"] == "collect"]
    if collects:
        return "collected", collects, _conflict_of_collects(collects, heads, seen)
    if not heads:
        return "unknown" if facts.awaits_list else "open", (), None
    acts = {head.payload["act"] for head in heads}
    states = {STATE[act] for act in acts}
    if len(states) == 1:  # one act, or `return` with `reopen`
        return states.pop(), heads, None
    if acts == {"clear", "waive"}:
        return "cleared", heads, None
    state = next(each for each in LEAST_PERMISSIVE_FIRST if each in states)
    as_strict = {state, "waived"} if state == "cleared" else {state}
    deciding = [head for head in heads if STATE[head.payload["act"]] in as_strict]
    return state, deciding, "-vs-".join(sorted(acts))


def who_has_seen_whom(entries: Collection[Made]) -> dict[str, set[str]]:
    """By hash, the hashes of everything that an entry has seen: by `saw`, by an earlier seq of its device, or through others."""
    seen = {b.hash: {a.hash for a in entries if a is not b and _directly(a, b)} for b in entries}
    growing = len(entries) > 2
    while growing:
        growing = False
        for known in seen.values():
            further = set().union(*(seen[hash_] for hash_ in known)) - known
            if further:
                known |= further
                growing = True
    return seen


def what_is_live(entries: Collection[Made], facts: Facts) -> tuple[list[Made], list[Made]]:
    """Acting entries that no undo removes, and the undos that remove nothing."""
    removed: set[str] = set()
    vain = []
    for undo in entries:
        if undo.payload["act"] != "undo":
            continue
        named = [entry for entry in entries if entry.payload["id"] == undo.payload["target"]]
        hit = [entry for entry in named if entry.payload["act"] in ACTING and _may(undo, entry, facts)]
        removed |= {entry.hash for entry in hit}
        if not hit:
            vain.append(undo)
    return [e for e in entries if e.payload["act"] in ACTING and e.hash not in removed], vain


def _may(undo: Made, target: Made, facts: Facts) -> bool:
    own = undo.payload["operator"] == target.payload["operator"] and abs(undo.corrected - target.corrected) <= TWO_MINUTES
    return own or facts.supervises(undo)


def _directly(a: Made, b: Made) -> bool:
    if a.hash in b.payload["saw"]:
        return True
    device = a.payload["device"]
    return device == b.payload["device"] != "portal" and a.payload["seq"] < b.payload["seq"]


def _conflict_of_collects(collects: Sequence[Made], heads: Sequence[Made], seen: Mapping[str, set[str]]) -> str | None:
    if len(collects) > 1:
        return "collected-twice"
    holds = (head for head in heads if head.payload["act"] == "hold")
    return "collected-while-held" if any(not seen_all(hold, collects, seen) for hold in holds) else None


def seen_all(entry: Made, others: Collection[Made], seen: Mapping[str, set[str]]) -> bool:
    return all(other.hash in seen[entry.hash] for other in others)


def _earliest(entries: Sequence[Made]) -> tuple[int, str, str | None]:
    """`as_of`, `by` and `reason` of the earliest by corrected time, then id, then hash."""
    first = min(entries, key=lambda entry: (entry.corrected, entry.payload["id"], entry.hash))
    return first.corrected, first.payload["operator"], first.payload["reason"]
