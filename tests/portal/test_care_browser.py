"""Pages about people who need somebody, and of those who run the season, in a real browser: accessible, and within the screen."""

from functools import partial

import pytest

from db import grants, proxies
from db import season as seasons
from db.accounts import Account, add_graduates
from db.database import lock, writing
from db.help import HelpRequest
from db.rules.proxy import COUNSELOR
from tests.browser import DESKTOP, PHONE, TABLET
from tests.cast import ADMIN, STEPS, make_season, plan_text
from tests.client import Client
from tests.engines import opened
from tests.looks import Look, check_pages
from tests.portal.graduate_case import open_today
from tests.portal.proxy_case import submitted
from tests.portal.test_proxy_post import with_proxies

pytestmark = pytest.mark.engine("sqlite")

LOOKS = (
    Look(PHONE, "zh-CN", False, axe=True), Look(DESKTOP, "zh-CN", False), Look(PHONE, "en", True), Look(TABLET, "en", True),
    Look(DESKTOP, "en", True, axe=True),
)  # fmt: skip
LONG = "阿卜杜热合曼·买买提艾力·努尔麦麦提江"


@pytest.fixture
def house(database_url, live_server, key_store, open_page):
    """A running portal with an application that waits and one that was approved, a request for help, and people with long names."""
    from portal import create_app
    from portal.config import Config

    with opened(database_url):
        season = open_today(make_season(more=40), with_proxies(plan_text()))
        for staff, name in (("lin", LONG), ("dean", "dean老师")):
            Account.create(id=staff, name=name)
        grants.grant("dean", "college", "college", "护理学院", ADMIN)
        type(season.an).update(name=LONG).where(type(season.an).id == season.an.id).execute()
        waiting, one = submitted(season.an), submitted(season.bai)
        with writing():
            lock("change")
            proxies.act(one, "approve", COUNSELOR, "lin")
        add_graduates(season.everybody, ADMIN)
        app = create_app(Config(database_url, key_store.directory))
        app.test_client_class = Client
        app.test_client().sign_in_as(season.an.number).send("/me/help", topic="A lost book", step="library", text=LONG * 4)
        cookies = {}
        for who in (ADMIN, "lin", "dean", season.an.number, season.bai.number):
            client = app.test_client()
            client.sign_in_as(who)
            cookies[who] = {"name": "clearance", "value": client.get_cookie("clearance").value, "url": live_server.url}
        asked = HelpRequest.get().id

    def read(who, path, size, language, dark):
        page = open_page(size, language, dark, base_url=live_server.url)
        page.context.add_cookies([cookies[who]] if who else [])
        page.goto(path)
        return page

    read.season, read.waiting, read.asked = season, waiting.id, asked
    return read


def test_a_counselors_and_a_colleges_pages(house):
    number = house.season.an.number
    own = ("/class-desk", "/class-desk?need=help", f"/graduates/{number}", "/proxies", f"/proxies/{house.waiting}", "/help",
           f"/help/{house.asked}", "/reminders/new", f"/reminders/new?number={number}", "/sent", "/forms")  # fmt: skip
    check_pages(partial(house, "lin"), own, LOOKS)
    check_pages(partial(house, "dean"), ("/class-desk/counselors", "/proxies"), LOOKS)


# Where the letters of an element end and the next begins, whatever boxes they stand in.
LETTERS = """(row) => {
  const of = (one) => { const all = document.createRange(); all.selectNodeContents(one); return all.getBoundingClientRect() };
  return [of(row.querySelector("a")).bottom, of(row.querySelector("small")).top] }"""
OUTSIDE = """(cells) => cells.filter((cell) => {
  const [own, text] = [cell, cell.firstElementChild].map((one) => one.getBoundingClientRect());
  return text.left < own.left - 1 || text.right > own.right + 1 }).map((cell) => cell.innerText)"""


@pytest.mark.parametrize("path", ["/class-desk", "/graduates?class=护理2001"])
def test_a_long_name_lies_over_no_number(house, path):
    page = house("lin", path, PHONE, "zh-CN", False)
    bottom, top = page.locator("tr", has_text=LONG).evaluate(LETTERS)
    assert bottom <= top + 1


def test_a_matrix_of_many_steps_with_long_names_lies_on_its_sheet(house, database_url):
    more = [(f"confirmation-of-the-forwarding-address-{n}", "list", "all", ()) for n in range(25)]
    with opened(database_url):
        seasons.load_plan(plan_text((*STEPS, *more)), "many.toml", ADMIN)
    page = house("lin", "/class-desk", (1047, 718), "en", False)  # A4 lying, within its margins
    assert page.locator("thead .m-step").evaluate_all(OUTSIDE) == []
    page.emulate_media(media="print")
    assert page.locator("thead .m-step").count() == 30
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.locator("thead .m-step").evaluate_all(OUTSIDE) == []


def test_pages_of_graduates_who_cannot_come(house):
    for one in (house.season.an, house.season.bai):
        check_pages(partial(house, one.number), ("/me", "/me/proxy", "/me/help", "/me/messages", "/account"), LOOKS)


def test_an_administrators_pages(house):
    paths = ("/accounts", "/accounts/lin", "/audit", "/lists", "/roster", "/plan", "/approvals", "/notices", "/custody", "/paper",
             "/register", "/board", "/day", "/classes")  # fmt: skip
    check_pages(partial(house, ADMIN), paths, LOOKS)


def test_pages_before_one_is_signed_in(house):
    check_pages(partial(house, None), ("/sign-in", "/activate"), LOOKS)
