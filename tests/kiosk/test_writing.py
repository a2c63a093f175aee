"""Entries, heartbeats, closings and attachments over HTTP. What becomes of entries is proved in tests/db/test_intake.py."""

import hashlib
import io
import json

import pytest

from db import stations
from db.attachments import path_of
from db.clearance import Clearance
from db.ledger import Attachment, Entry
from tests.cast import LIBRARY


def state(graduate, step=LIBRARY):
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == step).state


def test_an_entry_is_stored_and_applied(season, enrol):
    tablet = enrol("library")
    entry = tablet.hand.act("clear", season.an, LIBRARY)
    assert tablet.upload([entry]) == [{"id": entry.id, "outcome": "accepted"}]
    assert state(season.an) == "cleared"


def test_answers_come_in_order_and_one_bad_entry_fails_no_other(season, enrol):
    tablet = enrol("library")
    first, second = tablet.hand.act("clear", season.an, LIBRARY), tablet.hand.act("clear", season.bai, LIBRARY)
    sent = {"entries": [{"jws": first.token}, {"jws": "no token"}, {"jws": None}, 7, {}, {"jws": second.token}]}
    answers = tablet.post("entries", sent).json
    assert [one["outcome"] for one in answers["answers"]] == ["accepted", *["quarantined"] * 4, "accepted"]
    assert {one.get("code") for one in answers["answers"]} == {None, "malformed"}
    assert answers["contiguous"] == 2


def test_a_repeated_upload_is_answered_as_duplicate(season, enrol):
    tablet = enrol("library")
    entry = tablet.hand.act("clear", season.an, LIBRARY)
    tablet.upload([entry])
    assert tablet.upload([entry]) == [{"id": entry.id, "outcome": "duplicate", "code": "accepted"}]


def test_a_conflict_is_told_with_a_sentence(season, enrol):
    one, other = enrol("library", "一号"), enrol("library", "二号")
    one.upload([one.hand.act("clear", season.an, LIBRARY)])
    (answer,) = other.upload([other.hand.act("hold", season.an, LIBRARY, reason="book-lost")])
    assert (answer["outcome"], answer["code"]) == ("conflict", "clear-vs-hold")
    assert answer["message"]


def test_a_gap_holds_nothing_back_and_is_reported(season, enrol):
    tablet = enrol("library")
    made = [tablet.hand.act("clear", one, LIBRARY) for one in season.everybody]
    tablet.upload(made[2:])
    assert state(season.cheng) == "cleared"
    beat = {"clock": "2023-06-26T01:00:00.000Z", "pending": 2, "head": {"seq": 3, "hash": made[2].hash}, "app": "1"}
    told = tablet.post("heartbeats", beat).json
    assert (told["contiguous"], told["missing"], told["notices"]) == (0, [[1, 2]], [])
    tablet.upload(made[:2])
    assert tablet.post("heartbeats", beat).json["missing"] == []


def test_five_hundred_entries_go_at_once_and_one_more_does_not(season, enrol):
    tablet = enrol("library")
    answer = tablet.post("entries", {"entries": [{"jws": "x"}] * 500})
    assert len(answer.json["answers"]) == 500
    answer = tablet.post("entries", {"entries": [{"jws": "x"}] * 501})
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too-many-entries")


def test_more_than_a_mebibyte_is_refused_before_it_is_read(season, enrol):
    tablet = enrol("library")
    answer = tablet.post("entries", {"entries": [], "padding": "x" * (1 << 20)})
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "upload-too-large")
    assert Entry.select().count() == 0


def test_gaps_are_told_the_earliest_five_hundred(season, enrol):
    tablet = enrol("library")
    made = [tablet.hand.act("note", season.an, LIBRARY) for _ in range(1002)][1::2]
    for start in (0, 500):
        tablet.upload(made[start : start + 500])
    beat = {"clock": "2023-06-26T01:00:00.000Z", "pending": 501, "head": {"seq": 1002, "hash": made[-1].hash}}
    assert tablet.post("heartbeats", beat).json["missing"] == [[seq, seq] for seq in range(1, 1001, 2)]


def test_more_than_a_mebibyte_is_refused_also_when_its_length_is_not_announced(season, enrol):
    tablet = enrol("library")
    body = io.BytesIO(b'{"entries": []}' + b" " * (1 << 20))
    answer = tablet.http.post(
        "/station/v1/entries", input_stream=body, headers=tablet.headers({}), environ_overrides={"wsgi.input_terminated": True}
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "upload-too-large")


