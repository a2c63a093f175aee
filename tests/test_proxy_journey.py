"""Somebody else comes for the diploma, the whole way in browsers: applied for, approved, carried as a link, read by a camera
without a network, signed for on the glass; the register names both, and the graduate gets a message.
"""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from PIL import Image
from playwright.sync_api import expect

from db import custody, proxies
from db.accounts import Account
from db.clearance import Clearance
from db.passwords import make_hash
from db.season import today
from db.signoffs import Act, record_all
from db.stations import Device
from tests.browser import DESKTOP, PHONE, wait_for
from tests.cast import ADMIN, DIPLOMA, DORM, LIBRARY, STATIONS, plan_text
from tests.network import Network
from tests.portal.graduate_case import open_today
from tests.portal.proxy_case import PERSON
from tests.portal.test_graduate_browser import enter
from tests.portal.test_proxy import photo
from tests.portal.test_proxy_post import with_proxies
from tests.test_main_job import PASSWORD, at, enrol, pending

pytestmark = pytest.mark.engine("sqlite")  # PostgreSQL's side of it is shown without a browser

HELD = """import('/tablet/app/store.js').then((store) => store.readMeta('snapshot'))
  .then(({ snapshot }) => snapshot?.custody?.length === 1)"""


@pytest.fixture
def season(season, key_store):
    """The cast's season today: the diploma is signed for, at a desk of its own, and nothing stands before An's any more."""
    plan = plan_text(stations=(*STATIONS, ("diplomas", (DIPLOMA,))))
    signed = plan.replace(f'code = "{DIPLOMA}"', f'code = "{DIPLOMA}"\nsigned = true', 1)
    open_today(season, with_proxies(signed))
    Account.update(password_hash=make_hash(PASSWORD)).where(Account.id == "wang").execute()
    Account.create(id="lin", name="林老师", password_hash=make_hash(PASSWORD))
    record_all(key_store.entry_key, ADMIN, [Act(season.an.ref, step, "clear", saw=()) for step in (LIBRARY, DORM)], "hand")
    return season


@pytest.fixture
def network(live_server):
    """Between the tablet and the portal."""
    between = Network(live_server.port)
    yield between
    between.cut()


def press(page):
    page.locator("main form .button-primary").last.click()


def apply(phone):
    """An applies, part by part, and sends it."""
    phone.goto("/me/proxy")
    phone.locator("form:has([name=kind][value=proxy]) button").click()
    phone.locator("[name=reason][value=away]").check()
    press(phone)
    for name, value in PERSON.items():
        phone.locator(f"[name={name}]").fill(value)
    press(phone)
    phone.locator(f"[name=steps][value={DIPLOMA}]").check()
    phone.locator("[name=from_day]").fill(today().isoformat())
    phone.locator("[name=until_day]").fill((today() + timedelta(3)).isoformat())
    press(phone)
    letter = phone.request.get(phone.locator("a[href$='letter.pdf']").get_attribute("href"))
    assert letter.body()[:5] == b"%PDF-"
    press(phone)
    for slot in ("letter", "own-id", "proxy-id"):
        place = phone.locator(f"#{slot}")
        place.locator("input[type=file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": photo()})
        place.locator("button").click()
        expect(place.locator("h3")).to_contain_text("已上传")
    phone.locator("[name=pictures]").check()
    press(phone)
    expect(phone.locator("main")).to_contain_text("待辅导员审核")


def approve(desk, season):
    """Lin looks at all three pictures, larger and turned, ticks what was checked, approves."""
    desk.goto("/sign-in?next=/proxies")
    desk.locator("[name=number]").fill("lin")
    desk.locator("[name=password]").fill(PASSWORD)
    press(desk)
    desk.get_by_role("link", name=season.an.name).click()
    pictures = desk.locator(".paper img")
    expect(pictures).to_have_count(3)
    assert all(image.evaluate("(one) => one.decode().then(() => one.naturalWidth > 0)") for image in pictures.all())
    for paper in desk.locator(".paper").all():
        paper.locator("[data-larger]").click()
        paper.locator("[data-turn]").click()
        expect(paper.locator("img")).to_have_attribute("style", re.compile(r"width: 150%;.*rotate\(90deg\)"))
    for box in desk.locator("[name=checks]").all():
        box.check()
    desk.locator("[name=act][value=approve]").check()
    press(desk)
    desk.wait_for_url("**/proxies")


def card_of(phone, proxy):
    """An makes a link; the proxy opens it on a phone of the own and saves the code."""
    phone.goto("/me/proxy")
    phone.locator("form[action$='/links'] button").click()
    proxy.goto(phone.locator("#f-message").input_value().split()[-1])
    proxy.locator("main form button").click()
    proxy.wait_for_url("**/proxy-card/*")
    expect(proxy.locator("main svg")).to_be_visible()
    return Image.open(io.BytesIO(proxy.request.get(proxy.url + "/card.png").body()))


def sign(page):
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    for across, down in ((90, 100), (150, 30), (220, 90)):
        page.mouse.move(box["x"] + across, box["y"] + down, steps=4)
    page.mouse.up()


def test_a_proxy_collects_the_diploma_without_a_network_and_everybody_is_told(
    season, live_server, network, open_page, chromium_process
):
    phone = enter(open_page(PHONE, base_url=live_server.url), season.an)
    desk = open_page(DESKTOP, base_url=live_server.url)
    apply(phone)
    approve(desk, season)
    card = card_of(phone, open_page(PHONE, base_url=live_server.url))

    away = Image.new("RGB", card.size, "white")  # a card counts again only after it was gone for two seconds
    tablet = chromium_process(camera=[card, *[away] * 6]).start().new_page()
    enrol(tablet, network, "diplomas", "证书台")
    wait_for(tablet, "navigator.serviceWorker.controller !== null")
    custody.move(Account.get_by_id(ADMIN), DIPLOMA, [season.an.class_id], Device.get().id)
    wait_for(tablet, HELD)
    network.cut()
    back = tablet.locator("section.verdict [data-action=back]")
    if back.is_visible():
        back.click()  # what it said while there was a network
    verdict = tablet.locator("section.verdict")
    expect(verdict).to_have_attribute("data-verdict", "may-collect")
    expect(verdict).to_contain_text(season.an.name)
    expect(verdict).to_contain_text(PERSON["name"])
    expect(verdict).to_contain_text(PERSON["id_number"][-4:])
    tablet.locator("#screen [data-action=compare]:visible").click()
    tablet.locator("#screen [data-action=confirm]:visible").click()
    at(tablet, "sign")
    sign(tablet)
    tablet.locator("#screen [data-action=confirm]:visible").click()
    expect(tablet.locator("section.done")).to_be_visible()
    pending(tablet, 1)
    network.mend()
    pending(tablet, 0)
    assert Clearance.get(Clearance.graduate == season.an.id, Clearance.step == DIPLOMA).state == "collected"

    book = desk.request.get(f"/register/{DIPLOMA}/classes/{season.an.class_id}.xlsx")
    rows = openpyxl.load_workbook(io.BytesIO(book.body())).active.iter_rows(values_only=True)
    row = next(row for row in rows if season.an.number in row)
    assert season.an.name in row
    assert any(PERSON["name"] in str(cell) for cell in row)
    phone.goto("/me/messages")
    expect(phone.locator("main")).to_contain_text(f"受托人：{PERSON['name']}")
    assert proxies.latest(season.an.id).state == "approved"
