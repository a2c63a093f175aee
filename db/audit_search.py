"""Reading the audit trail: newest first, a page at a time, by what one looks for."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import peewee

from db.audit import AuditEvent

PAGE = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look for; empty is everything. By one of `actors`, about one of `subjects`; `action` may be the beginning of one.

    `since` (included) and `until` are epoch ms.
    """

    actors: Sequence[str] = ()
    action: str = ""
    subjects: Sequence[str] = ()
    since: int | None = None
    until: int | None = None


def search(wanted: Filter, before: int | None = None, most: int = PAGE) -> tuple[list[AuditEvent], int | None]:
    """Events before seq `before`, newest first, and from where to go on (None: that was all). One query."""
    query = _fitting(wanted).order_by(AuditEvent.seq.desc()).limit(most + 1)
    if before is not None:
        query = query.where(AuditEvent.seq < before)
    events = list(query)
    return events[:most], events[most - 1].seq if len(events) > most else None


def every(wanted: Filter, upto: int) -> Iterator[AuditEvent]:
    """Every event up to seq `upto`, newest first, read a thousand at a time: a long trail never lies in memory whole."""
    before: int | None = upto + 1
    while before is not None:
        events, before = search(wanted, before, 1000)
        yield from events


def count(wanted: Filter, upto: int) -> int:
    """How many events `every` gives."""
    return _fitting(wanted).where(AuditEvent.seq <= upto).count()


def _fitting(wanted: Filter) -> peewee.ModelSelect:
    query = AuditEvent.select()
    if wanted.actors:
        query = query.where(AuditEvent.actor.in_(wanted.actors))
    if wanted.action:
        query = query.where(AuditEvent.action.startswith(wanted.action))
    if wanted.subjects:
        query = query.where(AuditEvent.subject.in_(wanted.subjects))
    if wanted.since is not None:
        query = query.where(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEvent.at < wanted.until)
    return query


def about(subject: str, beginnings: Sequence[str], most: int) -> list[AuditEvent]:
    """The newest events about somebody or something whose actions begin with one of these words."""
    kinds = reduce(operator.or_, (AuditEvent.action.startswith(word) for word in beginnings))
    return list(AuditEvent.select().where(AuditEvent.subject == subject, kinds).order_by(AuditEvent.seq.desc()).limit(most))


def latest(action: str) -> AuditEvent | None:
    """The newest event of this action, None where there is none."""
    return AuditEvent.select().where(AuditEvent.action == action).order_by(AuditEvent.seq.desc()).first()
