"""Requests for help: the own counselor answers by a clock or hands on; every answer is a message; nobody else sees any of it."""

import re
from datetime import timedelta

import pytest

from db import grants, messages
from db import help as requests
from db.accounts import Account, add_graduates
from db.audit import AuditEvent
from db.database import now, writing
from db.help import MOST_OPEN, HelpEvent, HelpRequest
from db.refusals import Conflict
from tests.cast import ADMIN, DORM, LIBRARY
from tests.portal.graduate_case import open_today
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER, counted

pytest_plugins = ["tests.portal.office_fixtures"]

WORDS = "The book was stolen and I cannot pay"
ASKED = {"topic": "A lost book", "step": LIBRARY, "text": WORDS}
HOUR = timedelta(hours=1)


@pytest.fixture
def asked(client, season):
    """An's request, just written; nobody is signed in as staff yet."""
    open_today(season)
    Account.create(id="warden", name="warden老师")
    grants.grant("warden", "officer", "step", DORM, ADMIN)
    assert client.sign_in_as(season.an.number).send("/me/help", **ASKED).status_code == 303
    return HelpRequest.get()


def state():
    return HelpRequest.get().state


def test_it_is_asked_answered_written_on_closed_and_opened_again(client, season, asked):
    assert "等待答复" in client.get("/me/help").text
    client.sign_in_as(COUNSELOR)
    assert "A lost book" in client.get("/help").text
    assert WORDS in client.get(f"/help/{asked.id}").text
    assert client.send(f"/help/{asked.id}/answers", seen=1, text="Come at nine").status_code == 303
    assert (state(), HelpRequest.get().due_at) == ("answered", None)
    client.sign_in_as(season.an.number)
    assert "Come at nine" in client.get("/me/messages").text
    client.send(f"/me/help/{asked.id}/words", seen=2, text="I came, nobody was there")
    assert state() == "open"
    client.sign_in_as(COUNSELOR).send(f"/help/{asked.id}/closings", seen=3)
    assert state() == "closed"
    client.sign_in_as(season.an.number)
    assert "7 天" in client.get(f"/me/help/{asked.id}").text
    client.send(f"/me/help/{asked.id}/reopenings", seen=4, text="It is not settled")
    client.send(f"/me/help/{asked.id}/closings", seen=5)
    assert [event.act for event in requests.events(asked)] == ["ask", "answer", "write", "close", "reopen", "close"]
    assert [one.kind for one in messages.of(season.an.id)] == ["help.close", "help.answer"]
    done = {e.action for e in AuditEvent.select().where(AuditEvent.subject == season.an.number)}
    assert {"help.ask", "help.viewed", "help.answer", "help.write", "help.close", "help.reopen"} <= done
    assert WORDS not in str([event.detail for event in AuditEvent.select()])


def test_who_is_not_answered_in_time_is_overdue_by_word_and_icon_and_stands_first(client, season, asked):
    client.send("/me/help", topic="Later", text="Something else")
    late = HelpRequest.get(HelpRequest.topic == "Later")
    assert timedelta(hours=23) < late.due_at - now() < timedelta(hours=25)
    HelpRequest.update(due_at=now() - HOUR).where(HelpRequest.id == late.id).execute()
    text = client.sign_in_as(COUNSELOR).get("/help").text
    assert text.index("Later") < text.index("A lost book")
    assert re.search(r"#i-warning[^超]*超时未答复", text)
    assert text.count("超时未答复") == 1
    client.sign_in_as(season.an.number).send(f"/me/help/{late.id}/words", seen=1, text="Please")
    assert HelpRequest.get_by_id(late.id).overdue, "writing more does not wind the clock again"


def test_more_than_fit_on_the_page_are_told_of(client, season, asked, monkeypatch):
    client.send("/me/help", topic="Later", text="Something else")
    assert "只显示前" not in client.sign_in_as(COUNSELOR).get("/help").text
    monkeypatch.setattr(requests, "SHOWN", 1)
    text = client.get("/help").text
    assert "共 2 条，只显示前 1 条" in text
    assert "Later" not in text


def test_an_office_sees_it_only_while_it_is_handed_to_it(client, season, asked):
    pages = ("/help", f"/help/{asked.id}")
    assert WORDS not in "".join(client.sign_in_as(OFFICER).get(page).text for page in pages)
    client.sign_in_as(COUNSELOR).send(f"/help/{asked.id}/hand-overs", seen=1, step=LIBRARY, note="Between us: a hard case")
    client.sign_in_as("warden")
    assert client.get(f"/help/{asked.id}").status_code == 404
    page = client.sign_in_as(OFFICER).get(f"/help/{asked.id}").text
    assert WORDS in page
    assert "a hard case" in page
    for path in ("hand-overs", "closings"):
        assert client.send(f"/help/{asked.id}/{path}", seen=2, step=DORM, note="x").status_code == 409
    client.send(f"/help/{asked.id}/answers", seen=2, text="Bring a police report")
    assert "police report" in client.sign_in_as(season.an.number).get("/me/messages").text
    own = client.get(f"/me/help/{asked.id}").text
    assert "给“library”经办人" in own
    assert "a hard case" not in own
    client.sign_in_as(OFFICER)
    for _twice in range(2):
        assert client.send(f"/help/{asked.id}/returns", seen=3, words="Not ours").status_code == 303
    assert client.get(f"/help/{asked.id}").status_code == 404
    assert "Not ours" in client.sign_in_as(COUNSELOR).get(f"/help/{asked.id}").text
    assert "Not ours" not in client.sign_in_as(season.an.number).get(f"/me/help/{asked.id}").text


