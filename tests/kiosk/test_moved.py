"""A tablet that the portal moves to another station, and the notices that it hears, over HTTP."""

from datetime import timedelta

from db import notices, tablets
from db.clearance import Clearance
from db.database import now
from tests.cast import ADMIN, DORM, LIBRARY
from tests.kiosk.conftest import row


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
