"""What was sent to graduates, and how far each e-mail has come.

Those who remind see their own reminders to those whom they look after now, administrators all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

import peewee

from db.accounts import Account
from db.grants import classes_near, powers_of
from db.mail import Mail
from db.messages import Message
from db.people import ClassGroup, Graduate
from db.reminders import KINDS

PORTAL_ONLY = "none"


class Wanted(NamedTuple):
    """Which; empty: all. `states` of the e-mail, `kind` the beginning of one, `who` a name, a number or a class, `by` staff ids."""

    states: Collection[str] = ()
    kind: str = ""
    who: str = ""
    by: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None


class Line(NamedTuple):
    """One message, to whom, and its e-mail (None: portal only)."""

    message: Message
    graduate: Graduate
    mail: Mail | None


def count(account: Account, wanted: Wanted) -> int:
    """How many there are of these."""
    return _fitting(account, wanted).count()


def lines(account: Account, wanted: Wanted, start: int = 0, most: int = 100) -> list[Line]:
    """Some of these, newest first. One query."""
    rows = _fitting(account, wanted).order_by(Message.id.desc()).offset(start).limit(most)
    return [Line(row, row.graduate, getattr(row, "post", None)) for row in rows]


def every(account: Account, wanted: Wanted) -> Iterator[Line]:
    """All of these, newest first, read a thousand at a time."""
    start = 0
    while some := lines(account, wanted, start, 1000):
        yield from some
        start += len(some)


def _fitting(account: Account, wanted: Wanted) -> peewee.ModelSelect:
    query = (
        Message.select(Message, Graduate, ClassGroup, Mail)
        .join(Graduate).join(ClassGroup)
        .join_from(Message, Mail, peewee.JOIN.LEFT_OUTER, on=(Mail.message == Message.id), attr="post")
    )  # fmt: skip
    if not powers_of(account).may("admin"):
        near = Graduate.class_group.in_(classes_near(powers_of(account)))
        query = query.where(Message.by == account.id, Message.kind.in_(KINDS), near)
    elif wanted.by:
        query = query.where(Message.by.in_(wanted.by))
    if wanted.states:
        portal_only = Mail.id.is_null() & (PORTAL_ONLY in wanted.states)
        query = query.where(Mail.state.in_(wanted.states) | portal_only)
    if wanted.kind:
        query = query.where(Message.kind.startswith(wanted.kind))
    if wanted.who:
        query = query.where((Graduate.number == wanted.who) | (Graduate.name == wanted.who) | (ClassGroup.name == wanted.who))
    if wanted.since:
        query = query.where(Message.at >= wanted.since)
    if wanted.until:
        query = query.where(Message.at < wanted.until)
    return query
