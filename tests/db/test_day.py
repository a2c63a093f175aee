"""The day page's judgement: which tablets closed a day, what is missing of the others, and who gave one up."""

from datetime import UTC, date, datetime

import pytest

from db import tablets
from db.database import now, writing
from db.day import day_of, entries_by_day
from db.intake import receive
from db.stations import Device, Posting, close_shift, revoke
from tests.cast import ADMIN, DAY, LIBRARY, TabletDouble, ms

CLEARANCE_DAY = date(2023, 6, 26)
NEXT_DAY_MS = ms(DAY) + 24 * 3600_000


@pytest.fixture
def desk(season):
    desk = TabletDouble.enrol("library")
    for graduate in season.everybody:
        desk.act("clear", graduate, LIBRARY)
    return desk


def upload(desk, *numbers):
    receive([desk.made[n - 1].token for n in numbers or range(1, len(desk.made) + 1)], "direct", desk.device)


def told(desk, seq=None, day=CLEARANCE_DAY):
    seq = len(desk.made) if seq is None else seq
    return close_shift(desk.device, day.isoformat(), seq, desk.made[seq - 1].hash if seq else None)


def heard(desk, at=None, **facts):
    row = {"head_seq": len(desk.made), "pending": 0, **facts}
    Device.update(last_contact=at or now(), **row).where(Device.id == desk.device).execute()


def only(day=CLEARANCE_DAY):
    found = day_of(day)
    (tablet,) = [one for group in found.stations.values() for one in group]
    return found, tablet


def test_a_tablet_that_closed_and_sent_everything_ends_the_day(desk):
    upload(desk)
    told(desk)
    day, tablet = only()
    assert (tablet.state, tablet.entries, tablet.gaps, day.waits) == ("closed", 3, [], 0)


def test_without_a_closing_nobody_can_tell(desk):
    upload(desk)
    heard(desk, at=datetime(2023, 6, 26, 3, tzinfo=UTC))
    day, tablet = only()
    assert (tablet.state, day.waits) == ("open", 1)


def test_what_is_missing_is_named_and_a_late_upload_completes_the_closing(desk):
    upload(desk, 2)
    told(desk)
    day, tablet = only()
    assert (tablet.state, tablet.gaps, day.waits) == ("incomplete", [(1, 1), (3, 3)], 1)
    upload(desk)
    assert only()[1].state == "closed"


def test_a_closing_with_another_hash_is_not_complete(desk):
    upload(desk)
    close_shift(desk.device, CLEARANCE_DAY.isoformat(), 3, "x" * 16)
    _day, tablet = only()
    assert (tablet.state, tablet.gaps, tablet.shut.fits) == ("incomplete", [], False)
    heard(desk)
    assert only()[1].state == "incomplete"


def test_work_after_the_closing_opens_the_day_again(desk, season):
    upload(desk)
    told(desk, 2)
    _day, tablet = only()
    assert (tablet.state, tablet.went_on) == ("incomplete", True)
    told(desk, 3)
    assert only()[1].state == "closed"
    desk.act("note", season.an, LIBRARY)
    heard(desk, at=datetime(2023, 6, 26, 9, tzinfo=UTC))
    assert (only()[1].state, only()[1].gaps) == ("incomplete", [(4, 4)])


def test_work_of_the_next_day_leaves_the_closing_alone(desk, season):
    upload(desk)
    told(desk)
    desk.clock = NEXT_DAY_MS
    desk.act("note", season.an, LIBRARY)
    desk.act("note", season.an, LIBRARY)
    upload(desk, 4)
    heard(desk)
    assert only()[1].state == "closed"
    assert only(date(2023, 6, 27))[1].state == "open"


def test_a_tablet_that_says_after_the_day_that_all_is_here_need_not_close(desk):
    upload(desk)
    heard(desk)
    assert only()[1].state == "quiet"
    heard(desk, pending=1)
    assert only()[1].state == "open"
    heard(desk, head_seq=4)
    assert (only()[1].state, only()[1].gaps) == ("open", [(4, 4)])


def test_a_lost_tablet_is_written_off_by_name_and_its_gaps_stay_in_sight(desk):
    upload(desk, 1, 3)
    tablets.write_off(desk.device, ADMIN, "stolen")
    day, tablet = only()
    assert (tablet.state, tablet.gaps, tablet.by, tablet.write_off.reason) == ("written-off", [(2, 2)], ADMIN, "stolen")
    assert (day.waits, day.count("written-off")) == (0, 1)


def test_a_tablet_withdrawn_before_the_day_has_no_part_in_it(season):
    desk = TabletDouble.enrol("library")
    revoke(desk.device, ADMIN)
    assert day_of(CLEARANCE_DAY).tablets == 1  # withdrawn only now, long after that day
    Device.update(revoked_at=ms("2023-06-20T00:00:00.000Z")).where(Device.id == desk.device).execute()
    assert day_of(CLEARANCE_DAY).tablets == 0


def test_one_that_changed_stations_stands_at_both_and_counts_once(desk):
    upload(desk)
    noon = ms("2023-06-26T04:00:00.000Z")
    with writing():
        Posting.update(until_at=noon).where(Posting.device == desk.device).execute()
        Posting.create(device=desk.device, station="dorm", from_at=noon)
    day = day_of(CLEARANCE_DAY)
    assert {station: [one.entries for one in group] for station, group in day.stations.items()} == {"dorm": [0], "library": [3]}
    assert (day.tablets, day.waits) == (1, 1)


def test_the_day_is_the_season_s_local_one(season):
    desk = TabletDouble.enrol("library", clock=ms("2023-06-25T15:59:59.000Z"))
    made = [desk.act("note", season.an, LIBRARY) for _ in range(2)]  # a second before midnight in Shanghai, and midnight
    receive([one.token for one in made], "direct", desk.device)
    assert [only(day)[1].entries for day in (date(2023, 6, 25), CLEARANCE_DAY)] == [1, 1]
    assert entries_by_day(desk.device) == [(CLEARANCE_DAY, 1), (date(2023, 6, 25), 1)]


def test_before_anything_was_enrolled_no_tablet_served(desk):
    assert day_of(date(2023, 5, 1)).tablets == 0
