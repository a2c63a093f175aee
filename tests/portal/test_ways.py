"""Whoever is refused is told what happened and led on: back where they were, to the form with what was typed, or to try again."""

import re
import time

import pytest

from db import help as requests
from db.help import HelpRequest
from db.refusals import TooMany, Unavailable
from portal import help as help_pages
from tests.cast import LIBRARY
from tests.portal.test_proxy_interrupted import at, sign_out

pytest_plugins = ["tests.portal.graduate_fixtures"]
pytestmark = pytest.mark.engine("sqlite")

TOPIC = "图书已还"
ASKED = {"topic": TOPIC, "step": LIBRARY, "text": "书上个月还了，名单上还有。"}


def ways(answer):
    """Where the refusal's page leads, in order."""
    part = answer.text.partition('<p class="ways">')[2].partition("</p>")[0]
    return re.findall(r'href="([^"]+)"', part)


def typed(page):
    """What stands in the form for help: topic, step and text."""
    topic = re.search(r'name="topic"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="topic"', page)
    return (topic[1] or topic[2], f'<option value="{LIBRARY}" selected' in page, re.search(r"<textarea[^>]*>([^<]*)", page)[1])


WHOLE = (ASKED["topic"], True, ASKED["text"])


@pytest.mark.parametrize(("path", "status", "led"), [
    ("/me/steps/nothing", 404, ["/me/steps", "/"]),
    ("/me/nothing/at/all", 404, ["/me", "/"]),
    ("/me/help/999", 404, ["/me/help", "/"]),
    ("/nothing", 404, ["/"]),
    ("/accounts", 403, ["/"]),
    ("/accounts/s_desk", 403, ["/"]),
])  # fmt: skip
def test_an_address_that_leads_nowhere_leads_to_the_nearest_page_above_that_one_may_open(me, path, status, led):
    answer = me.get(path)
    assert (answer.status_code, ways(answer)) == (status, led)


@pytest.mark.parametrize(("path", "page"), [("/account/password", "/account"), ("/me/card/reissues", "/me/card")])
def test_an_address_that_only_takes_a_form_leads_to_the_page_of_the_form(me, path, page):
    answer = me.get(path)
    assert (answer.status_code, answer.location) == (303, page)


@pytest.mark.parametrize(("before", "led"), [
    ("/me/messages?x=1", ["/me/messages?x=1", "/"]),
    ("/me/steps/nothing", ["/me/steps", "/"]),  # itself: it would be refused again
    ("/sign-in?next=/me", ["/me/steps", "/"]),
    ("/account/password", ["/me/steps", "/"]),  # answers no GET
])  # fmt: skip
def test_it_leads_back_to_the_page_before(me, before, led):
    assert ways(me.get("/me/steps/nothing", headers=at(before))) == led


def test_a_page_of_another_site_is_no_page_before(me):
    assert ways(me.get("/me/steps/nothing", headers={"Referer": "https://elsewhere.example/me/messages"})) == ["/me/steps", "/"]


def test_whoever_may_not_open_a_page_can_sign_in_with_another_account_and_is_led_there(me, today):
    page = me.get("/accounts?q=1").text
    fields = dict(re.findall(r'type="hidden" name="(next|csrf_token)" value="([^"]+)"', page.partition("refusal")[2]))
    answer = me.post("/sign-out", data=fields)
    assert answer.location == "/sign-in?next=/accounts?q%3D1"
    assert me.send("/sign-out").location.startswith("/sign-in"), "nobody is signed in any more"


def test_signing_out_leads_to_no_other_site(me):
    assert me.send("/sign-out", next="https://elsewhere.example/").location == "/sign-in"


def test_a_form_that_lay_open_while_somebody_signed_in_beside_it_is_not_lost(me, today):
    me.get("/me/help")
    answer = me.post("/me/help", data={"csrf_token": "of-the-session-before", "whose": today.an.ref, **ASKED})
    assert (answer.status_code, ways(answer)) == (400, ["/me/help", "/"])
    assert "您填写的内容还在" in answer.text
    back = me.get("/me/help").text
    assert "尚未保存" in back
    assert typed(back) == WHOLE
    assert HelpRequest.select().count() == 0
    assert typed(me.get("/me/help").text)[0] == "", "it comes back once"


def test_a_stale_form_for_a_password_keeps_nothing_and_leads_back(me):
    answer = me.post("/account/password", data={"csrf_token": "old", "current": "secret"}, headers=at("/account"))
    assert (answer.status_code, ways(answer)) == (400, ["/account", "/"])
    assert me.get_cookie("clearance-form") is None


def test_a_stale_form_for_signing_in_leads_back_to_signing_in(me):
    sign_out(me)
    for headers in (at("/sign-in?next=/me/steps"), {}):
        led = ways(me.post("/sign-in", data={"csrf_token": "old", "number": "1"}, headers=headers))
        assert led == ["/sign-in?next=/me/steps" if headers else "/sign-in", "/"]


