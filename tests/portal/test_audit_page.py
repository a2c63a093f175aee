"""The auditor's page."""

import csv
import io

import openpyxl
import pytest

from db import audit, grants
from db.audit import AuditEvent
from tests.client import Client, portal

pytest_plugins = ["tests.db.staff"]


@pytest.fixture
def client(house, database_url, tmp_path) -> Client:
    grants.grant("s_log", "auditor", "all", "", "s_admin")
    return portal(database_url, tmp_path).sign_in_as("s_log")


def fill(count):
    for number in range(count):
        audit.record(f"st_{number % 3}", "grant.given", f"subject{number}", {"n": number})


@pytest.mark.parametrize("role", ["admin", "leadership"])
def test_only_auditors_read_the_trail(client, role):
    grants.grant("s_boss", role, "all", "", "s_admin")
    client.sign_in_as("s_boss")
    assert client.get("/audit").status_code == 403
    assert client.send("/audit/verifications").status_code == 403


def test_it_is_the_auditors_first_page(client):
    assert client.get("/").location == "/audit"


def test_events_stand_newest_first_a_page_at_a_time(client):
    fill(120)
    first = client.get("/audit").text
    assert "subject119" in first
    assert "subject69" not in first
    older = client.get("/audit?before=72").text
    assert "subject69" in older
    assert "subject119" not in older


@pytest.mark.parametrize(
    ("query", "shown"),
    [("actor=st_1", 10), ("action=grant", 30), ("action=sign-in", 0), ("subject=subject7", 1), ("actor=st_1&subject=subject1", 1),
     ("since=2023-01-01&until=2023-02-01", 0), ("until=2099-01-01&actor=st_0", 10)],
)
def test_filters_stand_in_the_url_and_are_kept(client, query, shown):
    fill(30)
    page = client.get(f"/audit?{query}").text
    assert page.count("subject") >= shown
    assert page.count('<td class="number" data-label="编号">') == shown + (1 if query == "action=grant" else 0)


@pytest.mark.parametrize("query", ["since=yesterday", "actor=" + "x" * 1000, "actor=a%00b"])
def test_a_filter_that_cannot_be_is_told(client, query):
    assert client.get(f"/audit?{query}").status_code == 422


@pytest.mark.parametrize("query", ["before=-1", "before=x", "before=" + "9" * 30, "actor=%25&subject=%27", "actor=%ff"])
def test_no_url_makes_it_fail(client, query):
    assert client.get(f"/audit?{query}").status_code == 200


def test_a_hostile_event_is_shown_as_text(client):
    audit.record("<script>alert(1)</script>", "x", "\"><img src=x>", {"<b>": "<i>"})
    page = client.get("/audit").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<i>" not in page


def test_the_number_of_queries_does_not_grow_with_the_page(client, monkeypatch):
    """Who asks (3), the events, the last check; what the frame asks for the plan is kept between requests."""
    asked = []
    execute = type(AuditEvent._meta.database.obj).execute_sql
    monkeypatch.setattr(type(AuditEvent._meta.database.obj), "execute_sql", lambda *a, **k: asked.append(a[1]) or execute(*a, **k))
    counts = []
    for more in (1, 60):
        fill(more)
        asked.clear()
        client.get("/audit")
        counts.append(sum("plan_version" not in sql and "counter" not in sql for sql in asked))
    assert counts == [5, 5]


def test_checking_the_trail_is_itself_an_event_and_its_result_stays_on_the_page(client):
    assert "尚未检查" in client.get("/audit").text
    assert client.send("/audit/verifications").status_code == 303
    event = audit.AuditEvent.select().order_by(AuditEvent.seq.desc()).first()
    assert (event.actor, event.action, event.detail["problems"]) == ("s_log", "audit.verified", 0)
    assert "note-good" in client.get("/audit").text


def test_htmx_gets_the_result_in_place(client):
    answer = client.send("/audit/verifications", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'id="verification"' in answer.text
    assert "<html" not in answer.text


@pytest.mark.engine("sqlite")
def test_a_broken_trail_is_said_plainly(client, db):
    fill(3)
    db.execute_sql("DROP TRIGGER audit_event_no_update")
    db.execute_sql("UPDATE audit_event SET actor = 'somebody else' WHERE seq = 2")
    client.send("/audit/verifications")
    assert "note-bad" in client.get("/audit").text
    assert "changed 2" in client.get("/audit").text


def csv_rows(answer):
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_what_is_shown_can_be_taken_along_whole_and_that_is_an_event(client):
    fill(1100)
    assert "/audit/export.csv?actor=st_1" in client.get("/audit?actor=st_1").text
    rows = csv_rows(client.get("/audit/export.csv?actor=st_1"))
    assert [row[5] for row in rows[1:]] == [f"subject{n}" for n in range(1099, -1, -1) if n % 3 == 1]
    event = AuditEvent.select().order_by(AuditEvent.seq.desc()).first()
    assert (event.actor, event.action) == ("s_log", "audit.exported")
    assert (event.detail["rows"], event.detail["format"], event.detail["filter"]) == (len(rows) - 1, "csv", ["actor=st_1"])
    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/audit/export.xlsx?actor=st_1").data)).active
    assert [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()] == rows


def test_no_cell_is_ever_a_formula(client):
    audit.record("=1+1", "x", "@cmd", {"-a": "+b"})
    assert csv_rows(client.get("/audit/export.csv?subject=%40cmd"))[1][2:6] == ["'=1+1", "x", "x", "'@cmd"]
    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/audit/export.xlsx?subject=%40cmd").data)).active
    assert [cell.data_type for cell in sheet[2]].count("f") == 0
    assert sheet["C2"].value == "=1+1"


def test_a_workbook_of_too_many_events_is_refused_and_the_way_out_named(client, monkeypatch):
    monkeypatch.setattr("portal.audit.MOST_IN_A_WORKBOOK", 5)
    fill(6)
    refused = client.get("/audit/export.xlsx?action=grant.given")
    assert (refused.status_code, "CSV" in refused.text) == (413, True)
    assert client.get("/audit/export.xlsx?action=grant.given&actor=st_1").status_code == 200
    assert AuditEvent.select().where(AuditEvent.action == "audit.exported").count() == 1  # what was refused was not taken along


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_only_auditors_take_it_along_and_a_wrong_filter_is_told(client, kind):
    assert client.get(f"/audit/export.{kind}?since=yesterday").status_code == 422
    client.sign_in_as("s_admin")
    assert client.get(f"/audit/export.{kind}").status_code == 403
