"""The page of department lists: which have arrived; upload, dry run, decision. For the step's officers and administrators."""

import io
from datetime import UTC, datetime

import openpyxl
import pytest

from db import grants, list_files, lists
from db.audit import AuditEvent
from db.clearance import Clearance
from db.lists import ListVersion, Row
from db.signoffs import Act, sign_off
from db.uploads import Upload
from tests.cast import ADMIN, CONDUCT, LIBRARY, make_season, plan_text
from tests.client import portal
from tests.portal.cardcase import KEY
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER, counted

pytest_plugins = ["tests.portal.office_fixtures"]

HEADINGS = "学号,姓名,原因,金额\n"
AN = "2020000000,安然,旷课过多,35.50\n"


@pytest.fixture
def client(client):
    """The office, in which `officer` has the conduct review too."""
    grants.grant(OFFICER, "officer", "step", CONDUCT, ADMIN)
    return client


def upload(client, *rows, step=CONDUCT):
    return send(client, (HEADINGS + "".join(rows)).encode(), step=step)


def send(client, content, name="list.csv", step=CONDUCT):
    return client.send(f"/lists/{step}/uploads", file=(io.BytesIO(content), name))


def confirm(client, answer, seen=None):
    page = client.get(answer.location).text
    stands = page.partition('name="seen" value="')[2].partition('"')[0]
    return client.send(f"{answer.location}/arrivals", seen=stands if seen is None else seen)


def state(graduate, step=CONDUCT):
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == step).state


def test_a_list_is_looked_at_then_taken_in(client, season):
    answer = upload(client, AN)
    page = client.get(answer.location).text
    assert "尚未更改任何数据" in page
    assert "2 人不在这份名单上" in page
    assert state(season.an) == "unknown"
    assert confirm(client, answer).location == f"/lists/{CONDUCT}"
    assert [state(one) for one in season.everybody] == ["held", "cleared", "cleared"]
    cell = Clearance.get(Clearance.graduate == season.an.id, Clearance.step == CONDUCT)
    assert (cell.by, cell.reason) == (OFFICER, "旷课过多")
    assert not Upload.select().exists()


