"""A tablet that the portal moves to another station, and the notices that it hears, over HTTP."""

from datetime import timedelta

import pytest

from db import notices, stations, tablets
from db import season as seasons
from db.clearance import Clearance
from db.database import now
from tests.cast import ADMIN, DORM, LIBRARY, STATIONS, plan_text
from tests.kiosk.conftest import enrolment, row


def test_a_moved_tablet_s_cursor_is_refused_and_its_snapshot_is_the_new_station_s(season, enrol):
    tablet = enrol("library")
    before = tablet.snapshot()
    tablets.move(tablet.hand.device, "dorm", ADMIN)
    answer = tablet.get("changes", query_string={"after": before["cursor"]})
    assert (answer.status_code, answer.json["error"]["code"]) == (410, "cursor-expired")
    after = tablet.snapshot()
    assert after["station"]["code"] == "dorm"
    assert set(row(after, season.an.ref)["steps"]) == {DORM}
    assert tablet.changes(after["cursor"])["students"] == []


def test_entries_made_before_the_move_are_accepted_after_it(season, enrol):
    tablet = enrol("library")
    old = tablet.hand.act("clear", season.an, LIBRARY)
    tablets.move(tablet.hand.device, "dorm", ADMIN)
    new = tablet.hand.act("clear", season.an, DORM, station="dorm")
    stray = tablet.hand.act("clear", season.bai, DORM, station="hall")
    answers = tablet.upload([old, new, stray])
    assert [one["outcome"] for one in answers] == ["accepted", "accepted", "quarantined"]
    states = {cell.step: cell.state for cell in Clearance.select().where(Clearance.graduate == season.an.id)}
    assert (states[LIBRARY], states[DORM]) == ("cleared", "cleared")


def test_a_move_back_brings_the_old_station_s_data_back(season, enrol):
    tablet = enrol("library")
    cursor = tablet.snapshot()["cursor"]
    for station in ("dorm", "library"):
        tablets.move(tablet.hand.device, station, ADMIN)
    assert tablet.snapshot()["station"]["code"] == "library"
    assert tablet.changes(cursor)["students"] == []  # same scope, same rows: the old cursor is true again


CLOSED = plan_text(stations=[station for station in STATIONS if station[0] != "library"])


def refusal(answer):
    return answer.status_code, answer.json["error"]["code"]


def test_a_tablet_whose_station_the_plan_no_longer_has_is_told_so_and_loses_nothing(season, enrol, http):
    tablet, code = enrol("library"), stations.issue_code("library", ADMIN)
    cursor = tablet.snapshot()["cursor"]
    seasons.load_plan(CLOSED, "without.toml", ADMIN)
    asked = (
        tablet.get("snapshot"), tablet.get("changes", query_string={"after": cursor}), tablet.get(f"students/{season.an.ref}"),
        tablet.post("shifts", {"operator": "wang", "password": "x"}), http.post("/station/v1/enrolments", json=enrolment(code)),
    )  # fmt: skip
    assert {refusal(answer) for answer in asked} == {(403, "station-closed")}
    assert tablet.upload([tablet.hand.act("clear", season.an, LIBRARY)])[0]["outcome"] == "accepted"
    beat = {"clock": "2023-06-26T01:00:00.000Z", "pending": 0, "head": {"seq": 1, "hash": None}}
    assert tablet.post("heartbeats", beat).json["contiguous"] == 1


WAYS = (lambda id_: tablets.move(id_, "dorm", ADMIN), lambda _: seasons.load_plan(plan_text(), "back.toml", ADMIN))


@pytest.mark.parametrize("way", WAYS)
def test_it_gets_data_again_at_another_station_or_with_a_plan_that_has_its_own(season, enrol, way):
    tablet = enrol("library")
    seasons.load_plan(CLOSED, "without.toml", ADMIN)
    way(tablet.hand.device)
    assert tablet.snapshot()["students"]


def test_heartbeats_tell_the_notices_of_this_tablet(season, enrol):
    tablet = enrol("library")
    until = now() + timedelta(hours=1)
    given = notices.notify(ADMIN, "午休到一点", "Break until one", until, station="library")
    notices.notify(ADMIN, "别处", "Elsewhere", until, station="dorm")
    beat = {"clock": "2023-06-26T01:00:00.000Z", "pending": 0, "head": {"seq": 0, "hash": None}}
    (told,) = tablet.post("heartbeats", beat).json["notices"]
    assert (told["id"], told["zh"], told["en"]) == (str(given.id), "午休到一点", "Break until one")
    assert told["until"].endswith("Z")
    notices.withdraw(given.id, ADMIN)
    assert tablet.post("heartbeats", beat).json["notices"] == []
