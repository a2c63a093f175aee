"""Entries as a tablet signs them: written from the protocol's page, sharing nothing with the product's own code."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(eq=False)
class Made:
    """An entry, with what the simulation knows of its way.

    `trouble` is the code for which it belongs into quarantine whenever it arrives; `reached` the path and tick on which it first
    arrived (None: never); `quarantined` the code it had to get then, `admitted` whether a reviewer let it count later; `told` the
    first outcome the portal told of it. `before` is what the screen showed before it; `right` by what something was handed over:
    `custody`, `asked` (the portal, at that moment), `forced` (neither).
    """

    token: str
    hash: str
    payload: dict[str, Any]
    trouble: str | None = None
    before: Any = None
    right: str | None = None
    answered: bool = False
    reached: str | None = None
    quarantined: str | None = None
    admitted: bool = False
    told: str | None = None
    corrected: int = field(init=False)

    def __post_init__(self) -> None:
        self.corrected = corrected(self.payload) if "at" in self.payload else 0

    @property
    def key(self) -> tuple[str | None, str | None]:
        return self.payload.get("student"), self.payload.get("step")

    @property
    def counts(self) -> bool:
        """Whether it arrived and is not in quarantine, or was admitted from there."""
        return self.reached is not None and (self.quarantined is None or self.admitted)


def sign(key: ec.EllipticCurvePrivateKey, kid: str, payload: dict[str, Any], **fields: Any) -> Made:
    """A compact JWS over the payload."""
    head = _part({"alg": "ES256", "kid": kid, "typ": "entry+jwt"})
    signing_input = f"{head}.{_part(payload)}"
    r, s = utils.decode_dss_signature(key.sign(signing_input.encode(), ec.ECDSA(hashes.SHA256())))
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return Made(f"{signing_input}.{base64url(raw)}", hash_of(signing_input), payload, **fields)


def hash_of(signing_input: str) -> str:
    """The first 16 characters of base64url(SHA-256(header.payload))."""
    return base64url(hashlib.sha256(signing_input.encode()).digest())[:16]


def read(token: str) -> Made:
    """An entry that the portal made itself; its signature is `clearance ledger verify`'s to check."""
    signing_input = token.rpartition(".")[0]
    body = signing_input.split(".")[1]
    payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return Made(token, hash_of(signing_input), payload, reached="portal")


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def moment(ms: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return (EPOCH + timedelta(milliseconds=ms)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def milliseconds(text: str) -> int:
    """Epoch milliseconds of a moment."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def corrected(payload: dict[str, Any]) -> int:
    """`at` + `offset` in epoch milliseconds."""
    return milliseconds(payload["at"]) + payload["offset"]


def _part(value: dict[str, Any]) -> str:
    return base64url(json.dumps(value, separators=(",", ":")).encode())
