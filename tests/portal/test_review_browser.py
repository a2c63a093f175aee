"""The reviewer's pages in a real browser: accessible, within the screen, and working without JavaScript."""

import pytest

from db.clearance import Clearance
from db.intake import receive
from db.ledger import Quarantined
from db.stations import revoke
from tests.browser import DESKTOP, PHONE, TABLET
from tests.cast import ADMIN, CARD, LIBRARY, TabletDouble, make_season
from tests.client import Client
from tests.engines import opened
from tests.looks import Look, check_pages

pytestmark = pytest.mark.engine("sqlite")



@pytest.fixture
def reviews(database_url, live_server, key_store, open_page):
    """Pages of a running portal with every kind of thing to review, opened by the administrator."""
    from portal import create_app
    from portal.config import Config

    with opened(database_url):
        season = make_season()
        desk, lost = TabletDouble.enrol("library"), TabletDouble.enrol("library")
        hall = TabletDouble.enrol("hall", offset=1_500_000)
        held = hall.act("hold", season.an, LIBRARY, reason="借书两册未还，三楼阅览室", amount=3550)
        first = desk.act("clear", season.an, LIBRARY)
        late = desk.act("clear", season.bai, LIBRARY)
        again = hall.act("note", season.an, LIBRARY, id=held.id)
        twice = [TabletDouble.enrol(station).act("collect", season.an, CARD) for station in ("cards", "hall")]
        receive([one.token for one in (held, first, late, again, *twice)] + ["rubbish"], "direct")
        revoke(lost.device, ADMIN)
        stray = lost.act("clear", season.cheng, LIBRARY)
        receive([stray.token], "journal")
        token = Quarantined.get(Quarantined.code == "id-reused").token_hash
        app = create_app(Config(database_url, key_store.directory))
        app.test_client_class = Client
        client = app.test_client()
        client.sign_in_as(ADMIN)
        cookie = {"name": "clearance", "value": client.get_cookie("clearance").value, "url": live_server.url}

    def open_reviews(path, size=DESKTOP, language="zh-CN", dark=False, **more):
        page = open_page(size, language, dark, base_url=live_server.url, **more)
        page.context.add_cookies([cookie])
        page.goto(path)
        return page

    number = season.an.number
    open_reviews.season = season
    open_reviews.paths = (
        "/reviews", "/reviews?tab=findings", "/reviews?tab=quarantine", f"/reviews/steps/{number}/{LIBRARY}",
        f"/reviews/steps/{number}/{CARD}", f"/reviews/entries/{stray.hash}", f"/reviews/tokens/{token}",
    )  # fmt: skip
    return open_reviews


def test_every_page_is_accessible_and_fits_the_screen(reviews):
    looks = Look(PHONE, "zh-CN", False, axe=True), Look(DESKTOP, "zh-CN", True), Look(TABLET, "en", True, axe=True)
    check_pages(reviews, reviews.paths, looks)


def test_a_conflict_is_settled_without_javascript(reviews, database_url):
    page = reviews(reviews.paths[3], java_script_enabled=False)
    page.check("input[value=clear]")
    page.fill("textarea[name=words]", "已还")
    page.click("#settle ~ form button")
    page.wait_for_selector("#notice .note-good")
    with opened(database_url):
        row = Clearance.get(Clearance.graduate == reviews.season.an.id, Clearance.step == LIBRARY)
        assert (row.state, row.conflict) == ("cleared", None)
