"""The season in numbers."""

import pytest

from db.cards import revoke
from db.database import from_ms, now, to_ms
from db.intake import receive
from db.overview import overview
from db.people import Graduate
from db.stations import Device
from db.stations import revoke as withdraw
from tests.cast import ADMIN, CARD, CONDUCT, DORM, LIBRARY, TabletDouble, make_season
from tests.client import portal
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, OFFICER, counted, move_to_noon

pytest_plugins = ["tests.portal.office_fixtures"]


def today(station, **kept):
    """A tablet whose clock is right."""
    return TabletDouble.enrol(station, clock=to_ms(now()) - 60_000, **kept)


@pytest.mark.parametrize("who", [ADMIN, BOSS, AUDITOR])
def test_those_who_answer_for_the_season_see_it(client, who):
    client.sign_in_as(who)
    assert client.get("/overview").status_code == client.get("/overview/figures").status_code == 200


@pytest.mark.parametrize("who", [OFFICER, COUNSELOR, "wang"])
def test_others_do_not(client, who):
    assert client.sign_in_as(who).get("/overview").status_code == 403


def test_it_is_the_administrators_and_the_leaderships_first_page(client):
    assert [client.sign_in_as(who).get("/").location for who in (ADMIN, BOSS)] == ["/overview", "/overview"]


def test_nobody_is_named(client, season):
    desk = today("library")
    receive([desk.act("hold", season.an, LIBRARY, reason="a private reason").token], "direct")
    text = client.sign_in_as(BOSS).get("/overview").text
    for one in season.everybody:
        assert one.name not in text
        assert one.number not in text
    assert "a private reason" not in text


def test_every_graduate_is_counted_once_for_every_step(season):
    receive([today("library").act("clear", season.an, LIBRARY).token], "direct")
    seen = overview()
    assert {sum(step.states.values()) for step in seen.steps} == {3}
    states = {step.step: dict(step.states) for step in seen.steps}
    assert states[LIBRARY] == {"open": 2, "cleared": 1}
    assert states[DORM] == {"open": 2, "not-applicable": 1}
    assert states[CONDUCT] == {"unknown": 3}
    assert seen.people == (3, 3, 0, 0) or (seen.people.graduates, seen.people.cards, seen.people.cleared) == (3, 3, 0)


def test_those_who_left_the_roster_are_not_counted(season):
    Graduate.update(removed_at=now()).where(Graduate.id == season.an.id).execute()
    seen = overview()
    assert seen.people.graduates == sum(college.graduates for college in seen.colleges) == 2
    assert {sum(step.states.values()) for step in seen.steps} == {2}


def test_revoked_cards_are_not_counted_as_valid(season):
    revoke(season.an.id, ADMIN, "stolen")
    people = overview().people
    assert (people.cards, people.revoked) == (2, 1)


def test_who_has_settled_everything_is_fully_cleared(db):
    from tests.cast import plan_text

    season = make_season(plan=plan_text(steps=((LIBRARY, "desk", "all", ()),), stations=(("library", (LIBRARY,)),)))
    receive([today("library").act("clear", season.cheng, LIBRARY).token], "direct")
    seen = overview()
    assert seen.people.cleared == 1
    assert [(c.graduates, c.cleared, c.settled, c.applicable) for c in seen.colleges] == [(2, 0, 0, 2), (1, 1, 1, 1)]


def test_conflicts_findings_and_quarantine_are_counted(client, season):
    first, second = today("library"), today("hall", offset=700_000)
    receive([first.act("clear", season.an, LIBRARY).token, second.act("hold", season.an, LIBRARY).token, "rubbish"], "direct")
    receive([first.act("clear", season.an, "no-step").token], "direct")
    seen = overview()
    assert (seen.conflicts, dict(seen.findings), seen.quarantined) == (1, {"clock-off": 1}, 2)
    assert "/reviews?tab=conflicts" in client.sign_in_as(ADMIN).get("/overview").text
    assert "/reviews" not in client.sign_in_as(BOSS).get("/overview").text


def test_stations_count_what_they_did_today_and_in_the_last_hour(season):
    move_to_noon()
    desk, early = today("hall"), today("hall", offset=0)
    early.clock = to_ms(now()) - 40 * 24 * 3600_000
    receive([early.act("clear", season.bai, LIBRARY).token], "direct")
    receive([desk.act("clear", season.an, LIBRARY).token, desk.act("collect", season.an, CARD).token], "direct")
    hall = next(count for count in overview().stations if count.code == "hall")
    assert (hall.cleared, hall.collected, hall.last_hour) == (1, 1, 2)
    assert hall.last is not None
    assert abs(to_ms(now()) - to_ms(hall.last)) < 120_000


def marks_of(client, **columns):
    Device.update(**columns).execute()
    return client.sign_in_as(ADMIN).get("/overview").text


@pytest.mark.parametrize(
    ("columns", "word"),
    [({"last_contact": from_ms(0)}, "失联"), ({"battery": 0.07}, "电量低"), ({"clock_offset": -3_600_000}, "60 分钟"),
     ({"head_seq": 9}, "缺少记录"), ({"last_contact": now(), "battery": 0.9}, "90 %")],
)  # fmt: skip
def test_what_is_wrong_with_a_tablet_stands_there_in_words(client, columns, word):
    today("library")
    assert word in marks_of(client, **columns)


def test_missing_entries_are_counted_over_every_gap(season):
    desk = today("library")
    made = [desk.act("note", season.an, LIBRARY) for _ in range(6)]
    receive([made[n].token for n in (0, 1, 3)], "direct")
    Device.update(head_seq=6).execute()
    assert overview().tablets[0].missing == 3


def test_a_withdrawn_tablet_is_called_so_and_not_silent(client):
    desk = today("library")
    withdraw(desk.device, ADMIN)
    seen = overview().tablets[0]
    assert not seen.silent
    assert "已停用" in client.sign_in_as(ADMIN).get("/overview").text


def test_the_live_part_answers_304_while_nothing_changes(client, monkeypatch):
    moment = now()
    monkeypatch.setattr("db.overview.now", lambda: moment)
    client.sign_in_as(BOSS)
    first = client.get("/overview/figures")
    assert client.get("/overview/figures", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    Graduate.update(card_revoked=True).execute()
    assert client.get("/overview/figures", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_number_of_queries_does_not_grow(db, database_url, tmp_path, monkeypatch):
    season = make_season(more=60)
    client = portal(database_url, tmp_path).sign_in_as(ADMIN)
    client.get("/overview")
    counts = []
    for _ in range(2):
        with counted(monkeypatch) as asked:
            client.get("/overview")
        counts.append(len(asked))
        for station in ("library", "hall", "cards"):
            desk = today(station)
            receive([desk.act("note", one, LIBRARY).token for one in season.everybody], "direct")
    assert counts[0] <= counts[1] <= counts[0] + 3  # with tablets there are three things more to ask
    with counted(monkeypatch) as asked:
        client.get("/overview")
    assert len(asked) == counts[1] <= 22


def test_an_empty_season_has_an_overview_too(db, database_url, tmp_path):
    from db import season as seasons
    from db.accounts import Account
    from tests.cast import give_right, plan_text

    Account.create(id=ADMIN, name=ADMIN)
    give_right(ADMIN, "admin")
    seasons.load_plan(plan_text(), "cast.toml", ADMIN)
    client = portal(database_url, tmp_path).sign_in_as(ADMIN)
    for path in ("/overview", "/stations", "/stations/library", "/graduates", "/reviews", "/journals"):
        assert client.get(path).status_code == 200, path
