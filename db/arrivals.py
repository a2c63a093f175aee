"""Tokens on their way into the ledger: parsed, checked for form and verified, before any transaction begins."""

from __future__ import annotations

import hashlib
import json
import reprlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from db import bulk
from db.database import database
from db.projection import Key
from db.rules import jws
from db.rules.entry import MAX_TOKEN, Entry, Malformed, check, from_payload, hash_of


@dataclass(slots=True)
class Token:
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
        return self.entry is not None and self.trouble not in ("id-reused", "chain-broken")

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


def verified(tokens: Iterable[object]) -> list[Token]:
    """What arrived, in order; `entry` is set on those that are well-formed and signed by their device. Never raises on a token."""
    arrived = [_read(token) for token in tokens]
    keys = _keys({token.entry.device for token in arrived if token.entry})
    for token in arrived:
        if token.entry:
            _check_signature(token, keys.get(token.entry.device))
    return arrived


def _read(token: object) -> Token:
    text = token if isinstance(token, str) else reprlib.repr(token)
    parsed = jws.parse(token) if len(text) <= MAX_TOKEN else None
    if parsed is None:
        # What it was is kept as far as a database can hold it.
        return Token(text[:MAX_TOKEN].encode("utf-8", "replace").decode().replace("\0", "\ufffd"), trouble="malformed")
    arrived = Token(text, parsed, hash_of(parsed.signing_input), parsed.payload)
    try:
        check(parsed)
    except Malformed:
        arrived.trouble = "malformed"
        return arrived
    arrived.entry = from_payload(parsed.payload, arrived.hash or "")
    return arrived


def _check_signature(token: Token, key: ec.EllipticCurvePublicKey | None) -> None:
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
