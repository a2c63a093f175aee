"""The frame of every page: where `/` leads, whose places are shown, and whether dates are moved."""

import peewee
import pytest
from flask_babel import lazy_gettext as _l

from db import season
from portal import frame, navigation
from portal.navigation import Place
from tests.web.sample import sign_in
from web.catalogue import ROOT


class Broken:
    """A database that has gone away."""

    def execute_sql(self, _sql: str) -> None:
        raise peewee.OperationalError

    def close(self) -> None:
        """Closing what is broken works."""


HOME = Place("plan.show", _l("Plan"), "flow")


@pytest.fixture
def places(monkeypatch):
    monkeypatch.setattr(navigation, "PLACES", (Place("sample.office", "office", "list"), HOME, Place("no.such", "x", "x")))


def test_the_start_page_leads_to_the_first_place_one_may_reach(app, client, places):
    sign_in(app, "officer")
    assert client.get("/").location == "/sample/office"
    sign_in(app, "graduate")
    assert client.get("/").location == "/plan"


def test_who_has_no_place_is_told_whom_to_ask(app, client, monkeypatch):
    monkeypatch.setattr(navigation, "PLACES", ())
    sign_in(app)
    answer = client.get("/", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert "Ask the administrator" in answer.text


def test_only_places_one_may_reach_are_shown(app, client, places):
    sign_in(app, "officer")
    assert 'href="/sample/office"' in client.get("/sample/gallery").text
    sign_in(app, "graduate")
    assert 'href="/sample/office"' not in client.get("/sample/gallery").text


def test_a_visitor_sees_no_places(client, places):
    assert "<nav class=\"places" not in client.get("/sample/gallery").text


@pytest.mark.parametrize(("days", "said"), [(3, "整体推后 3 天"), (-1, "整体提前 1 天"), (0, None)])
def test_every_page_says_when_dates_are_moved(app, client, days, said):
    season.load_plan((ROOT / "plans" / "2023.toml").read_text(), "2023.toml", "st_1", shifted_days=days)
    page = client.get("/sample/gallery").text
    assert ("演示" in page) is bool(said)
    assert said is None or said in page


def test_the_switches_lead_back_to_the_page_but_never_into_a_fragment(app):
    with app.test_request_context("/plan?x=1"):
        assert frame.here() == "/plan?x=1"
    with app.test_request_context("/plan", headers={"HX-Request": "true"}):
        assert frame.here() == "/"
    with app.test_request_context("/accounts/x/grants", method="POST"):
        assert frame.here() == "/accounts/x"
    with app.test_request_context("/language", method="POST"):
        assert frame.here() == "/"


def test_the_portal_answers_the_machine_that_watches_it(client, monkeypatch):
    assert client.get("/healthz").json == {"status": "ok"}
    monkeypatch.setattr("portal.health.database", Broken())
    assert client.get("/healthz", headers={"Accept": "application/json"}).status_code == 503
