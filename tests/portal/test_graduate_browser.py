"""A graduate's phone: the page follows the desks, and the card is there without a network, for its owner alone."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from db import help as requests
from db import messages
from db.accounts import Account
from db.activations import issue_activation
from db.cards import reissue, revoke
from db.intake import receive
from db.people import ClassGroup, College, Graduate
from tests.browser import DESKTOP, PHONE, TABLET, hold_time, pass_time, wait_for
from tests.cast import ADMIN, DIPLOMA, LIBRARY, STEPS, TabletDouble, plan_text
from tests.looks import Look, check_pages, small_targets, wear
from tests.portal.graduate_case import open_today
from tests.portal.readers import zxing

pytest_plugins = ["tests.portal.graduate_fixtures"]

PASSWORD = "correct-horse-9-battery"
SEEN_WITHIN = 5.0
PAGES = (
    "/me", "/me/steps", f"/me/steps/{LIBRARY}", "/me/flow", "/me/card", "/me/card/picture", "/me/card/reissues/new", "/me/messages",
    "/me/help",
)  # fmt: skip
KEPT = "caches.match('/me/card', { cacheName: 'card' }).then(async (kept) => (kept ? await kept.text() : null))"
ACTIVE = "navigator.serviceWorker.getRegistration('/me/card').then((found) => found?.active?.state === 'activated')"
SHOWN_IS_KEPT = f"{KEPT}.then((kept) => kept?.includes(document.querySelector('#as-of time').dateTime))"
GONE = "caches.has('card').then((kept) => !kept)"


def enter(page: Page, graduate: Graduate) -> Page:
    """Sign in for the first time with the code on the slip."""
    page.goto("/activate")
    page.locator("[name=number]").fill(graduate.number)
    page.locator("[name=code]").fill(issue_activation(graduate.number, ADMIN))
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=again]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url("**/me")
    return page


@pytest.fixture
def phone(live_server, today, open_page) -> Page:
    """An's phone."""
    return enter(open_page(PHONE, base_url=live_server.url), today.an)


def wait_until_kept(page: Page, whose: str = "") -> None:
    wait_for(page, KEPT, lambda kept: kept is not None and whose in kept)
    wait_for(page, ACTIVE)


def code_on(page: Page) -> list[str]:
    return zxing(Image.open(io.BytesIO(page.screenshot())))


def test_a_sign_off_at_a_desk_shows_within_5_seconds(phone, today):
    desk = TabletDouble.enrol("library")
    hold_time(phone)
    phone.reload()
    expect(phone.locator("[data-settled]")).to_have_attribute("data-settled", "0")
    receive([desk.act("clear", today.an, LIBRARY).token], "direct")
    pass_time(phone, SEEN_WITHIN)
    expect(phone.locator("[data-settled]")).to_have_attribute("data-settled", "1")
    expect(phone.locator("#clearance-said")).to_contain_text("1 / 5")


@pytest.mark.engine("sqlite")
def test_home_says_when_it_could_not_be_renewed(phone, live_server):
    hold_time(phone)
    phone.reload()
    stale = phone.locator("#clearance .stale")
    expect(stale).to_be_hidden()
    live_server.stop()
    pass_time(phone, 40)
    expect(stale).to_be_visible()
    live_server.start()
    pass_time(phone, 60)
    expect(stale).to_be_hidden()


@pytest.mark.engine("sqlite")
def test_a_page_left_open_shows_nothing_of_who_signs_in_beside_it(phone, live_server, today, open_page):
    beside = enter(open_page(PHONE, base_url=live_server.url), today.bai)
    hold_time(phone)
    phone.reload()
    phone.context.add_cookies(beside.context.cookies())  # in one moment: the page shall meet nobody's session in between
    pass_time(phone, SEEN_WITHIN)
    expect(phone.locator("#pass-name")).to_have_text(today.bai.name)


@pytest.mark.engine("sqlite")
def test_the_code_on_the_screen_can_be_read_in_the_dark_theme_too(live_server, today, open_page):
    page = enter(open_page(dark=True, base_url=live_server.url), today.an)
    page.goto("/me/card")
    for size in (PHONE, TABLET, DESKTOP):
        wear(page, Look(size, "zh-CN", dark=True))
        assert len(code_on(page)) == 1, size
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_button_to_the_card_is_one_line_on_a_phone(live_server, today, open_page, language):
    page = enter(open_page(language=language, base_url=live_server.url), today.an)
    page.goto("/me")
    box = page.locator(".pass-who a.button").bounding_box()
    assert box is not None
    assert box["height"] <= 48


