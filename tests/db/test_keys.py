"""Key files: made once, private to their owner, published by JWKS, and loud about every fault."""

import json
import stat

import pytest
from joserfc import jws as joserfc_jws
from joserfc.jwk import KeySet

from db.keys import KeyStore, KeysUnusable
from db.rules.card import read_card, sign_card
from db.rules.jws import sign, verify

REF, EXP, NOW = "Zx81-_aBcD12", 1_704_038_400, 1_687_743_065_120


@pytest.fixture
def store(tmp_path):
    return KeyStore.create(tmp_path / "keys")


def pem(store, use):
    [path] = store.directory.glob(f"{use}-*.pem")
    return path


def test_only_the_owner_can_read_what_it_makes(store):
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700
    files = sorted(store.directory.iterdir())
    assert [file.name for file in files] == [pem(store, "card").name, pem(store, "entry").name, "keys.json", "secret"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_making_it_again_changes_nothing(store):
    before = {file.name: file.read_bytes() for file in store.directory.iterdir()}
    KeyStore.create(store.directory)
    assert {file.name: file.read_bytes() for file in store.directory.iterdir()} == before


def test_a_card_is_checked_with_nothing_but_the_published_keys(store):
    token = sign_card(store.card_key, REF, 1, EXP)
    published = json.loads(json.dumps(store.jwks()))
    joserfc_jws.deserialize_compact(token, KeySet.import_key_set(published), algorithms=["ES256"])
    assert read_card(token, store.card_public_keys, NOW).status == "valid"


def test_nothing_private_is_published(store):
    [key] = store.jwks()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert key["kid"] == store.card_key.kid


def test_portal_entries_are_signed_under_the_name_of_the_portal(store):
    kid, private = store.entry_key
    token = sign({"kid": kid, "typ": "entry+jwt"}, {"device": "portal"}, private)
    assert kid == "portal"
    assert [verify(token, key) for key in store.entry_public_keys] == [True]


def test_after_a_rotation_old_cards_still_count_and_new_ones_carry_the_new_key(store):
    old = sign_card(store.card_key, REF, 1, EXP)
    kid = store.rotate_card_key()
    new = sign_card(store.card_key, REF, 2, EXP)
    assert store.jwks()["keys"][0]["kid"] == kid == read_card(new, store.card_public_keys, NOW).kid
    assert read_card(old, store.card_public_keys, NOW).status == "valid"


def test_a_running_process_notices_a_rotation(store):
    running = KeyStore(store.directory)
    kid = store.rotate_card_key()
    assert running.card_key.kid == kid
    assert len(running.jwks()["keys"]) == 2


def test_a_retired_key_is_no_longer_published(store):
    old = store.card_key.kid
    token = sign_card(store.card_key, REF, 1, EXP)
    new = store.rotate_card_key()
    store.retire(old)
    store.retire(old)
    assert [key["kid"] for key in store.jwks()["keys"]] == [new]
    assert read_card(token, store.card_public_keys, NOW).status == "unknown-key"
    (store.directory / f"card-{old}.pem").unlink()
    assert KeyStore(store.directory).card_key.kid == new


def test_the_current_key_and_unknown_keys_cannot_be_retired(store):
    with pytest.raises(ValueError, match="rotate first"):
        store.retire(store.card_key.kid)
    with pytest.raises(ValueError, match="no card key"):
        store.retire("nope")


def test_the_secret_is_random_and_stays(store, tmp_path):
    assert len(store.secret) == 64
    assert KeyStore(store.directory).secret == store.secret
    assert KeyStore.create(tmp_path / "other").secret != store.secret


def test_it_does_not_start_without_its_directory_and_says_what_to_do(tmp_path):
    with pytest.raises(KeysUnusable, match=r"keys is missing.*clearance init"):
        KeyStore(tmp_path / "keys")


@pytest.mark.parametrize("name", ["keys.json", "secret"])
def test_it_does_not_start_without_one_of_its_files(store, name):
    (store.directory / name).unlink()
    with pytest.raises(KeysUnusable, match=f"{name} is missing.*clearance init"):
        KeyStore(store.directory)


def test_a_lost_secret_is_made_anew(store):
    before = store.secret
    (store.directory / "secret").unlink()
    assert KeyStore.create(store.directory).secret != before


@pytest.mark.parametrize("use", ["card", "entry"])
def test_it_does_not_start_without_a_key(store, use):
    path = pem(store, use)
    path.unlink()
    with pytest.raises(KeysUnusable, match=f"{path.name} is missing.*backup"):
        KeyStore.create(store.directory)


@pytest.mark.parametrize("name", ["keys.json", "secret", "card", "entry"])
def test_it_does_not_start_while_others_can_read_a_file(store, name):
    path = pem(store, name) if name in {"card", "entry"} else store.directory / name
    path.chmod(0o640)
    with pytest.raises(KeysUnusable, match=rf"{path.name} is open to others \(mode 640\).*chmod 600"):
        KeyStore(store.directory)


def test_it_does_not_start_while_others_can_enter_the_directory(store):
    store.directory.chmod(0o755)
    with pytest.raises(KeysUnusable, match=r"mode 755.*chmod 700"):
        KeyStore(store.directory)
    with pytest.raises(KeysUnusable, match=r"mode 755.*chmod 700"):
        KeyStore.create(store.directory)


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[: len(b) // 2], lambda b: b.replace(b"M", b"#")])
@pytest.mark.parametrize("use", ["card", "entry"])
def test_a_damaged_key_is_named(store, use, damage):
    path = pem(store, use)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(KeysUnusable, match=f"{path.name} is damaged"):
        KeyStore(store.directory)


def test_a_swapped_key_is_named(store):
    card, entry = pem(store, "card"), pem(store, "entry")
    card.write_bytes(entry.read_bytes())
    with pytest.raises(KeysUnusable, match=f"{card.name} holds another key"):
        KeyStore(store.directory)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}', '{"format": "clearance-keys/1", "keys": [{}]}'])
def test_a_damaged_list_of_keys_is_named(store, text):
    (store.directory / "keys.json").write_text(text)
    with pytest.raises(KeysUnusable, match=r"keys\.json is damaged"):
        KeyStore(store.directory)


def test_a_list_without_keys_is_refused(store):
    (store.directory / "keys.json").write_text('{"format": "clearance-keys/1", "keys": []}')
    with pytest.raises(KeysUnusable, match=r"keys\.json lists no card key"):
        KeyStore(store.directory)


def test_a_short_secret_is_refused(store):
    (store.directory / "secret").write_text("password")
    with pytest.raises(KeysUnusable, match="secret is too short"):
        KeyStore(store.directory)


def test_lost_metadata_never_leads_to_new_keys_over_old_ones(store):
    (store.directory / "keys.json").unlink()
    with pytest.raises(KeysUnusable, match="Restore it from the backup"):
        KeyStore.create(store.directory)
