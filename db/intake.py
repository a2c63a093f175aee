"""The ledger's one door: uploads, journal files and hubs all come through `receive`.

It classifies and never discards. Signatures are checked before the transaction; inside it, a fixed number of statements
serves any number of entries. What the classes mean is in docs/wire.md (Writing).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from db import season as seasons
from db.database import database, lock, mark, marks, now, to_ms, writing
from db.projection import CHUNK, Key, Person, read_people, refold
from db.rules import jws
from db.rules.entry import ACTING, MAX_TOKEN, Entry, Malformed, check, from_payload, hash_of
from db.season import Season

_UNVERIFIED = ("malformed", "bad-signature")
_OUT_OF_PLACE = ("id-reused", "chain-broken")


class Answer(NamedTuple):
    """What is told about one token. `code` says why it was quarantined, or repeats the first outcome of a duplicate."""

    id: str | None
    outcome: str
    code: str | None = None


@dataclass
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
        return self.hash if self.entry and self.hash else _token_hash(self.text)

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

    key: ec.EllipticCurvePublicKey
    revoked: bool
    stations: frozenset[str]


def receive(tokens: Sequence[object], via: str, uploader: str | None = None) -> list[Answer]:
    """Store and apply entries, in one transaction; answers come in order, after the commit.

    `via` names the path (`direct`, `journal`), `uploader` the device that sent them. Safe to repeat; no token makes it fail.
    """
    arrived = [_read(token) for token in tokens]
    devices = _devices({token.payload["device"] for token in arrived if token.entry})
    for token in arrived:
        if token.entry:
            _check_signature(token, devices)
    with writing():
        lock("change")
        return _settle(arrived, via, uploader)


def _read(token: object) -> _Token:
    text = token if isinstance(token, str) else repr(token)
    parsed = jws.parse(token) if len(text) <= MAX_TOKEN else None
    if parsed is None:
        return _Token(text[:MAX_TOKEN], trouble="malformed")
    arrived = _Token(text, parsed, hash_of(parsed.signing_input), parsed.payload)
    try:
        check(parsed)
    except Malformed:
        arrived.trouble = "malformed"
        return arrived
    arrived.entry = from_payload(parsed.payload, arrived.hash or "")
    if parsed.header.get("kid") != parsed.payload["device"]:
        arrived.trouble = "bad-signature"
    return arrived


def _check_signature(token: _Token, devices: dict[str, _Device]) -> None:
    device = devices.get(token.payload["device"])
    if token.trouble or device is None or token.parsed is None or not jws.signature_fits(token.parsed, device.key):
        token.trouble, token.entry = "bad-signature", None


# A device's key never changes, so each process reads it once.
_parsed_keys: dict[tuple[str, str], ec.EllipticCurvePublicKey] = {}


def _devices(ids: Collection[str]) -> dict[str, _Device]:
    found: dict[str, _Device] = {}
    for chunk in _chunks(sorted(ids)):
        sql = (
            "SELECT device.id, public_key, revoked_at, posting.station FROM device "
            f"LEFT JOIN posting ON posting.device = device.id WHERE device.id IN ({marks(len(chunk))})"
        )
        for id_, text, revoked_at, station in database.execute_sql(sql, chunk):
            if (id_, text) not in _parsed_keys:
                _parsed_keys[id_, text] = jws.jwk_to_public_key(json.loads(text))
            before = found[id_].stations if id_ in found else frozenset()
            found[id_] = _Device(_parsed_keys[id_, text], revoked_at is not None, before | {station})
    return found


def _settle(arrived: list[_Token], via: str, uploader: str | None) -> list[Answer]:
    """Classify, fold, write. Everything read here is read under the ledger's lock."""
    season = seasons.current()
    verified = [token for token in arrived if token.entry]
    people = read_people({token.payload["student"] for token in verified if token.payload.get("student")})
    stored = _Stored(verified, arrived)
    judge = _Judge(season, people, stored, _devices({token.entry.device for token in verified if token.entry}))
    answers = [_first_word(token, stored, judge) for token in arrived]
    applied: dict[Key, list[Entry]] = defaultdict(list)
    for token in arrived:
        if token.outcome == "accepted" and token.key and token.entry:
            applied[token.key].append(token.entry)
    cells = refold(applied.keys(), applied, people).cells if applied else {}
    for position, token in enumerate(arrived):
        if token.outcome == "accepted" and token.entry and token.key and token.entry.act in ACTING:
            cell = cells.get(token.key)
            if cell is not None and cell.conflict and (token.hash in cell.heads or token.entry.act == "collect"):
                token.outcome = "conflict"
                answers[position] = Answer(token.id, "conflict", cell.conflict)
    _write(arrived, via, uploader)
    return answers