@pytest.mark.engine("sqlite")
def test_the_card_is_there_without_a_network_and_says_of_when_it_is(phone, live_server):
    phone.goto("/me/card")
    wait_until_kept(phone)
    wait_for(phone, SHOWN_IS_KEPT)  # and not only the one that home has kept
    expect(phone.locator("#offline")).to_be_hidden()
    saved = phone.locator("#as-of time").get_attribute("datetime")
    live_server.stop()
    phone.context.set_offline(True)
    again = phone.context.new_page()
    again.goto("/me/card")
    expect(again.locator("#offline")).to_be_visible()
    assert len(code_on(again)) == 1
    assert again.evaluate("getComputedStyle(document.body).textAlign") == "center"  # its stylesheet is there too
    assert again.locator("#as-of time").get_attribute("datetime") >= saved
    live_server.start()
    phone.context.set_offline(False)
    expect(again.locator("#offline")).to_be_hidden()


@pytest.mark.engine("sqlite")
def test_home_alone_is_enough_to_have_the_card_later(phone, live_server):
    wait_until_kept(phone)
    live_server.stop()
    phone.goto("/me/card")
    expect(phone.locator("#offline")).to_be_visible()
    assert len(code_on(phone)) == 1


@pytest.mark.engine("sqlite")
def test_home_shows_the_card_where_there_is_no_network_and_itself_again_where_there_is(phone, live_server, today):
    wait_until_kept(phone)
    live_server.stop()
    phone.goto("/me")
    expect(phone.locator("#offline")).to_be_visible()
    assert len(code_on(phone)) == 1
    live_server.start()
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    phone.locator(".screen-ways a").first.click()
    expect(phone.locator("#pass-name")).to_have_text(today.an.name)


@pytest.mark.engine("sqlite")
def test_a_network_that_never_answers_is_as_good_as_none(phone, live_server):
    wait_until_kept(phone)
    live_server.freeze()
    phone.goto("/me/card")
    assert len(code_on(phone)) == 1
    live_server.thaw()


@pytest.mark.engine("sqlite")
def test_a_replaced_card_shows_by_itself_and_a_revoked_one_is_kept_as_revoked(phone, live_server, today):
    phone.goto("/me/card")
    wait_until_kept(phone)
    before = code_on(phone)
    reissue(today.an.id, ADMIN, "lost")
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.locator("#card")).to_have_attribute("data-card-gen", "2")
    assert code_on(phone) not in ([], before)
    revoke(today.an.id, ADMIN, "found")
    phone.reload()
    expect(phone.locator("#card")).to_contain_text("这张离校卡已作废")
    wait_until_kept(phone, "这张离校卡已作废")
    live_server.stop()
    phone.reload()
    expect(phone.locator("#card")).to_contain_text("这张离校卡已作废")
    assert code_on(phone) == []


@pytest.mark.engine("sqlite")
def test_signing_out_leaves_no_card_behind(phone):
    wait_until_kept(phone)
    phone.locator("details.menu summary").click()
    phone.locator("form[action='/sign-out'] button").click()
    phone.wait_for_url("**/sign-in*")  # home may ask for news once more on the way: then it knows where to go back to
    wait_for(phone, GONE)


@pytest.mark.engine("sqlite")
def test_the_next_person_on_the_same_phone_never_sees_the_card_before(phone, live_server, today):
    wait_until_kept(phone)
    phone.goto("about:blank")  # home would go to sign in by itself
    phone.context.clear_cookies()  # a session that ended without anybody signing out
    enter(phone, today.bai)
    wait_until_kept(phone, today.bai.name)
    live_server.stop()
    phone.goto("/me/card")
    expect(phone.locator("#card")).to_contain_text(today.bai.name)


@pytest.mark.engine("sqlite")
def test_a_session_that_was_ended_elsewhere_takes_the_card_along(phone, today):
    phone.goto("/me/card")
    wait_until_kept(phone)
    Account.update(session_version=Account.session_version + 1).execute()
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    phone.wait_for_url("**/sign-in?**")
    wait_for(phone, GONE)


@pytest.mark.engine("sqlite")
def test_a_browser_without_service_workers_is_led_to_the_picture(live_server, today, open_page):
    page = open_page(PHONE, base_url=live_server.url)
    page.add_init_script("delete Navigator.prototype.serviceWorker")
    enter(page, today.an)
    page.goto("/me/card")
    page.locator("#not-kept a").click()
    page.wait_for_url("**/me/card/picture")
    picture = page.locator("img.picture")
    expect(picture).to_be_visible()
    wait_for(page, "document.querySelector('img.picture').naturalWidth === 1080")


UNABLE = {
    "no worker": "ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException('', 'SecurityError'))",
    "no room": "Cache.prototype.put = () => Promise.reject(new DOMException('', 'QuotaExceededError'))",
    "no store": "CacheStorage.prototype.open = () => Promise.reject(new DOMException('', 'SecurityError'))",
}


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("unable", UNABLE.values(), ids=UNABLE)
def test_a_browser_that_turns_out_to_keep_nothing_says_so_and_does_not_take_it_for_the_network(
    live_server, today, open_page, unable
):
    page = open_page(PHONE, base_url=live_server.url)
    page.add_init_script(unable)
    enter(page, today.an)
    page.goto("/me/card")
    expect(page.locator("#not-kept")).to_be_visible()
    expect(page.locator("#offline")).to_be_hidden()
    reissue(today.an.id, ADMIN, "lost")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#card")).to_have_attribute("data-card-gen", "2")


