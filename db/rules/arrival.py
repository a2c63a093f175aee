"""A token that arrives at the ledger's door: read, checked for form and for its signature. Pure, so that it can run anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from db.rules import jws
from db.rules.entry import Entry, Malformed, check, from_payload, hash_of


class Arrival(NamedTuple):
    """What a token says. `entry` is set when it is well-formed and signed by its device, else `trouble` names what is wrong first.

    `id` and `device` are what it claims, as far as these can be told and kept; `hash` is None when it is no token at all.
    """

    hash: str | None = None
    id: str | None = None
    device: str | None = None
    entry: Entry | None = None
    trouble: str | None = None


NOTHING = Arrival(trouble="malformed")


@lru_cache(maxsize=4096)
def signer_of(head: str) -> str | None:
    """The device that a token's first segment names, if any. Each device writes the same one again and again.

    What no device is called is not looked for: one odd name would fail the query for all.
    """
    try:
        named = json.loads(jws.decode(head)).get("kid")
    except (ValueError, AttributeError, RecursionError):
        return None
    return named if isinstance(named, str) and len(named) <= 64 and named.isascii() and named.isprintable() else None


def examine(tokens: Sequence[str], keys: Mapping[str, str]) -> list[Arrival]:
    """Each token, in order. `keys`: the JWKs, as JSON, of the devices that are known. Never raises on a token."""
    return [_examine(token, keys) for token in tokens]


def _examine(text: str, keys: Mapping[str, str]) -> Arrival:
    token = jws.parse(text)
    if token is None:
        return NOTHING
    hash_, id_, device = hash_of(token.signing_input), _short(token.payload, "id"), _short(token.payload, "device")
    try:
        check(token)
    except Malformed:
        return Arrival(hash_, id_, device, None, "malformed")
    key = keys.get(token.payload["device"])
    named = token.header.get("kid") == token.payload["device"]
    if key is None or not named or not jws.signature_fits(token, _public_key(key)):
        return Arrival(hash_, id_, device, None, "bad-signature")
    return Arrival(hash_, id_, device, from_payload(token.payload, hash_))


_public_key = lru_cache(maxsize=4096)(lambda jwk: jws.jwk_to_public_key(json.loads(jwk)))


def _short(payload: Mapping[str, object], name: str) -> str | None:
    found = payload.get(name)
    return found if isinstance(found, str) and len(found) <= 64 and "\0" not in found else None