class _Stored:
    """What the ledger holds already of the hashes, ids and seqs that arrive; kept up to date through the batch."""

    def __init__(self, verified: Sequence[_Token], arrived: Sequence[_Token]) -> None:
        self.outcomes: dict[str, str] = {}
        self.ids: set[str] = set()
        self.chain: dict[tuple[str, int], tuple[str, str | None]] = {}
        self._read_entries(verified)
        self._read_quarantined(arrived)

    def _read_entries(self, verified: Sequence[_Token]) -> None:
        for chunk in _chunks(verified):
            hashes, ids = [t.hash for t in chunk], [t.payload["id"] for t in chunk]
            places: dict[str, set[int]] = defaultdict(set)
            for t in chunk:
                places[t.payload["device"]] |= {t.payload["seq"] + step for step in (-1, 0, 1)}
            parts = [f"hash IN ({marks(len(hashes))})", f"id IN ({marks(len(ids))})"]
            values: list[object] = [*hashes, *ids]
            for device, seqs in places.items():
                parts.append(f"(device = {mark()} AND seq IN ({marks(len(seqs))}))")
                values += (device, *sorted(seqs))
            sql = f"SELECT hash, id, device, seq, prev, outcome FROM entry WHERE {' OR '.join(parts)}"
            for hash_, id_, device, seq, prev, outcome in database.execute_sql(sql, values):
                self.outcomes[hash_] = outcome
                self.ids.add(id_)
                if seq is not None:
                    self.chain[device, seq] = (hash_, prev)

    def _read_quarantined(self, arrived: Sequence[_Token]) -> None:
        for chunk in _chunks(arrived):
            words = [_token_hash(token.text) for token in chunk]
            hashes = [token.hash for token in chunk if token.hash]
            sql = f"SELECT token_hash, hash, code FROM quarantined WHERE token_hash IN ({marks(len(words))})" + (
                f" OR hash IN ({marks(len(hashes))})" if hashes else ""
            )
            for token_hash, hash_, code in database.execute_sql(sql, [*words, *hashes]):
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


def _write(arrived: Sequence[_Token], via: str, uploader: str | None) -> None:
    at = to_ms(now())
    fresh = [token for token in arrived if token.outcome != "duplicate"]
    kept = [token for token in fresh if token.occupies]
    insert_entries([(t.entry, t.payload, t.text, t.outcome, t.trouble) for t in kept if t.entry], via, at)
    for token in fresh:
        if not token.occupies:
            _set_aside(token, via, uploader, at)
    for device in {token.entry.device for token in kept if token.entry}:
        _advance(device)


def _set_aside(token: _Token, via: str, uploader: str | None, at: int) -> None:
    device = token.payload.get("device")
    named = isinstance(device, str) and "\0" not in device and len(device) <= 64
    database.execute_sql(
        f"INSERT INTO quarantined (token_hash, hash, device, jws, code, via, uploader, received_at) VALUES ({marks(8)})",
        (
            _token_hash(token.text), token.hash, device if named else None, token.text.replace("\0", ""),
            token.trouble, via, uploader, at,
        ),
    )  # fmt: skip


def insert_entries(rows: Sequence[tuple[Entry, dict[str, Any], str, str, str | None]], via: str, at: int) -> None:
    """Store entries: (entry, payload, token, outcome, code) each, in as few statements as can be. Inside `writing()`."""
    for chunk in _chunks(rows):
        values: list[object] = []
        for entry, payload, text, outcome, code in chunk:
            values += (
                entry.hash, entry.id, entry.device, entry.seq, payload.get("prev"), payload.get("student"), payload.get("step"),
                entry.act, entry.operator, entry.station, entry.corrected, text, outcome, code, via, at,
            )  # fmt: skip
        database.execute_sql(
            "INSERT INTO entry (hash, id, device, seq, prev, student, step, act, operator, station, corrected, jws, "
            "outcome, code, via, received_at) VALUES " + ",".join([f"({marks(16)})"] * len(chunk)),
            values,
        )


def _advance(device: str) -> None:
    """Move the device's `contiguous` up over what has no gap any more."""
    found = database.execute_sql(f"SELECT contiguous FROM device WHERE id = {mark()}", (device,)).fetchone()
    start = reached = found[0]
    sql = f"SELECT seq FROM entry WHERE device = {mark()} AND seq > {mark()} ORDER BY seq LIMIT 1000"
    while True:
        seqs = [row[0] for row in database.execute_sql(sql, (device, reached))]
        before = reached
        for seq in seqs:
            if seq != reached + 1:
                break
            reached = seq
        if reached - before < 1000:
            break
    if reached > start:
        database.execute_sql(f"UPDATE device SET contiguous = {mark()} WHERE id = {mark()}", (reached, device))


def _token_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _chunks(rows: Sequence) -> Iterable[Sequence]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
