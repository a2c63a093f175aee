"""The officer's pages in a real browser: accessible, within the screen, alive, and working without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from db.accounts import Account
from db.intake import receive
from tests.browser import DESKTOP, PHONE, TABLET, hold_time, pass_time
from tests.cast import ADMIN, LIBRARY, TabletDouble, make_season, plan_text
from tests.client import Client
from tests.engines import opened
from tests.looks import Look, check_pages

pytestmark = pytest.mark.engine("sqlite")



@pytest.fixture
def office(database_url, live_server, key_store, open_page):
    """Pages of a running portal with a conflict, a tablet and a quarantined entry, signed in as the administrator."""
    from portal import create_app
    from portal.config import Config

    with opened(database_url):
        long = '{ zh = "图书归还与赔偿结清确认", en = "Return of books and their compensation" }'
        season = make_season(more=60, plan=plan_text().replace('{ zh = "library", en = "library" }', long))
        first, second = TabletDouble.enrol("library"), TabletDouble.enrol("hall", offset=700_000)
        receive([first.act("clear", season.an, LIBRARY).token, second.act("hold", season.an, LIBRARY).token, "rubbish"], "direct")
        app = create_app(Config(database_url, key_store.directory))
        app.test_client_class = Client
        client = app.test_client()
        client.sign_in_as(Account.get_by_id(ADMIN).id)
        cookie = {"name": "clearance", "value": client.get_cookie("clearance").value, "url": live_server.url}

    def open_office(path, size=DESKTOP, language="zh-CN", dark=False, **more):
        page = open_page(size, language, dark, base_url=live_server.url, **more)
        page.context.add_cookies([cookie])
        page.goto(path)
        return page

    open_office.season = season
    return open_office


def test_every_page_is_accessible_and_fits_the_screen(office):
    number = office.season.an.number
    paths = ("/overview", "/graduates", f"/graduates/{number}", f"/graduates/{number}/steps/library", f"/graduates/{number}/card",
             "/stations", "/stations/library", "/journals", "/reviews?tab=quarantine")  # fmt: skip
    looks = (
        Look(PHONE, "zh-CN", False, axe=True), Look(DESKTOP, "zh-CN", True, axe=True),
        Look(PHONE, "en", True), Look(TABLET, "en", False),
    )  # fmt: skip
    check_pages(office, paths, looks)


def test_one_press_clears_and_the_page_goes_on_living(office):
    page = office(f"/graduates/{office.season.bai.number}")
    page.click("#step-library form button")
    page.wait_for_selector("#group-done")
    expect(page.locator("#notice .toast")).to_be_visible()
    page.click("#step-library .row-title")
    page.wait_for_selector("h2#decide")


def test_what_a_desk_signs_appears_without_a_reload(office, database_url):
    page = office(f"/graduates/{office.season.cheng.number}")
    hold_time(page)
    page.reload()
    with opened(database_url):
        receive([TabletDouble.enrol("hall", device="dv_late").act("clear", office.season.cheng, LIBRARY).token], "direct")
    pass_time(page, 12)
    expect(page.locator("#step-library .badge-cleared")).to_be_visible()


def test_the_list_filters_in_place_and_keeps_its_address(office):
    page = office("/graduates")
    page.select_option("#class", "会计2001")
    expect(page.locator("#results tbody tr")).to_have_count(21)
    expect(page).to_have_url(re.compile("class="))
    page.fill("#q", "程远")
    page.press("#q", "Enter")
    expect(page.locator("#results tbody tr")).to_have_count(1)


def test_another_language_or_light_keeps_what_a_refused_form_holds(office):
    page = office("/accounts")
    page.click("details.card summary")
    page.fill("#f-id", "no number")
    page.fill("#f-name", "桥本")
    page.click(".accounts-new button")
    expect(page.locator("[role=alert]")).to_be_visible()
    page.wait_for_load_state()  # the switch keeps what was typed once its module is there
    page.click("button[lang=en]")
    expect(page.locator("h1")).to_have_text("Accounts")
    expect(page.locator("#f-name")).to_be_visible()
    expect(page.locator("#f-name")).to_have_value("桥本")
    page.fill("#f-id", "st_bridge")
    page.click("details.menu summary")
    page.click("button[name=theme][value=dark]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#f-id")).to_have_value("st_bridge")
    page.reload()
    expect(page.locator("#f-id")).to_have_value("")


def test_passwords_are_not_kept_and_boxes_are(office):
    page = office("/account")
    page.fill("#f-current", "not to be kept")
    page.click("button[lang=en]")
    expect(page.locator("button[lang=zh-CN]")).to_be_visible()
    page.wait_for_load_state()  # by then everything that is brought back is there
    expect(page.locator("#f-current")).to_have_value("")
    page.goto(f"/graduates/{office.season.bai.number}/steps/library")
    page.check("input[value=hold]")
    page.click("button[lang=zh-CN]")
    expect(page.locator("button[lang=en]")).to_be_visible()
    expect(page.locator("input[value=hold]")).to_be_checked()


def test_a_scanner_types_into_the_focused_field_and_opens_the_graduate(office):
    page = office("/graduates")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(office.season.an.number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/graduates/{office.season.an.number}")


def test_everything_works_without_javascript(office):
    number = office.season.bai.number
    page = office(f"/graduates/{number}", PHONE, java_script_enabled=False)
    page.click("#step-library form button")
    expect(page.locator("#step-library .badge-cleared")).to_be_visible()
    assert page.url.endswith(f"/graduates/{number}")
    page.goto(f"/graduates/{number}/steps/library")
    page.check("input[value=hold]")
    page.fill("#f-words", "another book")
    page.click("section[aria-labelledby=decide] button")
    expect(page.locator("#step-library .badge-held")).to_be_visible()
    page.goto("/stations/library")
    page.click("details.sure summary")
    page.click("details.sure button")
    expect(page.locator(".badge-bad")).to_be_visible()


def test_the_code_comes_to_the_tablet_by_the_picture_and_leaves_the_address(office):
    page = office("/stations/library", TABLET)
    page.click("form[action$='enrol-codes'] button")
    code = page.inner_text(".enrol-code code")
    tablet = office(f"/tablet/#code={code}", TABLET)
    expect(tablet.locator("[data-form=enrol] [name=code]")).to_have_value(code)
    expect(tablet).to_have_url(re.compile("/tablet/$"))
