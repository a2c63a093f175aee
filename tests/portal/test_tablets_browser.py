"""The pages about tablets, the day board, custody, registers and paper in a real browser: accessible, and within the screen."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from db import audit, custody, grants, notices, tablets
from db import season as seasons
from db.accounts import Account
from db.database import now, to_ms
from db.intake import receive
from db.people import ClassGroup, College, Graduate
from db.stations import Device, close_shift
from tests.browser import DESKTOP, PHONE, TABLET
from tests.cast import ADMIN, DIPLOMA, LIBRARY, TabletDouble, make_season
from tests.client import Client
from tests.engines import opened
from tests.looks import Look, check_pages
from web.catalogue import ROOT

pytestmark = pytest.mark.engine("sqlite")


@pytest.fixture
def paths(database_url):
    """A tablet that lacks something, one that closed, one that was written off, and a notice for one station."""
    with opened(database_url):
        season = make_season(more=30)
        gap, whole, lost = (TabletDouble.enrol(station) for station in ("library", "library", "hall"))
        for desk in (gap, whole, lost):
            for graduate in season.everybody:
                desk.act("note", graduate, LIBRARY)
        receive([gap.made[0].token, gap.made[2].token, *whole.tokens, lost.made[0].token], "direct")
        for desk in (gap, whole):
            close_shift(desk.device, "2023-06-26", 3, desk.made[2].hash)
        Device.update(head_seq=3, pending=1, battery=0.1, clock_offset=-65_000, app="1a2b3c", last_contact=now()).where(
            Device.id == gap.device
        ).execute()
        Device.update(name="图书馆一楼大厅总服务台左侧备用平板").where(Device.id == gap.device).execute()
        tablets.move(whole.device, "hall", ADMIN)
        tablets.write_off(lost.device, ADMIN, "掉进湖里，找不回来")
        notices.notify(ADMIN, "午休到一点，请不要离开平板", "Break until one", now() + timedelta(hours=1), station="library")
        custody.move(Account.get_by_id(ADMIN), DIPLOMA, [season.an.class_id], whole.device)
        custody.move(Account.get_by_id(ADMIN), DIPLOMA, [season.an.class_id], None)
        signed = whole.act("collect", season.an, DIPLOMA, station="hall", attachments=["ab" * 32])
        receive([signed.token], "direct")
    pages = f"/tablets/{gap.device}", f"/tablets/{lost.device}", "/day?date=2023-06-26", "/notices"
    things = f"/custody?step={DIPLOMA}", f"/custody/{DIPLOMA}/{season.an.class_id}", f"/register?step={DIPLOMA}"
    paper = "/paper", f"/paper/library/{LIBRARY}/{season.an.class_id}"
    return *pages, "/stations", "/board", "/board/wall", *things, f"/register/{DIPLOMA}/uncollected", *paper


@pytest.fixture
def whole_season(database_url):
    """All stations and colleges of a real plan, work today, and at every station a tablet that needs somebody for every reason."""
    with opened(database_url):
        everybody = make_season(more=5).everybody
        plan = seasons.load_plan((ROOT / "plans" / "2023.toml").read_text(), "2023.toml", ADMIN)
        for graduate, college in zip(everybody, plan.colleges, strict=True):
            graduate.class_group = ClassGroup.create(name=college.code, college=College.create(name=college.name.zh))
            graduate.save()
        desks = [TabletDouble.enrol(station.code, clock=to_ms(now())) for station in plan.stations]
        receive([desks[0].act("clear", everybody[0], plan.stations[0].steps[0]).token], "direct")
        trouble = {"head_seq": 9, "battery": 0.1, "clock_offset": -650_000, "last_contact": now() - timedelta(hours=1)}
        Device.update(name="总服务台左侧的备用平板", **trouble).execute()


@pytest.fixture
def open_as_admin(database_url, live_server, key_store, open_page):
    from portal import create_app
    from portal.config import Config

    with opened(database_url):
        app = create_app(Config(database_url, key_store.directory))
        app.test_client_class = Client
        client = app.test_client().sign_in_as(ADMIN)
        cookie = {"name": "clearance", "value": client.get_cookie("clearance").value, "url": live_server.url}

    def open_as_admin(path, *look):
        page = open_page(*look, base_url=live_server.url)
        page.context.add_cookies([cookie])
        page.goto(path)
        return page

    return open_as_admin


def test_every_page_is_accessible_and_fits_the_screen(paths, open_as_admin):
    looks = Look(PHONE, "zh-CN", False, axe=True), Look(DESKTOP, "zh-CN", False), Look(TABLET, "en", True, axe=True)
    check_pages(open_as_admin, paths, looks)


# The chart as wide as a whole day's, whatever time it is, and how far it then reaches beyond its region.
# At once: the board renews itself.
WHOLE_DAY = """(chart) => {
  chart.setAttribute("width", 1200);
  const [own, region] = [chart, chart.closest(".newest")].map((one) => one.getBoundingClientRect());
  return [own.width, own.right - region.right] }"""


def test_the_hours_of_the_board_begin_with_the_running_one_where_not_all_fit(paths, open_as_admin, database_url):
    with opened(database_url):
        today = TabletDouble.enrol("library", clock=to_ms(now()))
        receive([today.act("clear", Graduate.get(Graduate.name == "安然"), LIBRARY).token], "direct")
    page = open_as_admin("/board", PHONE, "zh-CN", False)
    width, over = page.locator(".newest svg").evaluate(WHOLE_DAY)
    assert width == 1200
    assert over <= 1


def test_the_wall_tells_long_names_whole(paths, open_as_admin):
    page = open_as_admin("/board/wall", DESKTOP, "en", False)
    name = page.locator(".wall-stations tbody th").first
    assert name.evaluate(
        "(cell) => { cell.textContent = 'Diploma desk, Finance and Management'; return cell.scrollWidth <= cell.clientWidth }"
    )


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_wall_fits_its_screen_with_a_whole_season(language, whole_season, open_as_admin):
    page = open_as_admin("/board/wall", DESKTOP, language, False)
    for width, height in (DESKTOP, (1920, 1080), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator(".wall-tablets li")).to_have_count(6)
        root = "document.documentElement"
        assert page.evaluate(f"[{root}.scrollWidth, {root}.scrollHeight]") == [width, height]


def test_a_tablets_id_stands_on_one_line_of_the_day_page(paths, open_as_admin, database_url):
    with opened(database_url):
        TabletDouble.enrol("library", device="dv_0123456789abcdef")
        Device.update(last_contact=now()).execute()
    page = open_as_admin("/day", (660, 1000), "en", False)
    expect(page.locator(".by-device", has_text="dv_0123456789abcdef")).to_be_visible()
    heights = page.locator(".by-device").evaluate_all("(ids) => ids.map((id) => id.offsetHeight)")
    assert max(heights) < 30
    assert page.evaluate("document.documentElement.scrollWidth") == 660


def test_what_was_done_stands_in_lines_not_in_single_signs(paths, open_as_admin, database_url):
    with opened(database_url):
        grants.grant(ADMIN, "auditor", "all", "", ADMIN)
        for number in range(3):
            audit.record(ADMIN, "matrix.viewed", f"officer-student-affairs-{number}", {"graduates": 4883})
    page = open_as_admin("/audit", TABLET, "zh-CN", False)
    assert page.locator("td a[href*='action=']").count() > 3
    lines = "(links) => links.map((link) => link.getClientRects().length)"
    assert max(page.locator("td a[href*='action=']").evaluate_all(lines)) <= 2
