"""The life of an application, and what may stand in one."""

from datetime import date
from itertools import product

import pytest

from db.rules import proxy as rules
from db.rules.id_number import check_character
from db.rules.message import Names
from db.rules.season import Proxy
from db.rules.step import Reason

TODAY = date(2023, 6, 26)
PLAN = Proxy(
    steps=("library", "diploma"), post=("diploma",), most_days=14, most_graduates=3,
    reasons=(Reason(code="away", name=Names(zh="外地", en="Away")),),
)  # fmt: skip


def identity(born: str = "19900101", place: str = "310101", serial: str = "001") -> str:
    body = place + born + serial
    return body + check_character(body)


def typed(**more):
    data = {
        "kind": "proxy", "reason": "away", "words": "", "steps": "diploma", "name": "甲", "id_number": identity(),
        "phone": "13800000000",
        "own_phone": "13800000001", "from_day": date(2023, 6, 26), "until_day": date(2023, 6, 30), "address": "",
    }  # fmt: skip
    return data | more


def faults(**more):
    return rules.faults(typed(**more), PLAN, identity(serial="777"), frozenset({"diploma", "dorm"}), TODAY)


def test_nothing_leaves_an_application_that_has_ended():
    ended = set(rules.STATES) - rules.OPEN_STATES
    acts = product(ended, rules.MOVES, ("graduate", "counselor", "admin", "system"), rules.KINDS)
    assert not any(rules.after(*one) for one in acts)


def test_the_graduate_may_take_it_back_at_any_time_and_decides_nothing():
    assert all(rules.after(state, "withdraw", "graduate", "proxy") == "withdrawn" for state in rules.OPEN_STATES)
    assert not any(rules.after("submitted", act, "graduate", "proxy") for act in ("approve", "return", "reject", "post"))


def test_only_what_was_sent_is_decided_and_only_what_was_approved_is_revoked_or_posted():
    for state, act in product(rules.STATES, ("approve", "return", "reject")):
        assert bool(rules.after(state, act, "counselor", "proxy")) == (state == "submitted")
    assert rules.after("approved", "revoke", "admin", "proxy") == "revoked"
    assert rules.after("approved", "post", "counselor", "post") == "posted"
    assert rules.after("approved", "post", "counselor", "proxy") is None


def test_an_approval_ends_with_its_last_day_by_itself():
    assert rules.standing("approved", "proxy", date(2023, 6, 26), TODAY) == "approved"
    assert rules.standing("approved", "proxy", date(2023, 6, 25), TODAY) == "expired"
    assert rules.standing("approved", "post", None, TODAY) == "approved"


@pytest.mark.parametrize("text", ["138 0013-8000", "+86 13800138000", "０２１ 12345678", "+44 20 7946 0958"])
def test_telephones_are_taken_as_people_write_them(text):
    assert rules.phone(text)[-4:].isdigit()


@pytest.mark.parametrize("text", ["12800138000", "1380013800", "138001380001", "电话", "+0123456789", ""])
def test_what_is_no_telephone_is_refused(text):
    with pytest.raises(ValueError):
        rules.phone(text)


def test_an_id_number_needs_its_check_character_and_a_day_that_exists():
    good = identity()
    assert rules.identity(f" {good[:6]} {good[6:].lower()}") == good
    for wrong in (good[:-1] + ("0" if good[-1] != "0" else "1"), good[:-1], identity(born="19900230"), ""):
        with pytest.raises(ValueError):
            rules.identity(wrong)


def test_names_are_equal_however_the_dot_and_the_blanks_are_written():
    assert rules.same_name("阿依古丽·买买提", " 阿依古丽•买买提")
    assert rules.same_name("LI Ａn", "li an")
    assert not rules.same_name("安然", "安燃")
    assert not rules.same_name("·", "•")


@pytest.mark.parametrize("name", ["王甲", "阿依古丽·买买提", "Jean-Luc O’Neill Jr.", "Ａn Rán", "आनंद"])
def test_names_of_any_script_name_somebody(name):
    assert rules.names_somebody(name)


@pytest.mark.parametrize("name", ["<script>", "王甲2", "·", "王;甲", "王\n甲"])
def test_what_holds_digits_or_signs_names_nobody(name):
    assert not rules.names_somebody(name)


def test_a_whole_application_has_no_fault():
    assert faults() == {}


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"name": ""}, {"name": "required"}),
        ({"reason": "bored"}, {"reason": "not-of-plan"}),
        ({"steps": "library"}, {"steps": "step-not-for-proxies"}),
        ({"steps": "dorm"}, {"steps": "step-not-for-proxies"}),
        ({"id_number": identity(serial="777")}, {"id_number": "own-id-number"}),
        ({"id_number": identity(born="20050627")}, {"id_number": "not-of-age"}),
        ({"id_number": identity(born="20050626")}, {}),
        ({"until_day": date(2023, 6, 25)}, {"until_day": "ends-before-it-begins"}),
        ({"from_day": date(2023, 6, 1), "until_day": date(2023, 6, 2)}, {"until_day": "days-over"}),
        ({"from_day": date(2023, 6, 1), "until_day": date(2023, 6, 25)}, {"until_day": "days-over"}),
        ({"from_day": TODAY, "until_day": TODAY}, {}),
        ({"until_day": date(2023, 7, 9)}, {}),
        ({"until_day": date(2023, 7, 10)}, {"until_day": ("too-many-days", {"most": 14})}),
        ({"kind": "post", "address": "短"}, {"address": ("answer-address-short", {"least": 8})}),
        ({"name": "<script>"}, {"name": "no-name"}),
        ({"kind": "post", "address": "某省某路 1 号", "id_number": "", "own_phone": "", "from_day": None, "until_day": None}, {}),
        ({"kind": "post"}, {"address": "required"}),
    ],
)
def test_what_is_missing_or_wrong_is_named_by_field(more, fault):
    assert faults(**more) == fault


def test_a_parcels_number_is_letters_and_digits():
    assert rules.tracking("ee 1234 5678-9cn") == "EE123456789CN"
    for wrong in ("1234567", "x" * 21, "EE12345678？"):
        with pytest.raises(ValueError):
            rules.tracking(wrong)
