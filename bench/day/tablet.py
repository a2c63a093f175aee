"""A tablet without a screen, written from the protocol's page: it keeps rows, signs entries and knows what it would show."""

from __future__ import annotations

import base64
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from bench.day import pictures
from bench.day.oracle import STATE
from bench.day.signed import Made, base64url, moment, sign

Row = dict[str, Any]


class Lot(NamedTuple):
    """What one step hands over to the graduates of one class."""

    step: str
    class_name: str


class Shown(NamedTuple):
    """What the screen says of one step: the state, the heads an entry has to name, and whether they disagree."""

    state: str
    heads: frozenset[str]
    conflict: bool


@dataclass(eq=False)
class Tablet:
    """`error` is how far its clock is ahead (ms), `offset` what it believes the server is ahead of it. `fate` names what happens to
    it this day (`lost`, `journal`, `revoked`, `faulty`); `gone` from when on nobody works with it. `shifts` are the
    latest by operator, `signed_on` all there ever were, with whose they are. Of `pictures` some are `unsent`; `held` says how many
    bytes of each the portal has. `custody` is what it has, by id; `let_go` are the ids that it let go of for good,
    `recalled` those last asked back. `online` is whether the portal can be asked now."""

    name: str
    station: str
    dice: Random
    error: int = 0
    knows_clock: bool = True
    fate: str = ""
    gone: bool = False
    mute: bool = False
    revoked: bool = False
    online: bool = False
    offset: int = 0
    device: str = ""
    token: str = ""
    cursor: str | None = None
    rows: dict[str, Row] = field(default_factory=dict)
    operators: list[tuple[str, str]] = field(default_factory=list)
    shifts: dict[str, str] = field(default_factory=dict)
    signed_on: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    unsent: list[str] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    journal: list[Made] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    custody: dict[str, Lot] = field(default_factory=dict)
    let_go: set[str] = field(default_factory=set)
    recalled: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = ec.derive_private_key(self.dice.getrandbits(250) + 1, ec.SECP256R1())
        self._overlaid: dict[tuple[str, str], list[Made]] = defaultdict(list)
        self._own: dict[tuple[str | None, str | None], list[Made]] = defaultdict(list)

    @property
    def pending(self) -> list[Made]:
        """What the server has not yet answered for, in order."""
        return [made for made in self.journal if not made.answered]

    @property
    def contiguous(self) -> int:
        """By what the simulation knows to have arrived: the last seq before the first gap."""
        reached = 0
        while reached + 1 in self.taken:
            reached += 1
        return reached

    def missing(self) -> list[list[int]]:
        """By what the simulation knows to have arrived: the gaps up to the head."""
        gaps: list[list[int]] = []
        for seq in range(1, len(self.journal) + 1):
            if seq in self.taken:
                continue
            if gaps and gaps[-1][1] == seq - 1:
                gaps[-1][1] = seq
            else:
                gaps.append([seq, seq])
        return gaps[:500]

    def measure_clock(self) -> None:
        """A contact tells the offset, to within the time an answer takes."""
        if self.knows_clock:
            self.offset = -self.error + self.dice.randint(-200, 200)

    def act(self, now: int, act: str, ref: str | None, step: str | None, operator: str, **fields: Any) -> Made:
        """Sign the next entry at the true moment `now`; `trouble` in `fields` says why it belongs into quarantine."""
        trouble, right = fields.pop("trouble", None), fields.pop("right", None)
        shown = self.shown(ref, step) if ref and step else None
        payload = {
            "id": str(uuid.UUID(int=self.dice.getrandbits(128), version=4)),
            "seq": len(self.journal) + 1,
            "prev": self.journal[-1].hash if self.journal else None,
            "device": self.device,
            "operator": operator,
            "shift": self._shift(operator, len(self.journal) + 1),
            "station": self.station,
            "at": moment(now + self.error),
            "offset": self.offset,
            "cursor": self.cursor,
            "saw": sorted(shown.heads) if shown else [],
            "act": act,
            "student": ref,
            "step": step,
            "card": {"gen": None, "via": "typed"},
            "proxy": None,
            "target": None,
            "reason": None,
            "amount": None,
            "attachments": [],
            **fields,
        }
        made = sign(self.key, self.device, payload, trouble=trouble, before=shown, right=right)
        self.journal.append(made)
        self._own[ref, step].append(made)
        if ref and step:
            self._overlaid[ref, step].append(made)
        return made

    def photo(self) -> str:
        """Take a photo; its name."""
        name, content = pictures.take(self.dice)
        self.pictures[name] = content
        self.unsent.append(name)
        return name

    def on_shift(self, operator: str, shift: str) -> None:
        self.shifts[operator] = shift
        self.signed_on[shift] = operator

    def _shift(self, operator: str, seq: int) -> str | None:
        """The operator's shift here; now and then none, or that of whoever signed in last."""
        if seq % 41 == 0:
            return None
        return list(self.shifts.values())[-1] if seq % 43 == 0 else self.shifts.get(operator)

    def forge(self, like: Made, **fields: Any) -> Made:
        """Another token of this device beside the chain: like an entry it made, with other words in it."""
        return sign(self.key, self.device, {**like.payload, **fields})

    def own(self, ref: str, step: str) -> list[Made]:
        """Everything this tablet ever recorded of that step, in order."""
        return self._own[ref, step]

    def shown(self, ref: str, step: str) -> Shown | None:
        """The row overlaid with own entries that the server has not answered for; None where there is no row."""
        row = self.rows.get(ref)
        cell = row and row["steps"].get(step)
        if not cell or "state" not in cell:
            return None
        found = Shown(cell["state"], frozenset(cell["heads"]), "conflict" in cell)
        for made in self._overlaid.get((ref, step), ()):
            found = self._after(found, made)
        return found

    def settled(self, ref: str, step: str) -> bool:
        """Whether a blocking step counts as settled on this screen; no cell counts as not settled."""
        cell = self.rows.get(ref, {}).get("steps", {}).get(step)
        shown = self.shown(ref, step)
        if shown:
            return shown.state in ("not-applicable", "cleared", "collected", "waived")
        return bool(cell and cell["settled"])

    def _after(self, shown: Shown, made: Made) -> Shown:
        act = made.payload["act"]
        if act in STATE:
            heads = shown.heads - set(made.payload["saw"]) | {made.hash}
            heads -= {other.hash for other in self._own[made.key] if other.payload["seq"] < made.payload["seq"]}
            alone = len(heads) == 1
            state = "collected" if "collected" in (shown.state, STATE[act]) else STATE[act]
            return Shown(state, heads, not alone)
        if act == "undo":
            target = next((other for other in self._own[made.key] if other.payload["id"] == made.payload["target"]), None)
            if target is not None and target.hash in shown.heads:
                return target.before if len(shown.heads) == 1 else shown._replace(heads=shown.heads - {target.hash})
        return shown

    def lots(self) -> set[Lot]:
        """What it may hand out with no network."""
        return {lot for id_, lot in self.custody.items() if id_ not in self.let_go}

    def heard(self, rows: list[Row], removed: list[str], cursor: str) -> None:
        """A page of changes: rows and cursor together."""
        for row in rows:
            self.rows[row["ref"]] = row
        for ref in removed:
            self.rows.pop(ref, None)
        self.cursor = cursor

    def caught_up(self) -> None:
        """Everything up to now was read: what was answered before needs no overlay any more."""
        for key in list(self._overlaid):
            self._overlaid[key] = [made for made in self._overlaid[key] if not made.answered]
            if not self._overlaid[key]:
                del self._overlaid[key]

    def fresh(self, snapshot: dict[str, Any]) -> None:
        """A snapshot replaces everything; it may be that of another station, where the tablet was moved to."""
        self.station = snapshot["station"]["code"]
        self.rows = {row["ref"]: row for row in snapshot["students"]}
        self.operators = [(one["id"], one["role"]) for one in snapshot["operators"]]
        self.cursor = snapshot["cursor"]
        self.caught_up()

    def kill(self) -> None:
        """The battery is out: rows are gone, the journal is not, and the last answers were never written down."""
        self.rows, self.cursor, self.custody, self.recalled = {}, None, {}, []
        for made in self.journal[-self.dice.randint(0, 60) or len(self.journal) :]:
            made.answered = False
        self._overlaid = defaultdict(list)
        for made in self.pending:
            if made.payload["student"] and made.payload["step"]:
                self._overlaid[made.payload["student"], made.payload["step"]].append(made)

    def file(self) -> dict[str, Any]:
        """The journal file, its entries in any order, with the pictures that could not be sent."""
        tokens = [made.token for made in self.journal]
        self.dice.shuffle(tokens)
        data = {name: base64.b64encode(self.pictures[name]).decode() for name in self.unsent}
        photos = [{"sha256": name, "type": pictures.JPEG, "data": data[name]} for name in self.unsent]
        return {"format": "clearance-journal/1", "device": self.device, "entries": tokens, "attachments": photos}


def noise(dice: Random) -> str:
    """Something that is no entry at all."""
    parts = [base64url(dice.randbytes(size)) for size in (20, 40, 64)]
    return dice.choice((".".join(parts), f"not a token {parts[0]}"))
