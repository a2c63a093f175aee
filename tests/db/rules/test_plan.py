"""A plan that was loaded: to whom steps apply, when and where they are open, and how its dates move."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.rules.plan import clearance_day, load
from tests.db.rules.planfile import SHIPPED, made, shipped

PLAN = shipped()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def applies(step, *flags):
    return PLAN.applies(PLAN.step(step), frozenset(flags))


def test_the_shipped_plan_has_the_22_steps_of_the_source_and_its_eight_colleges():
    assert [step.code for step in PLAN.steps] == [
        "conduct", "internship", "eligibility", "record-check", "credits", "destination", "loan", "archive-address", "party",
        "league", "tuition", "library", "dorm", "charges", "campus-card", "departure", "alumni", "meal-voucher", "honour",
        "diploma", "archive-mail", "access-off",
    ]  # fmt: skip
    assert len(PLAN.colleges) == 8


def test_its_colleges_are_those_of_the_class_list():
    lines = (SHIPPED.parent / "classes-2023.csv").read_text("utf-8").splitlines()[1:]
    assert len(lines) == 119
    assert {line.split(",")[1] for line in lines} == {college.name.zh for college in PLAN.colleges}


def test_no_text_of_the_shipped_plan_names_a_date_that_moving_would_make_wrong():
    texts = chain.from_iterable((s.instructions.zh, s.instructions.en, s.bring.zh if s.bring else "") for s in PLAN.steps)
    assert not [text for text in texts if re.search(r"\d ?[月日]|\d-\d|May|June|July", text)]


@pytest.mark.parametrize(
    ("step", "flags", "expected"),
    [
        ("library", (), True),
        ("party", ("party", "league"), True),
        ("party", ("league",), False),
        ("diploma", (), True),
        ("diploma", ("delayed",), False),
        ("access-off", ("departed",), True),
        ("access-off", ("departed", "delayed"), False),
        ("access-off", (), False),
    ],
)
def test_a_step_applies_to_its_circle_only(step, flags, expected):
    assert applies(step, *flags) is expected


def test_alternatives_in_a_circle_need_one_to_hold():
    plan = made(lambda values: values["steps"][0].update(applies="party|!delayed"))
    books = plan.step("books")
    assert [plan.applies(books, frozenset(flags)) for flags in (["party", "delayed"], ["delayed"], [])] == [True, False, True]


def test_a_step_is_open_from_the_start_of_its_first_to_the_end_of_its_last_local_day():
    library = PLAN.step("library")
    assert library.opens_at == datetime(2023, 5, 19, tzinfo=SHANGHAI)
    assert library.closes_at == datetime(2023, 6, 27, tzinfo=SHANGHAI) - timedelta(milliseconds=1)


def test_a_step_without_dates_has_no_moments():
    transfer = made().step("transfer")
    assert (transfer.opens_at, transfer.closes_at) == (None, None)
    assert transfer.open_on(date(2023, 6, 1))


def test_a_second_way_counts_as_a_way_and_a_list_only_where_it_is_the_main_one():
    assert PLAN.step("library").ways == ("desk", "list")
    assert not PLAN.step("library").by_list
    assert PLAN.step("tuition").by_list
    assert PLAN.step("tuition").at_station
    assert not PLAN.step("conduct").at_station


def test_a_college_is_sent_to_its_own_diploma_desk_and_to_the_shared_desks():
    assert [station.code for station in PLAN.stations_for("diploma", "culinary")] == ["diploma-culinary"]
    assert [station.code for station in PLAN.stations_for("library", "culinary")] == ["library", "library-2", "south-campus"]
    assert [station.code for station in PLAN.stations_for("library", "ai")] == ["library", "library-2"]


def test_what_a_step_blocks_is_the_blocking_relation_read_the_other_way():
    assert [step.code for step in PLAN.blocks("library")] == ["charges", "campus-card", "diploma"]


def test_asking_for_what_the_plan_does_not_have_is_a_key_error():
    for ask in (PLAN.step, PLAN.station, PLAN.department, PLAN.college, PLAN.flag):
        with pytest.raises(KeyError):
            ask("nowhere")


def test_the_day_of_clearance_is_the_last_of_the_days_with_most_open_desks():
    assert clearance_day(PLAN) == date(2023, 6, 26)
    assert clearance_day(PLAN.shifted(100)) == date(2023, 6, 26) + timedelta(days=100)


def moments(plan):
    parts = [plan, *plan.steps, *plan.milestones, *plan.handovers]
    days = [day for part in parts for day in (part.opens, part.closes) if day]
    return [*days, plan.ceremony.at.date()]


@given(st.integers(-4000, 4000))
def test_moving_a_plan_keeps_every_interval(days):
    moved = PLAN.shifted(days)
    assert [after - before for before, after in zip(moments(PLAN), moments(moved), strict=True)] == [timedelta(days=days)] * len(
        moments(PLAN)
    )
    assert moved.ceremony.at.time() == PLAN.ceremony.at.time()
    assert moved.shifted_days == days


def test_moves_add_up_and_moving_back_is_the_same_plan():
    assert PLAN.shifted(3).shifted(4) == PLAN.shifted(7)
    assert PLAN.shifted(7).shifted(-7) == PLAN


def test_the_digest_tells_content_not_file():
    text = SHIPPED.read_text("utf-8")
    assert load(text, "elsewhere.toml").digest == PLAN.digest
    assert load(text + "\n# a remark\n", "elsewhere.toml").digest == PLAN.digest


def test_the_digest_changes_with_any_content():
    changed = [
        PLAN.shifted(1),
        replace(PLAN, steps=PLAN.steps[::-1]),
        made(),
        load(SHIPPED.read_text("utf-8").replace("book-lost", "book-gone"), ""),
    ]
    assert len({PLAN.digest, *(plan.digest for plan in changed)}) == 5


def test_another_college_needs_no_code_for_a_circle_of_its_own():
    def change(values):
        values["flags"].append({"code": "overseas", "zh": "留学生", "en": "Overseas student"})
        values["steps"][0].update(applies="overseas")

    plan = made(change)
    assert plan.applies(plan.step("books"), frozenset({"overseas"}))
    assert plan.flag("overseas").name.pick("zh_Hans_CN") == "留学生"
    assert plan.flag("overseas").name.pick("en") == "Overseas student"
