"""Signing in, being slowed down, and changing one's own password."""

import pytest

from db import accounts, attempts, passwords, signin
from db.accounts import Account, Attempt
from db.audit import AuditEvent
from db.refusals import Forbidden, Invalid, TooMany
from db.signin import Browser

pytest_plugins = ["tests.db.staff"]

GOOD = "Lib-rary9Desk"
CAMPUS = "203.0.113.7"


@pytest.fixture
def desk(house, quick_hashes):
    """Everybody on the staff has the same good password."""
    kept = passwords.make_hash(GOOD)
    Account.update(password_hash=kept).where(Account.graduate.is_null()).execute()
    return Account.get_by_id("s_desk")


def wrong(account_id, address=CAMPUS, password="not-this-one7"):
    with pytest.raises(Invalid) as refused:
        signin.sign_in(account_id, password, address)
    return refused.value.errors


def later(seconds):
    """Let `seconds` pass for the limits: every try so far was made that much earlier."""
    Attempt.update(at=Attempt.at - seconds * 1000).execute()


def test_the_right_password_opens_the_account_and_is_recorded(desk):
    assert signin.sign_in("s_desk", GOOD, CAMPUS).id == "s_desk"
    event = AuditEvent.select().order_by(AuditEvent.seq.desc()).first()
    assert (event.actor, event.action, event.subject) == ("s_desk", "sign-in", "s_desk")


def test_wrong_unknown_and_not_yet_activated_are_told_alike(desk, house):
    assert wrong("s_desk") == wrong("nobody") == wrong(house.owner.id) == {"": "sign-in-wrong"}


def test_an_unknown_account_costs_the_same_hash(desk, monkeypatch):
    checked = []
    monkeypatch.setattr(passwords, "matches", lambda kept, password: bool(checked.append(kept)))
    wrong("nobody")
    wrong("s_desk")
    assert len(checked) == 2


def test_what_a_stranger_typed_is_kept_nowhere(desk):
    wrong("My-Secret-7word")
    kept = str(list(AuditEvent.select().dicts())) + str(list(Attempt.select().dicts()))
    assert "secret" not in kept.casefold()


def test_after_five_wrong_ones_even_the_right_one_waits(desk):
    for _ in range(5):
        wrong("s_desk")
    with pytest.raises(TooMany) as refused:
        signin.sign_in("s_desk", GOOD, CAMPUS)
    assert 880 <= refused.value.retry_after <= 900
    assert signin.sign_in("s_head", GOOD, CAMPUS).id == "s_head"


def test_a_stranger_elsewhere_keeps_nobody_out(desk):
    for _ in range(5):
        wrong("s_desk")
    assert signin.sign_in("s_desk", GOOD, "198.51.100.1").id == "s_desk"


def test_who_has_many_networks_waits_all_the_same_but_not_the_owner_in_a_known_browser(desk):
    for number in range(60):
        wrong("s_desk", f"198.51.100.{number // 5}")
    with pytest.raises(TooMany):
        signin.sign_in("s_desk", GOOD, CAMPUS)
    assert signin.sign_in("s_desk", GOOD, CAMPUS, Browser("s_desk", "of hers")).id == "s_desk"


def test_a_known_browser_has_five_tries_for_its_own_account_and_none_more_for_others(desk):
    hers = Browser("s_desk", "of hers")
    for _ in range(5):
        with pytest.raises(Invalid):
            signin.sign_in("s_desk", "not-this-one7", CAMPUS, hers)
        with pytest.raises(Invalid):
            signin.sign_in("s_head", "not-this-one7", CAMPUS, hers)
    for account_id in ("s_desk", "s_head"):
        with pytest.raises(TooMany):
            signin.sign_in(account_id, GOOD, CAMPUS, hers)


def test_a_tablet_counts_for_itself_by_account_and_altogether(desk):
    for _ in range(5):
        wrong("s_desk")
        with pytest.raises(Invalid):
            signin.sign_in("s_desk", "not-this-one7", tablet="dv_one")
    with pytest.raises(TooMany):
        signin.sign_in("s_desk", GOOD, tablet="dv_one")
    assert signin.sign_in("s_desk", GOOD, tablet="dv_two").id == "s_desk"
    for number in range(25):
        with pytest.raises(Invalid):
            signin.sign_in(f"stranger{number}", "not-this-one7", tablet="dv_one")
    with pytest.raises(TooMany):
        signin.sign_in("s_head", GOOD, tablet="dv_one")


def test_waiting_is_over_after_the_time_and_refused_tries_do_not_prolong_it(desk):
    for _ in range(5):
        wrong("s_desk")
    later(600)
    with pytest.raises(TooMany) as refused:
        signin.sign_in("s_desk", GOOD, CAMPUS)
    assert 280 <= refused.value.retry_after <= 300
    later(300)
    assert signin.sign_in("s_desk", GOOD, CAMPUS).id == "s_desk"


