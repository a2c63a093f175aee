"""Two real tablets before the real portal, each with custody of one class: one thing is not handed out twice unnoticed."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from db import custody, stations
from db.accounts import Account
from db.passwords import make_hash
from tests.browser import DESKTOP, TABLET
from tests.cast import ADMIN, CARD, make_season, plan_text
from tests.client import Client
from tests.engines import opened
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import PASSWORD, FakePortal
from tests.tablet.test_sync import expect_soon

pytestmark = pytest.mark.engine("sqlite")
PLAN = plan_text().replace('code = "campus-card"\n', 'code = "campus-card"\nsigned = true\n')
STATION = "cards"

# What no screen offers: a hand-over written into the journal by somebody who takes the app apart.
FORCED = """async ([student, step, station]) => {
  const { attachmentOf } = await import("/tablet/app/attachments.js")
  const { record } = await import("/tablet/app/journal.js")
  const { state } = await import("/tablet/app/state.js")
  const { entriesWait } = await import("/tablet/app/sync.js")
  const canvas = Object.assign(document.createElement("canvas"), { width: 300, height: 100 })
  canvas.getContext("2d").fillRect(20, 40, 200, 8)
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"))
  await record({
    act: "collect", operator: state.operator.id, shift: state.operator.shift, station, student, step, saw: [],
    card: { gen: null, via: "typed" }, attachments: [await attachmentOf(blob)],
  }, { before: null, offset: 0, cursor: null })
  await entriesWait()
}"""


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("COLLECT_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def sign(tablet: Tablet) -> Tablet:
    box = tablet.at("sign").page.locator("canvas").bounding_box()
    assert box
    tablet.page.mouse.move(box["x"] + 40, box["y"] + 60)
    tablet.page.mouse.down()
    for across, down in ((120, 140), (200, 40), (260, 150), (340, 60), (420, 120)):
        tablet.page.mouse.move(box["x"] + across, box["y"] + down, steps=4)
    tablet.page.mouse.up()
    return tablet


@pytest.fixture
def desks(database_url, live_server, key_store, open_page: Callable[..., Page]):
    """Left has An's class, right has Bai's; at each somebody is on shift."""
    from portal import create_app
    from portal.config import Config

    with opened(database_url):
        season = make_season(plan=PLAN)
        for staff, name in (("wang", "王老师"), ("li", "李老师")):
            Account.update(name=name, password_hash=make_hash(PASSWORD)).where(Account.id == staff).execute()
        codes = [stations.issue_code(STATION, ADMIN) for _ in range(2)]
        app = create_app(Config(database_url, key_store.directory))
        app.test_client_class = Client
        client = app.test_client().sign_in_as(ADMIN)
        cookie = {"name": "clearance", "value": client.get_cookie("clearance").value, "url": live_server.url}
    tablets = []
    for name, code, staff in zip(("左台", "右台"), codes, ("wang", "li"), strict=True):
        tablet = Tablet(open_page(TABLET), FakePortal(0), live_server.url).open()
        tablet.page.locator("input[name=code]").fill(code)
        tablet.page.locator("input[name=name]").fill(name)
        tablets.append(tablet.press("enrol").at("operator").work_as(staff))
    with opened(database_url):
        for name, graduate in (("左台", season.an), ("右台", season.bai)):
            device = stations.Device.get(stations.Device.name == name).id
            custody.move(Account.get_by_id(ADMIN), CARD, [graduate.class_id], device)
    review = open_page(DESKTOP, base_url=live_server.url)
    review.context.add_cookies([cookie])
    return season, *tablets, review


def has_custody(tablet: Tablet) -> None:
    held = "async () => (await (await import('/tablet/app/store.js')).readMeta('snapshot')).snapshot?.custody?.length"
    expect_soon(lambda: tablet.page.evaluate(held) == 1)


def test_one_thing_is_handed_out_once_and_a_forced_second_time_names_both_with_their_signatures(desks) -> None:
    season, left, right, review = desks
    has_custody(left)
    has_custody(right)
    left.ready_for_offline().offline()
    left.type_number(season.an.number).verdict("may-collect").press("compare").at("compare")
    shot(left.page, "compare")
    left.press("confirm")
    shot(sign(left).page, "sign")
    left.press("confirm").at("done")
    right.type_number(season.an.number).verdict("custody-elsewhere")
    expect(right.page.locator(".verdict-line")).to_contain_text("左台")
    expect(right.page.locator("[data-action=compare]")).to_have_count(0)
    shot(right.page, "elsewhere")
    right.page.evaluate(FORCED, [season.an.ref, CARD, STATION])
    right.state("online", 0)
    left.offline(False).state("online", 0)
    for tablet in (left, right):
        expect(tablet.page.locator("body")).to_have_attribute("data-pending", "0")
        waiting = "async () => (await import('/tablet/app/attachments.js')).countPictures()"
        expect_soon(lambda tablet=tablet, waiting=waiting: tablet.page.evaluate(waiting) == 0)
    review.goto(f"/reviews/steps/{season.an.number}/{CARD}")
    sides = review.locator("article.side")
    expect(sides).to_have_count(2)
    for operator, tablet in (("王老师", "左台"), ("李老师", "右台")):
        side = sides.filter(has_text=tablet)
        expect(side).to_contain_text(operator)
        assert side.locator("img.attached").evaluate("(picture) => picture.decode().then(() => picture.naturalWidth > 0)")
    shot(review, "review")
