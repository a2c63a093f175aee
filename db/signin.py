"""Signing in, and keeping one's own password. Guessing is slowed down over all processes together, and so that nobody can keep
somebody else out by guessing wrong.

*At one place*: 5 wrong passwords for an account from one network within 15 minutes, then that network waits with that account.

*Everywhere*: 60 for an account from all networks together, then unknown browsers wait: whoever has many networks gains little.

*In a known browser*, one where this account signed in before: 5 of its own, and nothing else counts. So its owner gets in
whatever others do, even from the same network.

*By address*: a campus sends thousands of people through one address, so a fixed limit would either lock out the campus or stop
nobody. Here 30 wrong ones within 15 minutes are allowed, and 3 more for every different account that signed in from there in that
time: where most people get in, a busy gateway never waits; whoever tries many strangers' accounts soon does.

*At a tablet*: 5 for an account and 30 for all, counted by the tablet alone: only who holds it can use them up.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import NamedTuple

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
WRONG_EVERYWHERE = 60
WRONG_BY_TABLET = 30


class Browser(NamedTuple):
    """A browser in which `account` signed in before; `word` is its own."""

    account: str
    word: str


def sign_in(typed_id: str, password: str, address: str = "", browser: Browser | None = None, tablet: str = "") -> Account:
    """The account, when the password is right; asked for by a browser, or by an enrolled tablet.

    Raises Invalid ("sign-in-wrong", the same and after the same time for a wrong password, an unknown account and one without a
    password), TooMany with the seconds to wait, Forbidden ("account-disabled", only with the right password).
    """
    account = find(typed_id)
    tries = attempts.take(_limits(account, typed_id, address, browser, tablet))
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
        _welcome(account, tries, address, browser, tablet)
        audit.record(account.id, "sign-in", account.id)
    return account


def change_password(account_id: str, current: str, password: str) -> Account:
    """Replace one's own password; every other session ends. Returns the account with the new `session_version`.

    Raises Invalid with all problems at once (`current`, `password`), TooMany after repeated wrong current ones, which count for
    themselves: only who is signed in can use them up.
    """
    account = Account.get_by_id(account_id)
    tries = attempts.take([Limit("password", account_id, WRONG_BY_ACCOUNT, SECONDS)])
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


def key_of(account: Account | None, typed_id: str) -> str:
    """Under which name tries for an account are counted. A stranger's is kept as a hash only, the same for every spelling that
    `find` takes for the same: else the count would tell whether there is such an account."""
    if account:
        return account.id
    plain = unicodedata.normalize("NFKC", typed_id).strip().upper().casefold()
    return "?" + hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:16]


def by_address(kind: str, address: str) -> list[Limit]:
    """The limit of all wrong tries from one network, whomever they mean; none where there is no address."""
    if not address:
        return []
    place = attempts.network(address)
    return [Limit(kind, place, WRONG_BY_ADDRESS + MORE_FOR_EACH_GUEST * _guests(place), SECONDS)]


def _limits(account: Account | None, typed_id: str, address: str, browser: Browser | None, tablet: str) -> list[Limit]:
    own = _own_limit(account, typed_id, address, browser, tablet)
    if tablet:
        return [own, Limit("tablet", tablet, WRONG_BY_TABLET, SECONDS)]
    if own.kind == "browser":
        return [own]
    everywhere = Limit("account", key_of(account, typed_id), WRONG_EVERYWHERE, SECONDS)
    return [own, everywhere, *by_address("address", address)]


def _own_limit(account: Account | None, typed_id: str, address: str, browser: Browser | None, tablet: str) -> Limit:
    """The limit that this account has here."""
    key = key_of(account, typed_id)
    if tablet:
        return Limit("account at tablet", f"{key} {tablet}", WRONG_BY_ACCOUNT, SECONDS)
    if browser and account and browser.account == account.id:
        return Limit("browser", browser.word, WRONG_BY_ACCOUNT, SECONDS)
    return Limit("account at place", f"{key} {attempts.network(address)}", WRONG_BY_ACCOUNT, SECONDS)


def _welcome(account: Account, tries: Tries, address: str, browser: Browser | None, tablet: str) -> None:
    attempts.take_back(tries)
    own = _own_limit(account, account.id, address, browser, tablet)
    attempts.forget(own.kind, own.key)
    if address and not tablet:
        Attempt.create(kind=_guest_kind(attempts.network(address)), key=account.id, at=now())


def _guests(place: str) -> int:
    """How many different accounts signed in from there within the time."""
    since = to_ms(now()) - SECONDS * 1000
    different = peewee.fn.COUNT(peewee.fn.DISTINCT(Attempt.key))
    return Attempt.select(different).where(Attempt.kind == _guest_kind(place), Attempt.at > since).scalar()


def _guest_kind(place: str) -> str:
    return f"guest of {place}"
