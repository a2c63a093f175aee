"""The class desk: own classes only, every need a filter in the address, and few queries however many graduates."""

import pytest

from db.audit import AuditEvent
from db.intake import receive
from db.people import ClassGroup, Graduate
from tests.cast import ADMIN, LIBRARY, TabletDouble, set_flags
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER, counted

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
    """Everybody is in An's class."""
    group = ClassGroup.get(ClassGroup.name == "护理2001")
    Graduate.update(class_group=group).execute()
    return group


def test_each_filter_finds_whom_it_names(client, season, classmates):
    receive([TabletDouble.enrol("library").act("hold", season.an, LIBRARY, reason="book-lost", amount=3550).token], "direct")
    set_flags(season.bai, "delayed")
    lin = client.sign_in_as(COUNSELOR)
    assert names(lin.get("/class-desk")) == ["安然", "白露", "程远"]
    assert names(lin.get("/class-desk?need=debt")) == ["安然"]
    assert "¥35.50" in lin.get("/class-desk?need=debt").text
    assert names(lin.get("/class-desk?need=delayed")) == ["白露"]
    assert names(lin.get("/class-desk?step=dorm")) == ["安然", "程远"]
    assert names(lin.get("/class-desk?office=office&need=unfinished")) == ["安然", "白露", "程远"]
    assert names(lin.get("/class-desk?need=nonsense&page=%00&step=x")) == ["安然", "白露", "程远"]


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
    with counted(monkeypatch) as many:
        lin.get("/class-desk")
    assert len(many) == len(few) <= 14
