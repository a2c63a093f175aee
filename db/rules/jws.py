"""Compact JWS with ES256, the one signed form of this system (cards, tablet entries, portal entries).

Guarantees: `parse` and `verify` never raise, whatever they are given; only canonical base64url without padding is
read, so a token has exactly one spelling; only P-256 keys and `"alg": "ES256"` are ever accepted; a header with `crit`
is refused (RFC 7515).
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

ALG = "ES256"
SIGNATURE_BYTES = 64  # r and s, 32 bytes each (RFC 7518 §3.4)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_JSON = json.JSONDecoder(parse_constant=_refuse)  # NaN and Infinity
_ECDSA = ec.ECDSA(SHA256())
_CURVE = ec.SECP256R1()


class Token(NamedTuple):
    """A token's parts, in form but with its signature not yet checked."""

    header: dict[str, Any]
    payload: dict[str, Any]
    signing_input: bytes
    signature: bytes


class SigningKey(NamedTuple):
    """A private key and the name that tokens signed with it carry."""

    kid: str
    private_key: ec.EllipticCurvePrivateKey


def encode(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of canonical base64url without padding; anything else is a ValueError."""
    raw = base64.urlsafe_b64decode(text + "==")  # surplus padding is ignored
    if encode(raw) != text:  # foreign characters, padding, or stray trailing bits
        raise ValueError("not canonical base64url")
    return raw


def sign(header: Mapping[str, Any], payload: Mapping[str, Any], private_key: ec.EllipticCurvePrivateKey) -> str:
    """The compact token over `payload`; `header` gets `"alg": "ES256"` in front."""
    signing_input = f"{_segment({'alg': ALG, **header})}.{_segment(payload)}"
    r, s = decode_dss_signature(private_key.sign(signing_input.encode("ascii"), _ECDSA))
    return f"{signing_input}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def parse(token: object) -> Token | None:
    """The parts of a compact ES256 token, or None when it is not one. The signature is not checked here."""
    if not isinstance(token, str):
        return None
    try:
        head, body, tail = token.split(".")
        header, payload, signature = _object(head), _object(body), decode(tail)
    except (ValueError, RecursionError):
        return None
    if header.get("alg") != ALG or "crit" in header or len(signature) != SIGNATURE_BYTES:
        return None
    return Token(header, payload, f"{head}.{body}".encode("ascii"), signature)


def payload_of(token: str) -> dict[str, Any]:
    """The payload of a token that was checked before it was stored; nothing is checked again."""
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def verify(token: object, public_key: ec.EllipticCurvePublicKey) -> bool:
    """Whether `token` is a compact ES256 token signed by the holder of `public_key`."""
    parts = parse(token)
    return parts is not None and signature_fits(parts, public_key)


def signature_fits(parts: Token, public_key: ec.EllipticCurvePublicKey) -> bool:
    """As `verify`, for a token that is already parsed. Releases the GIL while it computes."""
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or public_key.curve.name != _CURVE.name:
        return False
    r, s = int.from_bytes(parts.signature[:32], "big"), int.from_bytes(parts.signature[32:], "big")
    try:
        public_key.verify(encode_dss_signature(r, s), parts.signing_input, _ECDSA)
    except InvalidSignature:
        return False
    return True


def jwk_to_public_key(jwk: object) -> ec.EllipticCurvePublicKey:
    """The P-256 public key of a JWK; ValueError when it is another kind, not on the curve, or holds a private part."""
    if not isinstance(jwk, Mapping) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise ValueError("not a P-256 key")
    if "d" in jwk:
        raise ValueError("a private key where a public one belongs")
    point = b"\x04"
    for name in ("x", "y"):
        value = jwk.get(name)
        if not isinstance(value, str) or len(raw := decode(value)) != 32:
            raise ValueError(f"{name} is not 32 bytes of base64url")
        point += raw
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)


def public_key_to_jwk(public_key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """The bare JWK: `kty`, `crv`, `x`, `y`."""
    numbers = public_key.public_numbers()
    x, y = (encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638 SHA-256 thumbprint of an EC key, 43 characters."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return encode(hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest())


def _segment(value: Mapping[str, Any]) -> str:
    return encode(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _object(segment: str) -> dict[str, Any]:
    """The JSON object of one segment; ValueError for anything that two readers might read differently."""
    text = decode(segment).decode("utf-8")
    value = _JSON.decode(text)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    if "\\u" in text:
        _segment(value)  # half a surrogate pair is no text: UnicodeEncodeError, which is a ValueError
    return value
