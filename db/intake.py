"""The ledger's one door: uploads, journal files and hubs all come through `receive`.

It classifies and never discards. Signatures are checked before the transaction; inside it, a fixed number of statements
serves any number of entries. What the classes mean is in docs/wire.md (Writing).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import islice
from typing import NamedTuple

from db import bulk
from db import season as seasons
from db.arrivals import Token, verified
from db.database import database, lock, mark, now, to_ms, writing
from db.group_commit import GroupCommit
from db.projection import Key, Person, Refolded, Rows, ask_people, people_of, refold
from db.rules.entry import ACTING, Entry
from db.season import Season

_ENTRY = {
    "hash": "text", "id": "text", "device": "text", "seq": "bigint", "prev": "text", "student": "text", "step": "text",
    "act": "text", "operator": "text", "station": "text", "corrected": "bigint", "jws": "text", "outcome": "text", "code": "text",
    "via": "text", "received_at": "bigint",
}  # fmt: skip
_QUARANTINED = {
    "token_hash": "text", "hash": "text", "device": "text", "jws": "text", "code": "text", "via": "text", "uploader": "text",
    "received_at": "bigint",
}  # fmt: skip
_REACHED = {"id": "text", "contiguous": "bigint"}


class Answer(NamedTuple):
    """What is told about one token. `code` says why it was quarantined, or repeats the first outcome of a duplicate."""

    id: str | None
    outcome: str
    code: str | None = None


class _Device(NamedTuple):
    """A device as the door sees it. `stations` are all that it ever served."""

    revoked: bool
    contiguous: int
    stations: frozenset[str]


class Receipt(NamedTuple):
    """What is told about an upload: of each token, in order, and the uploader's last seq before its first gap."""

    answers: list[Answer]
    contiguous: int


def receive(tokens: Sequence[object], via: str, uploader: str | None = None) -> list[Answer]:
    """Store and apply entries, in one transaction; answers come in order, after the commit.

    `via` names the path (`direct`, `journal`), `uploader` the device that sent them. Safe to repeat; no token makes it fail.
    """
    return receive_from(uploader, tokens, via).answers


def receive_from(uploader: str | None, tokens: Sequence[object], via: str) -> Receipt:
    """As `receive`; its receipt says how far the uploader's entries have come (0 where there is no such device)."""
    upload = _Upload(verified(tokens), via, uploader)
    # Inside a transaction of the caller's there is nothing to share: its commit is not ours.
    return _take([upload])[0] if database.in_transaction() else _take_together(upload)


class _Upload(NamedTuple):
    """Verified tokens, the path they came by and the device that sent them."""

    arrived: list[Token]
    via: str
    uploader: str | None


def _take(uploads: Sequence[_Upload]) -> list[Receipt]:
    """Store and apply these uploads, in one transaction; a receipt for each, after the commit."""
    with writing(), bulk.pipelined():
        bulk.keep_plans(sum(len(upload.arrived) for upload in uploads))
        lock("change")
        return _settle(uploads)


_take_together = GroupCommit(_take, lambda upload: len(upload.arrived), most=2000)


def _ask_devices(ids: Collection[str]) -> Rows:
    among, wanted = bulk.one_of(ids)
    sql = (
        "SELECT device.id, revoked_at, contiguous, posting.station FROM device "
        f"LEFT JOIN posting ON posting.device = device.id WHERE device.id {among}"
    )
    return database.execute_sql(sql, (wanted,))


def _devices(rows: Rows) -> dict[str, _Device]:
    """The devices of verified entries as they stand now."""
    found: dict[str, _Device] = {}
    for id_, revoked_at, contiguous, station in rows:
        before = found[id_].stations if id_ in found else frozenset()
        found[id_] = _Device(revoked_at is not None, contiguous, before | {station})
    return found


