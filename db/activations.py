"""The first way into an account: a one-time code on a slip of paper. Only its hash is kept, and it says nothing about the person.

A code has 12 letters and digits without those that look alike, about 58 bits. A hash as slow as a password's would make a whole
season's slips take half an hour and protect nothing that can be guessed. For the same reason a right code never waits for wrong
ones: nobody can keep somebody else from using theirs.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from db import attempts, audit, passwords, signin
from db.accounts import BATCH, Account, Activation, find, hold
from db.attempts import Limit
from db.database import now, writing
from db.refusals import Conflict, Invalid

ALPHABET = "23456789abcdefghjkmnpqrstwxyz"
GROUPS, GROUP = 3, 4
VALID = timedelta(days=30)
# A forgotten password: whoever checked the person's identity hands the code over at once.
VALID_FOR_RESET = timedelta(minutes=15)


def issue_activation(account_id: str, by: str, valid: timedelta | None = None) -> str:
    """A new code for the account, which ends earlier ones; it is told here and never again.

    It is valid for 30 days, or 15 minutes where there is a password already (it was forgotten), unless `valid` says otherwise.
    Raises NotFound, or Conflict when the account is disabled.
    """
    code = _new_code()
    with writing():
        account = hold(account_id)
        if account.disabled_at is not None:
            raise Conflict("account-disabled")
        reset = account.password_hash is not None
        usual = VALID_FOR_RESET if reset else VALID
        _store({account_id: code}, by, usual if valid is None else valid)
        audit.record(by, "activation.issued", account_id, {"reset": reset})
    return code


def issue_activations(account_ids: Iterable[str], by: str, valid: timedelta = VALID) -> dict[str, str]:
    """New codes for all of these accounts that have no password yet and are not disabled: account id → code.

    Cheap: two statements for each 500. Codes handed out earlier for the same accounts end.
    """
    wanted = sorted(set(account_ids))
    codes: dict[str, str] = {}
    with writing():
        for start in range(0, len(wanted), BATCH):
            part = Account.select(Account.id).where(
                Account.id.in_(wanted[start : start + BATCH]), Account.password_hash.is_null(), Account.disabled_at.is_null()
            )
            fresh = {account.id: _new_code() for account in part}
            _store(fresh, by, valid)
            codes |= fresh
        if codes:
            audit.record(by, "activation.issued", detail={"accounts": len(codes)})
    return codes


def activate(typed_id: str, code: str, password: str, address: str = "") -> Account:
    """Set the password of an account with its code, which is then used up. Every earlier session ends.

    Raises Invalid with all problems at once (`code`, `password`) and TooMany after repeated wrong codes, which count for
    themselves, by account and network and by network. Capitals, spaces and hyphens in a code do not matter. Nothing tells a
    stranger whether the account exists.
    """
    account = find(typed_id)
    found = account and Activation.get_or_none(Activation.code_hash == _hash(account.id, code))
    if account is None or not found:
        tries = attempts.take(_limits(account, typed_id, address))
        audit.record("", "activation.failed", account.id if account else "", {"waits": tries.last})
        raise Invalid(_errors("activation-wrong", passwords.problems(password, numbers=(typed_id,))))
    faults = passwords.problems(password, name=account.name, numbers=account.numbers)
    errors = _errors(_refusal_of(account, found), faults)
    if errors:
        raise Invalid(errors)
    fresh = passwords.make_hash(password)
    with writing():
        account = hold(account.id)
        used = Activation.update(used_at=now()).where(
            Activation.id == found.id, Activation.used_at.is_null(), Activation.expires_at > now()
        )
        if account.disabled_at is not None or not used.execute():
            raise Invalid({"code": "activation-used"})
        signin.keep_password(account, fresh)
        audit.record(account.id, "account.activated", account.id)
    return account


def _limits(account: Account | None, typed_id: str, address: str) -> list[Limit]:
    place = f"{signin.key_of(account, typed_id)} {attempts.network(address)}"
    own = Limit("activation at place", place, signin.WRONG_BY_ACCOUNT, signin.SECONDS)
    return [own, *signin.by_address("activation", address)]


def _errors(code: str, faults: list[str]) -> dict[str, object]:
    return ({"code": code} if code else {}) | ({"password": faults} if faults else {})


def _refusal_of(account: Account, activation: Activation) -> str:
    """Why a right code does not count; only its holder is told."""
    if activation.used_at is not None:
        return "activation-used"
    if account.disabled_at is not None:
        return "account-disabled"
    return "activation-expired" if activation.expires_at <= now() else ""


def _store(codes: dict[str, str], by: str, valid: timedelta) -> None:
    moment = now()
    if not codes:
        return
    open_ones = (Activation.account.in_(list(codes)), Activation.used_at.is_null(), Activation.expires_at > moment)
    Activation.update(expires_at=moment).where(*open_ones).execute()
    Activation.insert_many(
        {
            "account": account_id,
            "code_hash": _hash(account_id, code),
            "created_by": by,
            "created_at": moment,
            "expires_at": moment + valid,
        }
        for account_id, code in codes.items()
    ).execute()


def _new_code() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def _hash(account_id: str, code: str) -> str:
    bare = "".join(sign for sign in code.lower() if sign in ALPHABET)
    return hashlib.sha256(f"{account_id}:{bare}".encode()).hexdigest()
