"""One-time codes for a whole class: who would get one, and the codes themselves, to be printed at once and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import peewee

from db import audit
from db.accounts import Account, Activation
from db.activations import VALID, issue_activations
from db.database import lock, now, writing
from db.people import ClassGroup, Graduate
from db.refusals import Conflict, NotFound


class Waiting(NamedTuple):
    """A class before new codes are made: accounts that would get one, that are activated, that are closed.

    `unused` codes handed out earlier would end. `newest` stands for the last code made, whoever got it (0: none yet).
    """

    fresh: int
    activated: int
    closed: int
    unused: int
    newest: int


class Code(NamedTuple):
    """A graduate's code; it is told here and never again."""

    number: str
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a class by number, good until then; `activated` and `closed` accounts got none."""

    codes: list[Code]
    until: datetime
    activated: int
    closed: int


def waiting(class_id: int) -> Waiting:
    """How the accounts of the class stand now. Two queries."""
    accounts = _accounts(class_id)
    codes = Activation.select(
        peewee.fn.COALESCE(peewee.fn.MAX(Activation.id), 0),
        peewee.fn.COUNT(peewee.Case(None, [((Activation.used_at.is_null() & (Activation.expires_at > now())), 1)])),
    ).join(Account).join(Graduate)
    newest, unused = codes.where(*_of(class_id)).tuples().get()
    fresh = [account for account in accounts if not _left_out(account)]
    activated = sum(account.password_hash is not None for account in accounts)
    return Waiting(len(fresh), activated, len(accounts) - len(fresh) - activated, unused, newest)


def issue(class_id: int, by: str, newest: int | None = None) -> Codes:
    """Make new codes for everybody of the class who has not activated the account; every code handed out earlier ends.

    With `newest`, only if that is still the last code: a second press must not end what the first one printed. Raises
    Conflict then (`codes-made-meanwhile`) and when nobody needs a code (`nobody-waits`), NotFound for an unknown class.
    """
    with writing():
        lock("change")
        group = ClassGroup.get_or_none(ClassGroup.id == class_id)
        if group is None:
            raise NotFound("unknown-class")
        before = waiting(class_id)
        if newest is not None and newest != before.newest:
            raise Conflict("codes-made-meanwhile")
        if not before.fresh:
            raise Conflict("nobody-waits")
        until = now() + VALID
        accounts = {account.id: account for account in _accounts(class_id)}
        made = issue_activations(accounts, by)
        left_out = len(accounts) - len(made)
        audit.record(by, "activations.printed", group.name, {"accounts": len(made), "left_out": left_out})
    codes = [Code(number, accounts[number].name, made[number]) for number in accounts if number in made]
    return Codes(codes, until, before.activated, before.closed)


def _accounts(class_id: int) -> list[Account]:
    """The accounts of those on the roster, by number."""
    return list(Account.select().join(Graduate).where(*_of(class_id)).order_by(Account.id))


def _of(class_id: int) -> tuple[peewee.Expression, ...]:
    return Graduate.class_group == class_id, Graduate.removed_at.is_null()


def _left_out(account: Account) -> bool:
    return account.password_hash is not None or account.disabled_at is not None
