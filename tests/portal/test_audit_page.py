"""The auditor's page."""

import ast
import csv
import html
import io
import re

import openpyxl
import pytest

from db import accounts, audit, grants
from db import season as seasons
from db.audit import AuditEvent
from portal.audit_details import NAMES
from portal.audit_words import kinds
from tests.client import Client, portal
from web.catalogue import ROOT

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


def test_no_choice_in_the_search_means_all_and_what_is_empty_is_no_gap(client):
    audit.record("st_1", "accounts.closed", "", {})
    text = client.get("/audit").text
    assert '<option value="">全部</option>' in text
    assert "请选择" not in text
    assert re.search(r'audit-subject"[^>]*><div>–</div>', text)
    assert re.search(r'audit-detail"[^>]*><span>–</span>', text)


def test_a_hostile_event_is_shown_as_text(client):
    audit.record("<script>alert(1)</script>", "x", "\"><img src=x>", {"<b>": "<i>"})
    page = client.get("/audit").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<i>" not in page


def test_the_number_of_queries_does_not_grow_with_the_page(client, monkeypatch):
    """Who asks (3), the events, who is named there, the last check; what the frame asks for the plan is kept between requests."""
    asked = []
    execute = type(AuditEvent._meta.database.obj).execute_sql
    monkeypatch.setattr(type(AuditEvent._meta.database.obj), "execute_sql", lambda *a, **k: asked.append(a[1]) or execute(*a, **k))
    counts = []
    for more in (1, 60):
        fill(more)
        asked.clear()
        client.get("/audit")
        counts.append(sum("plan_version" not in sql and "counter" not in sql for sql in asked))
    assert counts == [6, 6]


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


def rows_of(text):
    """The cells of the trail's table, by row, as they are read."""
    table = text.partition("<tbody>")[2].partition("</tbody>")[0]
    strip = lambda cell: html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", cell))).strip()  # noqa: E731
    return [[strip(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)] for row in table.split("</tr>")[:-1]]


TOLD = [
    ("step.decided", "2020000000", {"act": "hold", "step": "library", "before": "open", "state": "held", "reason": "book-lost: x"},
     "处理：暂缓；此前：待办；原因：图书遗失（x）；此后：暂缓；环节：图书归还"),
    ("review.settled", "2020000000", {"step": "library", "conflict": "collected-twice", "amount": 3550}, "¥35.50"),
    ("tablet.moved", "dv_1", {"station": "library", "before": "dorm-east"}, "此前：东区退寝点；站点：图书馆 1 号台"),
    ("grant.given", "s_desk", {"role": "officer", "kind": "step", "scope": "library"}, "部门经办人"),
    ("proxy.approve", "2020000000", {"application": "px", "kind": "proxy"}, "类别：委托他人"),
    ("care.marked", "2020000000", {"mark": "unreachable"}, "联系不上"),
    ("proxy.cover-named", "c_lin", {"first": "2026-12-01", "absent": "c_lin"}, "2026年12月1日"),
]  # fmt: skip


@pytest.fixture
def planned():
    seasons.load_plan((ROOT / "plans" / "2023.toml").read_text(), "2023.toml", "s_admin")


@pytest.mark.parametrize(("action", "subject", "detail", "words"), TOLD, ids=[action for action, *_ in TOLD])
def test_details_are_told_in_words(client, planned, action, subject, detail, words):
    audit.record("s_admin", action, subject, detail)
    cell = rows_of(client.get("/audit").text)[0][5]
    assert words in cell
    assert not set(map(str, detail.values())) & set(re.split("[：；]", cell)) - {"px", "c_lin"}


@pytest.mark.parametrize(("action", "subject", "shown"), [
    ("list.arrived", "library", "图书归还"), ("fast-lane.on", "library", "图书馆 1 号台"),
    ("sign-in", "s_desk", "名字s_desk s_desk"),
])  # fmt: skip
def test_what_an_event_is_about_stands_there_by_its_name(client, planned, action, subject, shown):
    audit.record("s_desk", action, subject)
    assert rows_of(client.get("/audit").text)[0][4] == shown


def test_it_is_searched_by_the_words_that_people_see(client, planned):
    audit.record("s_desk", "list.arrived", "library")
    audit.record("s_admin", "grant.given", "s_desk")
    text = client.get("/audit").text
    assert '<option value="list.arrived">已接收名单</option>' in text
    name = accounts.find("s_desk").name
    assert [row[3] for row in rows_of(client.get(f"/audit?actor={name}").text)] == ["已接收名单"]
    assert [row[3] for row in rows_of(client.get(f"/audit?subject={name}").text)] == ["已授予权限"]
    assert [row[3] for row in rows_of(client.get("/audit?subject=图书归还").text)] == ["已接收名单"]


def test_a_graduates_name_is_not_told_to_who_reads_the_trail(client, house):
    accounts.add_graduates(house.graduates, "s_admin")
    one = house.graduates[0]
    audit.record(one.number, "sign-in", one.number)
    assert one.name not in client.get("/audit").text


def recorded():
    """Every action that the code records, with the names of what stands beside it, as far as they are written out."""
    for path in [*(ROOT / "db").rglob("*.py"), *(ROOT / "portal").rglob("*.py")]:
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if name not in ("record", "note"):
                continue
            for part in call.args[:2]:
                for text in ast.walk(part):
                    if isinstance(text, ast.Constant) and re.fullmatch(r"[a-z-]+\.[a-z-]+", str(text.value)):
                        yield "action", text.value
            for part in call.args[2:] + [keyword.value for keyword in call.keywords if keyword.arg in (None, "detail")]:
                for facts in ast.walk(part):
                    for key in facts.keys if isinstance(facts, ast.Dict) else ():
                        if isinstance(key, ast.Constant):
                            yield "name", key.value
            yield from (("name", keyword.arg) for keyword in call.keywords if name == "note" and keyword.arg)


def test_every_action_and_every_detail_that_the_code_records_has_a_word():
    found = set(recorded())
    assert {"grant.given", "shift.begun", "fast-lane.off"} <= {word for kind, word in found if kind == "action"}
    known = dict(kinds())
    assert {word for kind, word in found if kind == "action" and word not in known} == set()
    assert {word for kind, word in found if kind == "name" and word not in NAMES} == set()
