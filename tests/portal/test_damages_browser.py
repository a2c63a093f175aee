"""The damages page in a real browser: accessible and within the screen, with a house full of them."""

from functools import partial

import pytest

from db import season as seasons
from db.accounts import Account, add_graduates
from db.intake import receive
from db.people import Graduate
from tests.browser import DESKTOP, PHONE
from tests.cast import ADMIN, DORM, TabletDouble, make_season, plan_text
from tests.client import Client
from tests.engines import opened
from tests.kiosk.test_reading import with_rounds
from tests.looks import Look, check_pages
from tests.portal.test_damages import PHOTO, share

pytestmark = pytest.mark.engine("sqlite")


@pytest.fixture
def signed_in(database_url, live_server, key_store, open_page):
    """A page of a running portal as somebody reads it."""
    from portal import create_app
    from portal.config import Config

    with opened(database_url):
        season = make_season(more=40, plan=with_rounds(plan_text()))
        seasons.current()
        Graduate.update(flags="resident", building="3栋", room="502").execute()
        add_graduates(season.everybody, ADMIN)
        tablet = TabletDouble.enrol("dorm")
        for place, one in enumerate(season.everybody):
            words = "阳台推拉门的玻璃和轨道都已变形" if place % 3 == 0 else ""
            told = share(3251, 2, "" if words else "chair", words, f"{3 + place // 30}栋 {500 + place // 4}")
            photos = [PHOTO] * (place % 3)
            tablet.act("hold", one, DORM, card=None, reason="damage: 椅子", amount=3251, round=told, attachments=photos)
        receive(tablet.tokens, "direct")
        app = create_app(Config(database_url, key_store.directory))
        app.test_client_class = Client
        cookies = {}
        for who in (ADMIN, season.an.number):
            client = app.test_client()
            client.sign_in_as(Account.get_by_id(who).id)
            cookies[who] = {"name": "clearance", "value": client.get_cookie("clearance").value, "url": live_server.url}

    def read(who, path, size, language, dark):
        page = open_page(size, language, dark, base_url=live_server.url)
        page.context.add_cookies([cookies[who]])
        page.goto(path)
        return page

    read.graduate = season.an.number
    return read


def test_damages_are_readable_on_a_phone_and_a_desk(signed_in):
    looks = Look(PHONE, "zh-CN", True, axe=True), Look(DESKTOP, "en", False, axe=True)
    for who, path in ((ADMIN, "/damages"), (signed_in.graduate, "/me/steps/dorm")):
        check_pages(partial(signed_in, who), [path], looks)
