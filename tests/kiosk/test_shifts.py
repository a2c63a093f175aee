"""Beginning and ending a shift over the protocol."""

import pytest

from db import signin, stations
from db.accounts import Account
from db.audit import AuditEvent
from db.passwords import make_hash
from db.refusals import Invalid, TooMany
from db.shifts import Shift

PASSWORD = "quiet-desk-7-lamp"


@pytest.fixture
def wang(season):
    Account.update(password_hash=make_hash(PASSWORD)).where(Account.id == "wang").execute()


def begin(tablet, operator="wang", password=PASSWORD):
    return tablet.post("shifts", {"operator": operator, "password": password})


def test_a_shift_is_recorded_with_person_tablet_and_role(wang, enrol):
    tablet = enrol("library")
    answer = begin(tablet)
    assert answer.status_code == 201
    assert answer.json["operator"] == {"id": "wang", "name": "wang", "role": "operator"}
    shift = Shift.get_by_id(answer.json["shift"])
    assert (shift.device_id, shift.operator, shift.ended_at) == (tablet.hand.device, "wang", None)


def test_an_entry_names_the_shift(wang, enrol, season):
    tablet = enrol("library")
    shift = begin(tablet).json["shift"]
    assert tablet.upload([tablet.hand.act("clear", season.an, "library", shift=shift)])[0]["outcome"] == "accepted"


@pytest.mark.parametrize(("operator", "password"), [("wang", "wrong"), ("nobody", PASSWORD), ("", ""), ("li", PASSWORD)])
def test_wrong_words_are_not_told_apart(wang, enrol, operator, password):
    answer = begin(enrol("library"), operator, password)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "shift-sign-in-wrong")
    assert Shift.select().count() == 0


def test_guessing_is_slowed(wang, enrol):
    tablet = enrol("library")
    for _ in range(signin.WRONG_BY_ACCOUNT):
        begin(tablet, password="wrong")
    assert begin(tablet).status_code == 429


def test_strangers_on_the_portal_keep_nobody_from_a_tablet(wang, enrol):
    tablet = enrol("library")
    for number in range(signin.WRONG_BY_ADDRESS):
        with pytest.raises(Invalid):
            signin.sign_in("wang" if number < signin.WRONG_BY_ACCOUNT else f"stranger{number}", "wrong", "127.0.0.1")
    with pytest.raises(TooMany):
        signin.sign_in("wang", PASSWORD, "127.0.0.1")
    assert begin(tablet).status_code == 201


def test_somebody_of_another_station_is_told_so(wang, enrol, season):
    Account.update(password_hash=make_hash(PASSWORD)).where(Account.id == "admin").execute()
    answer = begin(enrol("library"), "admin")
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "not-at-this-station")


@pytest.mark.parametrize(
    "sent", [{}, {"operator": "wang"}, {"operator": 7, "password": "x"}, {"operator": "wang", "password": None}]
)
def test_what_is_missing_is_named(wang, enrol, sent):
    assert enrol("library").post("shifts", sent).status_code == 422


def test_a_shift_ends_once_and_stays_ended(wang, enrol):
    tablet = enrol("library")
    shift = begin(tablet).json["shift"]
    first = tablet.post(f"shifts/{shift}/ends", {})
    assert first.status_code == 200
    assert tablet.post(f"shifts/{shift}/ends", {}).json == first.json
    assert AuditEvent.select().where(AuditEvent.action == "shift.ended").count() == 1


def test_another_tablet_cannot_end_it(wang, enrol):
    shift = begin(enrol("library", "一号")).json["shift"]
    other = enrol("library", "二号")
    assert other.post(f"shifts/{shift}/ends", {}).status_code == 404
    assert Shift.get_by_id(shift).ended_at is None


def test_a_revoked_tablet_begins_none_and_may_end_its_own(wang, enrol):
    tablet = enrol("library")
    shift = begin(tablet).json["shift"]
    stations.revoke(tablet.hand.device, "admin")
    assert begin(tablet).json["error"]["code"] == "device-revoked"
    assert tablet.post(f"shifts/{shift}/ends", {}).status_code == 200


def test_a_shift_whose_name_no_database_can_hold_is_unknown(season, enrol):
    tablet = enrol("library")
    assert tablet.http.post("/station/v1/shifts/%00/ends", headers=tablet.headers({})).status_code == 404


def test_the_password_leaves_no_trace(wang, enrol):
    begin(enrol("library"))
    assert PASSWORD not in str(list(AuditEvent.select().dicts()))
