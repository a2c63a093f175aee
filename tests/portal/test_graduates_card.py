"""Revoking and replacing a graduate's card."""

import pytest

from db.audit import AuditEvent
from db.cards import Card
from db.people import Graduate
from tests.cast import ADMIN
from tests.portal.office_case import BOSS, COUNSELOR, DEAN, OFFICER

pytest_plugins = ["tests.portal.office_fixtures"]


def send(client, graduate, what, reason="phone lost", gen=1):
    return client.send(f"/graduates/{graduate.number}/card/{what}", reason=reason, gen=gen)


def card_of(graduate):
    fresh = Graduate.get_by_id(graduate.id)
    return fresh.gen, fresh.card_revoked


@pytest.mark.parametrize("who", [COUNSELOR, ADMIN])
def test_the_counselor_and_the_administrator_replace_it(client, season, who):
    answer = send(client.sign_in_as(who), season.an, "reissues")
    assert (answer.status_code, answer.location) == (303, f"/graduates/{season.an.number}")
    assert card_of(season.an) == (2, False)
    event = AuditEvent.get(AuditEvent.action == "card.reissued")
    assert (event.actor, event.subject, event.detail["reason"]) == (who, season.an.number, "phone lost")


@pytest.mark.parametrize("who", [COUNSELOR, ADMIN])
def test_they_revoke_it(client, season, who):
    assert send(client.sign_in_as(who), season.an, "revocations").status_code == 303
    assert card_of(season.an) == (1, True)
    assert AuditEvent.get(AuditEvent.action == "card.revoked").actor == who


@pytest.mark.parametrize("what", ["reissues", "revocations"])
@pytest.mark.parametrize(("who", "status"), [(OFFICER, 403), (BOSS, 403), (DEAN, 403), ("wang", 403)])
def test_others_may_not(client, season, who, status, what):
    assert send(client.sign_in_as(who), season.cheng, what).status_code == status
    assert card_of(season.cheng) == (1, False)


@pytest.mark.parametrize("what", ["reissues", "revocations"])
def test_a_counselor_has_no_say_about_another_class(client, season, what):
    assert send(client.sign_in_as(COUNSELOR), season.bai, what).status_code == 404
    assert client.get(f"/graduates/{season.bai.number}/card").status_code == 404
    assert card_of(season.bai) == (1, False)


def test_the_same_press_twice_makes_one_card(client, season):
    client.sign_in_as(ADMIN)
    assert [send(client, season.an, "reissues").status_code for _ in range(2)] == [303, 303]
    assert card_of(season.an) == (2, False)
    assert Card.select().where(Card.graduate == season.an.id).count() == 2


def test_revoking_twice_is_revoking_once(client, season):
    client.sign_in_as(ADMIN)
    assert [send(client, season.an, "revocations").status_code for _ in range(2)] == [303, 303]
    assert AuditEvent.select().where(AuditEvent.action == "card.revoked").count() == 1


def test_a_card_that_somebody_else_replaced_meanwhile_is_not_revoked(client, season):
    client.sign_in_as(ADMIN)
    send(client, season.an, "reissues")
    answer = send(client, season.an, "revocations", reason="found by somebody", gen=1)
    assert answer.status_code == 409
    assert "found by somebody" in answer.text
    assert card_of(season.an) == (2, False)


@pytest.mark.parametrize("what", ["reissues", "revocations"])
@pytest.mark.parametrize("fields", [{"reason": ""}, {"reason": "x" * 201}, {"gen": "-1"}, {"gen": "x"}])
def test_bad_input_is_told_and_changes_nothing(client, season, what, fields):
    assert send(client.sign_in_as(ADMIN), season.an, what, **fields).status_code == 422
    assert card_of(season.an) == (1, False)


def test_the_page_tells_every_card_so_far(client, season):
    client.sign_in_as(ADMIN)
    send(client, season.an, "reissues", reason="phone lost")
    text = client.get(f"/graduates/{season.an.number}/card").text
    assert "第 1 张" in text
    assert "第 2 张" in text
    assert "phone lost" in text


def test_one_without_a_card_gets_the_first(client, season):
    Card.delete().where(Card.graduate == season.an.id).execute()
    Graduate.update(gen=0).where(Graduate.id == season.an.id).execute()
    client.sign_in_as(ADMIN)
    assert send(client, season.an, "revocations", gen=0).status_code == 409
    assert send(client, season.an, "reissues", gen=0).status_code == 303
    assert card_of(season.an) == (1, False)
