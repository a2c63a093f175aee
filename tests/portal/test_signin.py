"""Signing in, for the first time and later, and out again."""

import re
import time

import pytest

from db import accounts, activations, passwords, sessions
from db.accounts import Account
from db.audit import AuditEvent
from db.sessions import EndedSession
from tests.client import Client, portal

pytest_plugins = ["tests.db.staff"]

GOOD = "Lib-rary9Desk"


@pytest.fixture
def client(house, quick_hashes, database_url, tmp_path) -> Client:
    Account.update(password_hash=passwords.make_hash(GOOD)).execute()
    return portal(database_url, tmp_path)


def sign_in(client, number="s_desk", password=GOOD, **more):
    return client.send("/sign-in", number=number, password=password, **more)


def session_cookie(answer):
    return next(cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("clearance="))


def signed_in(client):
    return client.get("/account").status_code == 200


def test_the_right_password_opens_a_session_and_leads_to_the_page_that_was_asked_for(client):
    assert client.get("/account").location == "/sign-in?next=%2Faccount"
    answer = sign_in(client, next="/account")
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "名字s_desk" in client.get("/account").text


@pytest.mark.parametrize("number", ["s_desk", "nobody", "", "x" * 10_000, "a\0b"])
def test_a_wrong_one_shows_the_form_again_with_what_was_typed_but_the_password(client, number):
    answer = sign_in(client, number=number, password="not-this-one7")
    assert answer.status_code == 422
    assert "not-this-one7" not in answer.text
    assert not signed_in(client)


def test_nothing_tells_whether_an_account_exists(client, house):
    Account.update(password_hash=None).where(Account.id == house.owner.id).execute()
    numbers = ("s_desk", "s_nope", house.owner.id)
    pages = {sign_in(client, number=number, password="not-this-one7").text.replace(number, "") for number in numbers}
    assert len({re.sub(r"[\w.-]{60,}", "token", page) for page in pages}) == 1


def test_after_five_wrong_ones_it_says_how_long_to_wait(client):
    for _ in range(5):
        sign_in(client, password="not-this-one7")
    answer = sign_in(client)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "15" in answer.text


def test_strangers_cannot_keep_out_who_signed_in_with_this_browser_before(client):
    sign_in(client)
    client.send("/sign-out")
    for _ in range(5):
        sign_in(portal_again(client), password="not-this-one7")
    assert sign_in(portal_again(client)).status_code == 429
    assert sign_in(client).status_code == 303


@pytest.mark.parametrize("made_up", ["", "x", "gAAAA-made-up", "\x80"])
def test_a_browser_cannot_make_up_that_it_is_known(client, made_up):
    client.set_cookie("clearance-known", made_up)
    for _ in range(5):
        sign_in(client, password="not-this-one7")
    assert sign_in(client).status_code == 429


def test_a_closed_account_is_told_so(client):
    accounts.disable("s_desk", "s_admin")
    assert sign_in(client).status_code == 403
    assert not signed_in(client)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb"])
def test_a_link_cannot_lead_elsewhere_after_sign_in(client, target):
    assert sign_in(client, next=target).location == "/"


def test_it_refuses_without_the_forms_token(client):
    answer = client.post("/sign-in", data={"number": "s_desk", "password": GOOD})
    assert answer.status_code == 400
    assert client.post("/sign-in", data={"number": "s_desk", "password": GOOD, "csrf_token": "wrong"}).status_code == 400
    assert not signed_in(client)


def test_nothing_of_the_session_before_lives_on(client):
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    before = client.token()
    sign_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
    assert client.token() != before


def test_the_cookie_is_kept_from_scripts_and_other_sites(client, database_url, tmp_path):
    cookie = session_cookie(sign_in(client))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie
    guarded = portal(database_url, tmp_path, url="https://clearance.example.edu")
    assert "Secure" in guarded.get("/sign-in", base_url="https://clearance.example.edu").headers["Set-Cookie"]


def test_a_graduates_phone_stays_signed_in_and_a_desk_does_not(client, house):
    assert "Expires" in session_cookie(sign_in(client, number=house.owner.id))
    shift_over = int(time.time()) - 11 * 3600
    for account_id, stays in ((house.owner.id, True), ("s_desk", False)):
        client.sign_in_as(account_id)
        with client.session_transaction() as session:
            session["since"] = shift_over
        assert signed_in(client) is stays


@pytest.mark.parametrize("word", ["", ":", "1:nobody", "2:s_desk", "s_desk"])
def test_a_session_of_nobody_or_of_another_time_is_none(client, word):
    with client.session_transaction() as session:
        session["_user_id"], session["since"], session["word"] = word, int(time.time()), "own"
    assert not signed_in(client)


@pytest.mark.parametrize("end", [lambda: accounts.end_sessions("s_desk", "s_admin"), lambda: accounts.disable("s_desk", "s_admin")])
def test_sessions_end_at_once_when_they_are_ended(client, end):
    client.sign_in_as("s_desk")
    assert signed_in(client)
    end()
    assert not signed_in(client)


def test_signing_out_ends_the_session_and_takes_a_post(client):
    client.sign_in_as("s_desk")
    assert client.get("/sign-out").status_code == 405
    assert client.send("/sign-out").location == "/sign-in"
    assert not signed_in(client)


def copied(client):
    """Another browser with the cookie that this one has now."""
    other = portal_again(client)
    other.set_cookie("clearance", client.get_cookie("clearance").value)
    return other


