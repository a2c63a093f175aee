"""The dry run of a roster: what would change, and every problem under its row and column."""

import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.rules.roster import Known, plan_import
from db.rules.roster_row import KnownClass, Person
from db.rules.table import Fault, Table, folded

ANNA = Person("2020010101", "安娜·买买提", "2020级会计1班", frozenset({"resident"}), "兰园1栋", "101", "10000000001")
BO = Person("2020010102", "薄一", "2020级会计1班")
KNOWN = Known(
    people={ANNA.number: ANNA, BO.number: BO},
    removed=frozenset(),
    classes={"2020级会计1班": KnownClass("会计学院", "", "c01")},
    colleges={folded(name): "会计学院" for name in ("会计学院", "accounting", "College of Accounting")} | {"烹饪学院": "烹饪学院"},
    flags={"party": "party", "党员": "party", "resident": "resident", "住校生": "resident"},
)
HEADINGS = ("学号", "姓名", "学院", "班级")
RIGHT = ("2020010199", "新人", "会计学院", "2020级会计1班")


def planned(*rows, headings=HEADINGS, known=KNOWN, faults=()):
    return plan_import(Table((headings, *rows), tuple(faults)), known)


def told(plan):
    return [(problem.row, problem.column, problem.warning) for problem in plan.problems]


def test_somebody_unknown_is_new():
    plan = planned(RIGHT)
    assert [(new.row, new.person.number, new.person.name) for new in plan.new] == [(2, "2020010199", "新人")]
    assert not plan.problems


def test_somebody_known_and_the_same_is_unchanged_though_the_file_has_fewer_columns():
    plan = planned((ANNA.number, ANNA.name), headings=("学号", "姓名"))
    assert plan.unchanged == 1
    assert not plan.changed


def test_what_changed_is_told_with_what_it_was():
    plan = planned((ANNA.number, ANNA.name, "305"), headings=("学号", "姓名", "寝室"))
    assert [(changed.row, dict(changed.was)) for changed in plan.changed] == [(2, {"room": "101"})]
    assert plan.changed[0].person == replace(ANNA, room="305")


def test_a_name_that_differs_is_a_warning_and_a_change():
    plan = planned((ANNA.number, "安娜"), headings=("学号", "姓名"))
    assert told(plan) == [(2, "姓名", True)]
    assert dict(plan.changed[0].was) == {"name": ANNA.name}


def test_whom_the_file_does_not_name_is_listed_as_missing():
    assert planned((ANNA.number, ANNA.name), headings=("学号", "姓名")).missing == (BO,)


def test_a_wrong_row_does_not_make_its_person_missing():
    plan = planned((BO.number, ""), headings=("学号", "姓名"))
    assert plan.missing == (ANNA,)


def test_somebody_removed_returns():
    known = replace(KNOWN, removed=frozenset({BO.number}))
    plan = planned((BO.number, BO.name), headings=("学号", "姓名"), known=known)
    assert plan.changed[0].returns


def test_english_headings_width_and_marks_do_not_matter():
    headings = ("Student number *", "ＮＡＭＥ", "College：", "class")
    plan = planned(("1234", "New One", "accounting", "2020级会计1班"), headings=headings)
    assert plan.new[0].person.number == "1234"


def test_a_title_above_the_headings_does_not_matter():
    table = Table((("2023届毕业生名册",), (), HEADINGS, RIGHT))
    assert plan_import(table, KNOWN).new[0].row == 4


def test_a_new_class_is_told_with_its_counselor_and_campus():
    headings = (*HEADINGS, "辅导员", "校区")
    plan = planned(("1234", "甲", "烹饪学院", "2020级烹饪9班", "C18", "南岸"), headings=headings)
    assert plan.classes == {"2020级烹饪9班": KnownClass("烹饪学院", "南岸", "c18")}


def test_two_counselors_of_one_class_are_a_warning_and_the_first_counts():
    rows = [(f"123{n}", "甲", "烹饪学院", "2020级烹饪9班", counselor) for n, counselor in enumerate(("C18", "C17"))]
    plan = planned(*rows, headings=(*HEADINGS, "辅导员"))
    assert told(plan) == [(3, "辅导员", True)]
    assert plan.classes["2020级烹饪9班"].counselor == "c18"


@pytest.mark.parametrize("separator", [" ", "、", "，", ";", "/"])
def test_flags_are_read_in_either_language(separator):
    plan = planned((*RIGHT, f"党员{separator}resident"), headings=(*HEADINGS, "标记"))
    assert plan.new[0].person.flags == {"party", "resident"}


def test_a_flag_whose_name_has_a_comma_is_read_whole():
    known = replace(KNOWN, flags={**KNOWN.flags, folded("市级、校级优秀毕业生"): "honoured"})
    plan = planned((*RIGHT, "市级、校级优秀毕业生 党员"), headings=(*HEADINGS, "标记"), known=known)
    assert plan.new[0].person.flags == {"honoured", "party"}


@pytest.mark.parametrize(("word", "flags"), [("是", {"resident", "party"}), ("否", {"resident"}), ("", {"resident"})])
def test_a_flag_may_have_a_column_of_its_own_and_leaves_others_alone(word, flags):
    plan = planned((ANNA.number, ANNA.name, word), headings=("学号", "姓名", "是否党员"))
    person = plan.changed[0].person if plan.changed else ANNA
    assert person.flags == flags


