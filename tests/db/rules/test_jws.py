"""The signed form itself: what it signs others verify, what others sign it verifies, and it never raises."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey

from db.rules import jws

PRIVATE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = PRIVATE.public_key()
TOKEN = jws.sign({"kid": "dv_1", "typ": "entry+jwt"}, {"名": "图书馆", "seq": 1}, PRIVATE)


def test_a_token_carries_its_header_and_payload():
    parts = jws.parse(TOKEN)
    assert parts.header == {"alg": "ES256", "kid": "dv_1", "typ": "entry+jwt"}
    assert parts.payload == {"名": "图书馆", "seq": 1}
    assert jws.verify(TOKEN, PUBLIC)


def test_it_verifies_what_a_jose_library_signed():
    foreign = ECKey.generate_key("P-256")
    token = joserfc_jws.serialize_compact({"alg": "ES256", "kid": "x"}, b'{"a": 1}', foreign)
    assert jws.verify(token, jws.jwk_to_public_key(foreign.as_dict(private=False)))
    assert not jws.verify(token, PUBLIC)


def test_its_thumbprint_is_that_of_a_jose_library():
    jwk = jws.public_key_to_jwk(PUBLIC)
    assert jws.thumbprint({**jwk, "kid": "left out"}) == ECKey.import_key(jwk).thumbprint()


def test_a_key_survives_the_way_through_a_jwk():
    assert jws.jwk_to_public_key(jws.public_key_to_jwk(PUBLIC)) == PUBLIC


@pytest.mark.parametrize("wrong", ["", "é", "AA=", "not base64", 5, None, "AAAA"])
@pytest.mark.parametrize("member", ["x", "y", "crv", "kty"])
def test_a_damaged_jwk_is_a_value_error(member, wrong):
    with pytest.raises(ValueError):
        jws.jwk_to_public_key({**jws.public_key_to_jwk(PUBLIC), member: wrong})


@pytest.mark.parametrize("payload", [b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": "\\ud800"}', b"[]", b'"a"', b"\xff"])
def test_a_payload_that_others_would_read_differently_is_no_token(payload):
    head, _, tail = TOKEN.split(".")
    assert jws.parse(f"{head}.{jws.encode(payload)}.{tail}") is None


def test_a_whole_surrogate_pair_is_text():
    head, _, tail = TOKEN.split(".")
    payload = jws.encode(b'{"a": "\\ud842\\udfb7"}')
    assert jws.parse(f"{head}.{payload}.{tail}").payload == {"a": "𠮷"}


@given(st.binary())
def test_base64url_comes_back(raw):
    assert jws.decode(jws.encode(raw)) == raw


@given(st.text(max_size=12) | st.text("AQgw-_=+/ ", max_size=12))
def test_every_other_spelling_is_refused(text):
    try:
        raw = jws.decode(text)
    except ValueError:
        return
    assert jws.encode(raw) == text


@given(st.text() | st.binary() | st.integers() | st.none())
def test_verify_says_no_to_anything_else(token):
    assert jws.verify(token, PUBLIC) is False


def test_only_p256_keys_verify():
    assert jws.verify(TOKEN, ec.generate_private_key(ec.SECP384R1()).public_key()) is False
    assert jws.verify(TOKEN, ec.generate_private_key(ec.SECP256K1()).public_key()) is False
    assert jws.verify(TOKEN, None) is False
