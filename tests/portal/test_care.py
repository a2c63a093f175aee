"""Notes and marks among counselors: kept with who and when, and told to nobody else."""

import peewee
import pytest

from db.accounts import add_graduates
from db.audit import AuditEvent
from db.care import GraduateMark, GraduateNote
from db.database import writing
from tests.cast import ADMIN, LIBRARY
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER

pytest_plugins = ["tests.portal.office_fixtures"]

SECRET = "Mother is ill; calls after six only"


@pytest.fixture
def noted(client, season):
    client.sign_in_as(COUNSELOR)
    client.send(f"/graduates/{season.an.number}/notes", text=SECRET)
    client.send(f"/graduates/{season.an.number}/marks", kind="unreachable", why=SECRET)
    return season.an


def test_the_counselor_reads_what_was_written_with_who_and_when(client, noted):
    text = client.get(f"/graduates/{noted.number}").text
    assert text.count(SECRET) == 2
    assert "lin老师" in text
    assert [e.subject for e in AuditEvent.select().where(AuditEvent.action.startswith("care."))] == [noted.number] * 2
    assert SECRET not in str([e.detail for e in AuditEvent.select()])


ELSEWHERE = ("", "/clearance", f"/steps/{LIBRARY}", "/card")


@pytest.mark.parametrize("who", [OFFICER, DEAN, BOSS, AUDITOR, ADMIN, "wang", "li"])
def test_nobody_else_reads_or_writes_any_of_it(client, noted, who):
    client.sign_in_as(who)
    assert not any(SECRET in client.get(f"/graduates/{noted.number}{path}").text for path in ELSEWHERE)
    for path, fields in (("notes", {"text": "x"}), ("marks", {"kind": "delayed", "why": "x"}), ("marks/unreachable/ends", {})):
        assert client.send(f"/graduates/{noted.number}/{path}", **fields).status_code in (403, 404)
    assert client.send(f"/graduates/{noted.number}/notes", text="").status_code in (403, 404)
    assert (GraduateNote.select().count(), GraduateMark.get().ended_at) == (1, None)


def test_the_graduate_and_other_graduates_are_never_told(client, season, noted):
    add_graduates(season.everybody, ADMIN)
    for one in season.everybody:
        client.sign_in_as(one.number)
        paths = ("/me", "/me/clearance", "/me/steps", f"/me/steps/{LIBRARY}", "/me/flow", "/account", f"/graduates/{noted.number}")
        assert not any(SECRET in client.get(path).text for path in paths)


def test_the_college_reads_and_answers(client, noted):
    from db import grants

    grants.grant(BOSS, "college", "college", "护理学院", ADMIN)
    client.sign_in_as(BOSS)
    client.send(f"/graduates/{noted.number}/notes", text="Called the mother")
    assert "Called the mother" in client.get(f"/graduates/{noted.number}").text


def test_the_same_note_sent_twice_is_one(client, noted):
    client.send(f"/graduates/{noted.number}/notes", text=f" {SECRET} ")
    assert GraduateNote.select().count() == 1


def test_a_mark_ends_and_stays_among_those_there_were(client, noted):
    client.send(f"/graduates/{noted.number}/marks/unreachable/ends")
    client.send(f"/graduates/{noted.number}/marks/unreachable/ends")
    mark = GraduateMark.get()
    assert (mark.ended_by, mark.ended_at is None) == (COUNSELOR, False)
    assert SECRET in client.get(f"/graduates/{noted.number}").text
    assert SECRET not in client.get("/class-desk?need=unreachable").text


@pytest.mark.parametrize(("path", "fields"), [
    ("notes", {"text": " "}), ("notes", {"text": "x" * 1001}), ("marks", {"kind": "odd", "why": "x"}), ("marks", {"why": ""}),
])  # fmt: skip
def test_what_cannot_be_used_is_shown_again_with_why(client, noted, path, fields):
    answer = client.send(f"/graduates/{noted.number}/{path}", **fields)
    assert answer.status_code == 422
    assert "error" in answer.text
    assert (GraduateNote.select().count(), GraduateMark.select().count()) == (1, 1)


@pytest.mark.parametrize("sql", ["UPDATE graduate_note SET text = 'x'", "DELETE FROM graduate_note", "DELETE FROM graduate_mark",
                                 "UPDATE graduate_mark SET why = 'x'"])  # fmt: skip
def test_the_database_lets_nobody_rewrite_it(noted, db, sql):
    with pytest.raises(peewee.DatabaseError, match="append-only"), writing():
        db.execute_sql(sql)