def test_a_dot_of_another_keyboard_is_the_same_name():
    assert planned((ANNA.number, "安娜•买买提"), headings=("学号", "姓名")).unchanged == 1


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("学号", "", "The student number is missing."),
        ("学号", "12", "A student number is 4 to 20 letters, digits and hyphens, with at least one digit."),
        ("学号", "abcd", "A student number is 4 to 20 letters, digits and hyphens, with at least one digit."),
        ("学号", "2.02001E+09", "The spreadsheet stored this as a number and lost its last digits. Format the column as text."),
        ("姓名", "", "The name is missing."),
        ("姓名", "甲\x07", "This cell holds characters that cannot be shown."),
        ("姓名", "甲" * 61, "At most 60 characters are taken here; these are 61."),
        ("学院", "", "The college is missing."),
        ("学院", "神学院", "The plan has no college “神学院”."),
        ("学院", "烹饪学院", "The class “2020级会计1班” belongs to 会计学院."),
        ("班级", "", "The class is missing."),
        ("标记", "游侠", "The plan has no flag “游侠”."),
        ("是否住校生", "也许", "Yes (是) or no (否) is expected here, not “也许”."),
        ("手机", "电话", "This is not a telephone number."),
        ("邮箱", "nobody", "This is not an e-mail address."),
        ("身份证号", "990000200109010012", "The check character does not fit this identity number: a digit is mistyped."),
        ("身份证号", "9.90E+17", "The spreadsheet stored this as a number and lost its last digits. Format the column as text."),
        ("身份证号", "甲乙", "This is not the number of an identity document."),
        ("辅导员", "某 老师", "A counselor is named by staff id, such as c01."),
    ],
)
def test_each_problem_is_told_under_its_row_and_column(column, value, sentence):
    headings = HEADINGS if column in HEADINGS else (*HEADINGS, column)
    wrong = dict(zip(HEADINGS, ("2020010177", *RIGHT[1:]), strict=True)) | {column: value}
    plan = planned(RIGHT, tuple(wrong[heading] for heading in headings), headings=headings)
    assert (3, column, sentence) in [(problem.row, problem.column, str(problem.message)) for problem in plan.errors]
    assert [new.row for new in plan.new] == [2]


def test_a_number_twice_is_told_at_the_second_row():
    plan = planned(RIGHT, RIGHT)
    assert str(plan.errors[0].message) == "Row 2 has the same student number."
    assert plan.errors[0].row == 3


def test_another_document_than_an_identity_card_is_a_warning():
    plan = planned((*RIGHT, "H12345678"), headings=(*HEADINGS, "身份证号"))
    assert told(plan) == [(2, "身份证号", True)]
    assert plan.new


def test_a_formula_is_told_even_in_an_otherwise_empty_row():
    plan = planned(RIGHT, (), faults=[Fault(3, 1, "formula")])
    assert (3, "姓名", False) in told(plan)


def test_a_file_without_number_and_name_is_told_once():
    plan = planned(("1", "2"), headings=("甲", "乙"))
    assert plan.columns is None
    assert len(plan.errors) == 1


def test_two_columns_of_one_meaning_are_refused():
    assert "Two columns mean the same" in str(planned(headings=("学号", "姓名", "number")).errors[0].message)


def test_columns_that_mean_nothing_are_named():
    assert planned(RIGHT, headings=(*HEADINGS, "血型")).columns.ignored == ("血型",)


def test_the_digest_follows_every_change_of_what_is_known():
    other = replace(KNOWN, people={**KNOWN.people, BO.number: replace(BO, room="9")})
    assert KNOWN.digest != other.digest
    assert KNOWN.digest == replace(KNOWN, people=dict(reversed(KNOWN.people.items()))).digest


CELLS = st.one_of(st.text(max_size=70), st.sampled_from(("2020010101", "会计学院", "2020级会计1班", "是", "party", "")),
                  st.text(string.digits + "X-", max_size=22))


@settings(deadline=None)
@given(
    st.permutations((*HEADINGS, "标记", "手机", "邮箱", "身份证号", "辅导员", "校区", "宿舍楼", "寝室", "是否党员", "")),
    st.lists(st.lists(CELLS, max_size=14), max_size=8),
    st.lists(st.builds(Fault, st.integers(1, 10), st.integers(0, 15), st.sampled_from(("formula", "digits-lost"))), max_size=3),
)
def test_it_never_fails_and_its_rows_are_those_of_the_file(headings, rows, faults):
    plan = plan_import(Table((tuple(headings), *map(tuple, rows)), tuple(faults)), KNOWN)
    told = [new.row for new in plan.new] + [changed.row for changed in plan.changed]
    assert len(set(told)) == len(told)
    assert {problem.row for problem in plan.errors}.isdisjoint(told)
    assert all(2 <= row <= len(rows) + 1 for row in [*told, *(problem.row for problem in plan.problems)])
    filled = sum(any(row) for row in rows)
    assert len(told) + plan.unchanged + len({problem.row for problem in plan.errors}) >= filled
