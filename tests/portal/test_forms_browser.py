"""Online forms in a real browser: a field that is left says what is wrong and keeps what was typed; every page is accessible."""

import pytest
from playwright.sync_api import expect

from db import forms
from db.accounts import Account
from tests.axe import violations
from tests.browser import DESKTOP, PHONE
from tests.cast import make_season
from tests.client import Client
from tests.engines import opened
from tests.portal.form_case import ADDRESS, ARCHIVE, CHECK, HOME, LEAVING, form_of, plan, send, today
from tests.portal.graduate_case import open_today

pytestmark = pytest.mark.engine("sqlite")


@pytest.fixture
def visit(database_url, live_server, key_store, open_page):
    """Pages of a running portal for anybody of the cast; An's addresses look private, Bai has sent nothing."""
    from portal import create_app
    from portal.config import Config

    with opened(database_url):
        season = open_today(make_season(), plan())
        Account.create(id="lin", name="林老师")
        app = create_app(Config(database_url, key_store.directory))
        app.test_client_class = Client
        client = app.test_client()
        send(client, season.an, **HOME)
        send(client, season.an, LEAVING, day=today(), transport="car")
        cookies = {}
        for who in (season.bai.number, "lin"):
            client.sign_in_as(who)
            cookies[who] = {"name": "clearance", "value": client.get_cookie("clearance").value, "url": live_server.url}

    def open_as(who, path, size=DESKTOP, language="zh-CN", dark=False):
        page = open_page(size, language, dark, base_url=live_server.url)
        page.context.add_cookies([cookies[who]])
        page.goto(path)
        return page

    open_as.season, open_as.url = season, database_url
    return open_as


def test_a_field_that_is_left_says_what_is_wrong_and_the_form_is_sent(visit):
    page = visit(visit.season.bai.number, f"/me/steps/{ARCHIVE}", PHONE)
    page.fill("#f-unit", "本人")
    page.press("#f-unit", "Tab")
    expect(page.locator("#f-unit-said")).to_contain_text("不能寄往个人地址")
    expect(page.locator("#f-unit")).to_have_attribute("aria-invalid", "true")
    assert violations(page) == []
    with page.expect_response("**/fields/recipient"):  # the last one that is left; what is still on its way is lost with the page
        for field, answer in ADDRESS.items():
            page.fill(f"#f-{field}", answer)
    expect(page.locator("#f-unit-said")).to_be_empty()
    page = visit(visit.season.bai.number, f"/me/steps/{ARCHIVE}", PHONE)  # a browser fills in by itself what it loads again
    expect(page.locator("#f-unit")).to_have_value(ADDRESS["unit"])
    expect(page.locator("#f-recipient")).to_have_value(ADDRESS["recipient"])
    page.fill("#f-phone", ADDRESS["phone"])
    page.click("#form button.button-primary")
    expect(page.locator(".badge-submitted").first).to_be_visible()
    with opened(visit.url):
        assert form_of(visit.season.bai).sent == ADDRESS
        assert forms.of(visit.season.bai.id, CHECK) is None


def test_what_hangs_on_a_choice_appears_with_it(visit):
    page = visit(visit.season.bai.number, f"/me/steps/{CHECK}", PHONE, "en", True)
    expect(page.locator("#f-error")).to_be_hidden()
    page.select_option("#f-answer", "error")
    expect(page.locator("#f-error")).to_be_visible()
    assert violations(page) == []


def test_without_a_network_a_field_says_that_it_is_not_kept_and_is_kept_when_there_is_one(visit, expect_problems):
    expect_problems()  # the broken connection is told by the browser, too
    page = visit(visit.season.bai.number, f"/me/steps/{ARCHIVE}", PHONE)
    expect(page.locator("[data-keeps]")).to_be_visible()
    page.context.set_offline(True)
    page.fill("#f-unit", ADDRESS["unit"])
    page.press("#f-unit", "Tab")
    expect(page.locator("[data-unkept]")).to_contain_text("没有网络，尚未保存")
    assert violations(page) == []
    page.context.set_offline(False)
    expect(page.locator("[data-unkept]")).to_be_hidden()
    page = visit(visit.season.bai.number, f"/me/steps/{ARCHIVE}", PHONE)
    expect(page.locator("#f-unit")).to_have_value(ADDRESS["unit"])


@pytest.mark.parametrize(("size", "language", "dark"), [(PHONE, "zh-CN", True), (DESKTOP, "en", False)])
def test_reviewers_pages_are_accessible_and_fit_the_screen(visit, size, language, dark):
    paths = ("/forms", "/forms/1", "/forms/approvals?form=1", "/class-desk/calendar", "/class-desk")
    page = visit("lin", "/forms", size, language, dark)
    expect(page.locator(".places .count").first).to_contain_text("1")
    for path in paths:
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