@pytest.mark.parametrize("sent", [{}, {"entries": None}, {"entries": {}}, {"entries": "x"}])
def test_an_upload_without_a_list_is_told_so(season, enrol, sent):
    answer = enrol("library").post("entries", sent)
    assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, {"entries"})


def test_an_empty_upload_is_fine(season, enrol):
    answer = enrol("library").post("entries", {"entries": [], "clock": "x", "pending": "y"})
    assert answer.status_code == 200
    assert answer.json["answers"] == []


def test_a_revoked_tablet_reads_nothing_and_flushes_into_quarantine(season, enrol):
    tablet = enrol("library")
    cursor = tablet.snapshot()["cursor"]
    entry = tablet.hand.act("clear", season.an, LIBRARY)
    stations.revoke(tablet.hand.device, "admin")
    for path in ("snapshot", f"changes?after={cursor}"):
        answer = tablet.get(path)
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "device-revoked")
    assert put(tablet, b"a photo").status_code == 403
    (told,) = tablet.upload([entry])
    assert (told["outcome"], told["code"]) == ("quarantined", "device-revoked")
    assert state(season.an) == "open"
    closing = {"date": "2023-06-26", "seq": 1, "hash": entry.hash}
    assert tablet.post("closings", closing).json == {"complete": True, "missing": []}


def test_a_shift_is_closed_when_everything_is_here_and_the_hash_fits(season, enrol):
    tablet = enrol("library")
    made = [tablet.hand.act("clear", one, LIBRARY) for one in season.everybody]
    closing = {"date": "2023-06-26", "seq": 3, "hash": made[2].hash}
    tablet.upload(made[:2])
    assert tablet.post("closings", closing).json == {"complete": False, "missing": [[3, 3]]}
    tablet.upload(made[2:])
    assert tablet.post("closings", {**closing, "hash": made[0].hash}).json["complete"] is False
    assert tablet.post("closings", closing).json == {"complete": True, "missing": []}


def test_a_shift_without_entries_is_closed_at_once(season, enrol):
    assert enrol("library").post("closings", {"date": "2023-06-26", "seq": 0, "hash": None}).json["complete"] is True


@pytest.mark.parametrize("day", ["2023-02-30", "9999-99-99", "0000-00-00", "26.06.2023", 20230626, None])
def test_a_shift_closes_on_a_day_that_the_calendar_has(season, enrol, day):
    assert enrol("library").post("closings", {"date": day, "seq": 0, "hash": None}).status_code == 422


@pytest.mark.parametrize(
    "change",
    [{"clock": "noon"}, {"pending": -1}, {"pending": True}, {"head": {"seq": 2**60, "hash": None}}, {"battery": 2}, {"app": 3}],
)
def test_a_wrong_heartbeat_names_its_field(season, enrol, change):
    beat = {"clock": "2023-06-26T01:00:00.000Z", "pending": 0, "head": {"seq": 0, "hash": None}, "app": "1", **change}
    answer = enrol("library").post("heartbeats", beat)
    assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, set(change))


def test_a_head_far_ahead_is_one_gap(season, enrol):
    beat = {"clock": "2023-06-26T01:00:00.000Z", "pending": 0, "head": {"seq": 2**53 - 1, "hash": None}, "app": "1"}
    assert enrol("library").post("heartbeats", beat).json["missing"] == [[1, 2**53 - 1]]


def put(tablet, content, name=None, media_type="image/jpeg"):
    name = name or hashlib.sha256(content).hexdigest()
    path = f"/station/v1/attachments/{name}"
    return tablet.http.put(path, data=content, content_type=media_type, headers=tablet.headers({}))


def test_an_attachment_is_kept_under_its_hash_and_may_come_twice(season, enrol, app):
    tablet = enrol("library")
    assert [put(tablet, b"picture").status_code for _ in range(2)] == [204, 204]
    kept = Attachment.get()
    path = app.extensions["config"].attachments / kept.sha256[:2] / kept.sha256
    assert path.read_bytes() == b"picture"


@pytest.mark.parametrize(("name", "status"), [("0" * 64, 409), ("x", 422), ("..%2F..%2Fsecret", 404)])
def test_an_attachment_under_another_name_is_refused(season, enrol, app, name, status):
    assert put(enrol("library"), b"picture", name).status_code == status
    assert not app.extensions["config"].attachments.exists()


