"""The ledger's one door: uploads, journal files and hubs all come through `receive`.

It classifies and never discards. Signatures are checked before the transaction; inside it, a fixed number of statements
serves any number of entries. What the classes mean is in docs/wire.md (Writing).
"""

from __future__ import annotations

import hashlib
import json
import reprlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from db import bulk
from db import season as seasons
from db.database import database, lock, mark, now, to_ms, writing
from db.projection import Key, Person, read_people, refold
from db.rules import jws
from db.rules.entry import ACTING, MAX_TOKEN, Entry, Malformed, check, from_payload, hash_of
from db.season import Season

_UNVERIFIED = ("malformed", "bad-signature")
_OUT_OF_PLACE = ("id-reused", "chain-broken")
_ENTRY = {
    "hash": "text", "id": "text", "device": "text", "seq": "bigint", "prev": "text", "student": "text", "step": "text",
    "act": "text", "operator": "text", "station": "text", "corrected": "bigint", "jws": "text", "outcome": "text", "code": "text",
    "via": "text", "received_at": "bigint",
}  # fmt: skip
_QUARANTINED = {
    "token_hash": "text", "hash": "text", "device": "text", "jws": "text", "code": "text", "via": "text", "uploader": "text",
    "received_at": "bigint",
}  # fmt: skip


class Answer(NamedTuple):
    """What is told about one token. `code` says why it was quarantined, or repeats the first outcome of a duplicate."""

    id: str | None
    outcome: str
    code: str | None = None


@dataclass(slots=True)
class _Token:
    """One token on its way in. `trouble` is the first thing found wrong, `outcome` what will be answered."""

    text: str
    parsed: jws.Token | None = None
    hash: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    entry: Entry | None = None
    trouble: str | None = None
    outcome: str = ""

    @property
    def occupies(self) -> bool:
        """Verified and with a place in the chain: it takes its id and its seq."""
        return self.entry is not None and self.trouble not in _OUT_OF_PLACE

    @property
    def known_by(self) -> str:
        """What makes it the same again: its hash once verified, else the token to the letter."""
        return self.hash if self.entry and self.hash else self.token_hash

    @property
    def token_hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def key(self) -> Key | None:
        student, step = self.payload.get("student"), self.payload.get("step")
        return (student, step) if student and step else None

    @property
    def id(self) -> str | None:
        found = self.payload.get("id")
        return found if isinstance(found, str) and len(found) <= 64 else None


class _Device(NamedTuple):
    """A device as the door sees it. `stations` are all that it ever served."""

    revoked: bool
    contiguous: int
    stations: frozenset[str]


def receive(tokens: Sequence[object], via: str, uploader: str | None = None) -> list[Answer]:
    """Store and apply entries, in one transaction; answers come in order, after the commit.

    `via` names the path (`direct`, `journal`), `uploader` the device that sent them. Safe to repeat; no token makes it fail.
    """
    arrived = [_read(token) for token in tokens]
    keys = _keys({token.entry.device for token in arrived if token.entry})
    for token in arrived:
        if token.entry:
            _check_signature(token, keys.get(token.entry.device))
    with writing():
        lock("change")
        return _settle(arrived, via, uploader)


def _read(token: object) -> _Token:
    text = token if isinstance(token, str) else reprlib.repr(token)
    parsed = jws.parse(token) if len(text) <= MAX_TOKEN else None
    if parsed is None:
        # What it was is kept as far as a database can hold it.
        return _Token(text[:MAX_TOKEN].encode("utf-8", "replace").decode().replace("\0", "\ufffd"), trouble="malformed")
    arrived = _Token(text, parsed, hash_of(parsed.signing_input), parsed.payload)
    try:
        check(parsed)
    except Malformed:
        arrived.trouble = "malformed"
        return arrived
    arrived.entry = from_payload(parsed.payload, arrived.hash or "")
    return arrived


def _check_signature(token: _Token, key: ec.EllipticCurvePublicKey | None) -> None:
    assert token.parsed
    named = token.parsed.header.get("kid") == token.payload["device"]
    if key is None or not named or not jws.signature_fits(token.parsed, key):
        token.trouble, token.entry = "bad-signature", None


# A device's key never changes, so each process reads it once for as long as the same database is open.
_kept_keys: tuple[object, dict[str, ec.EllipticCurvePublicKey]] = (None, {})


