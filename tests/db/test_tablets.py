"""What the administrator does with tablets: names, stations, write-offs; and notices to them."""

from datetime import timedelta

import peewee
import pytest

from db import notices, tablets
from db.audit import AuditEvent
from db.database import now, writing
from db.refusals import Conflict, Invalid, NotFound
from db.shifts import Shift
from db.stations import Device, Posting, revoke
from db.tablets import WriteOff
from tests.cast import ADMIN, SUPERVISOR, TabletDouble


@pytest.fixture
def desk(season):
    return TabletDouble.enrol("library")


def events(prefix):
    return [event.action for event in AuditEvent.select().where(AuditEvent.action.startswith(prefix)).order_by(AuditEvent.seq)]


def test_a_new_name_is_tidied_and_recorded_once(desk):
    for _ in range(2):
        assert tablets.rename(desk.device, "  Left   desk ", ADMIN).name == "Left desk"
    assert events("tablet.renamed") == ["tablet.renamed"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_name_is_one_to_a_hundred_characters(desk, name):
    with pytest.raises(Invalid):
        tablets.rename(desk.device, name, ADMIN)


def test_a_move_ends_the_posting_begins_another_and_leaves_shifts_open(desk):
    Shift.create(id="sh_1", device=desk.device, operator="wang", role="operator", started_at=now())
    for _ in range(2):
        assert tablets.move(desk.device, "dorm", ADMIN).station_id == "dorm"
    old, new = Posting.select().where(Posting.device == desk.device).order_by(Posting.id)
    assert (old.station_id, new.station_id, new.until_at) == ("library", "dorm", None)
    assert old.until_at == new.from_at
    assert Shift.get_by_id("sh_1").ended_at is None
    assert events("tablet.moved") == ["tablet.moved"]


def test_a_withdrawn_tablet_and_an_unknown_station_or_tablet_are_refused(desk):
    with pytest.raises(NotFound):
        tablets.move(desk.device, "moon", ADMIN)
    with pytest.raises(NotFound):
        tablets.move("dv_nothing", "dorm", ADMIN)
    revoke(desk.device, ADMIN)
    with pytest.raises(Conflict):
        tablets.move(desk.device, "dorm", ADMIN)
    assert Device.get_by_id(desk.device).station_id == "library"


def test_the_first_word_of_a_write_off_stands_and_the_tablet_is_withdrawn(desk):
    first = tablets.write_off(desk.device, ADMIN, " fell into the lake ")
    again = tablets.write_off(desk.device, SUPERVISOR, "stolen")
    assert (first.reason, again.reason, again.by) == ("fell into the lake", "fell into the lake", ADMIN)
    assert Device.get_by_id(desk.device).revoked_at is not None
    assert events("tablet.") == ["tablet.revoked", "tablet.written-off"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_write_off_needs_a_reason(desk, reason):
    with pytest.raises(Invalid):
        tablets.write_off(desk.device, ADMIN, reason)
    assert Device.get_by_id(desk.device).revoked_at is None
    with pytest.raises(peewee.IntegrityError), writing():
        WriteOff.create(device=desk.device, reason="", by=ADMIN, at=now())


def test_notices_reach_the_tablets_they_are_for_until_they_end(desk):
    other = TabletDouble.enrol("dorm")
    later = now() + timedelta(hours=1)
    everybody = notices.notify(ADMIN, "午休", "Break", later)
    station = notices.notify(ADMIN, "书", "Books", later, station="library")
    alone = notices.notify(ADMIN, "电", "Charge", later, device=other.device)
    shown = {device: [one["id"] for one in notices.standing_for(device)] for device in (desk.device, other.device)}
    assert shown == {desk.device: [str(everybody.id), str(station.id)], other.device: [str(everybody.id), str(alone.id)]}
    notices.Notice.update(until_at=now()).where(notices.Notice.id == everybody.id).execute()
    for _ in range(2):
        assert not notices.withdraw(station.id, ADMIN).in_force
    assert notices.standing_for(desk.device) == []
    assert events("notice.withdrawn") == ["notice.withdrawn"]


def test_a_station_s_notice_follows_the_move(desk):
    notices.notify(ADMIN, "床", "Beds", now() + timedelta(hours=1), station="dorm")
    assert notices.standing_for(desk.device) == []
    tablets.move(desk.device, "dorm", ADMIN)
    assert [one["en"] for one in notices.standing_for(desk.device)] == ["Beds"]


def test_the_same_notice_twice_is_one_with_the_later_end(desk):
    first = notices.notify(ADMIN, "午休", "Break", now() + timedelta(hours=1))
    notices.notify(ADMIN, "午休", "Break", now() + timedelta(minutes=1))
    assert notices.notify(ADMIN, "午休", "Break", now() + timedelta(hours=2)).id == first.id
    (shown,) = notices.latest()
    assert shown.until_at > now() + timedelta(minutes=100)
    assert events("notice.given") == ["notice.given"] * 2


@pytest.mark.parametrize(("zh", "en", "hours"), [("", "x", 1), ("x", " ", 1), ("x" * 201, "x", 1), ("x", "x", -1)])
def test_a_notice_has_words_in_both_languages_and_an_end_to_come(desk, zh, en, hours):
    with pytest.raises(Invalid):
        notices.notify(ADMIN, zh, en, now() + timedelta(hours=hours))


def test_a_notice_for_nobody_known_is_refused(desk):
    later = now() + timedelta(hours=1)
    for place in ({"station": "moon"}, {"device": "dv_nothing"}):
        with pytest.raises(NotFound):
            notices.notify(ADMIN, "x", "x", later, **place)
    with pytest.raises(NotFound):
        notices.withdraw(99, ADMIN)
