"""A class without a counselor: its college decides about those who cannot come, so that nobody's application waits for nobody."""

from datetime import timedelta

import pytest

from db import grants
from db.accounts import Account
from db.database import now
from db.people import ClassGroup, Graduate
from db.proxies import ProxyApplication
from tests.cast import ADMIN
from tests.portal.proxy_case import rejected, submitted
from tests.portal.test_proxy_post import OTHER, apply, house  # noqa: F401 - a fixture


def nobody_is_named():
    ClassGroup.update(counselor=None).where(ClassGroup.name == "护理2001").execute()


def the_account_is_closed():
    Account.update(disabled_at=now()).where(Account.id == "lin").execute()


def there_is_no_account():
    ClassGroup.update(counselor="c99").where(ClassGroup.name == "护理2001").execute()


@pytest.mark.parametrize("gone", [nobody_is_named, the_account_is_closed, there_is_no_account])
def test_the_college_decides_where_nobody_counsels_the_class(house, season, gone):  # noqa: F811
    one = apply(house, season)
    assert house.sign_in_as("dean").get(f"/proxies/{one.id}").status_code == 404
    gone()
    assert season.an.name in house.get("/proxies").text
    assert house.send(f"/proxies/{one.id}/decisions", act="approve", seen=1).status_code == 303
    assert ProxyApplication.get_by_id(one.id).state == "approved"


def test_another_college_and_another_counselor_still_see_nothing(house, season):  # noqa: F811
    nobody_is_named()
    grants.grant("boss", "college", "college", "商学院", ADMIN)
    one = submitted(season.an)
    for who in ("boss", OTHER):
        assert house.sign_in_as(who).get(f"/proxies/{one.id}").status_code == 404
        assert season.an.name not in house.get("/proxies").text


def test_who_counsels_by_a_right_is_a_counselor_too(house, season):  # noqa: F811
    nobody_is_named()
    grants.grant(OTHER, "counselor", "class", "护理2001", ADMIN)
    one = submitted(season.an)
    assert house.sign_in_as(OTHER).get(f"/proxies/{one.id}").status_code == 200
    assert house.sign_in_as("dean").get(f"/proxies/{one.id}").status_code == 404


def test_who_was_taken_off_the_roster_is_on_nobodys_desk(house, season):  # noqa: F811
    one = apply(house, season)
    assert house.sign_in_as("lin").get(f"/proxies/{one.id}").status_code == 200
    Graduate.update(removed_at=now()).where(Graduate.id == season.an.id).execute()
    assert season.an.name not in house.get("/proxies").text
    assert house.send(f"/proxies/{one.id}/decisions", act="approve", seen=1).status_code == 404


def test_a_college_names_no_cover(house):  # noqa: F811
    page = house.sign_in_as("dean").get("/proxies").text
    assert "/proxies/covers" not in page
    assert house.send("/proxies/covers", cover=OTHER, from_day="2030-01-01", until_day="2030-01-02").status_code == 403


def test_what_was_decided_is_found_however_long_ago(house, season, monkeypatch):  # noqa: F811
    monkeypatch.setattr("db.proxy_desk.FINISHED", 1)
    for graduate in (season.an, season.bai):
        ClassGroup.update(counselor="lin").where(ClassGroup.id == graduate.class_id).execute()
        rejected(graduate)
    ProxyApplication.update(changed_at=now() - timedelta(days=1)).where(ProxyApplication.graduate == season.an.id).execute()
    house.sign_in_as("lin")
    first, second = house.get("/proxies").text, house.get("/proxies?page=2").text
    assert (season.bai.name in first, season.an.name in first) == (True, False)
    assert season.an.name in second
    for odd in ("0", "-1", "x", "99999", "%00"):
        assert house.get(f"/proxies?page={odd}").status_code == 200
    ProxyApplication.update(changed_at=now()).execute()
    both = [house.get(f"/proxies?page={page}").text for page in (1, 2)]
    assert all(sum(one.name in text for text in both) == 1 for one in (season.an, season.bai)), "of one moment, each once"