def test_a_workbook_is_taken_in_too(client, season):
    book = openpyxl.Workbook()
    for row in (["学号", "金额"], ["2020000000", 35.5]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    confirm(client, send(client, content.getvalue(), "list.xlsx"))
    assert state(season.an) == "held"
    assert lists.ListRow.get().amount == 3550


def test_a_list_that_has_not_arrived_is_unknown_and_the_page_says_so(client):
    page = client.get("/lists").text
    assert "未知绝不等于办结" in page
    assert "未到：全部未知" in page
    assert "未知绝不等于办结" in client.get(f"/lists/{CONDUCT}").text


def test_a_list_without_rows_clears_everybody(client, season):
    confirm(client, upload(client))
    assert {state(one) for one in season.everybody} == {"cleared"}


def test_versions_are_listed_with_rows_total_and_who(client, season):
    confirm(client, upload(client, AN))
    confirm(client.sign_in_as(ADMIN), upload(client, AN, "2020000001,白露,,10\n"))
    page = client.get(f"/lists/{CONDUCT}").text
    assert page.index("¥45.50") < page.index("¥35.50")
    assert f"{OFFICER}老师" in page
    assert "第 2 版" in client.get("/lists").text


def test_everybody_sees_the_lists_of_their_own_steps(client):
    grants.end(next(right.id for right in grants.grants_of(OFFICER) if right.scope == CONDUCT), ADMIN)
    assert f"/lists/{CONDUCT}" not in client.get("/lists").text
    assert f"/lists/{CONDUCT}" in client.sign_in_as(ADMIN).get("/lists").text


@pytest.mark.parametrize("who", [COUNSELOR, DEAN, BOSS, AUDITOR])
def test_others_have_no_lists(client, who):
    answer = upload(client, AN)
    client.sign_in_as(who)
    for path in ("/lists", f"/lists/{CONDUCT}", answer.location, f"{answer.location}/report.csv"):
        assert client.get(path).status_code == 403
    assert upload(client, AN).status_code == 403
    assert client.send(f"{answer.location}/arrivals", seen=0).status_code == 403
    assert not ListVersion.select().exists()


def test_an_officer_of_another_step_does_not_reach_a_file_by_its_real_id(client):
    answer = upload(client, AN)
    grants.end(next(right.id for right in grants.grants_of(OFFICER) if right.scope == CONDUCT), ADMIN)
    for path in (f"/lists/{CONDUCT}", answer.location, f"{answer.location}/report.csv"):
        assert client.get(path).status_code == 403
    assert upload(client, AN).status_code == 403
    assert client.send(f"{answer.location}/arrivals", seen=0).status_code == 403


@pytest.mark.parametrize("step", [LIBRARY, "nothing", "%00"])
def test_a_step_that_no_list_settles_has_none(client, step):
    client.sign_in_as(ADMIN)
    assert client.get(f"/lists/{step}").status_code == 404
    assert upload(client, AN, step=step).status_code == 404


def test_a_file_of_one_step_is_not_taken_in_for_another(db, database_url, tmp_path):
    make_season(plan=plan_text(((CONDUCT, "list", "all", ()), ("credits", "list", "all", ())), ()))
    client = portal(database_url, tmp_path).sign_in_as(ADMIN)
    answer = upload(client, AN)
    assert client.get(answer.location.replace(CONDUCT, "credits")).status_code == 404
    assert client.send(f"{answer.location.replace(CONDUCT, 'credits')}/arrivals", seen=0).status_code == 404


@pytest.mark.parametrize(
    "row",
    ["2020999999,,,\n", AN + AN, "2020000000,白露,,\n", ",安然,,\n", "2.02E+11,安然,,\n", f"2020000000,安然,{'长' * 201},\n",
     *(f"2020000000,安然,,{amount}\n" for amount in ("多", "0", "-5", "1.005", "1000001"))],
)  # fmt: skip
def test_a_wrong_row_is_told_and_the_list_cannot_be_taken_in(client, season, row):
    answer = upload(client, row)
    page = client.get(answer.location).text
    assert "错误" in page
    assert "/arrivals" not in page
    assert client.send(f"{answer.location}/arrivals", seen=0).status_code == 422
    assert not ListVersion.select().exists()
    assert state(season.bai) == "unknown"


@pytest.mark.parametrize("content", [b"", b"\xff\xff\xff\x00\x81", b"PK\x03\x04 no workbook"])
def test_what_is_no_table_is_told_where_it_was_chosen(client, content):
    answer = send(client, content)
    assert answer.status_code == 422
    assert 'id="file-problem"' in answer.text


def test_a_form_without_a_file_and_a_file_without_headings_are_told(client):
    assert client.send(f"/lists/{CONDUCT}/uploads").status_code == 422
    assert "学号" in client.get(send(client, b"a,b\n1,2\n").location).text


def test_what_others_decided_is_kept_and_named(client, season):
    sign_off(KEY, ADMIN, Act(season.bai.ref, CONDUCT, "clear", saw=()))
    answer = upload(client, AN, "2020000001,白露,,\n")
    page = client.get(answer.location).text
    assert f"/graduates/{season.bai.number}/steps/{CONDUCT}" in page
    confirm(client, answer)
    assert (state(season.an), state(season.bai)) == ("held", "cleared")


def test_it_refuses_when_another_version_came_since_the_dry_run(client, season):
    answer = upload(client, AN)
    lists.arrive(KEY, CONDUCT, [Row(season.cheng.number)], ADMIN)
    assert confirm(client, answer, seen="0").status_code == 409
    assert state(season.an) == "cleared"
    assert ListVersion.select().count() == 1
    assert confirm(client, answer).status_code == 303  # the new dry run names the new version


def test_confirming_twice_takes_it_in_once(client, season):
    answer = upload(client, AN)
    assert confirm(client, answer, seen="0").status_code == 303
    assert client.send(f"{answer.location}/arrivals", seen="0").status_code == 404
    assert ListVersion.select().count() == 1


@pytest.mark.parametrize("seen", ["", "x", "-1"])
def test_a_form_that_does_not_say_what_it_saw_changes_nothing(client, seen):
    assert confirm(client, upload(client, AN), seen=seen).status_code == 422
    assert not ListVersion.select().exists()


def test_the_same_rows_again_are_said_to_be_the_same_and_change_nobody(client, season):
    confirm(client, upload(client, AN))
    answer = upload(client, AN)
    assert "与第 1 版完全相同" in client.get(answer.location).text
    before = Clearance.get(Clearance.graduate == season.an.id, Clearance.step == CONDUCT).heads
    confirm(client, answer)
    assert Clearance.get(Clearance.graduate == season.an.id, Clearance.step == CONDUCT).heads == before


def test_the_report_is_whole_and_no_cell_of_it_is_a_formula(client):
    rows = ["2020000000,安然,=HYPERLINK(1),35.50\n", "2020000001,,,\n"]
    report = client.get(f"{upload(client, *rows).location}/report.csv").text
    assert "2020000000" in report
    assert "2020000001" in report
    assert ",=" not in report


def test_what_was_done_is_in_the_audit_trail(client, season):
    answer = upload(client, AN)
    client.get(f"{answer.location}/report.csv")
    confirm(client, answer)
    events = {event.action: event for event in AuditEvent.select().where(AuditEvent.subject == CONDUCT)}
    assert set(events) == {"list.checked", "list.report", "list.arrived"}
    assert events["list.arrived"].actor == OFFICER
    assert events["list.arrived"].detail == {"version": 1, "rows": 1, "held": 1, "cleared": 2, "kept": 0}


def test_the_page_costs_the_same_for_many_lists(db, database_url, tmp_path, monkeypatch):
    steps = [(f"step-{n}", "list", "all", ()) for n in range(30)]
    season = make_season(plan=plan_text(steps, ()))
    client = portal(database_url, tmp_path).sign_in_as(ADMIN)
    client.get("/lists")
    with counted(monkeypatch) as few:
        client.get("/lists")
    for step, *_ in steps:
        lists.arrive(KEY, step, [Row(season.an.number)], ADMIN)
    client.get("/lists")
    with counted(monkeypatch) as many:
        assert client.get("/lists").text.count("<tr>") == 31
    assert len(many) == len(few) <= 6


def test_the_dry_run_names_those_whom_it_would_clear(client, season):
    answer = upload(client, AN)
    page = client.get(answer.location).text
    report = client.get(f"{answer.location}/report.csv").text
    for one in season.everybody[1:]:
        assert one.number in page
        assert one.number in report
    assert "不在名单上" in report


def test_versions_stand_side_by_side_with_the_rows_that_came_and_went(client, season):
    an, second, *_ = season.everybody
    confirm(client, upload(client, AN))
    confirm(client, upload(client, f"{second.number},{second.name},,\n"))
    assert f"/lists/{CONDUCT}/versions/2" in client.get(f"/lists/{CONDUCT}").text
    page = client.get(f"/lists/{CONDUCT}/versions/2").text
    assert "新增 1 行，去掉 1 行，更改 0 行" in page
    assert "旷课过多 ¥35.50" in page
    assert {an.number, second.number} <= set(client.get(f"/lists/{CONDUCT}/versions/2.csv").text.replace("\n", ",").split(","))
    assert client.get(f"/lists/{CONDUCT}/versions/3").status_code == 404


def test_a_row_that_stands_in_both_versions_has_neither_come_nor_gone(client, season):
    confirm(client, upload(client, AN))
    confirm(client, upload(client, AN, f"{season.everybody[1].number},,,\n"))
    assert [(one.number, one.before) for one in list_files.differences(CONDUCT, 2)] == [(season.everybody[1].number, None)]


def test_versions_are_for_those_who_may_see_the_list(client):
    confirm(client, upload(client, AN))
    client.sign_in_as(COUNSELOR)
    assert client.get(f"/lists/{CONDUCT}/versions/1").status_code == 403


def test_a_list_that_should_have_arrived_is_late(client, monkeypatch):
    monkeypatch.setattr("portal.lists.now", lambda: datetime(2023, 1, 1, tzinfo=UTC))
    assert "逾期" not in client.get(f"/lists/{CONDUCT}").text
    monkeypatch.setattr("portal.lists.now", lambda: datetime(2040, 1, 1, tzinfo=UTC))
    assert "逾期" in client.get("/lists").text
    assert "逾期" in client.get(f"/lists/{CONDUCT}").text
    confirm(client, upload(client, AN))
    assert "逾期" not in client.get(f"/lists/{CONDUCT}").text