@pytest.mark.engine("sqlite")
def test_a_network_that_stops_answering_is_told_while_the_card_is_open(phone, live_server):
    hold_time(phone)
    phone.goto("/me/card")
    wait_until_kept(phone)
    wait_for(phone, SHOWN_IS_KEPT)
    live_server.freeze()
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    pass_time(phone, 10, patience=0)
    expect(phone.locator("#offline")).to_be_visible()
    live_server.thaw()
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.locator("#offline")).to_be_hidden()


@pytest.mark.engine("sqlite")
def test_a_lost_card_is_replaced_in_two_steps_and_the_new_one_shown(live_server, today, open_page):
    page = enter(open_page(base_url=live_server.url, service_workers="block"), today.an)  # it stands in for a portal that is slow
    page.locator("a[href='/me/card/reissues/new']").click()
    page.locator("main form button").click()
    page.wait_for_url("**/me/card")
    expect(page.locator("#notice")).to_contain_text("这是您的新卡")
    expect(page.locator("#card")).to_have_attribute("data-card-gen", "2")
    assert len(code_on(page)) == 1


@pytest.fixture
def overfull(season) -> Graduate:
    """A name of 12 characters, long college and class, 30 steps that wait for one another."""
    steps = (*STEPS, *((f"extra-{n}", "desk", "all", (LIBRARY,)) for n in range(25)))
    open_today(season, plan_text(steps, (("hall", tuple(step[0] for step in steps if step[1] != "list")),)))
    name = "阿卜杜拉·买买提·尤努斯"
    Graduate.update(name=name).where(Graduate.id == season.an.id).execute()
    group = Graduate.get_by_id(season.an.id).class_group
    ClassGroup.update(name="2020级现代文秘与智能会计信息化管理（中外合作办学）12班").where(ClassGroup.id == group.id).execute()
    College.update(name="出版传媒与文化创意产业（国际合作）学院").where(College.id == group.college_id).execute()
    requests.ask(season.an, season.an.number, "求" * 80, "w" * 300, LIBRARY, timedelta(hours=1))
    messages.send(season.an.id, "proxy.return", "k", {"kind": "proxy", "words": "w" * 300})
    return season.an


@pytest.mark.engine("sqlite")
def test_every_page_holds_what_is_too_much_and_is_free_of_barriers(live_server, overfull, open_page):
    cookies = enter(open_page(base_url=live_server.url), overfull).context.cookies()

    def open_signed_in(path, *look):
        page = open_page(*look, base_url=live_server.url)
        page.context.add_cookies(cookies)
        page.goto(path)
        return page

    looks = Look(PHONE, "zh-CN", False, axe=True), Look(DESKTOP, "zh-CN", True), Look(PHONE, "en", True, axe=True)
    check_pages(open_signed_in, PAGES, looks)


@pytest.mark.engine("sqlite")
def test_text_twice_as_large_fits(live_server, overfull, open_page):
    page = enter(open_page(base_url=live_server.url), overfull)
    for language in ("zh", "en"):
        page.context.add_cookies([{"name": "language", "value": language, "url": live_server.url}])
        for path in (*PAGES, "/plan", "/account", "/nothing"):
            page.goto(path)
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, language)
            assert page.evaluate("document.querySelector('.skip')?.getBoundingClientRect().bottom ?? 0") <= 0, (path, language)


@pytest.mark.engine("sqlite")
def test_a_thumb_hits_every_link_and_button(phone):
    paths = "/account", "/plan", f"/me/steps/{DIPLOMA}", "/me/help/1", "/me/steps/nothing", "/account/password", "/accounts"
    for path in (*PAGES, *paths):
        phone.goto(path)
        assert small_targets(phone) == [], path
    phone.goto("/me/help")
    phone.locator("main form .button-primary").click()
    phone.wait_for_selector("[role=alert] li a")
    assert small_targets(phone) == [], "what is wrong with a form"
    phone.context.clear_cookies()
    for path in ("/sign-in", "/activate"):
        phone.goto(path)
        assert small_targets(phone) == [], path


@pytest.mark.engine("sqlite")
def test_the_keyboard_reaches_the_card_and_the_next_step(phone):
    reached = []
    hold_time(phone)  # what renews itself takes the focus along
    phone.reload()
    for _ in range(25):
        phone.keyboard.press("Tab")
        reached.append(phone.evaluate("document.activeElement.getAttribute('href')"))
    assert "/me/card" in reached
    assert f"/me/steps/{LIBRARY}" in reached
