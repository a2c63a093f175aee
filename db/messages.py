"""Messages to graduates: what happened, what a counselor wrote. One row each; where there is an address, an e-mail beside it.

    messages.send(graduate.id, "proxy.approve", f"proxy {application.id} {no}", {"application": application.id})

A message names a kind and what fills its sentence (`portal/message_words.py` has the words), or holds words that somebody wrote.
Its key says what it is about: the same key again sends nothing, so whoever sends may repeat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import peewee

from db import bulk
from db.database import Json, Model, Moment, database, mark, now, to_ms, writing
from db.people import Graduate

SHOWN = 100
"""So many of a graduate's messages, the newest, stand on the page."""

_COLUMNS = {
    "graduate_id": "integer", "kind": "text", "key": "text", "params": "text", "zh": "text", "en": "text", '"by"': "text",
    "at": "bigint",
}  # fmt: skip


class Message(Model):
    """One message. `by` is a staff id, None for the system. `zh` and `en` are empty where the kind has the words. Append-only."""

    graduate = peewee.ForeignKeyField(Graduate, backref="messages")
    kind = peewee.TextField()
    key = peewee.TextField(unique=True)
    params = Json(default=dict)
    zh = peewee.TextField(default="")
    en = peewee.TextField(default="")
    by = peewee.TextField(null=True)
    at = Moment()
    read_at = Moment(null=True)

    class Meta:
        indexes = ((("by", "at"), False),)


class News(NamedTuple):
    """A message to be sent: to which graduate (id), and the columns of `Message`."""

    graduate: int
    kind: str
    key: str
    params: Mapping[str, Any] = {}
    zh: str = ""
    en: str = ""
    by: str | None = None


def send(
    graduate_id: int, kind: str, key: str, params: Mapping[str, Any] | None = None, *, by: str | None = None, zh: str = "",
    en: str = "",
) -> None:  # fmt: skip
    """Send one message, in the caller's transaction when there is one. A key that was used before sends nothing."""
    send_all([News(graduate_id, kind, key, params or {}, zh, en, by)])


def send_all(news: Sequence[News]) -> None:
    """Send these messages in two statements, however many. Nothing is read back: it may stand in `bulk.pipelined()`.

    Graduates with an address get each by e-mail too, as soon as a sender comes by (`db/mail.py`).
    """
    if not news:
        return
    at = to_ms(now())
    facts = Message.params.db_value
    rows = [(one.graduate, one.kind, one.key, facts(dict(one.params)), one.zh, one.en, one.by, at) for one in news]
    among, keys = bulk.one_of([one.key for one in news])
    with writing():
        bulk.insert("message", _COLUMNS, rows, "ON CONFLICT (key) DO NOTHING")
        # Only what is new: an older message with this key has an older time, or its e-mail already.
        database.execute_sql(
            "INSERT INTO mail (message_id, address, state, attempts, due_at, said, changed_at) "
            "SELECT m.id, CASE WHEN g.own_email <> '' THEN g.own_email ELSE g.email END, 'waiting', 0, m.at, '', m.at "
            f"FROM message m JOIN graduate g ON g.id = m.graduate_id WHERE m.key {among} AND m.at = {mark()} "
            "AND (g.own_email <> '' OR g.email <> '') AND g.removed_at IS NULL ON CONFLICT (message_id) DO NOTHING",
            (keys, at),
        )


def of(graduate_id: int) -> list[Message]:
    """The graduate's messages, newest first."""
    query = Message.select().where(Message.graduate == graduate_id)
    return list(query.order_by(Message.at.desc(), Message.id.desc()).limit(SHOWN))


def unread_of(graduate: peewee.Field) -> peewee.ModelSelect:
    """How many messages the graduate of this column has not read: a subquery."""
    return Message.select(peewee.fn.COUNT(Message.id)).where(Message.graduate == graduate, Message.read_at.is_null())


def mark_read(graduate_id: int, upto: int) -> None:
    """Say that the graduate has read every message up to this id. Safe to repeat; the first time counts."""
    with writing():
        theirs = (Message.graduate == graduate_id, Message.id <= upto, Message.read_at.is_null())
        Message.update(read_at=now()).where(*theirs).execute()