def test_a_request_for_help_comes_back_after_the_session_ended_even_where_a_browser_does_not_say_from_which_page(me, today):
    me.get("/me/help")
    sign_out(me)
    lost = me.send("/me/help", whose=today.an.ref, **ASKED)
    assert lost.location == "/sign-in?next=%2Fme%2Fhelp"
    assert "填写的内容还在" in me.get(lost.location).text
    assert typed(me.sign_in_as(today.an.number).get("/me/help").text) == WHOLE


def test_the_longest_text_comes_back_whole(me, today):
    longest = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(requests.LONGEST))
    sign_out(me)
    me.send("/me/help", whose=today.an.ref, **{**ASKED, "text": longest})
    assert typed(me.sign_in_as(today.an.number).get("/me/help").text)[2] == longest
    sign_out(me)
    me.send("/me/help", whose=today.an.ref, **{**ASKED, "text": longest})
    me.send("/me/help", whose=today.an.ref, **ASKED)
    assert typed(me.sign_in_as(today.an.number).get("/me/help").text) == WHOLE, "nothing is left of a longer one before"


def test_what_is_too_long_to_keep_is_not_said_to_be_there(me, today):
    too_long = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(2 * requests.LONGEST))
    answer = me.post("/me/help", data={"csrf_token": "old", "whose": today.an.ref, **ASKED, "text": too_long})
    assert "您填写的内容还在" not in answer.text
    assert "过长" in me.get("/me/help").text


def test_it_comes_back_to_nobody_else(me, today):
    sign_out(me)
    me.send("/me/help", whose=today.an.ref, **ASKED)
    assert TOPIC not in me.sign_in_as(today.bai.number).get("/me/help").text


def test_what_another_site_made_the_browser_send_comes_back_to_nobody(me):
    sign_out(me)
    for origin in ("https://elsewhere.example", "null"):
        me.send("/me/help", headers={"Origin": origin}, **ASKED)
        assert me.get_cookie("clearance-form") is None
    me.send("/me/help", headers={"Origin": "http://localhost"}, **ASKED)
    assert me.get_cookie("clearance-form") is not None


def test_what_was_taken_at_the_second_try_does_not_come_back(me, today):
    me.post("/me/help", data={"csrf_token": "old", "whose": today.an.ref, **ASKED})
    assert me.send("/me/help", whose=today.an.ref, **ASKED).status_code == 303, "by the browser's own way back"
    assert typed(me.get("/me/help").text)[0] == ""


def test_words_for_a_request_that_was_changed_meanwhile_come_back_beside_what_was_said(me, today):
    me.send("/me/help", **ASKED)
    one = HelpRequest.get()
    me.send(f"/me/help/{one.id}/words", seen=1, text="Written in the other tab")
    answer = me.send(f"/me/help/{one.id}/words", seen=1, whose=today.an.ref, text="Only here")
    assert (answer.status_code, ways(answer)) == (409, [f"/me/help/{one.id}", "/"])
    back = me.get(f"/me/help/{one.id}").text
    assert 'name="seen" value="2"' in back
    assert "Only here" in back
    assert typed_more(me.get("/me/help").text) == ""


def typed_more(page):
    return re.search(r"<textarea[^>]*>([^<]*)", page)[1]


@pytest.mark.parametrize("refused", [RuntimeError("a fault"), Unavailable("read-only"), TooMany(retry_after=60)])
def test_what_could_not_be_taken_just_now_is_not_lost(me, today, monkeypatch, refused):
    def fail(*_):
        raise refused

    me.application.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(help_pages.requests, "ask", fail)
    answer = me.send("/me/help", whose=today.an.ref, **ASKED)
    assert answer.status_code in (429, 500, 503)
    assert ways(answer) == ["/me/help", "/"]
    assert "您填写的内容还在" in answer.text
    assert typed(me.get("/me/help").text) == WHOLE


def test_a_page_that_could_not_be_made_just_now_can_be_asked_for_again(me, monkeypatch):
    def fail(*_):
        raise RuntimeError("a fault")

    me.application.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(help_pages.requests, "of", fail)
    answer = me.get("/me/help?step=library", headers=at("/me"))
    assert (answer.status_code, ways(answer)) == (500, ["/me/help?step=library", "/me", "/"])


def test_too_large_a_file_leads_back_to_its_form(me):
    me.application.config["MAX_CONTENT_LENGTH"] = 1000
    answer = me.post("/me/help", data={"text": "x" * 2000})
    assert (answer.status_code, ways(answer)) == (413, ["/me/help", "/"])
    assert "您填写的内容还在" not in answer.text


def test_a_fragment_is_told_in_its_place(me):
    answer = me.post("/me/help", data={"csrf_token": "old", **ASKED}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (400, "#notice")


def test_a_kept_form_is_forgotten_after_an_hour(me, today, monkeypatch):
    sign_out(me)
    me.send("/me/help", whose=today.an.ref, **ASKED)
    me.sign_in_as(today.an.number)
    later = time.time() + 3601
    monkeypatch.setattr("cryptography.fernet.time.time", lambda: later)
    assert typed(me.get("/me/help").text)[0] == ""
