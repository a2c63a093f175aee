"""The calendar of dates: own classes by day, those without a day, on screen and as a workbook."""

import io
from datetime import date

import openpyxl
import pytest

from db.audit import AuditEvent
from db.departures import Calendar, Person
from db.forms import StepForm
from db.people import Graduate
from portal import departures as departures_page
from tests.portal.form_case import LEAVING, send, today
from tests.portal.graduate_case import decide
from tests.portal.office_case import counted

pytest_plugins = ["tests.portal.form_fixtures"]


@pytest.fixture
def classmates(yard, season):
    """Everybody in An's class: An leaves by train, Bai was cleared by hand, Cheng has said nothing."""
    Graduate.update(class_group=season.an.class_id).execute()
    send(yard, season.an, LEAVING, day=today(), transport="train")
    decide(yard, season.bai, ("clear", LEAVING))
    return yard


def test_it_tells_who_leaves_when_and_how_and_who_has_not_said(classmates):
    for who in ("lin", "dean"):
        page = classmates.sign_in_as(who).get("/class-desk/calendar").text
        dated, without = page.split('id="without"')
        assert "3 人中 1 人已登记日期" in dated
        assert "火车 1" in dated
        assert ("安然" in dated, "白露" in without, "程远" in without, "安然" in without) == (True, True, True, False)
    assert AuditEvent.select().where(AuditEvent.action == "calendar.viewed", AuditEvent.actor == "lin").exists()


def test_an_answer_that_is_no_date_stands_among_those_without_one(classmates, season):
    StepForm.update(sent={"day": "下周", "transport": "train"}).where(StepForm.graduate == season.an.id).execute()
    assert "安然" in classmates.sign_in_as("lin").get("/class-desk/calendar").text.split('id="without"')[1]


def test_what_is_shown_goes_into_a_workbook(classmates):
    answer = classmates.sign_in_as("lin").get("/class-desk/calendar/dates.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
    assert [(row[0], row[2]) for row in rows[1:]] == [(today(), "安然"), (None, "白露"), (None, "程远")]
    assert AuditEvent.select().where(AuditEvent.action == "calendar.exported").get().detail == {"graduates": 3}


@pytest.mark.parametrize("who", ["qian", "other"])
def test_another_class_or_college_has_its_own(classmates, who):
    page = classmates.sign_in_as(who).get("/class-desk/calendar?class=护理2001").text
    assert not any(name in page for name in ("安然", "白露", "程远"))
    assert classmates.get("/class-desk/calendar?step=library").status_code == 404


def test_a_hundred_graduates_cost_as_many_queries_as_three(classmates, season, monkeypatch):
    lin = classmates.sign_in_as("lin")
    lin.get("/class-desk/calendar")
    with counted(monkeypatch) as few:
        lin.get("/class-desk/calendar")
    group = season.an.class_id
    Graduate.insert_many(
        {"ref": f"gr_x{n:09}", "number": f"2021{n:06}", "name": "多", "class_group": group} for n in range(100)
    ).execute()
    with counted(monkeypatch) as many:
        lin.get("/class-desk/calendar")
    assert len(many) == len(few) <= 12


def test_a_college_reads_its_calendar_page_by_page(classmates, season, monkeypatch):
    monkeypatch.setattr(departures_page, "A_PAGE", 2)
    page = [classmates.sign_in_as("lin").get(f"/class-desk/calendar?page={number}").text for number in (1, 2)]
    assert [[name in text for name in ("安然", "白露", "程远")] for text in page] == [[True, True, False], [False, False, True]]
    assert "3 人中 1 人已登记日期" in page[1]
    assert 'rel="prev"' in page[1]
    assert "尚无人登记" not in page[1]


def test_a_day_that_goes_over_a_page_goes_on_on_the_next_and_says_how_many_it_has():
    person = Person("1", "x", None, "cleared", {}, False)
    one, two = date(2023, 6, 1), date(2023, 6, 2)
    found = Calendar(None, {one: [person] * 3, two: [person] * 2}, [person] * 2, [])
    sizes = [({day: len(rows) for day, rows in days.items()}, len(without)) for days, without in
             (found.part(start, 2) for start in range(0, 8, 2))]  # fmt: skip
    assert sizes == [({one: 2}, 0), ({one: 1, two: 1}, 0), ({two: 1}, 1), ({}, 1)]