def _settle(uploads: Sequence[_Upload]) -> list[Receipt]:
    """Classify, fold, write. Everything read here is read under the ledger's lock."""
    arrived = [token for upload in uploads for token in upload.arrived]
    entries = [token.entry for token in arrived if token.entry]
    # Asked together, waited for once.
    people_rows = ask_people({entry.student for entry in entries if entry.student})
    uploaders = {upload.uploader for upload in uploads if upload.uploader}
    device_rows = _ask_devices({entry.device for entry in entries} | uploaders)
    stored_rows, aside_rows = _ask_stored(entries), _ask_aside([token.token_hash for token in arrived if not token.entry])
    season = seasons.current()
    people, devices, stored = people_of(people_rows), _devices(device_rows), _Stored(stored_rows, aside_rows)
    judge = _Judge(season, people, stored, devices)
    answers = [_first_word(token, stored, judge) for token in arrived]
    applied: dict[Key, list[Entry]] = defaultdict(list)
    for token in arrived:
        if token.outcome == "accepted" and token.entry and (key := token.key):
            applied[key].append(token.entry)
    folded = refold(applied.keys(), applied, people, season) if applied else Refolded({}, 0)
    for position, token in enumerate(arrived):
        if token.outcome == "accepted" and (conflict := _conflict_of(token, folded)):
            token.outcome = "conflict"
            answers[position] = Answer(token.id, "conflict", conflict)
    reached = _write(uploads, stored, devices)
    told = iter(answers)
    return [Receipt(list(islice(told, len(upload.arrived))), reached.get(upload.uploader or "", 0)) for upload in uploads]


def _conflict_of(token: Token, folded: Refolded) -> str | None:
    """The conflict that its entry takes part in: as one side, or as the undo that brought it back."""
    entry, key = token.entry, token.key
    cell = folded.cells.get(key) if key else None
    if entry is None or cell is None:
        return None
    side = entry.act == "collect" or (entry.act in ACTING and entry.hash in cell.heads)
    return cell.conflict if side or (entry.act == "undo" and key in folded.disputed) else None


def _ask_stored(entries: Sequence[Entry]) -> Rows:
    """Whatever has a hash, an id or a seq of these, or a seq beside."""
    if not entries:
        return ()
    seqs: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        assert entry.seq is not None
        seqs[entry.device].update((entry.seq - 1, entry.seq, entry.seq + 1))
    among_hashes, hashes = bulk.one_of([entry.hash for entry in entries])
    among_ids, ids = bulk.one_of([entry.id for entry in entries])
    parts, values = [f"hash {among_hashes}", f"id {among_ids}"], [hashes, ids]
    for device, near in seqs.items():
        among, numbers = bulk.one_of(near)
        parts.append(f"(device = {mark()} AND seq {among})")
        values += (device, numbers)
    sql = (
        f"SELECT hash, id, device, seq, prev, outcome FROM entry WHERE {' OR '.join(parts)} "
        "UNION ALL SELECT hash, NULL, NULL, NULL, NULL, 'quarantined' FROM quarantined "
        f"WHERE hash {among_hashes} AND code NOT IN ('malformed', 'bad-signature')"
    )
    return database.execute_sql(sql, [*values, hashes])


def _ask_aside(token_hashes: Sequence[str]) -> Rows:
    """Which of these, that could not be verified, lie in quarantine already."""
    if not token_hashes:
        return ()
    among, hashes = bulk.one_of(token_hashes)
    return database.execute_sql(f"SELECT token_hash FROM quarantined WHERE token_hash {among}", (hashes,))


class _Stored:
    """What the ledger holds already of the hashes, ids and seqs that arrive; kept up to date through the batch."""

    def __init__(self, rows: Rows, aside: Rows) -> None:
        self.outcomes: dict[str, str] = {}
        self.ids: set[str] = set()
        self.chain: dict[tuple[str, int], tuple[str, str | None]] = {}
        for hash_, id_, device, seq, prev, outcome in rows:
            self.outcomes[hash_] = outcome
            if id_ is not None:
                self.ids.add(id_)
                self.chain[device, seq] = (hash_, prev)
        self.outcomes.update((token_hash, "quarantined") for (token_hash,) in aside)

    def take(self, entry: Entry) -> None:
        """A verified entry that holds its place in the chain now occupies its id and its seq."""
        assert entry.seq is not None
        self.ids.add(entry.id)
        self.chain[entry.device, entry.seq] = (entry.hash, entry.prev)