def test_an_unknown_account_has_to_wait_like_a_known_one(desk):
    for _ in range(5):
        wrong("nobody")
    with pytest.raises(TooMany):
        signin.sign_in("nobody", GOOD, CAMPUS)


@pytest.mark.parametrize("number", ["s_desk", "nobody1"])
def test_every_spelling_counts_as_the_same_account_or_stranger(desk, number):
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in number)
    for spelled in (number, f" {number}", f"{number}\u3000", number.upper(), wide):
        wrong(spelled)
    with pytest.raises(TooMany):
        signin.sign_in(number, GOOD, CAMPUS)


def test_the_right_password_clears_the_count(desk):
    for _ in range(3):
        for _ in range(4):
            wrong("s_desk")
        assert signin.sign_in("s_desk", GOOD, CAMPUS).id == "s_desk"


def test_one_address_cannot_try_many_accounts(desk):
    for number in range(30):
        wrong(f"stranger{number}")
    with pytest.raises(TooMany):
        signin.sign_in("s_desk", GOOD, CAMPUS)
    assert signin.sign_in("s_desk", GOOD, "198.51.100.1").id == "s_desk"


def test_an_address_where_many_get_in_may_have_more_wrong_ones(desk):
    for staff in ("s_desk", "s_head", "s_books"):
        signin.sign_in(staff, GOOD, CAMPUS)
        signin.sign_in(staff, GOOD, CAMPUS)
    for number in range(39):
        wrong(f"stranger{number}")
    with pytest.raises(TooMany):
        signin.sign_in("s_desk", GOOD, CAMPUS)


def test_the_phones_of_one_ipv6_network_are_one_address():
    assert attempts.network("2001:db8::1") == attempts.network("2001:db8::ffff:2")
    assert attempts.network("2001:db8::1") != attempts.network("2001:db8:0:1::1")
    assert attempts.network("::ffff:203.0.113.7") == CAMPUS
    assert attempts.network("unix:") == "unix:"


def test_a_disabled_account_is_told_so_only_with_the_right_password(desk):
    accounts.disable("s_desk", "s_admin")
    assert wrong("s_desk") == {"": "sign-in-wrong"}
    with pytest.raises(Forbidden) as refused:
        signin.sign_in("s_desk", GOOD, CAMPUS)
    assert refused.value.code == "account-disabled"


def test_a_hash_of_older_costs_is_renewed_at_sign_in(desk):
    outdated = "$argon2id$v=19$m=16,t=2,p=1$"
    passwords.hasher, kept = type(passwords.hasher)(time_cost=2, memory_cost=16, parallelism=1), passwords.hasher
    Account.update(password_hash=passwords.make_hash(GOOD)).where(Account.id == "s_desk").execute()
    passwords.hasher = kept
    assert Account.get_by_id("s_desk").password_hash.startswith(outdated)
    signin.sign_in("s_desk", GOOD, CAMPUS)
    assert not Account.get_by_id("s_desk").password_hash.startswith(outdated)


def test_old_tries_are_deleted(desk):
    wrong("s_desk")
    later(90_000)
    assert attempts.purge() == 3
    assert Attempt.select().count() == 0


@pytest.mark.parametrize("hostile", ["", "\0", "\ud800", "x" * 100_000])
def test_no_text_makes_sign_in_fail(desk, hostile):
    assert wrong(hostile, password=hostile) == {"": "sign-in-wrong"}
    assert wrong("s_desk", password=hostile) == {"": "sign-in-wrong"}


def test_a_changed_password_ends_every_other_session(desk):
    changed = signin.change_password("s_desk", GOOD, "Other-pass7word")
    assert changed.session_version == desk.session_version + 1
    assert signin.sign_in("s_desk", "Other-pass7word", CAMPUS).session_version == changed.session_version
    assert wrong("s_desk", password=GOOD) == {"": "sign-in-wrong"}


def test_a_change_tells_all_problems_at_once(desk):
    with pytest.raises(Invalid) as refused:
        signin.change_password("s_desk", "not-this-one7", "short")
    assert refused.value.errors["current"] == "password-wrong"
    assert "password-short" in refused.value.errors["password"]


def test_the_same_password_again_is_no_change(desk):
    with pytest.raises(Invalid) as refused:
        signin.change_password("s_desk", GOOD, GOOD)
    assert refused.value.errors == {"password": ["password-unchanged"]}
    assert Account.get_by_id("s_desk").session_version == desk.session_version


def test_guessing_the_current_password_has_to_wait(desk):
    for _ in range(5):
        with pytest.raises(Invalid):
            signin.change_password("s_desk", "not-this-one7", "Other-pass7word")
    with pytest.raises(TooMany):
        signin.change_password("s_desk", GOOD, "Other-pass7word")
