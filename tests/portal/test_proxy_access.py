"""Every route about proxies, with real ids: nobody but those it concerns gets a picture, a word or a card, or changes a thing."""

import io

import pytest

from db import grants, proxy_links, proxy_pictures, stations
from db.audit import AuditEvent
from db.covers import Cover
from db.database import writing
from db.pictures import Picture
from db.proxies import ProxyApplication, ProxyEvent
from db.proxy_links import ProxyLink
from db.rules.proxy import SLOTS
from db.vault import Vault
from tests.cast import ADMIN, OPERATOR, SUPERVISOR
from tests.kiosk.conftest import enrolment
from tests.portal.proxy_case import PERSON, SECRETS, approved
from tests.portal.test_pictures import jpeg
from tests.portal.test_proxy_post import OTHER, house  # noqa: F401 - a fixture

pytestmark = pytest.mark.engine("sqlite")

SIGN_IN = "/sign-in"
FILE = {"file": (b"x", "x.png")}
DECISION = {"act": "reject", "words": "x", "seen": 2}
REVOCATION = {"words": "x", "seen": 2}
COVER = {"cover": "lin", "from_day": "2020-01-01", "until_day": "2020-01-01"}

# Endpoint: path and, for POST, its fields. THEIR_OWN answer people about themselves; every other one refuses everybody.
ROUTES = {
    "proxy.show": ("/me/proxy", None),
    "proxy.create": ("/me/proxy", {"kind": "nothing"}),
    "proxy.part": ("/me/proxy/person", None),
    "proxy.look": ("/me/proxy/{id}/withdrawals", None),
    "proxy.show_link": ("/me/proxy/{id}/links", None),
    "proxy.save": ("/me/proxy/person", {"application": "{id}", **PERSON}),
    "proxy.withdraw": ("/me/proxy/{id}/withdrawals", {}),
    "proxy.card": ("/me/proxy/{id}/card.png", None),
    "proxy.card_pdf": ("/me/proxy/{id}/card.pdf", None),
    "proxy.make_link": ("/me/proxy/{id}/links", {}),
    "proxy.letter": ("/me/proxy/{id}/letter.pdf", None),
    "proxy.upload": ("/me/proxy/{id}/pictures/letter", FILE),
    "proxy.picture": ("/me/proxy/{id}/pictures/own-id", None),
    "proxy_card.link": ("/proxy-card/links/{code}", None),
    "proxy_card.open_link": ("/proxy-card/links/{code}", {}),
    "proxy_card.index": ("/proxy-card", None),
    "proxy_card.show": ("/proxy-card/{link}", None),
    "proxy_card.png": ("/proxy-card/{link}/card.png", None),
    "proxy_card.pdf": ("/proxy-card/{link}/card.pdf", None),
    "proxy_desk.index": ("/proxies", None),
    "proxy_desk.show": ("/proxies/{id}", None),
    "proxy_desk.picture": ("/proxies/{id}/pictures/proxy-id", None),
    "proxy_desk.decide": ("/proxies/{id}/decisions", DECISION),
    "proxy_desk.revoke": ("/proxies/{id}/revocations", REVOCATION),
    "proxy_desk.post": ("/proxies/{id}/parcels", {"tracking": "EE123456789CN"}),
    "proxy_desk.look": ("/proxies/covers", None),
    "proxy_desk.create_cover": ("/proxies/covers", COVER),
    "proxy_desk.end_cover": ("/proxies/covers/1/ends", {}),
    "proxy_approvals.index": ("/approvals", None),
    "proxy_approvals.show": ("/approvals/{id}", None),
    "proxy_approvals.revoke": ("/approvals/{id}/revocations", {**REVOCATION, "seen": 1}),  # of an older page
}
LED_BACK = {"proxy.part": "/me/proxy", "proxy.look": "/me/proxy", "proxy.show_link": "/me/proxy", "proxy_desk.look": "/proxies"}
"""They lead whoever has no such draft, or asks for an answer again, to their own page, where nothing of it stands."""
THEIR_OWN = {"proxy.show", "proxy_card.link", "proxy_desk.index", "proxy_desk.create_cover"}
ADMINS = {"proxy_approvals.index", "proxy_approvals.show"}
"""What an administrator may see; it names no secret either."""

CALLERS = (OTHER, "another graduate", OPERATOR, SUPERVISOR, "officer", "dean", "boss", "auditor", ADMIN, "a tablet", "a visitor")


@pytest.fixture
def one(house, season):  # noqa: F811
    """An's approved proxy with three pictures."""
    config = house.application.extensions["config"]
    found = approved(season.an)
    for slot in SLOTS:
        name = Vault(config.pictures, config.picture_keys).put(jpeg())
        with writing():
            proxy_pictures.replace(season.an, found.id, slot, name, season.an.number)
    grants.grant("officer", "officer", "step", "library", ADMIN)
    return ProxyApplication.get_by_id(found.id)