class _Judge(NamedTuple):
    """Says why a verified entry must wait for a reviewer, if it must."""

    season: Season
    people: dict[str, Person]
    stored: _Stored
    devices: dict[str, _Device]

    def trouble(self, entry: Entry) -> str | None:
        if entry.id in self.stored.ids:
            return "id-reused"
        if self._breaks_chain(entry):
            return "chain-broken"
        if self.devices[entry.device].revoked:
            return "device-revoked"
        if entry.student and entry.student not in self.people:
            return "unknown-student"
        if entry.step and entry.step not in self.season.known_steps:
            return "unknown-step"
        if not self.season.rights.operator_known(entry.operator):
            return "unknown-operator"
        return None if self._served(entry) else "wrong-station"

    def _breaks_chain(self, entry: Entry) -> bool:
        device, seq = entry.device, entry.seq
        assert seq is not None
        if (device, seq) in self.stored.chain:
            return True
        before, after = self.stored.chain.get((device, seq - 1)), self.stored.chain.get((device, seq + 1))
        return bool((before and before[0] != entry.prev) or (after and after[1] != entry.hash))

    def _served(self, entry: Entry) -> bool:
        """Whether the device ever served that station, and the station, in any version of the plan, that step."""
        if entry.station not in self.devices[entry.device].stations:
            return False
        return not entry.step or entry.step in self.season.station_steps.get(entry.station, ())


def _first_word(token: Token, stored: _Stored, judge: _Judge) -> Answer:
    """Classify one token, in order; `accepted` may still become `conflict` when the fold is known."""
    if known := stored.outcomes.get(token.known_by):
        token.outcome = "duplicate"
        return Answer(token.id, "duplicate", known)
    if token.entry:
        token.trouble = judge.trouble(token.entry)
        if token.occupies:
            stored.take(token.entry)
    token.outcome = "quarantined" if token.trouble else "accepted"
    stored.outcomes[token.known_by] = token.outcome
    return Answer(token.id, token.outcome, token.trouble)


def _write(uploads: Sequence[_Upload], stored: _Stored, devices: dict[str, _Device]) -> dict[str, int]:
    """Store what is new; the last seq before the first gap of each of these devices."""
    at = to_ms(now())
    fresh = [(token, upload) for upload in uploads for token in upload.arrived if token.outcome != "duplicate"]
    kept = [(t.entry, t.text, t.outcome, t.trouble, upload.via) for t, upload in fresh if t.entry and t.occupies]
    insert_entries(kept, at)
    aside = [
        (t.token_hash, t.hash, t.device, t.text, t.trouble, upload.via, upload.uploader, at)
        for t, upload in fresh
        if not t.occupies
    ]
    bulk.insert("quarantined", _QUARANTINED, aside, "ON CONFLICT (token_hash) DO NOTHING")
    seqs: dict[str, set[int]] = defaultdict(set)
    for entry, *_ in kept:
        assert entry.seq is not None
        seqs[entry.device].add(entry.seq)
    stood = {id_: device.contiguous for id_, device in devices.items()}
    moved = {id_: _reached(id_, stood[id_], own, stored) for id_, own in seqs.items()}
    bulk.update("device", _REACHED, [(id_, reached) for id_, reached in moved.items() if reached > stood[id_]])
    return stood | moved


def insert_entries(rows: Sequence[tuple[Entry, str, str, str | None, str]], at: int) -> None:
    """Store entries: (entry, token, outcome, code, via) each, in one statement. Inside `writing()`."""
    bulk.insert(
        "entry",
        _ENTRY,
        [
            (
                e.hash, e.id, e.device, e.seq, e.prev, e.student, e.step, e.act, e.operator, e.station, e.corrected,
                text, outcome, code, via, at,
            )
            for e, text, outcome, code, via in rows
        ],
    )  # fmt: skip


def _reached(device: str, contiguous: int, new: set[int], stored: _Stored) -> int:
    """The last seq before the device's first gap, now that these are stored."""
    reached = contiguous
    while (device, reached + 1) in stored.chain:
        reached += 1
    # What follows a new seq was looked up. Beyond one that was here before there may be more.
    sql = f"SELECT seq FROM entry WHERE device = {mark()} AND seq > {mark()} ORDER BY seq LIMIT 1000"
    more = reached > contiguous and reached not in new
    while more:
        seqs = [row[0] for row in database.execute_sql(sql, (device, reached))]
        run = sum(1 for place, seq in enumerate(seqs, 1) if seq == reached + place)
        reached += run
        more = run == 1000
    return reached
