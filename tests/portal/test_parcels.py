"""A parcel's number hands the diploma over in the ledger: no sooner than a desk could, once, and taken back by its office alone."""

import io

import openpyxl
import pytest

from db import parcels, proxies, proxy_desk
from db.accounts import Account
from db.clearance import Clearance
from db.intake import receive
from db.ledger import Entry
from db.projection import verify
from db.proxies import ProxyApplication
from db.refusals import Conflict
from tests.cast import ADMIN, DIPLOMA, DORM, LIBRARY, TabletDouble
from tests.portal.graduate_case import decide
from tests.portal.readers import poppler
from tests.portal.test_proxy_post import apply, house, key, nothing_missing  # noqa: F401 - a fixture

NUMBER = "EE123456789CN"


@pytest.fixture
def approved(house, season):  # noqa: F811
    """An's application for post, approved; lin, the counselor, is signed in."""
    one = apply(house, season)
    house.sign_in_as("lin").send(f"/proxies/{one.id}/decisions", act="approve", seen=1)
    return ProxyApplication.get_by_id(one.id)


def diploma(graduate):
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == DIPLOMA)


def send(house, one, number=NUMBER):  # noqa: F811
    return house.send(f"/proxies/{one.id}/parcels", tracking=number)


def take_back(house, season, **fields):  # noqa: F811
    path = f"/graduates/{season.an.number}/steps/{DIPLOMA}/decisions"
    return house.send(path, **{"act": "undo", "words": "无人签收，已退回", "heads": diploma(season.an).heads, **fields})


def test_it_is_collected_from_then_on_in_register_history_and_count(house, season, approved):  # noqa: F811
    nothing_missing(house, season)
    assert send(house, approved).status_code == 303
    assert send(house, approved).status_code == 303
    assert (diploma(season.an).state, diploma(season.an).by) == ("collected", "lin")
    assert Entry.select().where(Entry.step == DIPLOMA).count() == 1
    assert verify() == []
    house.sign_in_as("dean")
    register = f"/register/{DIPLOMA}/classes/{season.an.class_id}"
    sheet = openpyxl.load_workbook(io.BytesIO(house.get(f"{register}.xlsx").data)).active
    (row,) = [[cell for cell in row if cell] for row in sheet.iter_rows(values_only=True) if season.an.name in row]
    assert "已邮寄，单号 EE123456789CN" in row
    assert not {"portal", "无签名"} & set(row)
    assert "EE123456789CN" in poppler(house.get(f"{register}.pdf").data, "pdftotext", "-layout")
    assert "安然" not in house.get(f"/register/{DIPLOMA}/uncollected?college=护理学院").text
    assert "已邮寄，单号 EE123456789CN" in house.sign_in_as(season.an.number).get(f"/me/steps/{DIPLOMA}").text


@pytest.mark.parametrize("acts", [(), (("hold", DIPLOMA, "证书有误"), ("clear", LIBRARY), ("clear", DORM))])
def test_what_no_desk_could_hand_over_is_not_posted_and_the_page_says_why(house, season, approved, acts):  # noqa: F811
    decide(house, season.an, *acts)
    text = house.get(f"/proxies/{approved.id}").text
    assert ("请勿寄出" in text, 'name="tracking"' in text) == (True, False)
    assert ("尚未办结：library" in text or "暂缓" in text)
    assert send(house, approved).status_code == 409
    assert (ProxyApplication.get_by_id(approved.id).state, diploma(season.an).state == "collected") == ("approved", False)
    assert [event.act for event in proxies.events(approved)] == ["approve", "submit"]


def test_what_was_handed_out_already_is_not_posted(house, season, approved):  # noqa: F811
    nothing_missing(house, season)
    receive([TabletDouble.enrol("hall").act("collect", season.an, DIPLOMA).token], "direct")
    assert send(house, approved).status_code == 409
    assert diploma(season.an).conflict is None


def test_a_desk_that_hands_it_out_as_well_makes_a_conflict_that_its_office_can_end(house, season, approved):  # noqa: F811
    nothing_missing(house, season)
    desk = TabletDouble.enrol("hall")
    signed = desk.act("collect", season.an, DIPLOMA, saw=[]).token
    send(house, approved)
    receive([signed], "direct")
    assert diploma(season.an).conflict == "collected-twice"
    house.sign_in_as("officer")
    assert take_back(house, season).status_code == 303
    assert (diploma(season.an).state, diploma(season.an).conflict) == ("collected", None)
    assert verify() == []


def test_a_parcel_that_came_back_is_taken_back_with_why_by_the_steps_office_alone(house, season, approved):  # noqa: F811
    nothing_missing(house, season)
    send(house, approved)
    for who in ("lin", "dean", "boss"):
        house.sign_in_as(who)
        assert take_back(house, season).status_code in (403, 404)
    house.sign_in_as("officer")
    assert take_back(house, season, words="").status_code == 422
    assert take_back(house, season).status_code == 303
    assert (diploma(season.an).state, verify()) == ("open", [])
    text = house.sign_in_as(season.an.number).get(f"/me/steps/{DIPLOMA}").text
    assert "无人签收，已退回" in text
    house.send("/me/proxy", kind="post")
    assert proxies.latest(season.an.id).state == "draft", "it can be asked for again"


def test_what_a_desk_handed_out_is_not_taken_back_here(house, season):  # noqa: F811
    nothing_missing(house, season)
    receive([TabletDouble.enrol("hall").act("collect", season.an, DIPLOMA).token], "direct")
    assert take_back(house.sign_in_as(ADMIN), season).status_code == 422
    assert diploma(season.an).state == "collected"


def test_of_two_who_note_it_at_once_with_other_numbers_one_is_refused(house, season, approved):  # noqa: F811
    nothing_missing(house, season)
    lin = Account.get_by_id("lin")
    parcels.post(key(house), lin, approved.id, NUMBER)
    with pytest.raises(Conflict):
        parcels.post(key(house), lin, approved.id, "EE999999999CN")
    assert Entry.select().where(Entry.step == DIPLOMA).count() == 1
    assert proxy_desk.find(lin, approved.id).tracking == NUMBER
