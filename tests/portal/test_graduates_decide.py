"""Deciding about a step by hand."""

import pytest

from db import grants
from db.audit import AuditEvent
from db.clearance import Clearance
from db.intake import receive
from db.ledger import Entry
from db.rules import jws
from tests.cast import ADMIN, CARD, DIPLOMA, DORM, LIBRARY, TabletDouble
from tests.portal.office_case import BOSS, COUNSELOR, DEAN, OFFICER

pytest_plugins = ["tests.portal.office_fixtures"]

HTMX = {"HX-Request": "true"}


def cell(graduate, step=LIBRARY):
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == step)


def send(client, graduate, step=LIBRARY, headers=None, **fields):
    heads = fields.pop("heads", cell(graduate, step).heads)
    return client.send(f"/graduates/{graduate.number}/steps/{step}/decisions", headers=headers, heads=heads, **fields)


def last_entry():
    return jws.payload_of(Entry.select().order_by(Entry.received_at.desc()).first().jws)


@pytest.mark.parametrize(
    ("act", "fields", "state"),
    [("clear", {}, "cleared"), ("hold", {"words": "two books"}, "held"), ("waive", {"words": "exchange student"}, "waived")],
)
def test_an_officer_decides_about_the_own_step(client, season, act, fields, state):
    answer = send(client, season.an, act=act, **fields)
    assert (answer.status_code, answer.location) == (303, f"/graduates/{season.an.number}")
    assert cell(season.an).state == state
    made = last_entry()
    assert (made["device"], made["operator"], made["act"], made["reason"]) == ("portal", OFFICER, act, fields.get("words"))


def test_a_hold_carries_its_amount_in_fen(client, season):
    send(client, season.an, act="hold", words="lost", amount="35.50")
    assert last_entry()["amount"] == 3550
    assert "¥35.50" in client.get(f"/graduates/{season.an.number}").text


def test_what_was_held_may_be_cleared_waived_or_reopened(client, season):
    send(client, season.an, act="hold", words="lost")
    send(client, season.an, act="reopen")
    assert cell(season.an).state == "open"


def test_every_decision_is_in_the_audit_trail(client, season):
    send(client, season.an, act="hold", words="lost", amount="1")
    event = AuditEvent.get(AuditEvent.action == "step.decided")
    assert (event.actor, event.subject) == (OFFICER, season.an.number)
    assert event.detail == {"act": "hold", "step": LIBRARY, "before": "open", "state": "held", "reason": "lost", "amount": 100}


@pytest.mark.parametrize(("who", "status"), [(COUNSELOR, 403), (BOSS, 403), ("wang", 403), (DEAN, 404), (ADMIN, 303)])
def test_only_its_officers_and_administrators_decide_about_a_step(client, season, who, status):
    assert send(client.sign_in_as(who), season.an, act="clear").status_code == status
    assert (cell(season.an).state == "cleared") == (status == 303)


def test_another_departments_step_is_not_even_told(client, season):
    assert send(client, season.an, step=DORM, act="clear").status_code == 404
    assert cell(season.an, DORM).state == "open"


@pytest.mark.parametrize("step", ["nothing", "%00", "library%2F.."])
def test_a_step_that_the_plan_does_not_have_is_not_found(client, season, step):
    assert client.send(f"/graduates/{season.an.number}/steps/{step}/decisions", act="clear").status_code == 404


