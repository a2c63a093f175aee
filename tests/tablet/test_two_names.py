"""The tablet app under a name of its own, before the real portal: it works there, and nothing of the portal's reaches it."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Page, Request

from db import season as seasons
from db.accounts import Account
from db.clearance import Clearance
from db.database import now, to_ms
from db.passwords import make_hash
from db.rules.card import sign_card
from tests.browser import DESKTOP
from tests.cast import ADMIN, LIBRARY, make_season, plan_text
from tests.client import Client
from tests.engines import opened
from tests.live import LiveServer
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import PASSWORD, FakePortal

pytestmark = pytest.mark.engine("sqlite")
STORED = "async () => (await indexedDB.databases()).map(({ name }) => name)"


@pytest.fixture
def names(database_url: str, key_store, tmp_path) -> Iterator[tuple[str, str]]:
    """Where the portal and where the tablets are: one server with two names."""
    server = LiveServer(tmp_path, {"CLEARANCE_DATABASE": database_url, "CLEARANCE_KEYS": str(key_store.directory)})
    server.with_names(CLEARANCE_URL="localhost", CLEARANCE_TABLET_URL="127.0.0.1")
    server.start()
    yield f"http://localhost:{server.port}", f"http://127.0.0.1:{server.port}"
    server.stop()


def test_the_app_works_under_its_own_name_and_shares_nothing_with_the_portal(
    database_url: str, key_store, names, open_page: Callable[..., Page]
) -> None:
    from portal import create_app
    from portal.config import Config

    portal, tablets = names
    with opened(database_url):
        season = make_season()
        seasons.load_plan(plan_text(), "cast.toml", ADMIN, (date.today() - date(2023, 6, 26)).days)
        Account.update(password_hash=make_hash(PASSWORD)).where(Account.id == "wang").execute()
        app = create_app(Config(database_url, key_store.directory))
        app.test_client_class = Client
        cookie = {"name": "clearance", "value": app.test_client().sign_in_as(ADMIN).get_cookie("clearance").value, "url": portal}

    # One browser for both, as on the machine of an administrator who tries a tablet out.
    office = open_page(DESKTOP, base_url=portal)
    office.context.add_cookies([cookie])
    asked: list[Request] = []
    office.context.on("request", lambda request: asked.append(request))
    office.goto("/stations/library")
    office.click("form[action$='enrol-codes'] button")
    link = office.locator("a[href*='/tablet/']").first.get_attribute("href") or ""
    code = office.inner_text(".enrol-code code")
    assert link == f"{tablets}/tablet/"
    desk = office.context.new_page()
    desk.goto(f"{link}#code={code}")
    tablet = Tablet(desk, FakePortal(0), tablets)
    desk.locator("input[name=name]").fill("左台")
    tablet.press("enrol").at("operator").work_as("wang").ready_for_offline().offline()
    tablet.scan(sign_card(key_store.card_key, season.an.ref, 1, to_ms(now()) // 1000 + 999)).verdict("may-clear")
    tablet.press("confirm").at("done").state("offline", 1).offline(False).state("online", 0)
    with opened(database_url):
        assert Clearance.get(Clearance.graduate == season.an.id, Clearance.step == LIBRARY).state == "cleared"

    to_tablets = [request for request in asked if request.url.startswith(tablets)]
    assert {"enrolments", "snapshot", "entries"} <= {request.url.rpartition("/")[2] for request in to_tablets}
    assert [request.url for request in to_tablets if "cookie" in request.all_headers()] == []
    assert office.context.cookies(tablets) == []
    assert desk.evaluate(STORED)
    assert office.evaluate(STORED) == []
    assert office.goto("/tablet/").url == f"{tablets}/tablet/"
    answer = desk.goto(f"{tablets}/overview")
    assert (answer.status, "not-found" in answer.text()) == (404, True)