def _keys(ids: Collection[str]) -> dict[str, ec.EllipticCurvePublicKey]:
    """The public keys of those devices that are known."""
    global _kept_keys
    if _kept_keys[0] is not database.obj:
        _kept_keys = (database.obj, {})
    kept = _kept_keys[1]
    if missing := [id_ for id_ in ids if id_ not in kept]:
        among, wanted = bulk.one_of(missing)
        for id_, text in database.execute_sql(f"SELECT id, public_key FROM device WHERE id {among}", (wanted,)).fetchall():
            kept[id_] = jws.jwk_to_public_key(json.loads(text))
    return kept


def _devices(ids: Collection[str]) -> dict[str, _Device]:
    """The devices of verified entries as they stand now."""
    among, wanted = bulk.one_of(ids)
    sql = (
        "SELECT device.id, revoked_at, contiguous, posting.station FROM device "
        f"LEFT JOIN posting ON posting.device = device.id WHERE device.id {among}"
    )
    found: dict[str, _Device] = {}
    for id_, revoked_at, contiguous, station in database.execute_sql(sql, (wanted,)):
        before = found[id_].stations if id_ in found else frozenset()
        found[id_] = _Device(revoked_at is not None, contiguous, before | {station})
    return found


def _settle(arrived: list[_Token], via: str, uploader: str | None) -> list[Answer]:
    """Classify, fold, write. Everything read here is read under the ledger's lock."""
    verified = [token for token in arrived if token.entry]
    people = read_people({token.payload["student"] for token in verified if token.payload.get("student")})
    stored = _Stored(verified, arrived)
    devices = _devices({token.payload["device"] for token in verified})
    judge = _Judge(seasons.current(), people, stored, devices)
    answers = [_first_word(token, stored, judge) for token in arrived]
    applied: dict[Key, list[Entry]] = defaultdict(list)
    for token in arrived:
        if token.outcome == "accepted" and token.entry and (key := token.key):
            applied[key].append(token.entry)
    cells = refold(applied.keys(), applied, people).cells if applied else {}
    for position, token in enumerate(arrived):
        if token.outcome == "accepted" and token.entry and token.entry.act in ACTING and (key := token.key):
            cell = cells.get(key)
            if cell is not None and cell.conflict and (token.hash in cell.heads or token.entry.act == "collect"):
                token.outcome = "conflict"
                answers[position] = Answer(token.id, "conflict", cell.conflict)
    _write(arrived, stored, devices, via, uploader)
    return answers


class _Stored:
    """What the ledger holds already of the hashes, ids and seqs that arrive; kept up to date through the batch."""

    def __init__(self, verified: Sequence[_Token], arrived: Sequence[_Token]) -> None:
        self.outcomes: dict[str, str] = {}
        self.ids: set[str] = set()
        self.chain: dict[tuple[str, int], tuple[str, str | None]] = {}
        if verified:
            self._read_entries(verified)
        self._read_quarantined(arrived)

    def _read_entries(self, verified: Sequence[_Token]) -> None:
        seqs: dict[str, list[int]] = defaultdict(list)
        for token in verified:
            seqs[token.payload["device"]].append(token.payload["seq"])
        among_hashes, hashes = bulk.one_of([token.hash for token in verified])
        among_ids, ids = bulk.one_of([token.payload["id"] for token in verified])
        columns = "hash, id, device, seq, prev, outcome"
        sql = f"SELECT {columns} FROM entry WHERE hash {among_hashes} OR id {among_ids}"
        rows = list(database.execute_sql(sql, (hashes, ids)))
        for device, own in seqs.items():
            among, near = bulk.one_of({seq + step for seq in own for step in (-1, 0, 1)})
            sql = f"SELECT {columns} FROM entry WHERE device = {mark()} AND seq {among}"
            rows += database.execute_sql(sql, (device, near))
        for hash_, id_, device, seq, prev, outcome in rows:
            self.outcomes[hash_] = outcome
            self.ids.add(id_)
            if seq is not None:
                self.chain[device, seq] = (hash_, prev)

    def _read_quarantined(self, arrived: Sequence[_Token]) -> None:
        among_tokens, tokens = bulk.one_of([token.token_hash for token in arrived if not token.entry])
        among_hashes, hashes = bulk.one_of([token.hash for token in arrived if token.entry])
        sql = f"SELECT token_hash, hash, code FROM quarantined WHERE token_hash {among_tokens} OR hash {among_hashes}"
        for token_hash, hash_, code in database.execute_sql(sql, (tokens, hashes)):
            self.outcomes[token_hash] = "quarantined"
            if hash_ and code not in _UNVERIFIED:
                self.outcomes[hash_] = "quarantined"

    def take(self, token: _Token) -> None:
        """A verified entry that holds its place in the chain now occupies its id and its seq."""
        assert token.hash
        self.ids.add(token.payload["id"])
        self.chain[token.payload["device"], token.payload["seq"]] = (token.hash, token.payload.get("prev"))