def test_every_route_about_proxies_stands_in_the_table(house):  # noqa: F811
    endpoints = {rule.endpoint for rule in house.application.url_map.iter_rules() if rule.endpoint.startswith("proxy")}
    assert endpoints == ROUTES.keys()


def test_nobody_else_gets_anything_by_any_route(house, one, season):  # noqa: F811
    code = proxy_links.make(season.an, one.id, season.an.number)
    ids = {"id": one.id, "code": code, "link": proxy_links.open_with(code, "the proxy's browser").id}
    before = standing(one)
    for caller in CALLERS:
        headers = as_caller(house, caller, season)
        for endpoint, (path, fields) in ROUTES.items():
            where = path.format(**ids)
            answer = ask(house, where, fields, ids, headers)
            about = f"{caller} {'GET' if fields is None else 'POST'} {where}: {answer.status}"
            may = endpoint in THEIR_OWN or (caller == ADMIN and endpoint in ADMINS)
            refused = answer.status_code in (403, 404, 409) or (answer.location or "").startswith(SIGN_IN)
            refused = refused or (endpoint in LED_BACK and answer.location == LED_BACK[endpoint])
            assert refused or (may and answer.status_code in (200, 422)), about
            assert answer.mimetype == "text/html", about
            named = caller == ADMIN and endpoint in ADMINS
            secrets = (*SECRETS, PERSON["own_phone"], *(() if named else (season.an.name,)))
            assert not any(secret in answer.text for secret in secrets), about
    assert standing(one) == before
    assert not AuditEvent.select().where(AuditEvent.action == "picture.viewed").exists()


def test_those_it_concerns_get_it_by_the_same_routes(house, one, season):  # noqa: F811
    for who, path in ((season.an.number, "/me/proxy/{}/pictures/own-id"), ("lin", "/proxies/{}/pictures/proxy-id")):
        assert house.sign_in_as(who).get(path.format(one.id)).mimetype == "image/jpeg"
    for name, kind in (("letter.pdf", "application/pdf"), ("card.pdf", "application/pdf"), ("card.png", "image/png")):
        assert house.sign_in_as(season.an.number).get(f"/me/proxy/{one.id}/{name}").mimetype == kind
    assert PERSON["id_number"] in house.sign_in_as("lin").get(f"/proxies/{one.id}").text


def test_an_administrator_revokes_with_a_reason_and_tablets_are_told(house, one, season):  # noqa: F811
    house.sign_in_as(ADMIN)
    assert season.an.name in house.get("/approvals").text
    assert house.get("/approvals", query_string={"q": season.bai.name}).text.count("/approvals/") == 0
    assert house.send(f"/approvals/{one.id}/revocations", seen=2, words="").status_code == 422
    change = ProxyApplication.get_by_id(one.id).graduate.change
    for _again in range(2):
        assert house.send(f"/approvals/{one.id}/revocations", seen=2, words="证件存疑").status_code == 303
    row = ProxyApplication.get_by_id(one.id)
    assert (row.state, row.version) == ("revoked", 3)
    assert row.graduate.change > change
    assert "证件存疑" in house.get(f"/approvals/{one.id}").text
    assert AuditEvent.select().where(AuditEvent.action == "proxy.revoke", AuditEvent.actor == ADMIN).count() == 1
    assert "证件存疑" in house.sign_in_as(season.an.number).get("/me/proxy").text
    assert house.get(f"/me/proxy/{one.id}/card.png").status_code == 409


def as_caller(client, caller, season):
    """Become this caller; the headers that go with it."""
    with client.session_transaction() as session:
        session.clear()
    if caller == "a tablet":
        asked = enrolment(stations.issue_code("library", ADMIN))
        token = client.post("/station/v1/enrolments", json=asked).json["token"]
        return {"Authorization": f"Bearer {token}"}
    if caller != "a visitor":
        client.sign_in_as(season.bai.number if caller == "another graduate" else caller)
    return {}


def ask(client, path, fields, ids, headers):
    if fields is None:
        return client.get(path, headers=headers)
    typed = {name: value.format(**ids) if isinstance(value, str) else value for name, value in fields.items()}
    files = {name: (io.BytesIO(value[0]), value[1]) for name, value in typed.items() if isinstance(value, tuple)}
    return client.post(path, data={"csrf_token": client.token(), **typed, **files}, headers=headers)


def standing(one):
    """All that could have changed."""
    row = ProxyApplication.get_by_id(one.id)
    counts = [model.select().count() for model in (ProxyApplication, ProxyEvent, ProxyLink, Cover, Picture)]
    return row.__data__, counts, [picture.visible for picture in Picture.select()], ProxyLink.select().where(
        ProxyLink.opened_at.is_null(False)
    ).count()
