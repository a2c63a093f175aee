"""A card is read as docs/rules.md says, in the shared vectors and beyond them; other people's JOSE libraries agree."""

import hmac
import json
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import KeySet

from db.rules import jws
from db.rules.card import CardReading, public_keys, read_card, sign_card

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "card.json").read_text(encoding="utf-8"))
KEY = jws.SigningKey("k1Ab", ec.generate_private_key(ec.SECP256R1()))
JWKS = {"keys": [{**jws.public_key_to_jwk(KEY.private_key.public_key()), "kid": KEY.kid, "alg": "ES256"}]}
KEYS = public_keys(JWKS)
REF, EXP, NOW = "Zx81-_aBcD12", 1_704_038_400, 1_687_743_065_120
CARD = sign_card(KEY, REF, 1, EXP)

refs = st.text("ABCXYZabcxyz0189_-", min_size=10, max_size=16)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
claims = st.fixed_dictionaries({}, optional={"sub": refs | json_values, "gen": json_values, "exp": json_values, "prx": json_values})
headers = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from(["ES256", "none", "HS256", "ES384"]) | json_values,
        "kid": st.sampled_from(["k1Ab", "other"]) | json_values,
        "typ": st.just("card+jwt") | json_values,
    },
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_it_reads_the_shared_vectors(vector):
    given, expect = vector["input"], vector["expect"]
    now = int(datetime.fromisoformat(given["now"]).timestamp() * 1000)
    reading = read_card(given["token"], public_keys(given["keys"]), now).as_dict()
    assert reading == expect
    assert {name: type(value) for name, value in reading.items()} == {name: type(value) for name, value in expect.items()}


