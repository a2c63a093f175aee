"""Finding accounts for the administrator: a page at a time, by id or name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from db.accounts import Account, Grant, holds_now

PAGE = 50


def search(words: str = "", graduates: bool = False, after: str = "", most: int = PAGE) -> tuple[list[Account], str | None]:
    """Staff (or graduates) whose id begins with, or whose name contains, these words; by id, and after which id to go on."""
    query = Account.select().where(Account.graduate.is_null(not graduates), Account.id > after).order_by(Account.id)
    if words:
        query = query.where(Account.id.startswith(words) | Account.name.contains(words))
    found = list(query.limit(most + 1))
    return found[:most], found[most - 1].id if len(found) > most else None


def rights_of(account_ids: Iterable[str]) -> dict[str, list[Grant]]:
    """The rights that hold now of each of these accounts, in one query."""
    rights: dict[str, list[Grant]] = defaultdict(list)
    for row in Grant.select().where(Grant.account.in_(list(account_ids)), holds_now()).order_by(Grant.role, Grant.scope):
        rights[row.account_id].append(row)
    return rights


def staff_names(ids: Collection[str]) -> dict[str, str]:
    """The names of those among these ids who work here. One query."""
    query = Account.select(Account.id, Account.name).where(Account.id.in_(ids), Account.graduate.is_null())
    return dict(query.tuples())


def staff_called(name: str) -> list[str]:
    """The ids of those who work here under this name, ten at most."""
    query = Account.select(Account.id).where(Account.name == name, Account.graduate.is_null()).limit(10)
    return [id_ for (id_,) in query.tuples()]