def test_a_copied_cookie_is_worth_nothing_after_signing_out(client, house):
    for number in ("s_desk", house.owner.id):
        sign_in(client, number=number)
        copy = copied(client)
        assert signed_in(copy)
        client.send("/sign-out")
        assert not signed_in(copy)


def test_signing_out_ends_that_session_and_no_other(client):
    elsewhere = portal_again(client)
    for browser in (client, elsewhere):
        sign_in(browser)
    client.send("/sign-out")
    assert signed_in(elsewhere)
    sign_in(client)
    assert signed_in(client)


def test_signing_in_anew_ends_the_session_before(client):
    sign_in(client)
    copy = copied(client)
    sign_in(client, number="s_head")
    assert not signed_in(copy)
    assert signed_in(client)


def test_a_changed_password_keeps_this_session_which_still_can_be_ended(client):
    sign_in(client)
    client.send("/account/password", current=GOOD, password="Other-pass7word", again="Other-pass7word")
    copy = copied(client)
    assert signed_in(copy)
    client.send("/sign-out")
    assert not signed_in(copy)


def test_a_session_without_a_word_of_its_own_is_none(client):
    client.sign_in_as("s_desk")
    with client.session_transaction() as session:
        del session["word"]
    assert not signed_in(client)


def test_sessions_are_forgotten_when_they_would_be_over_anyway(client):
    client.sign_in_as("s_desk")
    client.send("/sign-out")
    assert sessions.forget_old() == 0
    EndedSession.update(until=EndedSession.until - 31 * 86_400_000).execute()
    assert sessions.forget_old() == 1


def test_who_is_signed_in_is_led_on(client):
    client.sign_in_as("s_desk")
    assert client.get("/sign-in?next=/account").location == "/account"


def test_sign_ins_are_recorded_with_the_address(client):
    sign_in(client, password="not-this-one7")
    sign_in(client)
    events = AuditEvent.select().where(AuditEvent.subject == "s_desk").order_by(AuditEvent.seq)
    assert [(event.action, event.actor, event.address) for event in events] == [
        ("sign-in.failed", "", "127.0.0.1"),
        ("sign-in", "s_desk", "127.0.0.1"),
    ]


def test_the_address_is_the_callers_only_through_a_trusted_proxy(client, database_url, tmp_path):
    forged = {"X-Forwarded-For": "203.0.113.9"}
    client.send("/sign-in", headers=forged, number="s_desk", password=GOOD)
    behind = portal(database_url, tmp_path, proxies=1)
    behind.send("/sign-in", headers=forged, number="s_desk", password=GOOD)
    assert [e.address for e in AuditEvent.select().where(AuditEvent.action == "sign-in").order_by(AuditEvent.seq)] == [
        "127.0.0.1",
        "203.0.113.9",
    ]


def test_an_own_language_is_spoken_after_sign_in(client):
    accounts.speak("s_desk", "en")
    cookies = sign_in(client).headers.getlist("Set-Cookie")
    assert any(cookie.startswith("language=en") for cookie in cookies)


# ── For the first time ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def slip(client, house):
    """The code of An's slip; she has no password yet."""
    Account.update(password_hash=None).where(Account.id == house.owner.id).execute()
    return activations.issue_activation(house.owner.id, "s_admin")


def activate(client, number, code, password=GOOD, again=None):
    again = password if again is None else again
    return client.send("/activate", number=number, code=code, password=password, again=again)


def test_a_slip_sets_the_password_and_signs_in(client, house, slip):
    answer = activate(client, house.owner.id, slip)
    assert (answer.status_code, answer.location) == (303, "/")
    assert signed_in(client)
    assert sign_in(portal_again(client), number=house.owner.id).status_code == 303


def portal_again(client):
    """The same portal from another browser."""
    return client.application.test_client()


def test_a_slip_works_once(client, house, slip):
    activate(client, house.owner.id, slip)
    again = activate(portal_again(client), house.owner.id, slip, "Other-pass7word")
    assert again.status_code == 422
    assert "请用密码登录" in again.text, "it says what to do"
    assert sign_in(portal_again(client), number=house.owner.id).status_code == 303


def test_everything_that_is_wrong_is_told_at_once(client, house, slip):
    answer = activate(client, "", "", "short", "")
    assert answer.status_code == 422
    assert answer.text.count("field-wrong") == 4


@pytest.mark.parametrize(
    ("password", "again", "wrong"),
    [("kwmrtzvb", None, "f-password-error"), (GOOD, "Other-pass7word", "f-again-error"),
     ("安然walks-7 dogs", None, "f-password-error"),
     ("Lunch@2020000001", None, "f-password-error"), ("x1!" + "long" * 90, None, "f-password-error")],
)
def test_a_bad_password_does_not_use_up_the_slip(client, house, slip, password, again, wrong):
    answer = activate(client, house.owner.id, slip, password, again)
    assert answer.status_code == 422
    assert wrong in answer.text
    assert activate(client, house.owner.id, slip).status_code == 303


def test_guessing_codes_has_to_wait_and_the_right_one_does_not(client, house, slip):
    for _ in range(5):
        assert activate(client, house.owner.id, "2222-2222-2222").status_code == 422
    assert activate(client, house.owner.id, "3333-3333-3333").status_code == 429
    assert activate(client, house.owner.id, slip).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/activate"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_speak_both_languages_and_are_not_cached(client, path, language):
    client.set_cookie("language", language)
    answer = client.get(path)
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in answer.text
    assert ("登录" in answer.text) == (language == "zh")
    assert "no-store" in answer.headers["Cache-Control"]
