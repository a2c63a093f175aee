"""Deny by default, and the way to sign-in and back."""

import pytest

from tests.web.sample import sign_in
from web.access import may_reach, roles, safe_next, undeclared

HTMX = {"HX-Request": "true"}


def test_a_view_that_declares_nothing_is_closed_to_everybody(app, client):
    sign_in(app, "admin")
    assert client.get("/sample/forgotten").status_code == 403
    assert undeclared(app) == ["sample.forgotten"]


def test_a_public_view_is_open_to_visitors(client):
    assert client.get("/sample/open").text == "open"


def test_a_visitor_is_led_to_sign_in_and_back(client):
    answer = client.get("/sample/office?tab=2")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=%2Fsample%2Foffice%3Ftab%3D2")


def test_a_visitor_behind_htmx_is_led_back_to_the_page_not_to_the_fragment(client):
    answer = client.get("/sample/office", headers={**HTMX, "HX-Current-URL": "http://localhost/sample/anybody"})
    assert answer.headers["HX-Redirect"] == "/sign-in?next=%2Fsample%2Fanybody"


def test_a_visitors_post_leads_back_to_the_page_with_the_form(client):
    answer = client.post("/sample/office", headers={"Referer": "http://localhost/sample/anybody"})
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=%2Fsample%2Fanybody")
    assert client.post("/sample/office", headers={"Referer": "http://elsewhere.example/x"}).location == "/sign-in"


def test_a_visiting_program_is_told_401(client):
    answer = client.get("/sample/office", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "sign-in-needed")


def test_a_role_opens_its_views_and_no_others(app, client):
    sign_in(app, "officer")
    assert client.get("/sample/office").text == "office"
    sign_in(app, "graduate", "auditor")
    assert client.get("/sample/office").status_code == 403
    assert client.get("/sample/anybody").text == "anybody"


def test_signed_in_without_any_role_is_still_signed_in(app, client):
    sign_in(app)
    assert client.get("/sample/anybody").text == "anybody"
    assert client.get("/sample/office").status_code == 403


def test_a_device_needs_no_session_and_no_form_token(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/sample/device").text == "device"


def test_static_files_are_open(client):
    with client.get("/static/app.css") as answer:
        assert answer.status_code == 200


def test_a_name_that_is_no_role_is_an_error_at_import():
    with pytest.raises(ValueError, match="boss"):
        roles("boss")
    with pytest.raises(ValueError, match="nothing"):
        roles()


def test_may_reach_says_which_links_lead_somewhere(app):
    with app.test_request_context("/"):
        assert may_reach("sample.open_view")
        assert not may_reach("sample.anybody")
        assert not may_reach("sample.forgotten")
        assert not may_reach("nobody.there")
        sign_in(app, "admin")
        assert may_reach("sample.office")
        assert not may_reach("sample.change")


@pytest.mark.parametrize("target", [
    None, "", "https://evil.example/", "//evil.example/", "/\\evil.example", "/\tevil", "javascript:alert(1)", "evil",
    "/a\r\nSet-Cookie: x=1", "\\\\evil.example", "/%0d", "/ok?next=//fine",
])
def test_the_way_back_stays_on_this_site(target):
    back = safe_next(target)
    assert back.startswith("/")
    assert not back.startswith(("//", "/\\"))
    assert all(sign.isprintable() for sign in back)


def test_the_way_back_keeps_its_query():
    assert safe_next("/graduates?class=A1&page=2") == "/graduates?class=A1&page=2"
