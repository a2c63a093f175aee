"""Writes card.json, the vectors of `card` that Python and JavaScript share: `python tests/vectors/make_card.py`.

The keys are made from fixed numbers and the signatures are deterministic, so that a second run writes the same file.
Signed with `cryptography` alone, not with the product, so that the product is measured against something else.
"""

import base64
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

NOW = "2023-06-26T01:30:00.000Z"
EXP = 1_688_169_600  # 2023-07-01T00:00:00Z
CARD = {"sub": "gr_7hQ2mXv9Ka", "gen": 2, "exp": EXP}
KEY, OTHER = (ec.derive_private_key(number, ec.SECP256R1()) for number in (20230626, 19991231))


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwk(key: ec.EllipticCurvePrivateKey, kid: str) -> dict:
    numbers = key.public_key().public_numbers()
    x, y = (b64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "use": "sig", "alg": "ES256"}


def token(payload: object = None, header: dict | None = None, key: ec.EllipticCurvePrivateKey = KEY) -> str:
    head = {"alg": "ES256", "kid": "card-1", "typ": "card+jwt"} | (header or {})
    body = CARD if payload is None else payload
    return signed(".".join(b64(json.dumps(part, separators=(",", ":")).encode()) for part in (head, body)), key)


def signed(text: str, key: ec.EllipticCurvePrivateKey = KEY) -> str:
    der = key.sign(text.encode(), ec.ECDSA(SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


KEYS = {"keys": [jwk(KEY, "card-1"), jwk(OTHER, "card-2")]}
READ = {"ref": CARD["sub"], "gen": 2, "exp": EXP, "kid": "card-1"}
GOOD = token()
HEAD, BODY, TAIL = GOOD.split(".")
DER = b64(KEY.sign(f"{HEAD}.{BODY}".encode(), ec.ECDSA(SHA256(), deterministic_signing=True)))


def vectors() -> list[dict]:
    """Every vector; `expect` is written here by hand, never computed by the code under test."""
    made = []

    def add(name: str, text: object, expect: dict, now: str = NOW, keys: object = None) -> None:
        made.append({"name": name, "input": {"token": text, "keys": KEYS if keys is None else keys, "now": now}, "expect": expect})

    def unreadable(name: str, text: object) -> None:
        add(name, text, {"status": "unreadable"})

    add("a card signed with a known key is valid", GOOD, {"status": "valid"} | READ)
    add(
        "any published key may have signed it",
        token(header={"kid": "card-2"}, key=OTHER),
        {"status": "valid"} | READ | {"kid": "card-2"},
    )
    add("a proxy's card carries the proxy", token(CARD | {"prx": "px_01"}), {"status": "valid"} | READ | {"prx": "px_01"})
    add("unknown payload members are passed over", token(CARD | {"iss": "x"}), {"status": "valid"} | READ)
    add("a gen of 1.0 is the number 1", token(CARD | {"gen": 1.0}), {"status": "valid"} | READ | {"gen": 1})
    add("the last second before its end counts", GOOD, {"status": "valid"} | READ, now="2023-06-30T23:59:59.999Z")
    add("it is expired at its very end", GOOD, {"status": "expired"} | READ, now="2023-07-01T00:00:00.000Z")
    add("a forged card is forged even after its end", token(key=OTHER), {"status": "forged"} | READ, now="2024-01-01T00:00:00.000Z")
    add("signed by another known key under this kid is forged", token(key=OTHER), {"status": "forged"} | READ)
    add(
        "a changed payload is forged",
        f"{HEAD}.{token(CARD | {'gen': 3}).split('.')[1]}.{TAIL}",
        {"status": "forged"} | READ | {"gen": 3},
    )
    add("a signature of zeros is forged", f"{HEAD}.{BODY}.{b64(bytes(64))}", {"status": "forged"} | READ)
    add(
        "an unknown kid cannot be checked here",
        token(header={"kid": "card-9"}),
        {"status": "unknown-key"} | READ | {"kid": "card-9"},
    )
    add("a kid of a rehearsal says so", token(header={"kid": "RH7x"}), {"status": "rehearsal"} | READ | {"kid": "RH7x"})
    add("a longer kid is none", token(header={"kid": "RH7xy"}), {"status": "unknown-key"} | READ | {"kid": "RH7xy"})
    add("without any keys nothing can be checked", GOOD, {"status": "unknown-key"} | READ, keys={"keys": []})
    add(
        "a key on another curve is no key",
        GOOD,
        {"status": "unknown-key"} | READ,
        keys={"keys": [{"kty": "EC", "crv": "P-384", "kid": "card-1", "x": KEYS["keys"][0]["x"], "y": KEYS["keys"][0]["y"]}]},
    )
    add(
        "a key off the curve is no key",
        GOOD,
        {"status": "unknown-key"} | READ,
        keys={"keys": [KEYS["keys"][0] | {"y": KEYS["keys"][0]["x"]}]},
    )
    add(
        "a symmetric key of that name is no key",
        GOOD,
        {"status": "unknown-key"} | READ,
        keys={"keys": [{"kty": "oct", "kid": "card-1", "k": "c2VjcmV0"}]},
    )

    unreadable("nothing", "")
    unreadable("a web address", "https://example.org/card?id=1")
    unreadable("two parts", f"{HEAD}.{BODY}")
    unreadable("four parts", f"{GOOD}.x")
    unreadable("cut off", GOOD[:-10])
    unreadable("padding", f"{HEAD}=.{BODY}.{TAIL}")
    unreadable("plain base64 instead of base64url", f"{HEAD}.{BODY}.{'+' + TAIL[1:]}")
    unreadable("a stray trailing bit in the signature", GOOD[:-1] + chr(ord(GOOD[-1]) + 1))
    unreadable("a DER signature", f"{HEAD}.{BODY}.{DER}")
    unreadable("no signature", f"{HEAD}.{BODY}.")
    unreadable("alg none", f"{b64(json.dumps({'alg': 'none', 'kid': 'card-1', 'typ': 'card+jwt'}).encode())}.{BODY}.")
    unreadable("alg HS256", token(header={"alg": "HS256"}))
    unreadable("alg es256 in small letters", token(header={"alg": "es256"}))
    unreadable("a journal entry instead of a card", token(header={"typ": "entry+jwt"}))
    unreadable("a critical extension", token(header={"crit": ["b64"], "b64": False}))
    unreadable("no kid", token(header={"kid": None}))
    unreadable("an empty kid", token(header={"kid": ""}))
    unreadable("a payload that is a list", token([1]))
    unreadable("a payload that is not JSON", signed(f"{HEAD}.{b64(b'{')}"))
    unreadable("a payload that is not UTF-8", signed(f"{HEAD}.{b64(bytes([0x7B, 0xFF, 0x7D]))}"))
    unreadable("a ref of 9 characters", token(CARD | {"sub": "abcdefghi"}))
    unreadable("a ref of 17 characters", token(CARD | {"sub": "abcdefghijklmnopq"}))
    unreadable("a ref with a foreign character", token(CARD | {"sub": "abcdefghi+"}))
    unreadable("a ref with a line end", token(CARD | {"sub": "abcdefghij\n"}))
    unreadable("no gen", token({"sub": CARD["sub"], "exp": EXP}))
    unreadable("gen 0", token(CARD | {"gen": 0}))
    unreadable("gen 1.5", token(CARD | {"gen": 1.5}))
    unreadable("gen as text", token(CARD | {"gen": "1"}))
    unreadable("gen true", token(CARD | {"gen": True}))
    unreadable("gen beyond whole numbers", token(CARD | {"gen": 2**60}))
    unreadable("exp as text", token(CARD | {"exp": str(EXP)}))
    unreadable("prx null", token(CARD | {"prx": None}))
    unreadable("an empty prx", token(CARD | {"prx": ""}))
    unreadable("a prx of 65 characters", token(CARD | {"prx": "p" * 65}))
    unreadable("far too long", GOOD + "A" * 5000)
    return made


if __name__ == "__main__":
    Path(__file__).with_name("card.json").write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
