"""A change answers htmx with the fragment and a plain form with a redirect; a polled fragment is cheap and can end."""

from tests.web.sample import sign_in

HTMX = {"HX-Request": "true"}


def test_a_plain_form_is_led_on_and_finds_the_notice_there(app, client):
    sign_in(app, "officer")
    answer = client.post("/sample/office")
    assert (answer.status_code, answer.location) == (303, "/sample/open")
    assert "<p>done</p>" in client.get("/sample/gallery").text


def test_htmx_gets_the_fragment_with_the_notice_beside_it(app, client):
    sign_in(app, "officer")
    answer = client.post("/sample/office", headers=HTMX)
    assert answer.status_code == 200
    assert '<section id="part"><p>count 7</p></section>' in answer.text
    assert 'hx-swap-oob="innerHTML:#notice"' in answer.text
    assert "HX-Request" in answer.headers["Vary"]


def test_a_boosted_form_is_a_plain_form(app, client):
    sign_in(app, "officer")
    assert client.post("/sample/office", headers={**HTMX, "HX-Boosted": "true"}).status_code == 303


def test_an_unchanged_fragment_is_a_304(client):
    first = client.get("/sample/live/5", headers=HTMX)
    assert first.status_code == 200
    again = client.get("/sample/live/5", headers={**HTMX, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/sample/live/4", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
