"""Sessions live in signed cookies, which can be copied: what somebody signed out of is remembered until its time is over."""

from __future__ import annotations

from datetime import timedelta

import peewee

from db.database import Model, Moment, now, writing


class EndedSession(Model):
    """A session that was signed out of; `id` is the random word in its cookie, which opens nothing by itself any more."""

    id = peewee.TextField(primary_key=True)
    until = Moment(index=True)


def end(session_id: str, lifetime: timedelta) -> None:
    """End this one session, wherever its cookie lies. Safe to repeat. `lifetime`: no session lives longer."""
    with writing():
        EndedSession.insert(id=session_id, until=now() + lifetime).on_conflict_ignore().execute()


def goes_on(session_id: str) -> peewee.Expression:
    """The condition that nobody signed out of this session, for the query that finds its account."""
    return ~peewee.fn.EXISTS(EndedSession.select(EndedSession.id).where(EndedSession.id == session_id))


def forget_old() -> int:
    """Forget sessions that would have ended by now; returns how many."""
    with writing():
        return EndedSession.delete().where(EndedSession.until < now()).execute()