def test_the_same_form_sent_twice_makes_one_entry(client, season):
    first, second = (send(client, season.an, act="hold", words="lost", heads="") for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert Entry.select().count() == 1


def test_heads_that_have_changed_meanwhile_are_shown_and_nothing_is_recorded(client, season):
    desk = TabletDouble.enrol("library")
    receive([desk.act("clear", season.an, LIBRARY).token], "direct")
    answer = send(client, season.an, heads="", act="hold", words="still two books", amount="12")
    assert answer.status_code == 409
    assert Entry.select().count() == 1
    for kept in ("still two books", 'value="12"', 'value="hold" checked', "wang", "note-warn"):
        assert kept in answer.text
    assert f'name="heads" value="{cell(season.an).heads}"' in answer.text


def test_htmx_gets_the_part_anew_also_when_it_had_changed(client, season):
    done = send(client, season.an, act="clear", headers=HTMX)
    assert done.status_code == 200
    assert 'id="clearance"' in done.text
    assert "<html" not in done.text
    changed = send(client, season.an, heads="", act="hold", words="x", headers=HTMX)
    assert changed.status_code == 409
    assert 'id="clearance"' in changed.text
    assert "note-warn" in changed.text


def test_a_decision_ends_a_conflict(client, season):
    first, second = TabletDouble.enrol("library"), TabletDouble.enrol("hall")
    receive([first.act("clear", season.an, LIBRARY).token, second.act("hold", season.an, LIBRARY).token], "direct")
    assert cell(season.an).conflict == "clear-vs-hold"
    assert send(client, season.an, act="clear").status_code == 303
    assert (cell(season.an).state, cell(season.an).conflict) == ("cleared", None)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({}, "act"), ({"act": "collect"}, "act"), ({"act": "undo"}, "act"), ({"act": "reopen"}, "act"), ({"act": "hold"}, "reason"),
     ({"act": "waive"}, "words"), ({"act": "clear", "amount": "3"}, "amount"),
     ({"act": "hold", "words": "x", "amount": "-3"}, "amount"),
     ({"act": "hold", "words": "x", "amount": "1e99"}, "amount"), ({"act": "hold", "words": "x" * 501}, "words"),
     ({"act": "hold", "reason": "no-such-reason"}, "reason"), ({"act": "hold", "words": "a\0b"}, "words")],
)  # fmt: skip
def test_what_cannot_be_decided_is_said_at_its_field_and_what_was_typed_stays(client, season, fields, wrong):
    answer = send(client, season.an, **fields)
    assert answer.status_code == 422
    assert f'id="f-{wrong}-error"' in answer.text or f'href="#f-{wrong}"' in answer.text
    assert Entry.select().count() == 0


def test_what_is_handed_over_is_not_cleared_by_hand_but_may_be_held(client, season):
    grants.grant(OFFICER, "officer", "step", CARD, ADMIN)
    assert send(client, season.an, step=CARD, act="clear").status_code == 422
    assert send(client, season.an, step=CARD, act="hold", words="card blocked").status_code == 303


def test_what_was_handed_over_stays_so(client, season):
    grants.grant(OFFICER, "officer", "step", CARD, ADMIN)
    receive([TabletDouble.enrol("cards").act("collect", season.an, CARD).token], "direct")
    assert send(client, season.an, step=CARD, act="hold", words="x").status_code == 422
    assert cell(season.an, CARD).state == "collected"
    assert 'name="act"' not in client.get(f"/graduates/{season.an.number}/steps/{CARD}").text


def test_a_step_that_does_not_apply_is_left_alone(client, season):
    assert send(client.sign_in_as(ADMIN), season.bai, step=DORM, act="clear").status_code == 422


def test_the_step_page_offers_what_fits_and_lists_who_signed(client, season):
    receive([TabletDouble.enrol("library").act("hold", season.an, LIBRARY, reason="lost", amount=100).token], "direct")
    text = client.get(f"/graduates/{season.an.number}/steps/{LIBRARY}").text
    assert [act for act in ("clear", "hold", "waive", "reopen") if f'value="{act}"' in text] == ["clear", "hold", "waive", "reopen"]
    assert "¥1.00" in text
    assert "wang" in text


def test_a_counselor_reads_the_step_and_decides_nothing(client, season):
    text = client.sign_in_as(COUNSELOR).get(f"/graduates/{season.an.number}/steps/{DIPLOMA}").text
    assert "decisions" not in text


def test_a_form_without_its_token_changes_nothing(client, season):
    path = f"/graduates/{season.an.number}/steps/{LIBRARY}/decisions"
    assert client.post(path, data={"act": "clear"}).status_code == 400
    assert Entry.select().count() == 0
