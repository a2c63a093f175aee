"""The roster page: upload, dry run, decision."""

import io

import openpyxl
import pytest

from db import roster, season
from db.accounts import Account
from db.audit import AuditEvent
from db.grants import grant
from db.people import Graduate
from db.tables import read_table
from db.uploads import Upload
from tests.client import Client, portal
from web.catalogue import ROOT

HEADINGS = "学号,姓名,学院,班级,手机\n"
ANNA = "2020010101,安娜·买买提,会计学院,2020级会计1班,10000000001\n"
BO = "2020010102,薄一,会计学院,2020级会计1班,10000000002\n"
WRONG = "?,某,会计学院,2020级会计1班,\n"


@pytest.fixture
def client(db, database_url, tmp_path) -> Client:
    season.load_plan((ROOT / "plans" / "2023.toml").read_text("utf-8"), "2023.toml", "root")
    for id_ in ("root", "boss"):
        Account.create(id=id_, name=id_)
    grant("root", "admin", "all", "", "root")
    grant("boss", "leadership", "all", "", "root")
    return portal(database_url, tmp_path).sign_in_as("root")


def upload(client, *rows, name="roster.csv"):
    return send(client, (HEADINGS + "".join(rows)).encode(), name)


def send(client, content, name="roster.csv"):
    return client.send("/roster/uploads", file=(io.BytesIO(content), name))


def decide(client, answer, **fields):
    page = client.get(answer.location).text
    basis = page.partition('name="basis" value="')[2].partition('"')[0]
    return client.send(f"{answer.location}/imports", **{"basis": basis, "new_classes": "1", **fields})


def test_a_file_is_checked_then_taken_in(client):
    answer = upload(client, ANNA, BO)
    assert "尚未更改任何数据" in client.get(answer.location).text
    assert not Graduate.select().exists()
    assert decide(client, answer).location == "/roster"
    assert Graduate.select().count() == 2
    assert not Upload.select().exists()


def test_a_workbook_is_taken_in_too(client):
    book = openpyxl.Workbook()
    for row in (HEADINGS, ANNA):
        book.active.append(row.strip().split(","))
    content = io.BytesIO()
    book.save(content)
    decide(client, send(client, content.getvalue(), "roster.xlsx"))
    assert Graduate.get().name == "安娜·买买提"


def test_only_administrators_come_in(client):
    answer = upload(client, ANNA)
    client.sign_in_as("boss")
    for path in ("/roster", answer.location, f"{answer.location}/report.csv"):
        assert client.get(path).status_code == 403
    assert client.send("/roster/uploads").status_code == 403
    assert client.send(f"{answer.location}/imports").status_code == 403


@pytest.mark.parametrize("content", [b"", b"\xff\xff\xff\x00\x81", b"PK\x03\x04 no workbook"])
def test_what_is_no_table_is_told_where_it_was_chosen(client, content):
    answer = send(client, content)
    assert answer.status_code == 422
    assert 'id="file-problem"' in answer.text


def test_a_form_without_a_file_is_told(client):
    assert client.send("/roster/uploads").status_code == 422


def test_a_file_without_the_right_headings_cannot_be_taken_in(client):
    answer = send(client, b"a,b\n1,2\n")
    page = client.get(answer.location).text
    assert "imports" not in page
    assert client.send(f"{answer.location}/imports").status_code == 422


def test_rows_with_errors_are_taken_in_only_without_them_and_knowingly(client):
    answer = upload(client, ANNA, WRONG)
    assert decide(client, answer).status_code == 422
    assert not Graduate.select().exists()
    decide(client, answer, leave_out="1")
    assert Graduate.select().count() == 1


def test_people_who_are_missing_stay_unless_it_is_ticked(client):
    decide(client, upload(client, ANNA, BO))
    decide(client, upload(client, ANNA))
    assert Graduate.get(number="2020010102").removed_at is None
    decide(client, upload(client, ANNA), remove="1")
    assert Graduate.get(number="2020010102").removed_at is not None


