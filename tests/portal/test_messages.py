"""Messages: told at once, in the transaction of what happened; read by the graduate alone; never twice."""

import pytest

from db import messages, projection
from db.database import writing
from db.intake import receive
from db.mail import Mail, give_address
from db.messages import Message
from db.people import Graduate
from db.refusals import Invalid
from tests.cast import CARD, DIPLOMA, LIBRARY, SUPERVISOR, TabletDouble
from tests.portal.office_case import counted
from tests.portal.test_proxy import PERSON, approve, send, write
from tests.portal.test_proxy_post import apply, house, nothing_missing  # noqa: F401 - a fixture


def kinds(graduate) -> list[str]:
    return [one.kind for one in messages.of(graduate.id)]


def test_what_was_decided_about_an_application_is_told_with_why_to_the_graduate_alone(house, season):  # noqa: F811
    one = apply(house, season)
    house.sign_in_as("lin")
    house.send(f"/proxies/{one.id}/decisions", act="return", seen=1, words="The address has no street")
    house.send(f"/proxies/{one.id}/decisions", act="return", seen=1, words="The address has no street")
    assert kinds(season.an) == ["proxy.return"]
    house.sign_in_as(season.an.number)
    assert '<span class="count">1' in house.get("/me").text
    assert "1 条新消息" in house.get("/me/clearance").text
    text = house.get("/me/messages").text
    assert "The address has no street" in text
    assert "message-new" in text
    again = house.get("/me/messages").text
    assert "message-new" not in again
    assert '<span class="count">' not in again
    assert "no street" not in house.sign_in_as(season.bai.number).get("/me/messages").text
    assert house.sign_in_as("lin").get("/me/messages").status_code == 403


def test_approved_posted_and_revoked_each_have_their_message(house, season):  # noqa: F811
    nothing_missing(house, season)
    one = apply(house, season)
    house.sign_in_as("lin")
    house.send(f"/proxies/{one.id}/decisions", act="approve", seen=1)
    house.send(f"/proxies/{one.id}/parcels", tracking="EE123456789CN")
    two = write(house, season.bai)
    Graduate.update(class_group=season.an.class_group).where(Graduate.id == season.bai.id).execute()
    send(house, two)
    approve(house, two)
    house.send(f"/proxies/{two.id}/revocations", seen=2, words="lost")
    assert (kinds(season.an), kinds(season.bai)) == (["proxy.post", "proxy.approve"], ["proxy.revoke", "proxy.approve"])
    assert "EE123456789CN" in house.sign_in_as(season.an.number).get("/me/messages").text


@pytest.fixture
def collected(house, season):  # noqa: F811
    """An's diploma, handed to a proxy at the hall's tablet."""
    tablet = TabletDouble.enrol("hall")
    entry = tablet.act("collect", season.an, DIPLOMA, proxy=write(house, season.an, slots=()).id)
    receive(tablet.tokens, "direct")
    return tablet, entry


def test_what_a_proxy_collected_is_told_at_once_and_once(house, season, collected):  # noqa: F811
    tablet, _entry = collected
    receive(tablet.tokens, "journal")
    tablet.act("note", season.an, DIPLOMA)
    receive(tablet.tokens, "direct")
    with writing():
        season.an._meta.database.execute_sql("DELETE FROM clearance")
    projection.rebuild()
    assert kinds(season.an) == ["collected"]
    text = house.sign_in_as(season.an.number).get("/me/messages").text
    assert f"{PERSON['name']}</p>" in text
    assert "diploma" in text


def test_what_was_taken_back_has_a_message_of_its_own(house, season, collected):  # noqa: F811
    tablet, entry = collected
    tablet.undo(entry, operator=SUPERVISOR)
    receive(tablet.tokens, "direct")
    assert kinds(season.an) == ["collected.undone", "collected"]
    assert "已撤回代领记录" in house.sign_in_as(season.an.number).get("/me/messages").text


def test_what_was_taken_back_before_anybody_heard_of_it_is_not_told(season):
    tablet = TabletDouble.enrol("hall")
    tablet.undo(tablet.act("collect", season.an, DIPLOMA, proxy="px"))
    receive(tablet.tokens, "direct")
    assert kinds(season.an) == []


def test_entries_without_a_proxy_ask_the_database_nothing_more(season, monkeypatch):
    tablet = TabletDouble.enrol("hall")
    tablet.act("clear", season.an, LIBRARY)
    tablet.act("collect", season.bai, CARD)
    with counted(monkeypatch) as seen:
        receive(tablet.tokens, "direct")
    assert not [sql for sql in seen if "message" in sql or "mail" in sql]


def test_an_upload_that_fails_tells_nobody_anything(season):
    def upload():
        messages.send(season.an.id, "collected", "k", {})
        raise RuntimeError

    with pytest.raises(RuntimeError), writing():
        upload()
    assert Message.select().count() == 0


def test_each_message_has_one_e_mail_where_there_is_an_address(season):
    Graduate.update(email="an@example.com").where(Graduate.id == season.an.id).execute()
    for graduate in (season.an, season.bai):
        for _twice in range(2):
            messages.send(graduate.id, "proxy.reject", f"key {graduate.id}", {"kind": "post"})
    assert [(mail.message.graduate_id, mail.address, mail.state) for mail in Mail.select()] == [
        (season.an.id, "an@example.com", "waiting")
    ]


def test_a_graduates_own_address_comes_before_the_rosters_and_takes_what_still_waits(season):
    Graduate.update(email="an@example.com").where(Graduate.id == season.an.id).execute()
    messages.send(season.an.id, "proxy.reject", "one", {"kind": "post"})
    give_address(season.an.id, " an+me@mail.example ", season.an.number)
    messages.send(season.an.id, "proxy.reject", "two", {"kind": "post"})
    assert {mail.address for mail in Mail.select()} == {"an+me@mail.example"}
    give_address(season.an.id, "", season.an.number)
    assert {mail.address for mail in Mail.select()} == {"an@example.com"}


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("wrong", [
    "an", "an@", "@example.com", "an@example", "a b@example.com", "an@example.com\nBcc: x@example.com", "a@b.c,d@e.f",
    "<an@example.com>", "an@-x.com", ".an@example.com", "安@example.com", "x" * 120 + "@example.com", "a\0@example.com",
])  # fmt: skip
def test_nothing_but_one_plain_address_is_taken(season, wrong):
    with pytest.raises(Invalid):
        give_address(season.an.id, wrong, season.an.number)


def test_messages_cannot_be_rewritten_or_removed(season, db):
    messages.send(season.an.id, "proxy.reject", "one")
    for sql in ("UPDATE message SET zh = 'x'", "DELETE FROM message"):
        with pytest.raises(Exception, match="append-only"), writing():
            db.execute_sql(sql)
