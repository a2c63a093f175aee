"""What is an entry and what is not; its hash and its times."""

import base64
import hashlib
import json
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from db.rules import jws
from db.rules.entry import (
    LATEST_MS,
    MAX_MS,
    MAX_SEQ,
    Malformed,
    check,
    corrected_time,
    format_moment,
    from_payload,
    from_stored,
    hash_of,
    parse_moment,
)
from db.rules.fold import Facts, fold

KEY = ec.generate_private_key(ec.SECP256R1())
ID = "8d3a1f60-5b1e-4f0a-9c3e-2f6b8a7c1d2e"
HASH = "AAAAAAAAAAAAAAA_"
GOOD = {
    "id": ID, "seq": 12, "prev": HASH, "device": "dv_1", "operator": "wang", "shift": None, "station": "library",
    "at": "2023-06-26T01:00:00.000Z", "offset": -420, "cursor": "c1", "saw": [HASH], "act": "clear", "student": "gr_0000000001",
    "step": "library", "card": {"gen": 1, "via": "scan"}, "proxy": None, "target": None, "reason": None, "amount": None,
    "attachments": [],
}  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def token(payload, header=None):
    return jws.Token({"alg": "ES256", "kid": "dv_1", "typ": "entry+jwt", **(header or {})}, payload, b"head.body", b"")


def trouble(payload, header=None):
    try:
        check(token(payload, header))
    except Malformed as malformed:
        return str(malformed)
    return None


def test_a_full_entry_is_right():
    assert trouble(GOOD) is None


def test_what_may_be_absent_may_be_absent():
    needed = ("id", "seq", "prev", "device", "operator", "station", "at", "act", "student", "step")
    assert trouble({name: GOOD[name] for name in needed}) is None
    assert trouble({**GOOD, "invented": {"later": True}}) is None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("id", [None, 1, "", "no-uuid", ID[:-1], ID + "\n", ID + "0"]),
        ("seq", [None, 0, -1, 1.0, "1", True, MAX_SEQ + 1, 10**400]),
        ("prev", [None, "", "short", 5, HASH + "A", HASH[:-1] + "+"]),
        ("device", [None, "", "x" * 65, "a\0b", 5]),
        ("operator", [None, "", "x" * 65, "a\0b", ["wang"]]),
        ("station", [None, "", 5]),
        ("at", [None, "", "yesterday", "2023-06-26T01:00:00", "2023-06-26T01:00:00+00:00", "2023-13-01T00:00:00Z", 1_687_741_200]),
        ("offset", [None, 1.5, "0", MAX_MS + 1, -(10**400), True]),
        ("saw", [None, "x", [1], ["short"], [HASH] * 101, {"a": 1}]),
        ("attachments", [["x"], "x", [None], ["a" * 64] * 21, ["A" * 64]]),
        ("amount", [-1, 1.5, "1", True, 10**12 + 1]),
        ("card", [[], "scan", 1]),
        ("card.gen", [{"gen": 0, "via": "scan"}, {"gen": "1", "via": "scan"}, {"gen": 2**70, "via": "scan"}]),
        ("card.via", [{"gen": 1}, {"gen": 1, "via": "magic"}, {"gen": 1, "via": ["scan"]}, {"gen": 1, "via": {}}]),
        ("act", [None, "", "approve", "submit", "waive", "return", "reopen", ["clear"], {}]),
        ("student", [None, "", 5, "x" * 65, "a\0b"]),
        ("step", [None, "", 5, "x" * 65]),
        ("reason", [5, "x" * 2001, "a\0b", ["x"]]),
        ("target", [5, "x" * 65]),
        ("proxy", [5, {}]),
        ("shift", [5, "x" * 65]),
        ("cursor", [5, "x" * 513]),
    ],
)
def test_each_wrong_value_is_malformed_and_named(name, values):
    field = name.split(".")[0]
    assert {trouble({**GOOD, field: value}) for value in values} == {name}


