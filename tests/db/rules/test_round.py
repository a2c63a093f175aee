"""What an entry tells of a round is read as far as it makes sense, and never harms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.rules.round import Damage, Round, read

CHAIR = {"code": "chair", "words": "", "amount": 6500, "share": 2167, "among": 3}


def test_a_round_is_read():
    told = {"room": "兰园1栋 305", "inspection": {"clean": True, "power": False}, "key": True, "damages": [CHAIR]}
    assert read({"round": told}) == Round(
        "兰园1栋 305", (("clean", True), ("power", False)), True, (Damage("chair", "", 6500, 2167, 3),)
    )


def test_an_entry_without_one_tells_of_none():
    assert read({}) is None
    assert read({"round": None}) is None


@pytest.mark.parametrize(
    "odd",
    [{"share": 6501}, {"share": -1}, {"among": 0}, {"amount": "6500"}, {"amount": True}, {"code": "", "words": " "}, {"code": 7}],
)
def test_a_damage_that_makes_no_sense_is_left_out(odd):
    found = read({"round": {"damages": [CHAIR | odd, CHAIR, "chair", None]}})
    assert found
    assert [damage.code for damage in found.damages] == ["chair"]


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["room", "inspection", "key", "damages", "code", "words", "amount", "share", "among"]),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_nothing_that_json_can_say_makes_it_fail(told):
    read({"round": told})
