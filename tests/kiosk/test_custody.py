"""Custody as tablets hear of it: what they have, what they are asked to let go of, and the portal's word about one graduate."""

import pytest

from db import custody
from db.accounts import Account
from db.clearance import Clearance
from db.review_case import case
from db.season import current
from tests.cast import ADMIN, DIPLOMA, DORM, LIBRARY
from tests.kiosk.conftest import read, row

CLASSES = {"an": "护理2001", "bai": "护理2002"}


@pytest.fixture
def left(enrol):
    return enrol("hall", "左台")


@pytest.fixture
def right(enrol):
    return enrol("hall", "右台")


def give(graduate, tablet):
    return custody.move(Account.get_by_id(ADMIN), DIPLOMA, [graduate.class_id], tablet and tablet.hand.device)


def held(tablet):
    return [(one["step"], one["class"]) for one in tablet.snapshot()["custody"]]


def beat(tablet, let_go=(), seq=None):
    made = tablet.hand.made
    head = {"seq": len(made), "hash": made[-1].hash if made else None} if seq is None else {"seq": seq, "hash": None}
    sent = {"clock": "2023-06-26T01:00:00.000Z", "pending": 0, "head": head, "let_go": list(let_go)}
    return read(tablet.post("heartbeats", sent))


def ask(tablet, graduate):
    return read(tablet.get(f"students/{graduate.ref}"))


def test_snapshot_and_changes_tell_what_a_tablet_has(season, left, right):
    before = left.snapshot()
    give(season.an, left)
    assert before["custody"] == []
    after = left.snapshot()
    assert [(one["step"], one["class"]) for one in after["custody"]] == [(DIPLOMA, CLASSES["an"])]
    assert left.changes(before["cursor"])["custody"] == after["custody"]
    assert right.changes(before["cursor"])["custody"] == []


def test_a_new_holding_makes_a_new_etag(season, left):
    etag = left.get("snapshot").headers["ETag"]
    assert left.get("snapshot", headers={"If-None-Match": etag}).status_code == 304
    give(season.an, left)
    assert left.get("snapshot", headers={"If-None-Match": etag}).status_code == 200


def test_a_recall_is_told_answered_and_only_then_carried_out(season, left, right):
    give(season.an, left)
    (kept,) = left.snapshot()["custody"]
    give(season.an, right)
    assert held(left) == held(right) == []
    assert beat(left)["recalled"] == [kept["id"]]
    left.hand.act("collect", season.an, DIPLOMA)
    assert beat(left, [kept["id"]])["recalled"] == [kept["id"]]  # its last entry is not here yet
    assert held(right) == []
    left.upload(left.hand.made)
    assert beat(left, [kept["id"]])["recalled"] == []
    assert held(right) == [(DIPLOMA, CLASSES["an"])]
    # Whoever gets a class gets with it all that was handed out of it before.
    assert row(right.snapshot(), season.an.ref)["steps"][DIPLOMA]["state"] == "collected"


@pytest.mark.parametrize("wrong", ["x", [1], [None], {"a": 1}, ["1"] * 5001])
def test_what_is_no_list_of_ids_is_refused(left, wrong):
    sent = {"clock": "2023-06-26T01:00:00.000Z", "pending": 0, "let_go": wrong}
    assert left.post("heartbeats", sent).status_code == 422


def test_a_battery_next_to_nothing_is_stored(left):
    assert left.post("heartbeats", {"clock": "2023-06-26T01:00:00.000Z", "pending": 0, "battery": 5e-324}).status_code == 200


def test_ids_of_another_server_let_go_of_nothing(season, left):
    give(season.an, left)
    give(season.an, None)
    assert beat(left, ["", "abc", "9" * 30, "99"])["recalled"] != []


def test_the_portal_tells_one_row_and_who_has_its_diploma(season, left, right):
    asked = ask(left, season.an)
    assert (asked["student"], asked["elsewhere"]) == (row(left.snapshot(), season.an.ref), {})
    give(season.an, right)
    assert ask(left, season.an)["elsewhere"] == {DIPLOMA: {"tablet": "右台", "station": "hall"}}
    assert ask(right, season.an)["elsewhere"] == ask(left, season.bai)["elsewhere"] == {}
    give(season.an, left)  # asked for, and still at the right desk
    assert DIPLOMA in ask(left, season.an)["elsewhere"]


@pytest.mark.parametrize(
    ("ref", "code"), [("gr_unknown000", "unknown-student"), ("x", "unknown-student"), ("%00" * 12, "not-found")]
)
def test_a_graduate_nobody_knows_is_not_found(season, left, ref, code):
    answer = left.get(f"students/{ref}")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, code)


def test_two_tablets_with_different_classes_cannot_both_hand_out_one_diploma(season, left, right):
    """Whatever one of them did with no network, no answer of the portal lets the other do it too."""
    give(season.an, left)
    give(season.bai, right)
    left.hand.act("collect", season.an, DIPLOMA)  # nobody has heard of it yet
    assert (DIPLOMA, CLASSES["an"]) not in held(right)
    assert DIPLOMA in ask(right, season.an)["elsewhere"]
    assert {**dict(held(left)), **dict(held(right))}.keys() == {DIPLOMA}
    assert not set(held(left)) & set(held(right))


def test_a_diploma_handed_out_twice_all_the_same_names_both_and_their_signatures(season, left, right):
    marks = {"左台": "a" * 64, "右台": "b" * 64}
    ready = [left.hand.act("clear", season.an, step) for step in (LIBRARY, DORM)]
    first = left.hand.act("collect", season.an, DIPLOMA, attachments=[marks["左台"]])
    second = right.hand.act("collect", season.an, DIPLOMA, operator="li", attachments=[marks["右台"]])
    assert [one["outcome"] for one in left.upload([*ready, first])] == ["accepted"] * 3
    (told,) = right.upload([second])
    assert (told["outcome"], told["code"]) == ("conflict", "collected-twice")
    assert Clearance.get(Clearance.graduate == season.an.id, Clearance.step == DIPLOMA).conflict == "collected-twice"
    sides = case(season.an, current().plan.step(DIPLOMA)).sides
    assert {(side.tablet, side.entry.operator, side.attachments[0][0]) for side in sides} == {
        ("左台", "wang", marks["左台"]), ("右台", "li", marks["右台"]),
    }  # fmt: skip
