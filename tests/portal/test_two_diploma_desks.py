"""Two desks without a network hand out one diploma: what each was allowed, what the portal made of it, what the reviewer sees."""

import re

import pytest

from db import custody, register
from db.accounts import Account
from db.clearance import Clearance
from db.database import now, to_ms
from db.ledger import Entry
from db.rules.entry import format_moment
from db.rules.verdict import verdict
from tests.cast import ADMIN, DIPLOMA, DORM, LIBRARY, SUPERVISOR
from tests.client import Client
from tests.kiosk.conftest import app, enrol, http, row  # noqa: F401 - fixtures
from tests.portal.graduate_case import open_today


@pytest.fixture
def desks(season, enrol):  # noqa: F811
    """Two tablets of one station; everything that An's diploma waits for is settled."""
    open_today(season)
    left, right = enrol("hall", "左台"), enrol("hall", "右台")
    left.upload([left.hand.act("clear", season.an, step) for step in (LIBRARY, DORM)])
    return left, right


@pytest.fixture
def office(app):  # noqa: F811
    """The supervisor of these desks at the portal, who is the reviewer too."""
    app.test_client_class = Client
    return app.test_client().sign_in_as(SUPERVISOR)


def give(graduate, tablet):
    return custody.move(Account.get_by_id(ADMIN), DIPLOMA, [graduate.class_id], tablet.hand.device)


def allows(content, graduate):
    """What a tablet shows that has not been online since it took this snapshot."""
    group = row(content, graduate.ref)["class"]
    hand = {"custody": (DIPLOMA, group) in {(one["step"], one["class"]) for one in content["custody"]}, "asked": None}
    moment = format_moment(to_ms(now()))
    step = next(step for step in content["steps"] if step["code"] == DIPLOMA)
    given = {"card": {"status": "typed"}, "student": row(content, graduate.ref), "step": step, "seen_gen": None}
    return verdict(given | {"now": moment, "known": moment, "hand": hand | {"elsewhere": False}})["code"]


def counted(graduate):
    return tuple(register.counts(DIPLOMA)[graduate.class_id])


def custody_page(office, name):
    """What the page of custody says of the class: who has it, how many are handed out."""
    rows = re.findall(r"<tr>.*?</tr>", office.get(f"/custody?step={DIPLOMA}").text, re.S)
    return next(re.sub(r"<[^>]+>|\s+", " ", one) for one in rows if name in one)


def waiting(office, tab):
    return office.get(f"/reviews?tab={tab}").text


def test_the_one_that_was_written_off_comes_back_with_a_hand_over_that_the_reviewer_admits_and_settles(season, desks, office):
    left, right = desks
    give(season.an, left)
    far_away, here = left.snapshot(), right.snapshot()
    give(season.an, right)  # asked back, and the left one does not hear of it
    assert (allows(far_away, season.an), allows(here, season.an)) == ("may-collect", "ask-portal")
    assert allows(right.snapshot(), season.an) == "ask-portal", "asked for is not had"
    assert "正在收回，将交给 右台" in custody_page(office, "护理2001")
    office.sign_in_as(ADMIN).send(f"/tablets/{left.hand.device}/write-offs", reason="fell into the lake")
    assert (allows(far_away, season.an), allows(right.snapshot(), season.an)) == ("may-collect", "may-collect")

    second = right.hand.act("collect", season.an, DIPLOMA)
    first = left.hand.act("collect", season.an, DIPLOMA)  # it was in a bag, and at work
    assert [one["outcome"] for one in right.upload([second])] == ["accepted"]
    assert [(one["outcome"], one["code"]) for one in left.upload([first])] == [("quarantined", "device-revoked")]
    assert counted(season.an) == (1, 1, 0)

    office.sign_in_as(SUPERVISOR)
    kept = f"/reviews/entries/{first.hash}"
    assert kept in waiting(office, "quarantine")
    assert "领取了两次" in office.get(kept).text, "what admitting it would make of the step"
    assert office.send(f"{kept}/admissions", words="the tablet was found").status_code == 303
    conflict_and_its_end(season, office, first, second)
    assert kept not in waiting(office, "quarantine")


def test_the_one_that_had_let_go_and_was_set_back_to_the_day_before_is_told_of_the_conflict_at_once(season, desks, office):
    left, right = desks
    give(season.an, left)
    day_before = left.snapshot()
    give(season.an, right)
    (asked,) = custody.recalled_from(left.hand.device)
    custody.let_go(left.hand.device, {asked.id}, len(left.hand.made))
    assert allows(left.snapshot(), season.an) == "ask-portal"
    assert allows(day_before, season.an) == allows(right.snapshot(), season.an) == "may-collect"

    first = left.hand.act("collect", season.an, DIPLOMA)
    second = right.hand.act("collect", season.an, DIPLOMA)
    assert [one["outcome"] for one in left.upload([first])] == ["accepted"]
    assert [(one["outcome"], one["code"]) for one in right.upload([second])] == [("conflict", "collected-twice")]
    conflict_and_its_end(season, office, first, second)


def conflict_and_its_end(season, office, first, second):
    """Both stand on the reviewer's page and count as one; taken back is the one that the reviewer says."""
    assert {entry.hash for entry in Entry.select() if entry.step == DIPLOMA} == {first.hash, second.hash}
    assert Clearance.get(Clearance.graduate == season.an.id, Clearance.step == DIPLOMA).conflict == "collected-twice"
    assert counted(season.an) == (1, 1, 1)
    path = f"/reviews/steps/{season.an.number}/{DIPLOMA}"
    assert path in waiting(office, "conflicts")
    has_it = custody_page(office, "护理2001")
    assert ("右台" in has_it, "左台" in has_it, "1 / 1" in has_it) == (True, False, True)
    page = office.get(path).text
    sides = re.findall(r'<article class="card side".*?</article>', page, re.S)
    assert [sum(name in side for side in sides) for name in ("左台", "右台")] == [1, 1]
    heads = re.search(r'name="heads" value="([^"]*)"', page)[1]
    settled = office.send(f"{path}/settlements", heads=heads, choice=f"undo.{first.hash}", words="the left one was only shown")
    assert settled.status_code == 303
    assert path not in waiting(office, "conflicts")
    assert counted(season.an) == (1, 1, 0)
    found = Clearance.get(Clearance.graduate == season.an.id, Clearance.step == DIPLOMA)
    assert (found.state, found.conflict, found.heads) == ("collected", None, second.hash)
