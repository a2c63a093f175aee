"""Snapshot and changes: what a station's tablets may know, and that they miss nothing of it."""

import base64

import pytest

from db import cards, stations
from db import season as seasons
from db.database import next_change, writing
from db.people import ClassGroup, Graduate
from db.refusals import Conflict
from tests.cast import DIPLOMA, LIBRARY, plan_text
from tests.kiosk.conftest import read, row


def only_for(college):
    """The cast's plan with a library desk for one college; the hall serves everybody."""
    return plan_text().replace('[[stations]]\ncode = "library"', f'[[stations]]\ncode = "library"\ncolleges = ["{college}"]')


def test_a_snapshot_holds_all_that_the_protocol_names(season, enrol):
    content = enrol("library").snapshot()
    assert set(content) == {"cursor", "server_time", "expires", "station", "steps", "students", "operators", "keys", "custody"}
    assert content["station"] == {"code": "library", "name": "name", "names": {"zh": "name", "en": "name"}}
    assert {one["ref"] for one in content["students"]} == {one.ref for one in season.everybody}
    an = row(content, season.an.ref)
    assert an["number"] == season.an.number
    assert an["name"] == "安然"
    assert (an["gen"], an["card"], an["proxies"]) == (1, "valid", [])
    assert an["steps"] == {LIBRARY: {"state": "open", "as_of": None, "heads": []}}


def test_a_snapshot_names_who_may_sign_off_here(season, enrol):
    operators = {one["id"]: one["role"] for one in enrol("library").snapshot()["operators"]}
    assert operators == {"wang": "operator", "li": "supervisor"}


def test_a_station_sees_its_own_steps_whole_and_of_the_blocking_ones_only_whether_they_are_settled(season, enrol):
    tablet = enrol("hall")
    steps = {one["code"]: one for one in tablet.snapshot()["steps"]}
    assert steps[DIPLOMA]["own"]
    assert steps[DIPLOMA]["blocked_by"] == ["library", "dorm"]
    stations = (("library", (LIBRARY, "dorm", "campus-card")), ("pickup", (DIPLOMA,)))
    seasons.load_plan(plan_text(stations=stations), "cast.toml", "admin")
    pickup = enrol("pickup")
    an = row(pickup.snapshot(), season.an.ref)
    assert set(an["steps"]) == {DIPLOMA, "library", "dorm"}
    assert an["steps"]["library"] == {"settled": False, "as_of": None}
    assert [one["own"] for one in pickup.snapshot()["steps"]] == [True, False, False]


def test_a_library_desk_gets_no_dorm_data(season, enrol):
    Graduate.update(building="3栋", room="502").execute()
    content = enrol("library").snapshot()
    assert "dorm" not in {step["code"] for step in content["steps"]}
    assert all("room" not in student and "dorm" not in student["steps"] for student in content["students"])


def test_rooms_go_where_the_plan_says_that_rooms_are_walked(season, enrol):
    Graduate.update(building="3栋", room="502").execute()
    text = plan_text().replace('code = "dorm"\nname', 'code = "dorm"\nrooms = true\nname', 1)
    seasons.load_plan(text, "cast.toml", "admin")
    assert row(enrol("dorm").snapshot(), season.an.ref)["room"] == "3栋 502"


ROUNDS = """
[steps.rounds]
damage = "damage"
pay = { zh = "窗口", en = "Desk" }
inspection = [{ code = "clean", zh = "干净", en = "Clean", reason = "damage" }]
prices = [{ code = "chair", zh = "椅子", en = "Chair", price = "65.00" }]
"""


def with_rounds(plan):
    """The cast's plan with a dorm that is signed off room by room."""
    rooms = 'code = "dorm"\nrooms = true\nreasons = [{ code = "damage", zh = "损坏", en = "Damage" }]\nname'
    before, dorm, after = plan.replace('code = "dorm"\nname', rooms, 1).partition('[[steps]]\ncode = "campus-card"')
    return before + ROUNDS + dorm + after


def test_a_step_signed_off_room_by_room_brings_its_inspection_and_prices(season, enrol):
    seasons.load_plan(with_rounds(plan_text()), "cast.toml", "admin")
    (step,) = enrol("dorm").snapshot()["steps"]
    assert step["rounds"] == {
        "inspection": [{"code": "clean", "zh": "干净", "en": "Clean", "reason": "damage"}],
        "prices": [{"code": "chair", "zh": "椅子", "en": "Chair", "amount": 6500}],
        "damage": "damage",
        "key": None,
    }
    assert "rounds" not in enrol("library").snapshot()["steps"][0]


def test_a_scan_is_a_sign_off_only_where_plan_and_administrator_agree(season, enrol):
    seasons.load_plan(plan_text().replace('code = "library"\nname', 'code = "library"\nfast = true\nname', 1), "cast.toml", "admin")
    tablet = enrol("library")
    assert not tablet.snapshot()["steps"][0]["fast"]
    cursor = tablet.snapshot()["cursor"]
    stations.set_fast_lane("library", True, "admin")
    assert tablet.get("changes", query_string={"after": cursor}).status_code == 410
    assert tablet.snapshot()["steps"][0]["fast"]
    with pytest.raises(Conflict):
        stations.set_fast_lane("dorm", True, "admin")
    stations.set_fast_lane("library", False, "admin")
    assert not tablet.snapshot()["steps"][0]["fast"]


def test_a_college_desk_gets_only_its_own_graduates(season, enrol):
    seasons.load_plan(only_for("trade"), "cast.toml", "admin")
    assert {one["college"] for one in enrol("library").snapshot()["students"]} == {"商学院"}