def test_it_refuses_when_people_changed_since_the_dry_run(client):
    decide(client, upload(client, ANNA))
    answer = upload(client, ANNA, BO)
    page = client.get(answer.location).text
    basis = page.partition('name="basis" value="')[2].partition('"')[0]
    Graduate.update(room="999").execute()
    refused = client.send(f"{answer.location}/imports", basis=basis)
    assert refused.status_code == 409
    assert Graduate.select().count() == 1


def test_the_report_is_whole_and_no_cell_of_it_is_a_formula(client):
    answer = upload(client, ANNA, '2020010103,=HYPERLINK("x"),会计学院,2020级会计1班,1\n')
    report = client.get(f"{answer.location}/report.csv").text
    assert "2020010101" in report
    assert "\n=" not in report
    assert ",=" not in report


def test_changed_telephones_are_masked(client):
    decide(client, upload(client, ANNA))
    page = client.get(upload(client, ANNA.replace("10000000001", "10000000009")).location).text
    assert "10000000009" not in page


def test_a_file_that_is_not_kept_is_not_found(client):
    assert client.get("/roster/uploads/nothing").status_code == 404


def test_what_was_done_is_in_the_audit_trail(client):
    decide(client, upload(client, ANNA))
    actions = [event.action for event in AuditEvent.select()]
    assert {"roster.checked", "roster.imported"} <= set(actions)


def many(count):
    return [f"20200102{at:02},某{at},会计学院,2020级会计1班,\n" for at in range(count)]


def test_the_tick_and_the_button_say_how_many_are_removed(client):
    decide(client, upload(client, ANNA, BO))
    page = client.get(upload(client, ANNA).location).text
    assert "将不在文件中的 1 人标为已移除" in page
    assert "新增 0，更改 0，移除 1" in page


def test_a_file_with_headings_only_removes_nobody_whatever_is_sent(client):
    decide(client, upload(client, ANNA, BO))
    answer = upload(client)
    assert 'name="remove"' not in client.get(answer.location).text
    basis = roster.dry_run(read_table(HEADINGS.encode()), season.current().plan).basis
    assert decide(client, answer, basis=basis, remove="1", counted="2").status_code == 422
    assert not Graduate.select().where(Graduate.removed_at.is_null(False)).exists()


def test_removing_many_needs_their_number_typed(client):
    decide(client, upload(client, ANNA, *many(30)))
    answer = upload(client, ANNA)
    assert 'name="counted"' in client.get(answer.location).text
    for counted in ("", "29", "x"):
        assert decide(client, answer, remove="1", counted=counted).status_code == 422
    assert Graduate.select().where(Graduate.removed_at.is_null()).count() == 31
    assert decide(client, answer, remove="1", counted="30").status_code == 303
    assert Graduate.select().where(Graduate.removed_at.is_null()).count() == 1


def test_classes_that_nobody_knows_are_named_with_their_rows_and_agreed_to(client):
    answer = upload(client, ANNA, BO, "2020010103,丙,会计学院,2020级会汁1班,\n")
    page = client.get(answer.location).text
    assert "2020级会汁1班" in page
    assert decide(client, answer, new_classes="").status_code == 422
    assert not Graduate.select().exists()
    decide(client, answer)
    assert Graduate.select().count() == 3


def test_who_is_new_is_named_with_the_class_on_the_page_and_in_the_report(client):
    answer = upload(client, ANNA)
    assert "安娜·买买提" in client.get(answer.location).text
    assert "安娜·买买提，2020级会计1班" in client.get(f"{answer.location}/report.csv").text


def test_flags_are_told_by_the_names_of_the_plan(client):
    flag = season.current().plan.flags[0]
    decide(client, upload(client, ANNA))
    answer = send(client, f"学号,姓名,标记\n2020010101,安娜·买买提,{flag.code}\n".encode())
    page = client.get(answer.location).text
    assert flag.name.zh in page
    assert f">{flag.code}<" not in page
