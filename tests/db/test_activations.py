"""The first way into an account: a code that works once."""

from datetime import timedelta

import pytest

from db import accounts, activations, passwords, signin
from db.accounts import Account, Activation, Attempt
from db.audit import AuditEvent
from db.people import Graduate
from db.refusals import Conflict, Invalid, NotFound, TooMany

pytest_plugins = ["tests.db.staff"]

GOOD = "Lib-rary9Desk"

pytestmark = pytest.mark.usefixtures("quick_hashes")


def errors(*args):
    with pytest.raises(Invalid) as refused:
        activations.activate(*args)
    return refused.value.errors


def test_a_code_sets_the_first_password_and_ends_every_session(house):
    code = activations.issue_activation("s_desk", "s_admin")
    account = activations.activate("s_desk", code, GOOD, "203.0.113.7")
    assert passwords.matches(Account.get_by_id("s_desk").password_hash, GOOD)
    assert account.session_version == 2
    assert account.password_changed_at is not None


def test_a_code_can_be_typed_as_people_type(house):
    code = activations.issue_activation("s_desk", "s_admin")
    assert len(code) == 14
    activations.activate(" S_Desk", code.upper().replace("-", " "), GOOD)


def test_a_code_works_once(house):
    code = activations.issue_activation("s_desk", "s_admin")
    activations.activate("s_desk", code, GOOD)
    assert errors("s_desk", code, "Other-pass7word") == {"code": "activation-used"}
    assert passwords.matches(Account.get_by_id("s_desk").password_hash, GOOD)


def while_it_is_hashed(monkeypatch, happens):
    """Let something happen after a code was found to be right and before it is used up."""
    make_hash, waiting = passwords.make_hash, [happens]

    def slow(password):
        if waiting:
            waiting.pop()()
        return make_hash(password)

    monkeypatch.setattr(passwords, "make_hash", slow)


def test_of_two_who_use_one_code_at_once_one_gets_in(house, monkeypatch):
    code = activations.issue_activation("s_desk", "s_admin")
    while_it_is_hashed(monkeypatch, lambda: activations.activate("s_desk", code, "Other-pass7word"))
    assert errors("s_desk", code, GOOD) == {"code": "activation-used"}
    assert passwords.matches(Account.get_by_id("s_desk").password_hash, "Other-pass7word")


def test_an_account_that_is_closed_meanwhile_stays_closed(house, monkeypatch):
    code = activations.issue_activation("s_desk", "s_admin")
    while_it_is_hashed(monkeypatch, lambda: accounts.disable("s_desk", "s_admin"))
    assert errors("s_desk", code, GOOD) == {"code": "activation-used"}
    assert Account.get_by_id("s_desk").password_hash is None


def test_a_code_ends_with_its_time(house):
    code = activations.issue_activation("s_desk", "s_admin", timedelta(0))
    assert errors("s_desk", code, GOOD) == {"code": "activation-expired"}


def test_a_new_code_ends_the_one_before(house):
    old = activations.issue_activation("s_desk", "s_admin")
    new = activations.issue_activation("s_desk", "s_admin")
    assert errors("s_desk", old, GOOD) == {"code": "activation-expired"}
    activations.activate("s_desk", new, GOOD)


def test_a_code_opens_its_own_account_only(house):
    code = activations.issue_activation("s_desk", "s_admin")
    assert errors("s_head", code, GOOD) == {"code": "activation-wrong"}
    assert errors("nobody", code, GOOD) == {"code": "activation-wrong"}


def test_all_problems_are_told_at_once(house):
    told = errors("s_desk", "wrong", "short")
    assert told["code"] == "activation-wrong"
    assert "password-short" in told["password"]


def test_a_bad_password_does_not_use_the_code_up_and_is_no_wrong_try(house):
    code = activations.issue_activation("s_desk", "s_admin")
    for _ in range(8):
        assert set(errors("s_desk", code, "short")) == {"password"}
    activations.activate("s_desk", code, GOOD)