def test_an_unchanged_snapshot_is_not_sent_again(season, enrol):
    tablet = enrol("library")
    first = tablet.get("snapshot")
    again = tablet.get("snapshot", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    weakened = {"If-None-Match": f'"another", W/{first.headers["ETag"]}'}
    assert tablet.get("snapshot", headers=weakened).status_code == 304
    tablet.upload([tablet.hand.act("clear", season.an, LIBRARY)])
    assert tablet.get("snapshot", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_snapshot_is_packed_when_asked(season, enrol):
    tablet = enrol("library")
    packed = tablet.get("snapshot", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = tablet.get("snapshot")
    assert "Content-Encoding" not in plain.headers
    assert read(packed)["students"] == read(plain)["students"]


def test_a_change_is_a_whole_row(season, enrol):
    tablet = enrol("library")
    cursor = tablet.snapshot()["cursor"]
    entry = tablet.hand.act("clear", season.an, LIBRARY)
    tablet.upload([entry])
    changes = tablet.changes(cursor)
    assert (changes["removed"], changes["more"]) == ([], False)
    assert [one["ref"] for one in changes["students"]] == [season.an.ref]
    cell = changes["students"][0]["steps"][LIBRARY]
    assert cell == {"state": "cleared", "as_of": entry.payload["at"], "by": "wang", "by_name": "wang", "heads": [entry.hash]}
    assert tablet.changes(changes["cursor"]) == {**changes, "students": []}


def test_a_replaced_and_a_revoked_card_travel_by_changes(season, enrol):
    tablet = enrol("library")
    cursor = tablet.snapshot()["cursor"]
    cards.reissue(season.an.id, "admin", "lost")
    cards.revoke(season.bai.id, "admin", "fraud")
    changed = tablet.changes(cursor)
    assert row(changed, season.an.ref)["gen"] == 2
    assert row(changed, season.bai.ref)["card"] == "revoked"


def test_many_changes_come_in_pages_that_miss_nothing(db, enrol, season, monkeypatch):
    monkeypatch.setattr("portal.station_store.PAGE", 2)
    tablet = enrol("library")
    cursor = tablet.snapshot()["cursor"]
    tablet.upload([tablet.hand.act("clear", one, LIBRARY) for one in season.everybody])
    seen, more = [], True
    while more:
        page = tablet.changes(cursor)
        seen += [one["ref"] for one in page["students"]]
        cursor, more = page["cursor"], page["more"]
    assert sorted(seen) == sorted(one.ref for one in season.everybody)


def test_somebody_who_left_the_scope_is_removed_by_ref(season, enrol):
    seasons.load_plan(only_for("nursing"), "cast.toml", "admin")
    tablet = enrol("library")
    cursor = tablet.snapshot()["cursor"]
    trade = ClassGroup.get(ClassGroup.name == "会计2001")
    with writing():
        change = next_change()
        Graduate.update(class_group=trade, change=change, rescoped=change).where(Graduate.id == season.an.id).execute()
    changes = tablet.changes(cursor)
    assert (changes["students"], changes["removed"]) == ([], [season.an.ref])


@pytest.mark.parametrize(
    "cursor", ["", "x", "AAAA", "0", "\u0000", "é", base64.urlsafe_b64encode(b"999999 0 aaaa bbbb").decode(), "9" * 3000]
)
def test_a_foreign_cursor_is_expired(season, enrol, cursor):
    answer = enrol("library").get("changes", query_string={"after": cursor})
    assert (answer.status_code, answer.json["error"]["code"]) == (410, "cursor-expired")


@pytest.mark.parametrize(("place", "number"), [(1, 2**70), (1, -1), (0, 2**70), (0, -1)])
def test_a_cursor_that_somebody_changed_is_expired(season, enrol, place, number):
    tablet = enrol("library")
    parts = base64.urlsafe_b64decode(tablet.snapshot()["cursor"] + "==").split(b" ")
    parts[place] = b"%d" % number
    cursor = base64.urlsafe_b64encode(b" ".join(parts)).decode()
    assert tablet.get("changes", query_string={"after": cursor}).status_code == 410


def test_a_cursor_from_before_a_restore_is_expired(season, enrol, db):
    tablet = enrol("library")
    tablet.upload([tablet.hand.act("clear", season.an, LIBRARY)])
    cursor = tablet.snapshot()["cursor"]
    # A restore takes the last change back; what comes afterwards has the same number and another word.
    db.execute_sql("DELETE FROM tick WHERE change = (SELECT value FROM counter WHERE name = 'change')")
    db.execute_sql("UPDATE counter SET value = value - 1 WHERE name = 'change'")
    tablet.upload([tablet.hand.act("clear", season.bai, LIBRARY)])
    assert tablet.get("changes", query_string={"after": cursor}).status_code == 410


def test_a_cursor_from_before_the_scope_changed_is_expired(season, enrol):
    tablet = enrol("hall")
    cursor = tablet.snapshot()["cursor"]
    seasons.load_plan(
        plan_text(stations=(("hall", (LIBRARY,)), ("dorm", ("dorm",)), ("c", ("campus-card", DIPLOMA)))), "x", "admin"
    )
    assert tablet.get("changes", query_string={"after": cursor}).status_code == 410


def test_changes_without_a_cursor_are_told_what_is_missing(season, enrol):
    answer = enrol("library").get("changes")
    assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, {"after"})


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic abc", "Bearer \u00e9"])
@pytest.mark.parametrize("path", ["snapshot", "changes?after=x"])
def test_without_a_token_nothing_is_read(http, season, header, path):
    answer = http.get(f"/station/v1/{path}", headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "token-unknown")
