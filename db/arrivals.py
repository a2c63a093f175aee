"""Tokens on their way into the ledger: read, checked for form and verified, before any transaction begins."""

from __future__ import annotations

import hashlib
import reprlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from db import bulk, examiners
from db.database import database
from db.projection import Key
from db.rules.arrival import NOTHING, Arrival, signer_of
from db.rules.entry import MAX_TOKEN, Entry


@dataclass(slots=True)
class Token:
    """One token on its way in. `trouble` is the first thing found wrong, `outcome` what will be answered.

    `id` and `device` are what it claims to be and where it claims to come from.
    """

    text: str
    hash: str | None
    id: str | None
    device: str | None
    entry: Entry | None
    trouble: str | None
    outcome: str = ""

    @property
    def occupies(self) -> bool:
        """Verified and with a place in the chain: it takes its id and its seq."""
        return self.entry is not None and self.trouble not in ("id-reused", "chain-broken")

    @property
    def known_by(self) -> str:
        """What makes it the same again: its hash once verified, else the token to the letter."""
        return self.entry.hash if self.entry else self.token_hash

    @property
    def token_hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def key(self) -> Key | None:
        """What it acts on; None for an entry on nobody or on no step."""
        entry = self.entry
        return (entry.student, entry.step) if entry and entry.student and entry.step else None


def verified(tokens: Sequence[object]) -> list[Token]:
    """What arrived, in order; `entry` is set on those that are well-formed and signed by their device. Never raises on a token."""
    texts = [token for token in tokens if _readable(token)]
    signers = {signer_of(text.partition(".")[0]) for text in texts}
    found = iter(examiners.examine(texts, _keys({signer for signer in signers if signer})))
    arrived = []
    for token in tokens:
        arrival = next(found) if _readable(token) else NOTHING
        arrived.append(Token(_kept(token, arrival), *arrival))
    return arrived


def _readable(token: object) -> TypeGuard[str]:
    return isinstance(token, str) and len(token) <= MAX_TOKEN


def _kept(token: object, arrival: Arrival) -> str:
    """The text to store: a token to the letter; what is none, as far as a database can hold it."""
    text = token if isinstance(token, str) else reprlib.repr(token)
    if arrival.hash:
        return text
    return text[:MAX_TOKEN].encode("utf-8", "replace").decode().replace("\0", "\ufffd")


# A device's key never changes, so each process reads it once for as long as the same database is open.
_kept_keys: tuple[object, dict[str, str]] = (None, {})


def _keys(ids: Collection[str]) -> dict[str, str]:
    """The public keys of those devices that are known, as JWKs in JSON."""
    global _kept_keys
    if _kept_keys[0] is not database.obj:
        _kept_keys = (database.obj, {})
    kept = _kept_keys[1]
    if missing := [id_ for id_ in ids if id_ not in kept]:
        among, wanted = bulk.one_of(missing)
        kept.update(database.execute_sql(f"SELECT id, public_key FROM device WHERE id {among}", (wanted,)).fetchall())
    return {id_: kept[id_] for id_ in ids if id_ in kept}
