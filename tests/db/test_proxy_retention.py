"""What was typed about a proxy goes when its time is over; what was done, and whom a signed entry names, stays."""

from datetime import date, timedelta

import pytest

from db import pictures, proxies, proxy_drafts, proxy_retention
from db import season as seasons
from db.audit import AuditEvent
from db.database import now
from db.intake import receive
from db.proxies import ProxyApplication, ProxyEvent
from db.proxy_cards import card_counts, proxies_named, standing_for
from db.season import today as season_day
from tests.cast import ADMIN, TabletDouble, hours_after_loading, plan_text
from tests.portal.graduate_case import open_today
from tests.portal.proxy_case import PERSON, approved, draft, rejected, submitted
from tests.portal.test_proxy_post import with_proxies

SECRET = (PERSON["id_number"], PERSON["phone"], PERSON["own_phone"], PERSON["name"], "妈妈病了")


@pytest.fixture
def people(season):
    return open_today(season, with_proxies(plan_text()))


def close_season():
    """The plan of 2023, a day after it was loaded."""
    seasons.load_plan(with_proxies(plan_text()), "cast.toml", ADMIN, shifted_days=0)
    hours_after_loading(24)


def left(one):
    """Which of the typed secrets the row still has."""
    row = ProxyApplication.get_by_id(one.id).__data__
    return [secret for secret in SECRET if secret in row.values()]


def test_withdrawn_it_is_gone_at_once_and_running_ones_are_not_touched(people):
    one, other = submitted(people.an, words="妈妈病了"), approved(people.bai)
    proxies.withdraw(people.an, one.id, people.an.number)
    assert proxy_retention.erase(people.an.number, only=other.id) == {}
    assert proxy_retention.due() == {"withdrawn": 1}
    assert proxy_retention.erase(people.an.number, only=one.id) == {"withdrawn": 1}
    assert left(one) == []
    assert len(left(other)) == 4
    row = ProxyApplication.get_by_id(one.id)
    assert (row.state, row.steps, row.erased_at is not None) == ("withdrawn", "library diploma", True)
    assert [event.act for event in ProxyEvent.select().where(ProxyEvent.application == one.id)] == ["submit", "withdraw"]
    last = AuditEvent.select().order_by(AuditEvent.seq.desc()).first()
    assert (last.action, last.detail) == ("proxy.erased", {"application": one.id, "why": "withdrawn", "kept": False})
    assert proxy_retention.erase("portal") == {}


def test_of_an_approval_that_ended_the_name_waits_for_what_an_offline_tablet_may_bring_in(people):
    came, stayed_away = approved(people.an), approved(people.bai)
    tablet = TabletDouble.enrol("hall")
    signed = tablet.act("collect", people.an, "diploma", proxy=came.id)
    for graduate, one in ((people.an, came), (people.bai, stayed_away)):
        proxies.withdraw(graduate, one.id, graduate.number)
        assert proxy_retention.erase(graduate.number, only=one.id) == {"withdrawn": 1}
        assert left(one) == [PERSON["name"]]
    receive([signed.token], "direct")
    close_season()
    assert proxy_retention.due() == {"name": 1}
    assert proxy_retention.erase("portal") == {"name": 1}
    assert (left(came), left(stayed_away)) == ([PERSON["name"]], [])
    assert proxy_retention.erase("portal") == {}


def test_a_draft_that_nobody_went_on_with_goes_after_14_days(people):
    one, other = draft(people.an), draft(people.bai)
    ProxyApplication.update(changed_at=now() - timedelta(days=14)).where(ProxyApplication.id == one.id).execute()
    assert proxy_retention.erase("portal") == {"draft": 1}
    assert (left(one), len(left(other))) == ([], 4)


def test_rejected_it_stays_for_30_days(people):
    one = rejected(people.an)
    assert proxy_retention.erase("portal") == {}
    ProxyApplication.update(changed_at=now() - timedelta(days=30)).execute()
    assert proxy_retention.erase("portal") == {"rejected": 1}
    assert left(one) == []


def test_with_the_season_everything_goes_but_the_name_in_a_signed_record(people, monkeypatch):
    monkeypatch.setattr(proxy_retention, "BATCH", 1)
    came, stayed_away, unsent = approved(people.an), submitted(people.bai), draft(people.cheng)
    tablet = TabletDouble.enrol("hall")
    tablet.act("collect", people.an, "diploma", proxy=came.id)
    assert receive(tablet.tokens, "direct")[0].outcome in ("accepted", "conflict")
    assert proxy_retention.erase("portal") == {}
    close_season()
    assert pictures.season_over()
    assert proxy_retention.due() == {"season": 3}
    assert proxy_retention.erase("portal") == {"season": 3}
    assert left(stayed_away) == left(unsent) == []
    assert left(came) == [PERSON["name"]]
    assert proxies_named([came.id])[came.id].name == PERSON["name"]
    assert not card_counts(ProxyApplication.get_by_id(came.id))
    assert standing_for(None) == {}


def test_a_plan_of_a_wrong_year_deletes_nothing_for_a_day_and_the_right_one_saves_it_all(people):
    one, refused, back = submitted(people.an), rejected(people.bai), approved(people.cheng)
    proxies.withdraw(people.cheng, back.id, people.cheng.number)
    right = seasons.current().plan.closes
    seasons.load_plan(with_proxies(plan_text()), "cast.toml", ADMIN)
    assert proxy_retention.erase("portal") == {"withdrawn": 1}
    hours_after_loading(23)
    assert proxy_retention.erase("portal") == {}
    open_today(people, with_proxies(plan_text()))
    hours_after_loading(24)
    assert seasons.current().plan.closes == right
    assert proxy_retention.erase("portal") == {}
    assert (len(left(one)), len(left(refused)), left(back)) == (4, 4, [PERSON["name"]])


@pytest.mark.parametrize(("days_ago", "erased"), [(7, {}), (8, {"season": 1})])
def test_a_season_keeps_what_was_typed_for_7_days_after_its_last(people, days_ago, erased):
    submitted(people.an)
    ended = (season_day() - timedelta(days_ago) - date(2023, 7, 14)).days
    seasons.load_plan(with_proxies(plan_text()), "cast.toml", ADMIN, shifted_days=ended)
    hours_after_loading(24)
    assert proxy_retention.erase("portal") == erased


def test_what_is_typed_into_a_draft_after_the_season_is_over_goes_too(people):
    one = draft(people.an)
    close_season()
    assert proxy_retention.erase("portal") == {"season": 1}
    proxy_drafts.save(people.an, one.id, {"name": PERSON["name"]})
    assert left(one) == [PERSON["name"]]
    assert proxy_retention.erase("portal") == {"season": 1}
    assert left(one) == []
