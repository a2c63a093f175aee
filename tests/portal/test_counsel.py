"""The class desk: own classes only, every need a filter in the address, and few queries however many graduates."""

import io
import re

import openpyxl
import pytest

from db import grants
from db import season as seasons
from db.accounts import add_graduates
from db.audit import AuditEvent
from db.database import writing
from db.intake import receive
from db.people import ClassGroup, Graduate
from db.projection import refold_graduates
from db.signoffs import Act, record_all
from tests.cast import ADMIN, DAY, LIBRARY, STEPS, TabletDouble, ms, plan_text, set_flags
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER, counted
from tests.portal.readers import poppler

pytest_plugins = ["tests.portal.office_fixtures"]


def names(answer):
    return [name for name in ("安然", "白露", "程远", "学生3", "学生6") if name in answer.text]


@pytest.mark.parametrize(("who", "sees"), [(COUNSELOR, ["安然"]), (DEAN, ["程远"])])
def test_everybody_sees_the_own_graduates_and_nobody_elses(client, who, sees):
    assert names(client.sign_in_as(who).get("/class-desk")) == sees
    assert names(client.get("/class-desk?class=护理2002")) == []


@pytest.mark.parametrize("who", [OFFICER, BOSS, AUDITOR, ADMIN, "wang"])
def test_whoever_looks_after_nobody_is_refused(client, who):
    assert client.sign_in_as(who).get("/class-desk").status_code == 403


def test_a_counselor_comes_here_first(client):
    assert client.sign_in_as(COUNSELOR).get("/").location == "/class-desk"


@pytest.fixture
def classmates(database_url, client):
    """Three more in An's class: one who owes, one marked, one delayed by the roster."""
    group = ClassGroup.get(ClassGroup.name == "护理2001")
    Graduate.update(class_group=group).execute()
    return group


def test_each_filter_finds_whom_it_names(client, season, classmates):
    receive([TabletDouble.enrol("library").act("hold", season.an, LIBRARY, reason="book-lost", amount=3550).token], "direct")
    set_flags(season.bai, "delayed")
    lin = client.sign_in_as(COUNSELOR)
    lin.send(f"/graduates/{season.cheng.number}/marks", kind="unreachable", why="phone off since May")
    assert names(lin.get("/class-desk")) == ["安然", "白露", "程远"]
    assert names(lin.get("/class-desk?need=debt")) == ["安然"]
    assert "¥35.50" in lin.get("/class-desk?need=debt").text
    assert names(lin.get("/class-desk?need=delayed")) == ["白露"]
    assert names(lin.get("/class-desk?need=unreachable")) == ["程远"]
    assert names(lin.get("/class-desk?need=no-destination")) == []
    assert names(lin.get("/class-desk?step=dorm")) == ["安然", "程远"]
    assert names(lin.get("/class-desk?office=office&need=unfinished")) == ["安然", "白露", "程远"]
    assert names(lin.get("/class-desk?need=nonsense&page=%00&step=x")) == ["安然", "白露", "程远"]


def test_what_is_shown_goes_into_a_workbook_without_formulas_and_is_recorded(client, season, classmates):
    Graduate.update(name="=1+1").where(Graduate.id == season.bai.id).execute()
    set_flags(season.bai, "delayed")
    answer = client.sign_in_as(COUNSELOR).get("/class-desk/matrix.xlsx?need=delayed")
    cells = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(min_row=2))
    assert [(row[0].value, row[1].value, row[1].data_type) for row in cells] == [(season.bai.number, "=1+1", "s")]
    event = AuditEvent.select().where(AuditEvent.action == "matrix.exported").get()
    assert (event.actor, event.detail) == (COUNSELOR, {"graduates": 1})


def test_the_class_sheet_names_each_graduate_and_what_is_not_settled(client, season, classmates):
    answer = client.sign_in_as(COUNSELOR).get(f"/class-desk/classes/{classmates.id}/sheet.pdf")
    text = poppler(answer.data, "pdftotext", "-layout")
    assert all(name in text for name in ("安然", "白露", "程远", "护理2001", "library"))
    assert AuditEvent.select().where(AuditEvent.action == "class-sheet.printed").get().subject == "护理2001"


@pytest.mark.parametrize("who", [DEAN, OFFICER, BOSS, AUDITOR, ADMIN, "wang"])
def test_nobody_else_gets_a_sheet_or_a_row_of_the_class(client, season, who):
    group = ClassGroup.get(ClassGroup.name == "护理2001")
    client.sign_in_as(who)
    assert client.get(f"/class-desk/classes/{group.id}/sheet.pdf").status_code in (403, 404)
    answer = client.get("/class-desk/matrix.xlsx?class=护理2001")
    assert answer.status_code == 403 or openpyxl.load_workbook(io.BytesIO(answer.data)).active.max_row == 1


def test_no_graduate_gets_anything_of_the_desk(client, season):
    add_graduates(season.everybody, ADMIN)
    client.sign_in_as(season.an.number)
    group = ClassGroup.get(ClassGroup.name == "护理2001")
    for path in ("", "/matrix.xlsx", "/counselors", f"/classes/{group.id}/sheet.pdf"):
        assert client.get(f"/class-desk{path}").status_code == 403


REVIEWED = "archive"


def test_the_college_sees_which_counselor_lags(client, season):
    plan = plan_text((*STEPS, (REVIEWED, "form", "all", ()))).replace('how = "form"', 'how = "form"\nreviews = ["counselor"]')
    seasons.load_plan(plan, "cast.toml", ADMIN)
    grants.grant(DEAN, "college", "college", "护理学院", ADMIN)
    key = client.application.extensions["keys"].entry_key
    record_all(key, season.an.number, [Act(season.an.ref, REVIEWED, "submit", at=ms(DAY))], "form")
    text = client.sign_in_as(DEAN).get("/class-desk/counselors").text
    rows = re.findall(r"<tr>.*?</tr>", text, re.DOTALL)
    assert "lin老师" in rows[1]
    assert re.search(r'data-label="[^"]*">1</td>\s*<td data-label="[^"]*"><time', rows[1])
    assert len(rows) == 3
    assert client.sign_in_as(COUNSELOR).get("/class-desk/counselors").status_code == 403


def test_that_it_was_opened_is_recorded(client):
    client.sign_in_as(COUNSELOR).get("/class-desk")
    event = AuditEvent.select().where(AuditEvent.action == "matrix.viewed").get()
    assert (event.actor, event.detail) == (COUNSELOR, {"graduates": 1})


def test_a_hundred_graduates_cost_as_many_queries_as_three(client, season, classmates, monkeypatch):
    lin = client.sign_in_as(COUNSELOR)
    lin.get("/class-desk")
    with counted(monkeypatch) as few:
        lin.get("/class-desk")
    Graduate.insert_many(
        {"ref": f"gr_x{n:09}", "number": f"2021{n:06}", "name": "多", "class_group": classmates} for n in range(100)
    ).execute()
    more = list(Graduate.select().where(Graduate.number.startswith("2021")))
    with writing():
        refold_graduates([one.id for one in more])
    desk = TabletDouble.enrol("library")
    receive([desk.act("hold", one, LIBRARY, reason="book-lost", amount=100).token for one in more[:50]], "direct")
    for one in more[:3]:
        lin.send(f"/graduates/{one.number}/marks", kind="unreachable", why="phone off")
    lin.get("/class-desk")
    with counted(monkeypatch) as many:
        text = lin.get("/class-desk").text
    assert (text.count("¥1.00"), text.count('class="m-held"') >= 50) == (50, True)
    assert len(many) == len(few) <= 14
