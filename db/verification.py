"""Verify the ledger: every stored entry against its own signed token, the tablets' chains, and all that is folded from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from db import projection
from db.database import database, mark
from db.rules import jws
from db.rules.entry import PORTAL, from_payload, hash_of

BATCH = 1000
COLUMNS = ("hash", "id", "device", "seq", "prev", "student", "step", "act", "operator", "station", "corrected", "jws")

Keys = dict[str, list[ec.EllipticCurvePublicKey]]


class Fault(NamedTuple):
    """Something that does not hold. `code`: token, signature, column, chain, state or card; `subject` says of what."""

    code: str
    subject: str


def verify(portal_keys: Sequence[ec.EllipticCurvePublicKey]) -> Iterator[Fault]:
    """Everything that does not hold; nothing is changed. `portal_keys` are all that ever signed the portal's own entries."""
    keys = _device_keys() | {PORTAL: list(portal_keys)}
    for row in _entries():
        yield from _of_entry(row, keys)
    yield from _of_chains()
    yield from (Fault("state", f"{ref} {step}") for ref, step in projection.verify())
    yield from _of_cards()


def _entries() -> Iterator[dict[str, Any]]:
    """All stored entries, in order of their hashes, a batch at a time."""
    last = ""
    sql = f"SELECT {', '.join(COLUMNS)} FROM entry WHERE hash > {mark()} ORDER BY hash LIMIT {BATCH}"
    while rows := database.execute_sql(sql, (last,)).fetchall():
        yield from (dict(zip(COLUMNS, row, strict=True)) for row in rows)
        last = rows[-1][0]


def _of_entry(row: dict[str, Any], keys: Keys) -> Iterator[Fault]:
    token = jws.parse(row["jws"])
    if token is None or hash_of(token.signing_input) != row["hash"]:
        yield Fault("token", row["hash"])
        return
    if not any(jws.signature_fits(token, key) for key in keys.get(row["device"], ())):
        yield Fault("signature", row["hash"])
    entry = from_payload(token.payload, row["hash"])
    signed = {**token.payload, "hash": row["hash"], "corrected": entry.corrected, "jws": row["jws"]}
    yield from (Fault("column", f"{row['hash']} {name}") for name in COLUMNS if row[name] != signed.get(name))


def _of_chains() -> Iterator[Fault]:
    """Neighbours on one tablet where the later one names another forerunner."""
    sql = (
        "SELECT later.hash FROM entry AS later JOIN entry AS earlier ON earlier.device = later.device "
        "AND earlier.seq = later.seq - 1 WHERE later.prev IS NULL OR later.prev <> earlier.hash ORDER BY later.hash"
    )
    yield from (Fault("chain", row[0]) for row in database.execute_sql(sql))


def _of_cards() -> Iterator[Fault]:
    """Graduates whose newest card is not the newest of the cards issued, or whose revocation is not the card's."""
    sql = (
        "SELECT graduate.number FROM graduate LEFT JOIN card ON card.graduate_id = graduate.id AND card.gen = graduate.gen "
        "WHERE graduate.gen <> (SELECT COALESCE(MAX(gen), 0) FROM card WHERE card.graduate_id = graduate.id) "
        "OR graduate.card_revoked <> (card.revoked_at IS NOT NULL) ORDER BY graduate.number"
    )
    yield from (Fault("card", row[0]) for row in database.execute_sql(sql))


def _device_keys() -> Keys:
    rows = database.execute_sql("SELECT id, public_key FROM device")
    return {id_: [jws.jwk_to_public_key(json.loads(text))] for id_, text in rows}
