"""The clearance card: a signed compact token that a station can check with no network (docs/rules.md, `card`).

`sign_card` makes the token; `read_card` says what a scanned text is. Only a token made with one of the given keys is
ever `valid`; everything else gets a status of its own and never an exception.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from db.rules import jws

TYPE = "card+jwt"
VALID = "valid"
EXPIRED = "expired"
UNKNOWN_KEY = "unknown-key"
REHEARSAL = "rehearsal"
REHEARSAL_KID = "RH"
"""How names of a rehearsal's card keys begin, and of no other's."""
FORGED = "forged"
UNREADABLE = "unreadable"
TYPED = "typed"
MOST_CHARACTERS = 4096  # no QR code carries more, and no card comes near it
_REF = re.compile(r"[A-Za-z0-9_-]{10,16}")
_GREATEST = 2**53 - 1  # what JavaScript reads exactly

PublicKeys = Mapping[str, ec.EllipticCurvePublicKey]


@dataclass(frozen=True, slots=True)
class CardReading:
    """What a scanned text turned out to be; all but `status` is None when it is unreadable. `exp` in unix seconds."""

    status: str
    ref: str | None = None
    gen: int | None = None
    exp: int | None = None
    prx: str | None = None
    kid: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The reading as the rules pass it on: absent values left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def sign_card(key: jws.SigningKey, ref: str, gen: int, exp: int, prx: str | None = None) -> str:
    """The token of one card. `exp` in unix seconds; `prx` on a proxy's card. ValueError if no station could read it."""
    payload = {"sub": ref, "gen": gen, "exp": exp} | ({} if prx is None else {"prx": prx})
    if _claims(payload) is None:
        raise ValueError(f"not a card's payload: {payload!r}")
    return jws.sign({"kid": key.kid, "typ": TYPE}, payload, key.private_key)


def read_card(token: object, keys: PublicKeys, now: int) -> CardReading:
    """The reading of a scanned text. `keys` are those known here, by kid; `now` in epoch milliseconds."""
    if not isinstance(token, str) or len(token) > MOST_CHARACTERS:
        return CardReading(UNREADABLE)
    parts = jws.parse(token)
    if parts is None or parts.header.get("typ") != TYPE:
        return CardReading(UNREADABLE)
    kid, claims = parts.header.get("kid"), _claims(parts.payload)
    if not isinstance(kid, str) or not kid or claims is None:
        return CardReading(UNREADABLE)
    if kid not in keys:
        status = REHEARSAL if of_rehearsal(kid) else UNKNOWN_KEY
    elif not jws.signature_fits(parts, keys[kid]):
        status = FORGED
    else:
        status = EXPIRED if now >= claims["exp"] * 1000 else VALID
    return CardReading(status, kid=kid, **claims)


def of_rehearsal(kid: str) -> bool:
    """Whether a card key of this name belongs to a rehearsal."""
    return kid.startswith(REHEARSAL_KID) and len(kid) == 4


def public_keys(jwks: object) -> dict[str, ec.EllipticCurvePublicKey]:
    """The usable keys of a JWKS by kid. Keys of other kinds are passed over, as RFC 7517 §5 asks."""
    listed = jwks.get("keys") if isinstance(jwks, Mapping) else None
    found: dict[str, ec.EllipticCurvePublicKey] = {}
    for jwk in listed if isinstance(listed, list) else ():
        try:
            key = jws.jwk_to_public_key(jwk)
        except ValueError:
            continue
        if isinstance(kid := jwk.get("kid"), str) and kid:
            found[kid] = key
    return found


def _claims(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """`ref`, `gen`, `exp`, `prx` of a right payload, else None."""
    ref, gen, exp = payload.get("sub"), _whole(payload.get("gen")), _whole(payload.get("exp"))
    if not isinstance(ref, str) or not _REF.fullmatch(ref) or gen is None or gen < 1 or exp is None:
        return None
    prx = payload.get("prx")
    if "prx" in payload and not (isinstance(prx, str) and 1 <= len(prx) <= 64):
        return None
    return {"ref": ref, "gen": gen, "exp": exp, "prx": prx}


def _whole(value: object) -> int | None:
    """A JSON number that is an integer in both languages: 2 and 2.0, neither true nor 2**60."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if -_GREATEST <= value <= _GREATEST and value == int(value) else None
