"""The page of one graduate: who sees what."""

import hashlib

import pytest

from db import accounts, attachments
from db.audit import AuditEvent
from db.cards import reissue
from db.intake import receive
from db.people import Graduate
from tests.cast import ADMIN, DIPLOMA, DORM, LIBRARY, TabletDouble
from tests.portal.office_case import BOSS, COUNSELOR, DEAN, OFFICER, counted

pytest_plugins = ["tests.portal.office_fixtures"]


@pytest.fixture
def worked(season):
    """At the library An was held with a reason and an amount, then cleared; at the dorm she was held."""
    library, dorm = TabletDouble.enrol("library"), TabletDouble.enrol("dorm")
    held = library.act("hold", season.an, LIBRARY, reason="book-lost: third floor", amount=3550)
    cleared = library.act("clear", season.an, LIBRARY, saw=[held])
    receive([held.token, cleared.token], "direct")
    receive([dorm.act("hold", season.an, DORM, reason="the dorm's own reason").token], "direct")


def page_of(client, graduate, who):
    return client.sign_in_as(who).get(f"/graduates/{graduate.number}")


def test_an_officer_sees_the_own_step_with_its_history(client, season, worked):
    text = page_of(client, season.an, OFFICER).text
    assert 'id="step-library"' in text
    assert "third floor" in text
    assert "¥35.50" in text
    assert "wang" in text


def test_an_officer_is_told_nothing_of_other_departments_steps(client, season, worked):
    text = page_of(client, season.an, OFFICER).text
    assert "the dorm&#39;s own reason" not in text
    assert 'id="step-dorm"' not in text
    assert DIPLOMA not in text


def test_of_steps_that_block_the_own_an_officer_is_told_whether_they_are_settled(client, season, worked, db):
    from db import grants

    grants.grant("boss", "officer", "step", DIPLOMA, ADMIN)
    text = page_of(client, season.an, BOSS).text
    assert 'id="step-diploma"' in text
    assert text.count("badge-good") >= 1
    assert "未办结" in text
    assert "the dorm&#39;s own reason" not in text


@pytest.mark.parametrize(("who", "number"), [(COUNSELOR, 0), (DEAN, 2), (ADMIN, 1)])
def test_those_who_stand_close_see_every_step(client, season, worked, who, number):
    graduate = season.everybody[number]
    text = page_of(client, graduate, who).text
    for step in ("conduct", "library", "dorm", "campus-card", "diploma"):
        assert f'id="step-{step}"' in text


@pytest.mark.parametrize(("who", "number"), [(COUNSELOR, 1), (COUNSELOR, 2), (DEAN, 0)])
def test_a_graduate_of_another_scope_is_as_unknown_as_one_who_does_not_exist(client, season, who, number):
    missing = client.sign_in_as(who).get("/graduates/999999")
    for path in ("", "/clearance", "/steps/library"):
        answer = client.get(f"/graduates/{season.everybody[number].number}{path}")
        assert answer.status_code == missing.status_code == 404
    assert season.everybody[number].name not in page_of(client, season.everybody[number], who).text


@pytest.mark.parametrize("who", [BOSS, "auditor", "wang"])
def test_other_roles_are_refused(client, season, who):
    assert page_of(client, season.an, who).status_code == 403


@pytest.mark.parametrize("number", ["%00", "%F0%9F%98%80", "a%0Ab", "x" * 2000])
def test_no_address_makes_it_fail(client, season, number):
    for path in ("", "/clearance", "/steps/library", "/card"):
        assert client.sign_in_as(ADMIN).get(f"/graduates/{number}{path}").status_code == 404


def test_one_who_has_left_the_roster_is_not_shown(client, season):
    Graduate.update(removed_at=1).where(Graduate.id == season.an.id).execute()
    assert page_of(client, season.an, ADMIN).status_code == 404


def test_the_room_and_the_masked_phone_are_for_those_who_stand_close(client, season):
    Graduate.update(building="兰园1栋", room="101", phone="10012345678").where(Graduate.id == season.an.id).execute()
    close, far = page_of(client, season.an, COUNSELOR).text, page_of(client, season.an, OFFICER).text
    assert "兰园1栋 101" in close
    assert "兰园1栋" not in far
    assert "10012345678" not in close + far
    assert "5678" not in far


