"""One's own account: password, recent sign-ins, language, other sessions."""

import pytest

from db import passwords
from db.accounts import Account
from tests.client import Client, portal

pytest_plugins = ["tests.db.staff"]

GOOD, OTHER = "Lib-rary9Desk", "Other-pass7word"


@pytest.fixture
def client(house, quick_hashes, database_url, tmp_path) -> Client:
    Account.update(password_hash=passwords.make_hash(GOOD)).execute()
    return portal(database_url, tmp_path).sign_in_as("s_desk")


def change(client, current=GOOD, password=OTHER, again=OTHER):
    return client.send("/account/password", current=current, password=password, again=again)


def test_a_changed_password_keeps_this_session_and_ends_the_others(client):
    elsewhere = client.application.test_client().sign_in_as("s_desk")
    assert elsewhere.get("/account").status_code == 200
    assert change(client).status_code == 303
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert passwords.matches(Account.get_by_id("s_desk").password_hash, OTHER)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({"current": "not-this-one7"}, "f-current-error"), ({"password": "short", "again": "short"}, "f-password-error"),
     ({"again": "differs-7x"}, "f-again-error"), ({"password": GOOD, "again": GOOD}, "f-password-error"),
     ({"password": "My-s_desk-7x", "again": "My-s_desk-7x"}, "f-password-error")],
)
def test_a_change_that_cannot_be_is_told_at_its_field(client, fields, wrong):
    answer = change(client, **fields)
    assert answer.status_code == 422
    assert wrong in answer.text
    assert passwords.matches(Account.get_by_id("s_desk").password_hash, GOOD)


def test_guessing_the_current_password_has_to_wait(client):
    for _ in range(5):
        change(client, current="not-this-one7")
    assert change(client).status_code == 429


def test_a_change_needs_the_forms_token(client):
    assert client.post("/account/password", data={"current": GOOD, "password": OTHER, "again": OTHER}).status_code == 400


def test_other_sessions_end_on_request(client):
    elsewhere = client.application.test_client().sign_in_as("s_desk")
    assert client.send("/account/session-endings").status_code == 303
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


def test_the_page_shows_own_sign_ins_and_nobody_elses(client):
    visitor = client.application.test_client()
    visitor.send("/sign-in", number="s_desk", password="not-this-one7")
    before = client.get("/account").text.count("127.0.0.1")
    visitor.send("/sign-in", number="s_head", password="not-this-one7")
    assert before == 1
    assert client.get("/account").text.count("127.0.0.1") == before


def test_the_language_is_kept_with_the_account(client):
    assert client.send("/account/language", language="en").status_code == 303
    assert Account.get_by_id("s_desk").language == "en"
    assert client.send("/account/language", language="tlh").status_code == 422