def test_the_first_entry_names_no_entry_before_it_and_every_other_does():
    assert trouble({**GOOD, "seq": 1, "prev": None}) is None
    assert trouble({**GOOD, "seq": 1}) == "prev"


def test_an_undo_needs_its_target():
    assert trouble({**GOOD, "act": "undo", "target": ID}) is None
    assert trouble({**GOOD, "act": "undo"}) == "target"


def test_a_refusal_and_a_note_need_neither_student_nor_step():
    for act in ("refuse", "note"):
        assert trouble({**GOOD, "act": act, "student": None, "step": None}) is None


def test_a_card_token_is_no_entry():
    assert trouble(GOOD, {"typ": "card+jwt"})
    assert trouble(GOOD, {"typ": None})


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, json_values)), st.sets(st.sampled_from(sorted(GOOD))))
def test_whatever_a_payload_holds_it_is_an_entry_or_malformed(odd, kept):
    payload = {**{name: GOOD[name] for name in kept}, **{name: odd[name] for name in odd if name not in kept}}
    if trouble(payload) is None:
        entry = from_payload(payload, HASH)
        assert fold([entry], Facts()).state in ("open", "cleared", "held", "collected")


@given(st.dictionaries(st.sampled_from([*GOOD, "x"]), json_values))
def test_random_payloads_are_malformed_never_an_error(payload):
    assert trouble(payload, {"typ": "entry+jwt"})


def test_a_hash_is_that_of_what_is_signed():
    made = jws.sign({"kid": "dv_1", "typ": "entry+jwt"}, GOOD, KEY)
    signed = made.rpartition(".")[0].encode()
    assert hash_of(signed) == base64.urlsafe_b64encode(hashlib.sha256(signed).digest()).decode()[:16]
    assert hash_of(jws.parse(made).signing_input) == hash_of(signed)


def test_a_stored_token_is_read_back_as_it_was_checked():
    made = jws.sign({"kid": "dv_1", "typ": "entry+jwt"}, GOOD, KEY)
    assert from_stored(made, HASH) == from_payload(json.loads(json.dumps(GOOD)), HASH)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.001Z", 1),
        ("1970-01-01T00:00:00.0019999Z", 1),
        ("2023-06-26T01:31:05.120Z", 1_687_743_065_120),
        ("9999-12-31T23:59:59.999Z", MAX_MS),
    ],
)
def test_moments(text, ms):
    assert parse_moment(text) == ms


@pytest.mark.parametrize(
    "text",
    ["", "0000-01-01T00:00:00Z", "2023-02-30T00:00:00Z", "2023-06-26T24:00:00Z", "2023-06-26T23:59:60Z", "2023-06-26T01:00:00.Z",
     "2023-06-26T01:00:00.1234567890Z", "2023-06-26t01:00:00z", " 2023-06-26T01:00:00Z", "2023-06-26T01:00:00Z\n",
     "2023-06-26T01:00:00.٣Z", "٢٠٢٣-06-26T01:00:00Z", None, 5, ["2023-06-26T01:00:00Z"]],
)  # fmt: skip
def test_what_is_no_moment(text):
    assert parse_moment(text) is None


@given(st.integers(0, MAX_MS))
def test_moments_are_written_as_they_are_read(ms):
    assert parse_moment(format_moment(ms)) == ms


@given(st.fixed_dictionaries({}, optional={"at": json_values, "offset": json_values}))
def test_a_corrected_time_is_always_one_that_a_date_can_hold(payload):
    assert 0 <= corrected_time(payload) <= LATEST_MS


@pytest.mark.parametrize("hours", [-12, 8, 14])
def test_the_latest_corrected_time_is_a_date_in_every_zone(hours):
    latest = corrected_time({"at": "9999-12-31T23:59:59.999Z", "offset": MAX_MS})
    assert datetime.fromtimestamp(latest / 1000, timezone(timedelta(hours=hours))).year == 9999