def test_opening_the_page_is_recorded_and_its_refreshing_is_not(client, season):
    client.get(f"/graduates/{season.an.number}")
    for _ in range(3):
        client.get(f"/graduates/{season.an.number}/clearance")
    events = list(AuditEvent.select().where(AuditEvent.action == "graduate.viewed"))
    assert [(event.actor, event.subject) for event in events] == [(OFFICER, season.an.number)]


def test_the_live_part_answers_304_until_something_changes(client, season):
    path = f"/graduates/{season.an.number}/clearance"
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    receive([TabletDouble.enrol("library").act("clear", season.an, LIBRARY).token], "direct")
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_conflicts_and_findings_are_told_in_words(client, season):
    first, second = TabletDouble.enrol("library"), TabletDouble.enrol("hall", offset=700_000)
    receive([first.act("clear", season.an, LIBRARY).token, second.act("hold", season.an, LIBRARY).token], "direct")
    text = page_of(client, season.an, OFFICER).text
    assert "clear-vs-hold" not in text
    assert "互不知情" in text
    assert "时钟误差" in text


def test_photos_of_an_entry_are_shown_to_who_sees_the_step_and_opening_one_is_recorded(client, season):
    content = b"a photo"
    name, missing = hashlib.sha256(content).hexdigest(), "0" * 64
    entry = TabletDouble.enrol("library").act("hold", season.an, LIBRARY, reason="book-lost", attachments=[name, missing])
    receive([entry.token], "direct")
    attachments.keep(client.application.extensions["config"].attachments, name, content, "image/jpeg", "dv_1")
    step = f"/graduates/{season.an.number}/steps/library"
    where = f"{step}/attachments/{name}"
    assert f'href="{where}"' in page_of(client, season.an, OFFICER).text
    text = client.get(step).text
    assert f'src="{where}"' in text
    assert "尚未收到" in text
    answer = client.get(where)
    assert (answer.data, answer.mimetype) == (content, "image/jpeg")
    event = AuditEvent.get(AuditEvent.action == "attachment.viewed")
    assert (event.actor, event.subject, event.detail) == (OFFICER, season.an.number, {"step": "library"})
    for path in (f"{step}/attachments/{missing}", f"/graduates/{season.an.number}/steps/campus-card/attachments/{name}"):
        assert client.get(path).status_code == 404
    assert client.sign_in_as("wang").get(where).status_code == 403


def test_the_card_is_shown_as_it_is(client, season):
    assert "有效" in page_of(client, season.an, OFFICER).text
    reissue(season.an.id, ADMIN, "lost")
    assert "第 2 张" in page_of(client, season.an, OFFICER).text


def test_a_hostile_name_and_reason_are_shown_as_text(client, season):
    Graduate.update(name="<script>x</script>").where(Graduate.id == season.an.id).execute()
    receive([TabletDouble.enrol("library").act("hold", season.an, LIBRARY, reason="<img src=x>").token], "direct")
    text = page_of(client, season.an, OFFICER).text
    assert "<script>x" not in text
    assert "<img src=x" not in text


def test_the_number_of_queries_does_not_depend_on_how_much_there_is(client, season, monkeypatch):
    page_of(client, season.an, ADMIN)  # the season is read once
    counts = []
    for _ in range(2):
        with counted(monkeypatch) as asked:
            page_of(client, season.an, ADMIN)
        counts.append(len([sql for sql in asked if sql.startswith("SELECT")]))
        desk = TabletDouble.enrol("hall")
        receive([desk.act("note", season.an, LIBRARY, reason=f"no. {n}").token for n in range(30)], "direct")
    assert counts[0] == counts[1] <= 14


def test_who_may_make_a_code_for_the_graduate_finds_it_on_the_page(client, season):
    accounts.add_graduates([season.an], ADMIN)
    action = f'action="/accounts/{season.an.number}/activations"'
    assert {who: action in page_of(client, season.an, who).text for who in (COUNSELOR, ADMIN, OFFICER)} == {
        COUNSELOR: True, ADMIN: True, OFFICER: False,
    }  # fmt: skip
    accounts.disable(season.an.number, ADMIN, "left")
    assert action not in page_of(client, season.an, COUNSELOR).text