def test_an_attachment_of_another_kind_is_refused(season, enrol):
    assert put(enrol("library"), b"<script>", media_type="text/html").status_code == 422


def put_part(tablet, content, start, end, total=None, media_type="image/jpeg"):
    """Those bytes of the content as one part."""
    path = f"/station/v1/attachments/{hashlib.sha256(content).hexdigest()}"
    headers = tablet.headers({"Content-Range": f"bytes {start}-{end - 1}/{total or len(content)}"})
    return tablet.http.put(path, data=content[start:end], content_type=media_type, headers=headers)


def held(tablet, content):
    """How many bytes of it are said to be here, and whether that is all."""
    path = f"/station/v1/attachments/{hashlib.sha256(content).hexdigest()}"
    answer = tablet.http.head(path, headers=tablet.headers({}))
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"]), answer.headers["Upload-Complete"] == "?1"


def test_an_attachment_in_parts_goes_on_where_it_was_cut_off(season, enrol, app):
    tablet, content = enrol("library"), b"a picture in three parts"
    assert held(tablet, content) == (0, False)
    first = put_part(tablet, content, 0, 10)
    assert (first.status_code, first.headers["Upload-Offset"]) == (202, "10")
    assert held(tablet, content) == (10, False)
    for start in (0, 5, 15):
        answer = put_part(tablet, content, start, 20)
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "wrong-offset")
    assert put_part(tablet, content, 10, 20).status_code == 202
    assert put_part(tablet, content, 20, len(content)).status_code == 204
    assert held(tablet, content) == (len(content), True)
    assert path_of(app.extensions["config"].attachments, Attachment.get().sha256).read_bytes() == content
    # The last answer was lost: the same part, or the whole, is fine.
    assert put_part(tablet, content, 20, len(content)).status_code == put(tablet, content).status_code == 204


def test_each_tablet_has_its_own_beginning_and_may_send_the_whole_at_once(season, enrol):
    one, other, content = enrol("library", "一号"), enrol("library", "二号"), b"the same picture"
    put_part(one, content, 0, 5)
    assert held(other, content) == (0, False)
    assert put(other, content).status_code == 204
    assert held(one, content) == (len(content), True)


def test_a_part_is_taken_while_another_tablets_picture_comes_to_its_end(season, enrol, app):
    tablet = enrol("library")
    put_part(tablet, b"a picture in three parts", 0, 10)
    parts = app.extensions["config"].attachments / "parts"
    (parts / "just-gone").symlink_to(parts / "nothing")  # it is listed, and cannot be looked at any more
    assert put_part(tablet, b"another picture in parts", 0, 10).status_code == 202


def test_parts_that_make_another_whole_begin_anew(season, enrol):
    tablet, content = enrol("library"), b"0123456789"
    put_part(tablet, content, 0, 5)
    path = f"/station/v1/attachments/{hashlib.sha256(content).hexdigest()}"
    spoilt = tablet.http.put(
        path, data=b"xxxxx", content_type="image/jpeg", headers=tablet.headers({"Content-Range": "bytes 5-9/10"})
    )
    assert (spoilt.status_code, spoilt.json["error"]["code"]) == (409, "not-its-hash")
    assert held(tablet, content) == (0, False)
    assert Attachment.select().count() == 0


@pytest.mark.parametrize("given", ["", "bytes */10", "bytes 0-4", "bytes 0-3/10", "bytes 4-0/10", "bytes 8-12/10", "items 0-4/10"])
def test_a_range_that_is_none_is_refused(season, enrol, given):
    tablet, content = enrol("library"), b"01234"
    path = f"/station/v1/attachments/{hashlib.sha256(content).hexdigest()}"
    answer = tablet.http.put(path, data=content, content_type="image/png", headers=tablet.headers({"Content-Range": given}))
    assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, {"content-range"})


def test_what_would_become_too_large_is_refused_with_its_first_part(season, enrol):
    assert put_part(enrol("library"), b"0123456789", 0, 5, total=(4 << 20) + 1).status_code == 413


def test_errors_are_json_even_where_nothing_is(season, http):
    for answer in (http.get("/station/v1/nowhere"), http.put("/station/v1/entries"), http.get("/station/v1/entries")):
        assert set(json.loads(answer.data)["error"]) >= {"code", "message"}
