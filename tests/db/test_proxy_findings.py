"""A proxy's card is judged like any card: a reviewer is told when the approval did not count, was another's, or never was."""

from datetime import timedelta

import pytest

from db import proxies
from db.database import lock, now, to_ms, writing
from db.intake import receive
from db.proxies import ProxyApplication
from db.rules.entry import format_moment
from db.rules.proxy import COUNSELOR, GRADUATE
from db.season import today
from tests.cast import DIPLOMA, TabletDouble, plan_text
from tests.db.ledgers import open_findings
from tests.portal.graduate_case import open_today
from tests.portal.proxy_case import approved, submitted
from tests.portal.test_proxy_post import with_proxies

UNKNOWN, NOT_STANDING = "proxy-unknown", "proxy-not-standing"


@pytest.fixture
def people(season):
    return open_today(season, with_proxies(plan_text()))


@pytest.fixture
def hall(people):
    return TabletDouble.enrol("hall")


def collect(hall, graduate, proxy, later=0, step=DIPLOMA):
    """What a desk signed, so many seconds from now."""
    at = format_moment(to_ms(now() + timedelta(seconds=later)))
    made = hall.act("collect", graduate, step, proxy=proxy, at=at)
    assert receive([made.token], "direct")[0].outcome == "accepted"
    return made


def end(application, act, role):
    with writing():
        lock("change")
        proxies.act(application, act, role, "lin", words="forged")


def told():
    return {(step, code) for _, step, code, _ in open_findings() if code.startswith("proxy-")}


def test_an_approved_proxy_within_the_days_is_nothing_odd(people, hall):
    collect(hall, people.an, approved(people.an).id)
    assert told() == set()


@pytest.mark.parametrize(("act", "role"), [("revoke", COUNSELOR), ("withdraw", GRADUATE)])
def test_an_approval_that_had_ended_when_an_offline_tablet_signed_is_found(people, hall, act, role):
    one = approved(people.an)
    end(one, act, role)
    collect(hall, people.an, one.id, later=1)
    assert told() == {(DIPLOMA, NOT_STANDING)}


def test_what_was_signed_before_the_end_is_in_order_whenever_it_arrives(people, hall):
    one = approved(people.an)
    end(one, "revoke", COUNSELOR)
    collect(hall, people.an, one.id, later=-5)
    assert told() == set()


def test_a_clock_that_was_ahead_of_the_end_is_found_when_the_end_comes(people, hall):
    one = approved(people.an)
    collect(hall, people.an, one.id, later=3600)
    assert told() == set()
    end(one, "revoke", COUNSELOR)
    assert told() == {(DIPLOMA, NOT_STANDING)}


def test_after_the_last_day_it_does_not_stand(people, hall):
    one = approved(people.an)
    ProxyApplication.update(from_day=today() - timedelta(3), until_day=today() - timedelta(1)).execute()
    collect(hall, people.an, one.id)
    assert told() == {(DIPLOMA, NOT_STANDING)}


def test_an_invented_one_an_unapproved_one_and_anothers_are_unknown(people, hall):
    collect(hall, people.cheng, "never-existed")
    assert told() == {(DIPLOMA, UNKNOWN)}
    other = TabletDouble.enrol("hall")
    collect(other, people.an, submitted(people.an).id)
    collect(other, people.bai, approved(people.cheng).id)
    assert {ref for ref, _, code, _ in open_findings() if code == UNKNOWN} == {one.ref for one in people.everybody}


def test_a_step_that_was_not_approved_is_unknown(people, hall):
    one = approved(people.an)
    ProxyApplication.update(steps="library").where(ProxyApplication.id == one.id).execute()
    collect(hall, people.an, one.id)
    assert told() == {(DIPLOMA, UNKNOWN)}