@given(ref=refs, gen=st.integers(1, 2**53 - 1), exp=st.integers(NOW // 1000 + 1, 2**53 - 1), prx=st.none() | refs)
def test_every_card_it_signs_is_read_back_whole(ref, gen, exp, prx):
    token = sign_card(KEY, ref, gen, exp, prx)
    assert read_card(token, KEYS, NOW) == CardReading("valid", ref, gen, exp, prx, KEY.kid)


@pytest.mark.parametrize(
    ("ref", "gen", "exp", "prx"),
    [("short", 1, EXP, None), (REF, 0, EXP, None), (REF, True, EXP, None), (REF, 1, 1.5, None), (REF, 1, EXP, "")],
)
def test_it_does_not_sign_what_no_station_could_read(ref, gen, exp, prx):
    with pytest.raises(ValueError, match="not a card"):
        sign_card(KEY, ref, gen, exp, prx)


@given(st.text() | st.binary() | json_values)
def test_anything_scanned_gets_a_reading(scanned):
    assert read_card(scanned, KEYS, NOW).status == "unreadable"


@given(header=headers, payload=claims | json_values, signature=st.binary(min_size=60, max_size=66))
def test_nothing_unsigned_is_valid(header, payload, signature):
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    assert read_card(".".join(map(jws.encode, parts)), KEYS, NOW).status in {"unreadable", "forged", "unknown-key"}


@given(header=headers, payload=claims)
def test_what_is_signed_with_the_key_is_valid_only_if_it_is_a_right_card(header, payload):
    """Even the holder of the key makes no valid card but of the one shape."""
    reading = read_card(jws.sign(header, payload, KEY.private_key), KEYS, NOW)
    if reading.status == "valid":
        assert header["kid"] == KEY.kid
        assert sign_card(KEY, payload["sub"], int(payload["gen"]), int(payload["exp"]), payload.get("prx"))


@given(position=st.integers(0, len(CARD) - 1), character=st.characters())
def test_one_changed_character_is_never_valid(position, character):
    altered = CARD[:position] + character + CARD[position + 1 :]
    assert (read_card(altered, KEYS, NOW).status == "valid") == (altered == CARD)


def test_another_kid_on_a_card_never_makes_it_valid():
    _, payload, signature = CARD.split(".")
    both = {**KEYS, "k2Cd": ec.generate_private_key(ec.SECP256R1()).public_key()}
    for kid, status in (("k2Cd", "forged"), ("k9Zz", "unknown-key")):
        header = jws.encode(json.dumps({"alg": "ES256", "kid": kid, "typ": "card+jwt"}).encode())
        assert read_card(f"{header}.{payload}.{signature}", both, NOW).status == status


@pytest.mark.parametrize("secret", ["PEM", "JWK", "x"])
def test_the_public_key_is_no_secret_of_a_symmetric_signature(secret):
    public = KEY.private_key.public_key()
    secrets = {
        "PEM": public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        "JWK": json.dumps(JWKS["keys"][0]).encode(),
        "x": jws.decode(JWKS["keys"][0]["x"]),
    }
    header = jws.encode(json.dumps({"alg": "HS256", "kid": KEY.kid, "typ": "card+jwt"}).encode())
    signing_input = f"{header}.{CARD.split('.')[1]}"
    for digest in ("sha256", "sha512"):  # the second is as long as an ES256 signature
        mac = hmac.digest(secrets[secret], signing_input.encode(), digest)
        assert read_card(f"{signing_input}.{jws.encode(mac)}", KEYS, NOW).status == "unreadable"


@pytest.mark.parametrize("curve", [ec.SECP256K1(), ec.SECP384R1()])
def test_a_signature_on_another_curve_is_not_accepted(curve):
    head, payload, _ = CARD.split(".")
    other = ec.generate_private_key(curve)
    r, s = decode_dss_signature(other.sign(f"{head}.{payload}".encode(), ec.ECDSA(SHA256())))
    size = (curve.key_size + 7) // 8
    token = f"{head}.{payload}.{jws.encode(r.to_bytes(size, 'big') + s.to_bytes(size, 'big'))}"
    assert read_card(token, KEYS, NOW).status in {"forged", "unreadable"}
    assert read_card(token, {KEY.kid: other.public_key()}, NOW).status in {"forged", "unreadable"}


@pytest.mark.parametrize("depth", [100, 100_000])
def test_deep_nesting_is_unreadable(depth):
    nested = jws.encode(b'{"a":' + b"[" * depth + b"]" * depth + b"}")
    assert read_card(f"{nested}.{nested}.{jws.encode(bytes(64))}", KEYS, NOW).status == "unreadable"


def test_a_number_of_five_thousand_digits_is_unreadable():
    payload = jws.encode(b'{"sub":"abcdefghij","exp":1,"gen":' + b"9" * 2500 + b"}")
    head, _, tail = CARD.split(".")
    assert read_card(f"{head}.{payload}.{tail}", KEYS, NOW).status == "unreadable"


def test_keys_of_other_kinds_in_a_jwks_are_passed_over():
    jwk = JWKS["keys"][0]
    strange = [
        None,
        {},
        {"kty": "oct", "kid": "a", "k": "AAAA"},
        {**jwk, "kid": "other-curve", "crv": "P-384"},
        {**jwk, "kid": "off-the-curve", "y": jwk["x"]},
        {**jwk, "kid": "private", "d": jwk["x"]},
        {**jwk, "kid": 7},
    ]
    assert list(public_keys({"keys": [*strange, jwk]})) == [KEY.kid]
    assert public_keys(None) == public_keys({}) == public_keys({"keys": 3}) == {}


def test_a_key_on_another_curve_accepts_nothing():
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    assert read_card(CARD, {KEY.kid: other}, NOW).status == "forged"


def test_a_jose_library_verifies_a_card_with_nothing_but_the_jwks():
    published = json.loads(json.dumps(JWKS))
    verified = joserfc_jws.deserialize_compact(CARD, KeySet.import_key_set(published), algorithms=["ES256"])
    assert json.loads(verified.payload) == {"sub": REF, "gen": 1, "exp": EXP}
    assert verified.headers() == {"alg": "ES256", "kid": KEY.kid, "typ": "card+jwt"}
