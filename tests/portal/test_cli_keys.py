"""`clearance keys`: renew the key that signs cards, and stop trusting an old one."""

from datetime import timedelta

import pytest

from db.audit import AuditEvent
from db.cards import Card, reissue
from db.database import now
from db.keys import KeyStore
from db.people import Graduate
from tests.engines import opened

pytest_plugins = ["tests.portal.command_line"]


@pytest.fixture
def keys(run, roster, tmp_path, database_url):
    """The keys of a season with two cards, and the name of the first card key, which a second one has replaced."""
    run("roster", "import", roster)
    run("cards", "issue")
    with opened(database_url):
        Card.update(expires_at=now() + timedelta(days=30)).execute()  # the season of 2023 is over
    old = KeyStore(tmp_path / "keys").card_key.kid
    assert run("keys", "rotate")[0] == 0
    return KeyStore(tmp_path / "keys"), old


def test_a_rotated_key_signs_from_now_on(keys):
    store, old = keys
    assert store.card_key.kid != old
    assert old in store.card_public_keys


def test_a_key_that_cards_may_still_carry_is_retired_only_by_the_clear_word(run, keys):
    store, old = keys
    status, _, err = run("keys", "retire", old)
    assert (status, err[:21]) == (2, "clearance: 2 cards th")
    assert "--anyway" in err
    assert old in store.card_public_keys
    assert run("keys", "retire", old, "--anyway")[0] == 0
    assert old not in store.card_public_keys
    assert {key["kid"] for key in store.jwks()["keys"]} == {store.card_key.kid}


def test_a_key_that_no_card_needs_is_retired_without_it(run, keys, database_url):
    store, old = keys
    with opened(database_url):
        for graduate in Graduate.select():
            reissue(graduate.id, "console", "new key")
        Card.update(expires_at=now() + timedelta(days=30)).execute()
    assert run("keys", "retire", old)[0] == 0
    assert old not in store.card_public_keys


@pytest.mark.parametrize("end", ["expired", "revoked", "left"])
def test_a_card_that_does_not_count_needs_no_key(run, keys, database_url, end):
    with opened(database_url):
        if end == "left":
            Graduate.update(removed_at=1).execute()
        else:
            Card.update({Card.expires_at if end == "expired" else Card.revoked_at: 1}).execute()
    assert run("keys", "retire", keys[1])[0] == 0


def test_retiring_again_changes_nothing(run, keys, database_url):
    run("keys", "retire", keys[1], "--anyway")
    listed = run("keys", "list")[1]
    status, out, _ = run("keys", "retire", keys[1])
    assert (status, "has been retired since" in out) == (0, True)
    assert run("keys", "list")[1] == listed
    with opened(database_url):
        [event] = AuditEvent.select().where(AuditEvent.action == "keys.retired")
        assert (event.subject, event.detail) == (keys[1], {"cards": 2})


def test_the_key_that_signs_now_and_a_key_that_is_not_there_are_refused(run, keys):
    store, _ = keys
    for kid, words in ((store.card_key.kid, "clearance keys rotate"), ("none", "clearance keys list")):
        status, _, err = run("keys", "retire", kid, "--anyway")
        assert status == 2
        assert words in err
    assert len(store.card_public_keys) == 2


def test_the_list_says_how_many_cards_may_carry_each_key(run, keys):
    newest, oldest = run("keys", "list")[1].splitlines()
    assert newest.startswith(keys[0].card_key.kid)
    assert "signs new cards" in newest
    assert oldest.startswith(keys[1])
    assert "2 cards" in oldest