STAFF_PATHS = (("answers", {"text": "x"}), ("hand-overs", {"step": LIBRARY, "note": "x"}), ("returns", {}), ("closings", {}))
OWN_PATHS = (("words", {"text": "x"}), ("reopenings", {"text": "x"}), ("closings", {}))


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("who", [DEAN, OFFICER, BOSS, AUDITOR, ADMIN, "wang", "other", "graduate", None])
def test_nobody_else_gets_or_changes_anything(client, season, asked, who):
    Account.create(id="other", name="other老师")
    season.cheng.class_group.counselor = "other"
    season.cheng.class_group.save()
    if who is None:
        with client.session_transaction() as session:
            session.clear()
    else:
        client.sign_in_as(season.bai.number if who == "graduate" else who)
    refused = (303,) if who is None else (403, 404)
    for page in ("/help", f"/help/{asked.id}", "/me/help", f"/me/help/{asked.id}"):
        assert WORDS not in client.get(page).text
        assert "A lost book" not in client.get(page).text
    for base, paths in ((f"/help/{asked.id}", STAFF_PATHS), (f"/me/help/{asked.id}", OWN_PATHS)):
        assert client.get(base).status_code in refused
        for path, fields in paths:
            assert client.send(f"{base}/{path}", seen=1, **fields).status_code in refused
    assert (state(), HelpEvent.select().count()) == ("open", 1)


def test_the_college_answers_too(client, season, asked):
    grants.grant(DEAN, "college", "college", "护理学院", ADMIN)
    assert client.sign_in_as(DEAN).send(f"/help/{asked.id}/answers", seen=1, text="Come to me").status_code == 303
    assert state() == "answered"


def test_everything_sent_twice_happens_once_and_of_two_at_once_the_second_looks_again(client, season, asked):
    for _twice in range(2):
        client.send("/me/help", **ASKED)
    assert HelpRequest.select().count() == 1
    client.sign_in_as(COUNSELOR)
    for _twice in range(2):
        assert client.send(f"/help/{asked.id}/answers", seen=1, text="Come at nine").status_code == 303
    assert client.send(f"/help/{asked.id}/answers", seen=1, text="Come at ten").status_code == 409
    assert (HelpEvent.select().count(), len(messages.of(season.an.id))) == (2, 1)


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("wrong", [{"topic": ""}, {"topic": "x" * 81}, {"text": " "}, {"text": "x" * 2001}, {"step": "nonsense"}])
def test_what_cannot_be_used_is_shown_again_with_what_was_typed(client, asked, wrong):
    answer = client.send("/me/help", **{"topic": "Another", "text": "What I typed", "step": "", **wrong})
    assert answer.status_code == 422
    assert ("What I typed" in answer.text) == ("text" not in wrong)
    assert HelpRequest.select().count() == 1


def test_there_is_an_end_to_how_many_and_to_how_long(client, season, asked):
    for n in range(MOST_OPEN - 1):
        client.send("/me/help", topic=f"No. {n}", text="x")
    full = client.get("/me/help").text
    assert f"{MOST_OPEN} 条求助" in full, "the page says why there is no form"
    assert 'name="topic"' not in full
    assert client.send("/me/help", topic="One more", text="x").status_code == 409
    client.send(f"/me/help/{asked.id}/closings", seen=1)
    assert 'name="topic"' in client.get("/me/help").text
    HelpRequest.update(changed_at=now() - timedelta(days=8)).where(HelpRequest.id == asked.id).execute()
    with pytest.raises(Conflict, match="help-too-late"):
        requests.go_on(season.an, season.an.number, asked.id, 2, "reopen", "again", HOUR)
    assert "reopenings" not in client.get(f"/me/help/{asked.id}").text


def test_the_class_desk_counts_and_finds_who_waits_with_as_many_queries(client, season, asked, monkeypatch):
    client.sign_in_as(COUNSELOR).get("/class-desk")
    with counted(monkeypatch) as seen:
        text = client.get("/class-desk?need=help").text
    assert len(seen) <= 14
    assert "安然" in text
    assert re.search(r"求助待答复 <span class=\"count\">1<", text)
    client.send(f"/help/{asked.id}/answers", seen=1, text="Come at nine")
    assert "安然" not in client.get("/class-desk?need=help").text


def test_what_was_said_cannot_be_rewritten(asked, db):
    for sql in ("UPDATE help_event SET text = 'x'", "DELETE FROM help_event"):
        with pytest.raises(Exception, match="append-only"), writing():
            db.execute_sql(sql)


def test_a_number_beyond_every_database_is_no_request(client, season):
    add_graduates([season.bai], ADMIN)
    assert client.sign_in_as(COUNSELOR).get(f"/help/{2**40}").status_code == 404
    assert client.sign_in_as(season.bai.number).get(f"/me/help/{2**40}").status_code == 404
