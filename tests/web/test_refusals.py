"""One handler: a program, a fragment and a page each get the refusal in their own form."""

import re

import pytest

from web import sentences

JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}
ENGLISH = {"Accept-Language": "en"}


def test_a_program_gets_a_code_and_a_sentence(client):
    answer = client.get("/sample/refusals/changed", headers={**JSON, **ENGLISH})
    assert answer.status_code == 409
    assert answer.json == {"error": {
        "code": "heads-changed", "message": "Somebody else changed this meanwhile; nothing was changed by you."}}


def test_the_station_protocol_speaks_json_whatever_it_accepts(client):
    answer = client.get("/station/v1/nothing", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not-found")


def test_htmx_gets_a_notice_that_leaves_the_page_as_it_is(client):
    answer = client.get("/sample/refusals/changed", headers={**HTMX, **ENGLISH})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#notice")
    assert "Somebody else changed this" in answer.text
    assert "<html" not in answer.text


def test_a_person_gets_a_page_that_says_what_to_do_next(client):
    answer = client.get("/sample/refusals/missing", headers=ENGLISH)
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text
    assert "Check the address" in answer.text
    assert 'href="/"' in answer.text


def test_a_refusal_is_told_in_chinese_unless_english_is_wanted(client):
    assert "这个地址没有内容" in client.get("/nowhere").text


def test_all_wrong_fields_are_told_at_once(client):
    answer = client.get("/sample/refusals/invalid", headers={**JSON, **ENGLISH})
    assert answer.status_code == 422
    assert answer.json["error"]["fields"] == {
        "name": "Your account may not open this page.", "day": "Only until 6/26.", "x": "as said"}


def test_too_many_says_how_long_to_wait(client):
    answer = client.get("/sample/refusals/often")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "42")


BROKEN = ("http://[x", "https://[x", "https://localhost:x/", "https://localhost:99999999/", "//[", "http://℀/")


@pytest.mark.parametrize("address", BROKEN)
def test_a_header_that_is_no_address_leads_nowhere(client, address):
    address = address.encode().decode("latin-1")
    for answer in (
        client.post("/sample/office", headers={"Referer": address}),
        client.get("/sample/office", headers={**HTMX, "HX-Current-URL": address}),
    ):
        assert (answer.status_code, answer.headers.get("HX-Redirect", answer.location)) in ((303, "/sign-in"), (401, "/sign-in"))


@pytest.mark.parametrize("address", BROKEN)
def test_a_form_sent_over_https_from_no_address_is_refused(app, client, address, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    page, site = client.get("/sign-in", base_url="https://localhost").text, {"base_url": "https://localhost"}
    fields = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1]}
    assert client.post("/sign-in", data=fields, headers={"Referer": address.encode().decode("latin-1")}, **site).status_code == 400
    assert client.post("/sign-in", data=fields, headers={"Referer": "https://localhost/sign-in"}, **site).status_code == 422


@pytest.mark.parametrize("headers", [{}, HTMX, JSON], ids=["page", "fragment", "program"])
def test_a_fault_is_told_with_a_reference_and_without_its_cause(app, client, headers, caplog):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/sample/refusals/fault", headers=headers)
    assert answer.status_code == 500
    assert "RuntimeError" not in answer.text
    reference = caplog.text.split("was told to the user as ")[1].split()[0]
    assert reference in answer.text


def test_a_fault_is_told_even_when_the_database_is_gone(app, client, monkeypatch):
    def broken():
        raise RuntimeError("no database")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(app.extensions["access"], "roles_of", broken)
    assert client.get("/sample/office").status_code == 500
    assert client.get("/sample/office", headers=HTMX).status_code == 500


def test_the_wrong_method_keeps_its_allow_header(client):
    answer = client.post("/sample/gallery", headers=JSON)
    assert (answer.status_code, answer.json["error"]["code"]) == (405, "method-not-allowed")
    assert "GET" in answer.headers["Allow"]


def test_a_form_without_its_token_is_refused_and_changes_nothing(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/language", data={"language": "en"}, headers=JSON)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "form-expired")
    assert "Set-Cookie" not in answer.headers or "language=" not in answer.headers["Set-Cookie"]


def test_an_upload_over_the_limit_is_refused(app, client):
    app.config["MAX_CONTENT_LENGTH"] = 10
    answer = client.post("/sample/form", data={"name": "x" * 100}, headers=JSON)
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too-large")


def test_a_sentence_lacking_a_param_is_still_told(app):
    with app.test_request_context(headers=ENGLISH):
        assert sentences.fill("until %(day)s, %(time)s", {"day": "Friday"}) == "until Friday, "


def test_a_code_has_one_sentence():
    with pytest.raises(ValueError, match="heads-changed"):
        sentences.add({"heads-changed": ("a", "b")})


def test_whoever_asks_for_what_takes_forms_only_is_led_to_the_page_above(client):
    answer = client.get("/sample/gallery/forms/1/endings")
    assert (answer.status_code, answer.location) == (303, "/sample/gallery")
    assert client.get("/sample/gallery/forms/1/endings", headers=JSON).status_code == 405
    assert client.get("/sample/gallery/forms/1/endings", headers=HTMX).status_code == 405


def test_where_there_is_no_page_above_it_is_told_with_a_way_on(client):
    answer = client.get("/language", headers=ENGLISH)
    assert answer.status_code == 405
    assert "only takes what a form sends" in answer.text
    assert 'href="/"' in answer.text


@pytest.mark.parametrize(("sent_from", "back"), [
    ("http://localhost/sample/gallery?a=1", "/sample/gallery?a=1"), ("http://elsewhere/sample/gallery", "/sample/gallery"),
    ("http://localhost/sample/gallery/forms/2/endings", "/sample/gallery"), ("", "/sample/gallery"),
])  # fmt: skip
def test_the_answer_to_a_form_leads_back_to_the_page_of_the_form(client, sent_from, back):
    text = client.post("/sample/gallery/forms/1/endings", headers={"Referer": sent_from}).text
    assert f'name="next" value="{back}"' in text
