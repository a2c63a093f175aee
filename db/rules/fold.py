"""The fold: what a set of entries says about one graduate and one step (docs/rules.md, fold).

Pure: the order of the entries, repetition, batching and the way they came do not matter, and no set of entries makes it fail.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from db.rules.entry import ACTING, PORTAL, Entry

UNDO_MS = 120_000

STATE_OF = {
    "clear": "cleared",
    "collect": "collected",
    "hold": "held",
    "submit": "submitted",
    "waive": "waived",
    "return": "open",
    "reopen": "open",
}
# The least permissive first. A waiver permits what a clearance permits.
_STRICTNESS = {"held": 0, "open": 1, "submitted": 2, "cleared": 3, "waived": 3, "collected": 4}
_AGREEING = {frozenset(("clear", "waive")): "cleared", frozenset(("return", "reopen")): "open"}

SETTLED = frozenset(("not-applicable", "cleared", "collected", "waived"))


class Facts(NamedTuple):
    """What the records say. `supervisors` maps a staff id to the end of the right in epoch ms (None: it has not ended)."""

    applies: bool = True
    awaits_list: bool = False
    supervisors: Mapping[str, int | None] = {}

    def supervises(self, operator: str, at: int) -> bool:
        """Whether `operator` was a supervisor at any time since the moment `at`."""
        if operator not in self.supervisors:
            return False
        until = self.supervisors[operator]
        return until is None or until > at


class Cell(NamedTuple):
    """One graduate's standing with one step. `as_of` in epoch ms; `heads` sorted."""

    state: str
    as_of: int | None = None
    by: str | None = None
    reason: str | None = None
    conflict: str | None = None
    heads: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        return self.state in SETTLED


def fold(entries: Iterable[Entry], facts: Facts) -> Cell:
    """The cell that a set of entries and the facts make."""
    return Picture(entries, facts).cell


class Picture:
    """A set of entries looked at together: who has seen whom, what was undone, what is live.

    `removed` are hashes of what undos took back, `vain_undos` those of undos that took nothing back; `live`, `heads` and
    `collects` are entries by hash, as docs/rules.md names them.
    """

    def __init__(self, entries: Iterable[Entry], facts: Facts) -> None:
        self.facts = facts
        self.entries = {entry.hash: entry for entry in entries}
        self._sight: dict[str, set[str]] | None = None
        self.removed, self.vain_undos = self._undone()
        self.live = {h: e for h, e in self.entries.items() if e.act in ACTING and h not in self.removed}
        self.collects = {h: e for h, e in self.live.items() if e.act == "collect"}
        self.heads = self._find_heads()
        self.cell = self._fold()

    def seen_by(self, *hashes: str) -> set[str]:
        """Every hash that these entries have seen, directly or through others."""
        if self._sight is None:
            self._sight = self._direct_sight()
        reached: set[str] = set()
        waiting = list(hashes)
        while waiting:
            new = self._sight[waiting.pop()] - reached
            reached |= new
            waiting += new
        return reached

    @property
    def head_holds(self) -> list[str]:
        return [h for h, e in self.heads.items() if e.act == "hold"]

    def _direct_sight(self) -> dict[str, set[str]]:
        """For each hash, the hashes its entry names in `saw`, or follows on its device."""
        known = self.entries
        sight = {h: {s for s in e.saw if s in known and s != h} for h, e in known.items()}
        by_device: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for h, e in known.items():
            if e.device != PORTAL and e.seq is not None:
                by_device[e.device][e.seq].append(h)
        for rows in by_device.values():
            earlier: list[str] = []
            for seq in sorted(rows):
                for h in rows[seq]:
                    sight[h].update(earlier)
                earlier = rows[seq]
        return sight

    def _find_heads(self) -> dict[str, Entry]:
        """Live entries that no other live entry has seen."""
        if len(self.live) < 2:
            return self.live
        seen = self.seen_by(*self.live)
        # An entry that is reached may have been reached by itself alone, in a ring that only a dishonest device can sign.
        return {h: e for h, e in self.live.items() if h not in seen or self._only_by_itself(h)}

    def _only_by_itself(self, hash_: str) -> bool:
        if hash_ not in self.seen_by(hash_):
            return False
        return not any(hash_ in self.seen_by(other) for other in self.live if other != hash_)

    def _fold(self) -> Cell:
        hashes = tuple(sorted(self.heads))
        if not self.facts.applies:
            return Cell("not-applicable", heads=hashes)
        if self.collects:
            return _cell("collected", self.collects.values(), self._collect_conflict(), hashes)
        if not self.heads:
            return Cell("unknown" if self.facts.awaits_list else "open")
        acts = frozenset(e.act for e in self.heads.values())
        state = STATE_OF[next(iter(acts))] if len(acts) == 1 else _AGREEING.get(acts)
        if state is not None:
            return _cell(state, self.heads.values(), None, hashes)
        state = min((STATE_OF[act] for act in acts), key=lambda s: _STRICTNESS[s])
        deciding = [e for e in self.heads.values() if STATE_OF[e.act] == state]
        return _cell(state, deciding, "-vs-".join(sorted(acts)), hashes)

    def _collect_conflict(self) -> str | None:
        if len(self.collects) > 1:
            return "collected-twice"
        if any(not self.seen_by(h) >= self.collects.keys() for h in self.head_holds):
            return "collected-while-held"
        return None

    def _undone(self) -> tuple[set[str], set[str]]:
        """Hashes that undos remove, and hashes of undos that remove nothing."""
        removed: set[str] = set()
        vain: set[str] = set()
        undos = [entry for entry in self.entries.values() if entry.act == "undo"]
        if not undos:
            return removed, vain
        by_id: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            by_id[entry.id].append(entry)
        for undo in undos:
            targets = [t for t in by_id.get(undo.target or "", ()) if self._may_undo(undo, t)]
            removed.update(target.hash for target in targets)
            if not targets:
                vain.add(undo.hash)
        return removed, vain

    def _may_undo(self, undo: Entry, target: Entry) -> bool:
        if target.act not in ACTING:
            return False
        soon = abs(undo.corrected - target.corrected) <= UNDO_MS
        return (soon and undo.operator == target.operator) or self.facts.supervises(undo.operator, undo.corrected)


def _cell(state: str, deciding: Iterable[Entry], conflict: str | None, heads: tuple[str, ...]) -> Cell:
    first = min(deciding, key=lambda e: (e.corrected, e.id, e.hash))
    return Cell(state, first.corrected, first.operator, first.reason, conflict, heads)


def settled_times(entries: Sequence[Entry], facts: Facts) -> list[tuple[int, bool]]:
    """When a step was settled, by corrected times: from each moment on, settled or not. Before the first moment it was not."""
    if not facts.applies:
        return [(0, True)]
    if len(entries) == 1:
        return [(entries[0].corrected, STATE_OF.get(entries[0].act) in SETTLED)]
    moments = sorted({e.corrected for e in entries})
    return [(moment, fold([e for e in entries if e.corrected <= moment], facts).settled) for moment in moments]
