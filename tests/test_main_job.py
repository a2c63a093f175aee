"""The main job, end to end, with nothing pretended but the person's hand: a card is issued, read by a camera with no network,
signed off, survives a dead battery, reaches the portal, and the graduate sees it.
"""

import io
import re
from datetime import date

import pytest
from PIL import Image
from playwright.sync_api import expect

from db import season as seasons
from db import stations
from db.accounts import Account, add_graduates
from db.activations import issue_activation
from db.cards import Card
from db.clearance import Clearance
from db.ledger import Entry
from db.passwords import make_hash
from db.rules import jws
from db.shifts import Shift
from tests.browser import PHONE, hold_time, pass_time, wait_for
from tests.cast import LIBRARY, plan_text
from tests.network import Network

PASSWORD = "correct-horse-9-battery"
PIN = "2580"
SEEN_WITHIN = 5.0


@pytest.fixture
def season(season):
    """The cast's season, moved as a whole so that today is its clearance day."""
    days = (date.today() - date(2023, 6, 26)).days
    seasons.load_plan(plan_text(), "cast.toml", "admin", days)
    Account.update(password_hash=make_hash(PASSWORD)).where(Account.id == "wang").execute()
    Card.update(expires_at=Card.expires_at + days * 86_400_000).execute()
    return season


@pytest.fixture
def phone(live_server, season, open_page):
    """A graduate's phone, signed in for the first time with the code on the slip."""
    add_graduates([season.an], "admin")
    code = issue_activation(season.an.number, "admin")
    page = open_page(PHONE, base_url=live_server.url)
    page.goto("/activate")
    page.locator("[name=number]").fill(season.an.number)
    page.locator("[name=code]").fill(code)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=again]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url("**/me")
    hold_time(page)  # until it is asked how soon it shows what the portal has: a machine that stands still is not the product's
    page.reload()
    return page


@pytest.fixture
def network(live_server):
    """Between the tablet and the portal; the graduate's phone has another."""
    between = Network(live_server.port)
    yield between
    between.cut()


def enrol(page, network, station="library", name="图书馆 1 号平板"):
    page.goto(f"{network.url}/tablet/")
    page.locator("input[name=code]").fill(stations.issue_code(station, "admin"))
    page.locator("input[name=name]").fill(name)
    page.locator("[data-action=enrol]").click()
    page.locator("[data-operator=wang]:is(button)").click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("[data-action=sign-in]").click()
    page.locator("input[name=pin]").fill(PIN)
    page.locator("input[name=again]").fill(PIN)
    page.locator("[data-action=choose-pin]").click()
    at(page, re.compile("^(scan|verdict)$"))  # the camera may have read a card already


def at(page, screen):
    expect(page.locator("body")).to_have_attribute("data-screen", screen)


def pending(page, count):
    expect(page.locator("body")).to_have_attribute("data-pending", str(count))


def state_of(graduate):
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == LIBRARY).state


def test_a_card_is_read_offline_signed_off_and_reaches_the_graduate(season, phone, live_server, network, chromium_process):
    picture = phone.request.get(f"{live_server.url}/me/card.png")
    assert picture.ok
    card = Image.open(io.BytesIO(picture.body()))
    away = Image.new("RGB", card.size, "white")  # a card counts again only after it was gone for two seconds
    tablet = chromium_process(camera=[card, *[away] * 6])
    page = tablet.start().new_page()
    enrol(page, network)
    wait_for(page, "navigator.serviceWorker.controller !== null")

    network.cut()
    back = page.locator("section.verdict [data-action=back]")
    if back.is_visible():
        back.click()  # what it said while there was a network
    verdict = page.locator("section.verdict")
    expect(verdict).to_have_attribute("data-verdict", "may-clear")
    assert verdict.get_attribute("data-student") == season.an.number
    page.locator("#screen [data-action=confirm]:visible").first.click()
    expect(page.locator("section.done")).to_be_visible()
    pending(page, 1)
    assert Entry.select().count() == 0

    tablet.kill()
    page = tablet.start().new_page()
    page.goto(f"{network.url}/tablet/")
    pending(page, 1)  # the entry is still there, with no network since
    assert state_of(season.an) == "open"
    settled = phone.locator("[data-settled]")
    expect(settled).to_have_attribute("data-settled", "0")

    network.mend()
    pending(page, 0)
    entry = Entry.get()
    assert (entry.student, entry.step, entry.act, entry.outcome) == (season.an.ref, LIBRARY, "clear", "accepted")
    assert (entry.operator, jws.parse(entry.jws).payload["shift"]) == ("wang", Shift.get().id)
    assert state_of(season.an) == "cleared"
    # The phone has lain there all the while, untouched.
    pass_time(phone, SEEN_WITHIN)
    expect(settled).to_have_attribute("data-settled", "1")
