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
from db.people import ClassGroup, College
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


def name(absent: str, cover: str, first: date, last: date, by: str) -> Cover:
    """Let `cover` look after the classes of `absent` on these days. The same again is returned as it is.

    `by` names it: the absent themselves, or somebody for whom `require_college` found that they may. Raises Invalid for days that
    are over or the wrong way round, and for whoever is no counselor.
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
        if found.id == absent:
            raise Invalid({"cover": "not-oneself-as-cover"})
        same = (Cover.absent == absent, Cover.cover == cover, Cover.from_day == first,
                Cover.until_day == last, Cover.ended_at.is_null())  # fmt: skip
        row = Cover.get_or_none(*same)
        if row is None:
            row = Cover.create(absent=absent, cover=cover, from_day=first, until_day=last, named_at=now())
            detail = {"first": first.isoformat(), "last": last.isoformat(), "absent": absent}
            record(by, "proxy.cover-named", cover, detail)
    return row


def require_college(colleges: Collection[str], absent: str) -> None:
    """Raise Invalid unless `absent` is a counselor of these colleges' classes alone: only then may they name the cover."""
    names = own_classes([absent]) if absent.isprintable() else set()
    theirs = ClassGroup.select(College.name).join(College).where(ClassGroup.name.in_(names)).distinct()
    if not names or not {college for (college,) in theirs.tuples()} <= set(colleges):
        raise Invalid({"absent": "no-counselor-here"})


def end(id_: int, by: str, colleges: Collection[str] = ()) -> None:
    """End a cover of one's own, or of a counselor of these colleges. Again: nothing more happens."""
    with writing():
        row = Cover.get_or_none(Cover.id == id_)
        if row is None or (row.absent_id != by and row.id not in {one.id for one in of_colleges(colleges)}):
            raise NotFound("unknown-cover")
        if Cover.update(ended_at=now()).where(Cover.id == id_, Cover.ended_at.is_null()).execute():
            record(by, "proxy.cover-ended", row.cover_id, {"absent": row.absent_id})


def of_colleges(colleges: Collection[str]) -> list[Cover]:
    """Those that stand or are to come, whose absent counsel these colleges' classes."""
    counselors = ClassGroup.select(ClassGroup.counselor).join(College).where(College.name.in_(list(colleges)))
    query = Cover.select().where(Cover.absent.in_(counselors), Cover.ended_at.is_null(), Cover.until_day >= seasons.today())
    return list(query.order_by(Cover.from_day, Cover.id))


def of(account: Account) -> list[Cover]:
    """Those that stand or are to come, for whom one named and by whom one was named."""
    mine = (Cover.absent == account.id) | (Cover.cover == account.id)
    query = Cover.select().where(mine, Cover.ended_at.is_null(), Cover.until_day >= seasons.today())
    return list(query.order_by(Cover.from_day, Cover.id))
