"""Cover for an absence: on the days named, a colleague does for a counselor's classes whatever the counselor does for them.

Not handed on: who covers for somebody does not cover for those whom that person covers.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import peewee

from db import season as seasons
from db.accounts import Account, Grant, holds_now, remembered
from db.audit import record
from db.database import LocalDay, Model, Moment, lock, now, writing
from db.people import ClassGroup
from db.refusals import Invalid, NotFound


class Cover(Model):
    """`cover` looks after the classes of `absent` from one day to another, both included."""

    absent = peewee.ForeignKeyField(Account, backref="covered_by")
    cover = peewee.ForeignKeyField(Account, backref="covers")
    from_day = LocalDay()
    until_day = LocalDay()
    named_at = Moment()
    ended_at = Moment(null=True)

    class Meta:
        table_name = "proxy_cover"  # at first it was for applications of proxies alone
        constraints = (peewee.Check("absent_id <> cover_id"), peewee.Check("from_day <= until_day"))


def standing_for(account: Account) -> list[Cover]:
    """Those by which this account looks after the classes of an `absent` account today. A second query only where any is named."""
    return remembered(account, "_covers", lambda: _standing_for(account))


def _standing_for(account: Account) -> list[Cover]:
    named = Cover.select(Cover, Account).join(Account, on=Cover.absent).order_by(Cover.until_day, Cover.id)
    covers = list(named.where(Cover.cover == account.id, Cover.ended_at.is_null()))
    day = seasons.today() if covers else None
    return [cover for cover in covers if cover.from_day <= day <= cover.until_day]


def own_classes(ids: Collection[str]) -> set[str]:
    """Names of the classes that these accounts counsel themselves now, by the roster or by a right. One query."""
    by_roster = ClassGroup.select(ClassGroup.name).where(ClassGroup.counselor.in_(ids))
    by_right = Grant.select(Grant.scope).where(
        Grant.account.in_(ids), Grant.role == "counselor", Grant.scope_kind == "class", holds_now()
    )
    return {name for (name,) in (by_roster | by_right).tuples()}


def vacant() -> peewee.Expression:
    """The condition that a class has nobody who counsels it: nobody is named, or who is named has no account, or a closed one.

    Its college looks after it then.
    """
    named = Account.select(peewee.SQL("1")).where(Account.id == ClassGroup.counselor, Account.disabled_at.is_null())
    by_right = (
        Grant.select(peewee.SQL("1"))
        .join(Account)
        .where(Grant.role == "counselor", Grant.scope == ClassGroup.name, holds_now(), Account.disabled_at.is_null())
    )
    return ~peewee.fn.EXISTS(named) & ~peewee.fn.EXISTS(by_right)


def name(account: Account, cover: str, first: date, last: date) -> Cover:
    """Let a colleague look after one's classes. The same again is returned as it is.

    Raises Invalid for days that are over or the wrong way round, and for whoever is no counselor.
    """
    if last < first:
        raise Invalid({"until_day": "ends-before-it-begins"})
    if last < seasons.today():
        raise Invalid({"until_day": "days-over"})
    with writing():
        lock("change")  # of the same sent twice at once the second finds the first's row
        found = Account.get_or_none(Account.id == cover) if cover.isprintable() else None
        if found is None or found.disabled_at is not None or not own_classes([found.id]):
            raise Invalid({"cover": "no-counselor"})
        if found.id == account.id:
            raise Invalid({"cover": "not-oneself-as-cover"})
        same = (Cover.absent == account.id, Cover.cover == cover, Cover.from_day == first,
                Cover.until_day == last, Cover.ended_at.is_null())  # fmt: skip
        row = Cover.get_or_none(*same)
        if row is None:
            row = Cover.create(absent=account.id, cover=cover, from_day=first, until_day=last, named_at=now())
            record(account.id, "proxy.cover-named", cover, {"first": first.isoformat(), "last": last.isoformat()})
    return row


def end(account: Account, id_: int) -> None:
    """End a cover that one named oneself. Again: nothing more happens."""
    with writing():
        row = Cover.get_or_none(Cover.id == id_, Cover.absent == account.id)
        if row is None:
            raise NotFound("unknown-cover")
        if Cover.update(ended_at=now()).where(Cover.id == id_, Cover.ended_at.is_null()).execute():
            record(account.id, "proxy.cover-ended", row.cover_id)


def of(account: Account) -> list[Cover]:
    """Those that stand or are to come, for whom one named and by whom one was named."""
    mine = (Cover.absent == account.id) | (Cover.cover == account.id)
    query = Cover.select().where(mine, Cover.ended_at.is_null(), Cover.until_day >= seasons.today())
    return list(query.order_by(Cover.from_day, Cover.id))