@pytest.mark.parametrize("typed", ["s_desk", "nobody"])
def test_wrong_codes_have_to_wait_and_the_right_one_does_not(house, typed):
    code = activations.issue_activation("s_desk", "s_admin")
    for _ in range(5):
        errors(typed, "2222-2222-2222", GOOD, "203.0.113.7")
    counted = Attempt.select().count()
    with pytest.raises(TooMany):
        activations.activate(typed, "3333-3333-3333", GOOD, "203.0.113.7")
    assert Attempt.select().count() == counted, "trying on makes nobody wait longer"
    activations.activate("s_desk", code, GOOD, "203.0.113.7")


def test_wrong_codes_for_many_accounts_from_one_network_have_to_wait(house):
    for n in range(signin.WRONG_BY_ADDRESS):
        errors(f"nobody{n}", "2222-2222-2222", GOOD, f"2001:db8::{n:x}")
    with pytest.raises(TooMany):
        activations.activate("somebody", "2222-2222-2222", GOOD, "2001:db8::ffff")
    errors("somebody", "2222-2222-2222", GOOD, "2001:db8:0:1::1")


def test_wrong_passwords_keep_nobody_from_a_fresh_code(house):
    for _ in range(5):
        with pytest.raises(Invalid):
            signin.sign_in("s_desk", "not-this-one7", "203.0.113.7")
    with pytest.raises(TooMany):
        signin.sign_in("s_desk", GOOD, "203.0.113.7")
    activations.activate("s_desk", activations.issue_activation("s_desk", "s_admin"), GOOD, "203.0.113.7")


def test_only_the_hash_of_a_code_is_kept(house):
    code = activations.issue_activation("s_desk", "s_admin")
    kept = str(list(Activation.select().dicts())) + str(list(AuditEvent.select().dicts()))
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_a_forgotten_password_gets_a_short_code(house):
    activations.activate("s_desk", activations.issue_activation("s_desk", "s_admin"), GOOD)
    activations.issue_activation("s_desk", "s_admin")
    newest = Activation.select().order_by(Activation.id.desc()).first()
    assert newest.expires_at - newest.created_at == timedelta(minutes=15)


def test_disabled_and_unknown_accounts_get_no_code(house):
    held = activations.issue_activation("s_desk", "s_admin")
    accounts.disable("s_desk", "s_admin")
    with pytest.raises(Conflict):
        activations.issue_activation("s_desk", "s_admin")
    with pytest.raises(NotFound):
        activations.issue_activation("nobody", "s_admin")
    assert errors("s_desk", held, GOOD) == {"code": "account-disabled"}


def test_a_whole_class_gets_codes_without_a_hash_of_a_password(house, monkeypatch):
    monkeypatch.setattr(passwords, "make_hash", None)
    accounts.add_graduates(Graduate.select(), "s_admin")
    numbers = [graduate.number for graduate in house.graduates]
    codes = activations.issue_activations([*numbers, "nobody"], "s_admin")
    assert sorted(codes) == numbers
    assert len(set(codes.values())) == 3
    assert AuditEvent.select().where(AuditEvent.action == "activation.issued").count() == 1


def test_those_who_are_in_already_get_no_second_slip(house):
    activations.activate("s_desk", activations.issue_activation("s_desk", "s_admin"), GOOD)
    assert list(activations.issue_activations(["s_desk", "s_head"], "s_admin")) == ["s_head"]


def test_a_closed_account_gets_no_slip(house):
    accounts.disable("s_desk", "s_admin")
    assert list(activations.issue_activations(["s_desk", "s_head"], "s_admin")) == ["s_head"]


@pytest.mark.parametrize("hostile", ["", "\0", "\ud800", "x" * 100_000, "🙂"])
def test_no_code_makes_it_fail(house, hostile):
    assert errors("s_desk", hostile, GOOD) == {"code": "activation-wrong"}
    assert "code" in errors(hostile, hostile, GOOD)
