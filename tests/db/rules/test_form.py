"""What a form takes, refuses and doubts; whose review follows whose."""

from datetime import date

import pytest

from db.rules.form import About, after, asked, doubts, read, settles
from db.rules.plan import load
from tests.db.rules.planfile import SHIPPED

AN = About("安然", date(2023, 4, 24), date(2023, 7, 14), date(2023, 6, 26))
PLAN = load(SHIPPED.read_text("utf-8"), "2023.toml")
NO_DATE = ("answer-no-date", {"day": "2023-06-26"})
ADDRESS = {"unit": "某市人才服务中心", "address": "某省某市某区某路 1 号", "recipient": "档案室", "phone": "010-88886666"}


def of(step, **typed):
    return read(PLAN.step(step).form, typed, AN)


def test_a_good_form_is_taken_as_it_is_kept():
    found = of("archive-address", **ADDRESS | {"unit": " 某市人才 服务中心\t", "phone": "138 0013 8000"})
    assert (found.faults, found.doubts) == ({}, {})
    assert found.answers == ADDRESS | {"unit": "某市人才 服务中心", "phone": "13800138000"}


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("unit", "", "required"),
        ("unit", "安 然", "answer-private-address"),
        ("unit", "寄到家里", "answer-private-address"),
        ("unit", "父亲", "answer-private-address"),
        ("recipient", "安然", "answer-oneself"),
        ("recipient", "本人", "answer-oneself"),
        ("phone", "12345", "answer-no-phone"),
        ("address", "某路 1 号", ("answer-address-short", {"least": 8})),
        ("unit", "所" * 81, ("answer-too-long", {"most": 80, "count": 81})),
        ("unit", "某局\x00", "answer-unusable"),
    ],
)
def test_what_cannot_be_taken_is_told_field_by_field(field, typed, fault):
    assert of("archive-address", **ADDRESS | {field: typed}).faults == {field: fault}


@pytest.mark.parametrize(
    ("field", "typed", "doubt"),
    [
        ("unit", "王先生", "looks-no-unit"),
        ("unit", "本人所在公司", "looks-no-unit"),
        ("address", "某市某区幸福小区 3 栋 2 单元", "looks-private"),
        ("address", "某市某路 8 号学生公寓 101", "looks-private"),
    ],
)
def test_what_looks_private_is_doubted_and_not_refused(field, typed, doubt):
    found = of("archive-address", **ADDRESS | {field: typed})
    assert (found.faults, found.doubts) == ({}, {field: doubt})


@pytest.mark.parametrize("unit", ["某某科技有限公司", "Some Company Ltd.", "某大学研究生院", "某市家庭服务公司", "某镇人民政府"])
def test_units_are_no_doubt_or_at_most_one(unit):
    assert of("archive-address", **ADDRESS | {"unit": unit}).faults == {}


@pytest.mark.parametrize(
    ("typed", "fault"),
    [("2023-06-31", NO_DATE), ("soon", NO_DATE),
     ("2024-01-01", ("answer-outside-season", {"first": "2023-04-24", "last": "2023-07-14"}))],
)  # fmt: skip
def test_a_date_exists_and_lies_within_the_season(typed, fault):
    assert of("departure", day=typed, transport="train").faults == {"day": fault}


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("confirmed", "2023-06-26", None), ("confirmed", "2023-06-27", "answer-in-future"),
        ("contact", "父亲 安某，138 0013 8000", None), ("contact", "mother, +44 20 7946 0958", None),
        ("contact", "父亲", "answer-without-phone"), ("contact", "父亲，12345678", "answer-without-phone"),
    ],
)  # fmt: skip
def test_a_loan_was_confirmed_already_and_who_else_is_reached_has_a_number(field, typed, fault):
    usual = {"confirmed": "2023-06-01", "phone": "13800138000", "contact": "父亲，13800138000"}
    assert of("loan", **usual | {field: typed}).faults == ({field: fault} if fault else {})


def test_what_hangs_on_a_choice_is_asked_of_those_alone_who_made_it():
    form = PLAN.step("record-check").form
    right, wrong = {"answer": "right", "error": "left over"}, {"answer": "error", "error": ""}
    assert read(form, right, AN).answers == {"answer": "right"}
    assert read(form, wrong, AN).faults == {"error": "required"}
    assert not asked(form[1], right)


def test_confirming_needs_no_review_and_an_error_has_to_be_looked_at():
    form = PLAN.step("record-check").form
    assert settles(form, {"answer": "right"})
    assert not settles(form, {"answer": "error"})
    assert doubts(form, {"answer": "error"}, "安然") == {"answer": "look-at-answer"}


def test_an_option_that_is_not_offered_is_refused():
    assert of("departure", day="2023-06-20", transport="balloon").faults == {"transport": "answer-not-offered"}


def test_reviews_follow_in_their_order_and_a_college_in_the_counselors_place_looks_once():
    both = ("counselor", "college")
    assert after(both, "counselor", False) == "college"
    assert after(both, "college", False) == ""
    assert after(both, "counselor", True) == ""
    assert after((*both, "department"), "counselor", True) == "department"
    assert after(("department",), "counselor", False) == ""