class _Judge(NamedTuple):
    """Says why a verified entry must wait for a reviewer, if it must."""

    season: Season
    people: dict[str, Person]
    stored: _Stored
    devices: dict[str, _Device]

    def trouble(self, token: _Token) -> str | None:
        payload = token.payload
        if payload["id"] in self.stored.ids:
            return "id-reused"
        if self._breaks_chain(token):
            return "chain-broken"
        if self.devices[payload["device"]].revoked:
            return "device-revoked"
        if payload.get("student") and payload["student"] not in self.people:
            return "unknown-student"
        if payload.get("step") and payload["step"] not in self.season.plan._steps:
            return "unknown-step"
        if not self.season.rights.operator_known(payload["operator"]):
            return "unknown-operator"
        return None if self._served(payload) else "wrong-station"

    def _breaks_chain(self, token: _Token) -> bool:
        device, seq = token.payload["device"], token.payload["seq"]
        if (device, seq) in self.stored.chain:
            return True
        before, after = self.stored.chain.get((device, seq - 1)), self.stored.chain.get((device, seq + 1))
        return bool((before and before[0] != token.payload.get("prev")) or (after and after[1] != token.hash))

    def _served(self, payload: dict[str, Any]) -> bool:
        """Whether the device ever served that station, and the station, in any version of the plan, that step."""
        if payload["station"] not in self.devices[payload["device"]].stations:
            return False
        return not payload.get("step") or payload["step"] in self.season.station_steps.get(payload["station"], ())


def _first_word(token: _Token, stored: _Stored, judge: _Judge) -> Answer:
    """Classify one token, in order; `accepted` may still become `conflict` when the fold is known."""
    if known := stored.outcomes.get(token.known_by):
        token.outcome = "duplicate"
        return Answer(token.id, "duplicate", known)
    if token.entry:
        token.trouble = judge.trouble(token)
        if token.occupies:
            stored.take(token)
    token.outcome = "quarantined" if token.trouble else "accepted"
    stored.outcomes[token.known_by] = token.outcome
    return Answer(token.id, token.outcome, token.trouble)


def _write(
    arrived: Sequence[_Token], stored: _Stored, devices: dict[str, _Device], via: str, uploader: str | None
) -> None:
    at = to_ms(now())
    fresh = [token for token in arrived if token.outcome != "duplicate"]
    kept = [token for token in fresh if token.occupies]
    insert_entries([(t.entry, t.payload, t.text, t.outcome, t.trouble) for t in kept if t.entry], via, at)
    aside = [
        (t.token_hash, t.hash, _named_device(t), t.text, t.trouble, via, uploader, at) for t in fresh if not t.occupies
    ]  # fmt: skip
    bulk.insert("quarantined", _QUARANTINED, aside, "ON CONFLICT (token_hash) DO NOTHING")
    for device in {token.entry.device for token in kept if token.entry}:
        _advance(device, devices[device].contiguous, stored)


def _named_device(token: _Token) -> str | None:
    """The device that an unverified token claims to come from."""
    device = token.payload.get("device")
    return device if isinstance(device, str) and "\0" not in device and len(device) <= 64 else None


def insert_entries(rows: Sequence[tuple[Entry, dict[str, Any], str, str, str | None]], via: str, at: int) -> None:
    """Store entries: (entry, payload, token, outcome, code) each, in one statement. Inside `writing()`."""
    bulk.insert(
        "entry",
        _ENTRY,
        [
            (
                entry.hash, entry.id, entry.device, entry.seq, payload.get("prev"), payload.get("student"), payload.get("step"),
                entry.act, entry.operator, entry.station, entry.corrected, text, outcome, code, via, at,
            )
            for entry, payload, text, outcome, code in rows
        ],
    )  # fmt: skip


def _advance(device: str, contiguous: int, stored: _Stored) -> None:
    """Move the device's `contiguous` up over what has no gap any more."""
    reached = contiguous
    while (device, reached + 1) in stored.chain:
        reached += 1
    if reached == contiguous:
        return
    # What came before this upload, beyond its nearest neighbours, is not in `stored`.
    sql = f"SELECT seq FROM entry WHERE device = {mark()} AND seq > {mark()} ORDER BY seq LIMIT 1000"
    while seqs := [row[0] for row in database.execute_sql(sql, (device, reached))]:
        run = sum(1 for place, seq in enumerate(seqs, 1) if seq == reached + place)
        reached += run
        if run < 1000:
            break
    database.execute_sql(f"UPDATE device SET contiguous = {mark()} WHERE id = {mark()}", (reached, device))
