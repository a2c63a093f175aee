"""The tablet app under a host name of its own: each name serves its own part, and nothing of the other."""

import re

import pytest

from db.stations import Device
from tests.cast import ADMIN, key_of
from tests.client import Client, portal
from tests.portal.test_routes import path_of
from web.access import declaration_of

PORTAL, TABLETS = "http://localhost", "http://tablets.example"


@pytest.fixture
def client(season, database_url, tmp_path) -> Client:
    return portal(database_url, tmp_path, url=PORTAL, tablets=TABLETS).sign_in_as(ADMIN)


def at(name, path, client, **options):
    return client.open(path, base_url=name, buffered=True, **options)


@pytest.mark.parametrize("path", [
    "/tablet/", "/tablet/sw.js", "/tablet/manifest.webmanifest", "/tablet/app/main.js", "/tablet/vendor/idb/index.js",
    "/station/v1/openapi.json", "/.well-known/jwks.json", "/healthz",
])  # fmt: skip
def test_the_tablets_name_serves_what_tablets_need_and_sets_no_cookie(client, path):
    answer = at(TABLETS, path, client)
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, [])


def test_the_tablets_name_serves_nothing_of_the_portal(client):
    """Whoever asks: it is refused before anybody looks who that is, else some of these would lead to sign-in."""
    app = client.application
    for rule in app.url_map.iter_rules():
        method = next(iter(rule.methods - {"HEAD", "OPTIONS"}), "HEAD")
        if rule.endpoint.partition(".")[0] in ("shell", "station", "well_known", "health") or rule.endpoint == "home.index":
            assert declaration_of(app.view_functions[rule.endpoint]).kind in ("public", "device", "signed-in")
            continue
        answer = at(TABLETS, path_of(rule), client, method=method)
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (404, []), rule.rule
        assert answer.json["error"]["code"] == "not-found"


@pytest.mark.parametrize("path", ["/no/such/page", "/tablet/app/no.js", "/tablet/vendor/htmx/htmx.min.js", "/tablet/../overview"])
def test_what_the_tablets_name_does_not_have_is_told_without_a_cookie(client, path):
    answer = at(TABLETS, path, client)
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (404, [])


def test_whoever_types_the_tablets_name_gets_the_app(client):
    assert at(TABLETS, "/", client).location == "/tablet/"


@pytest.mark.parametrize("name", [PORTAL, "http://127.0.0.1:8000", "http://other.example", "http://tablets.example.evil.example"])
def test_under_every_other_name_the_tablet_app_is_not_there(client, name):
    assert at(name, "/tablet/", client).location == f"{TABLETS}/tablet/"
    for path in ("/tablet/sw.js", "/tablet/app/main.js", "/tablet/manifest.webmanifest", "/tablet/vendor/idb/index.js"):
        assert at(name, path, client).status_code == 404
    assert at(name, "/sign-in", client).status_code in (200, 303)


@pytest.mark.parametrize("host", ["TABLETS.example", "tablets.example:8443"])
def test_a_name_is_the_same_in_capitals_and_on_any_port(client, host):
    assert client.get("/tablet/", headers={"Host": host}).status_code == 200
    assert client.get("/overview", headers={"Host": host}).status_code == 404


@pytest.mark.parametrize("host", ["[", "", "a b", "\x7f"])
def test_a_name_that_is_none_is_no_fault(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code in (200, 400)


def test_the_app_may_store_and_work_under_its_name_alone(client):
    """The page's policy names no other host, so not even the app could speak to the portal's."""
    page, worker = at(TABLETS, "/tablet/", client), at(TABLETS, "/tablet/sw.js", client)
    assert worker.headers["Service-Worker-Allowed"] == "/tablet"
    policy = page.headers["Content-Security-Policy"]
    assert "connect-src 'self'" in policy
    assert "localhost" not in policy + page.text + worker.text


def test_codes_lead_to_the_tablets_name_and_enrol_there(client):
    made = at(PORTAL, "/stations/library/enrol-codes", client, method="POST", data={"csrf_token": client.token()})
    text = at(PORTAL, made.location, client).text
    assert f'href="{TABLETS}/tablet/"' in text
    assert f"{PORTAL}/tablet" not in text
    code = re.search(r"<code>([A-Z2-9]{4}-[A-Z2-9]{4})</code>", text)[1]
    from db.rules import jws

    body = {"code": code, "name": "Desk 1", "public_key": jws.public_key_to_jwk(key_of("new").public_key())}
    told = at(TABLETS, "/station/v1/enrolments", client, method="POST", json=body)
    assert told.status_code == 201
    headers = {"Authorization": f"Bearer {told.json['token']}"}
    assert at(TABLETS, "/station/v1/snapshot", client, headers=headers).status_code == 200
    assert Device.get_by_id(told.json["device"]).name == "Desk 1"


def test_a_tablet_from_before_the_setting_can_still_send_under_the_portals_name(client):
    assert at(PORTAL, "/station/v1/entries", client, method="POST", json={}).status_code == 401


def test_without_the_setting_one_name_serves_all(season, database_url, tmp_path):
    one = portal(database_url, tmp_path)
    assert [at(PORTAL, path, one).status_code for path in ("/tablet/", "/sign-in")] == [200, 200]
