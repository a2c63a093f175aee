"""Enrolling a tablet with a code."""

from datetime import timedelta

import pytest

from db import stations
from db.database import now
from db.stations import Device, EnrolCode
from tests.kiosk.conftest import enrolment

PATH = "/station/v1/enrolments"


def test_a_code_enrols_a_tablet_at_its_station(http, season):
    answer = http.post(PATH, json=enrolment(stations.issue_code("dorm", "admin")))
    assert answer.status_code == 201
    assert answer.json["station"] == {"code": "dorm", "name": "name", "names": {"zh": "name", "en": "name"}}
    assert answer.json["server_time"].endswith("Z")
    assert http.get("/station/v1/snapshot", headers={"Authorization": f"Bearer {answer.json['token']}"}).status_code == 200


def test_the_server_keeps_only_the_hash_of_the_token(http, season):
    token = http.post(PATH, json=enrolment(stations.issue_code("dorm", "admin"))).json["token"]
    kept = Device.select().dicts().get()
    assert token not in str(kept)


def test_a_code_is_read_as_people_type_it(http, season):
    code = stations.issue_code("dorm", "admin").replace("-", " ").lower()
    assert http.post(PATH, json=enrolment(f" {code} ")).status_code == 201


def test_a_lost_answer_is_repeated_to_the_same_key(http, season):
    sent = enrolment(stations.issue_code("dorm", "admin"))
    first, second = http.post(PATH, json=sent), http.post(PATH, json=sent)
    assert second.status_code == 201
    assert (first.json["device"], first.json["token"]) == (second.json["device"], second.json["token"])
    assert Device.select().count() == 1


def test_another_key_cannot_use_a_code_again(http, season):
    code = stations.issue_code("dorm", "admin")
    http.post(PATH, json=enrolment(code))
    answer = http.post(PATH, json=enrolment(code, key="another tablet"))
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "code-used")


def test_an_old_code_is_refused_as_expired(http, season):
    code = stations.issue_code("dorm", "admin")
    EnrolCode.update(expires_at=now() - timedelta(seconds=1)).execute()
    answer = http.post(PATH, json=enrolment(code))
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "code-expired")


def test_a_code_lasts_fifteen_minutes(http, season):
    stations.issue_code("dorm", "admin")
    row = EnrolCode.get()
    assert row.expires_at - row.created_at == timedelta(minutes=15)


def test_ten_wrong_codes_in_a_minute_are_enough(http, season):
    for _ in range(10):
        answer = http.post(PATH, json=enrolment("AAAA-AAAA"))
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "code-unknown")
    answer = http.post(PATH, json=enrolment("AAAA-AAAA"))
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_right_codes_do_not_count_as_wrong_ones(http, season):
    for n in range(12):
        assert http.post(PATH, json=enrolment(stations.issue_code("dorm", "admin"), key=str(n))).status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        {"code": None},
        {"code": 7},
        {"name": ""},
        {"name": None},
        {"public_key": None},
        {"public_key": {}},
        {"public_key": {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}},
        {"public_key": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}},
    ],
)
def test_a_wrong_field_is_named(http, season, change):
    answer = http.post(PATH, json={**enrolment(stations.issue_code("dorm", "admin")), **change})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")
    assert set(answer.json["error"]["fields"]) == set(change)
    assert Device.select().count() == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(http, season, body):
    answer = http.post(PATH, data=body, content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "malformed-request")


def test_every_enrolment_is_a_new_device(http, season):
    made = {http.post(PATH, json=enrolment(stations.issue_code("dorm", "admin"))).json["device"] for _ in range(2)}
    assert len(made) == 2


@pytest.mark.parametrize(("typed", "kept"), [("  图书馆\u0000 一号\n ", "图书馆  一号"), ("名" * 200, "名" * 100)])
def test_a_tablet_s_name_is_cleaned_to_one_line(http, season, typed, kept):
    http.post(PATH, json=enrolment(stations.issue_code("dorm", "admin"), typed))
    assert Device.get().name == kept


def test_a_tablet_whose_name_has_nothing_to_show_goes_by_its_id(http, season):
    http.post(PATH, json=enrolment(stations.issue_code("dorm", "admin"), "\u0000"))
    assert Device.get().name == Device.get().id
