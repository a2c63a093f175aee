"""Signing in, and keeping one's own password. Guessing is slowed down by account and by address, over all processes together.

*By account*: 5 wrong passwords or codes within 15 minutes, then wait. That lets a prankster lock somebody out of the portal for a
while, but not out of clearance: the card works without the portal.

*By address*: a campus sends thousands of people through one address, so a fixed limit would either lock out the campus or stop
nobody. Here 30 wrong ones within 15 minutes are allowed, and 3 more for every different account that signed in from there in that
time: where most people get in, a busy gateway never waits; whoever tries many strangers' accounts soon does.
"""

from __future__ import annotations

import hashlib

import peewee

from db import attempts, audit, passwords
from db.accounts import Account, Attempt, find, hold, put
from db.attempts import Limit, Tries
from db.database import now, to_ms, writing
from db.refusals import Forbidden, Invalid

SECONDS = 15 * 60
WRONG_BY_ACCOUNT = 5
WRONG_BY_ADDRESS = 30
MORE_FOR_EACH_GUEST = 3


def sign_in(typed_id: str, password: str, address: str = "") -> Account:
    """The account, when the password is right.

    Raises Invalid ("sign-in-wrong", the same and after the same time for a wrong password, an unknown account and one without a
    password), TooMany with the seconds to wait, Forbidden ("account-disabled", only with the right password).
    """
    account = find(typed_id)
    tries = take(account, typed_id, address)
    if not passwords.matches(account.password_hash if account else None, password) or account is None:
        # What was typed is not kept when it is no account: it may be a password in the wrong field.
        audit.record("", "sign-in.failed", account.id if account else "", {"waits": tries.last})
        raise Invalid({"": "sign-in-wrong"})
    if account.disabled_at is not None:
        audit.record("", "sign-in.refused", account.id, {"why": "disabled"})
        raise Forbidden("account-disabled")
    renewed = passwords.make_hash(password) if passwords.outdated(account.password_hash) else None
    with writing():
        if renewed:
            Account.update(password_hash=renewed).where(
                Account.id == account.id, Account.password_hash == account.password_hash
            ).execute()
        _welcome(account, tries, address)
        audit.record(account.id, "sign-in", account.id)
    return account


def change_password(account_id: str, current: str, password: str, address: str = "") -> Account:
    """Replace one's own password; every other session ends. Returns the account with the new `session_version`.

    Raises Invalid with all problems at once (`current`, `password`), TooMany after repeated wrong current ones.
    """
    account = Account.get_by_id(account_id)
    tries = take(account, account_id, address)
    right = passwords.matches(account.password_hash, current)
    faults = passwords.problems(password, name=account.name, numbers=account.numbers)
    if right:
        attempts.take_back(tries)
        if password == current:
            faults.append("password-unchanged")
    else:
        audit.record(account.id, "password.refused", account.id, {"waits": tries.last})
    errors = {"password": faults} if faults else {}
    if errors or not right:
        raise Invalid(errors if right else {"current": "password-wrong", **errors})
    fresh, seen = passwords.make_hash(password), account.password_hash
    with writing():
        account = hold(account_id)
        if account.password_hash != seen or account.disabled_at is not None:
            raise Invalid({"current": "password-wrong"})
        keep_password(account, fresh)
        audit.record(account_id, "password.changed", account_id)
    return account


def keep_password(account: Account, fresh: str) -> None:
    """Store a new hash; every session ends. Must be called inside `writing()`, with the account held."""
    put(account, password_hash=fresh, password_changed_at=now(), session_version=account.session_version + 1)


def take(account: Account | None, typed_id: str, address: str) -> Tries:
    """Write down a try before it is judged; TooMany when it must wait. A stranger's name is kept as a hash only."""
    key = account.id if account else "?" + hashlib.sha256(typed_id.encode("utf-8", "replace")).hexdigest()[:16]
    limits = [Limit("account", key, WRONG_BY_ACCOUNT, SECONDS)]
    if address:
        place = attempts.network(address)
        most = WRONG_BY_ADDRESS + MORE_FOR_EACH_GUEST * _guests(place)
        limits.append(Limit("address", place, most, SECONDS))
    return attempts.take(limits)


take_back = attempts.take_back


def _welcome(account: Account, tries: Tries, address: str) -> None:
    attempts.take_back(tries)
    attempts.forget("account", account.id)
    if address:
        Attempt.create(kind=_guest_kind(attempts.network(address)), key=account.id, at=now())


def _guests(place: str) -> int:
    """How many different accounts signed in from there within the time."""
    since = to_ms(now()) - SECONDS * 1000
    different = peewee.fn.COUNT(peewee.fn.DISTINCT(Attempt.key))
    return Attempt.select(different).where(Attempt.kind == _guest_kind(place), Attempt.at > since).scalar()


def _guest_kind(place: str) -> str:
    return f"guest of {place}"
