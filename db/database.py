"""Open the database by URL and write to it safely.

SQLite is the embedded default; PostgreSQL serves many portal processes. Everything above this module is written once for both.
"""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import peewee

database = peewee.DatabaseProxy()

_url: str | None = None

# SQLite lets one writer in at a time. Waiting here, in order, is far cheaper than polling its file lock (docs/operations.md).
_writer = threading.RLock()

_waited = threading.local()


class Model(peewee.Model):
    class Meta:
        database = database
        legacy_table_names = False


class Moment(peewee.BigIntegerField):
    """An aware UTC datetime, stored as whole milliseconds since 1970."""

    def db_value(self, value: datetime | int | None) -> int | None:
        return to_ms(value) if isinstance(value, datetime) else value

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else from_ms(value)


class Json(peewee.TextField):
    """A small JSON value in a text column, the same on both engines."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)


class LocalDay(peewee.TextField):
    """A day of the season's calendar, stored as year-month-day."""

    def db_value(self, value: date | str | None) -> str | None:
        return value.isoformat() if isinstance(value, date) else value

    def python_value(self, value: str | None) -> date | None:
        return None if value is None else date.fromisoformat(value)


def now() -> datetime:
    """This moment, aware, in UTC, cut to milliseconds: what every `Moment` column holds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return round(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of milliseconds since 1970."""
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def open_database(url: str) -> peewee.Database:
    """Point every model at the database of `url` (`sqlite:///path` or `postgresql://user@host/name`) and return it.

    Connections are opened per thread on first use and kept: reopening costs 40 to 60 % (docs/operations.md).
    Opening what is open already changes nothing; another one's connection of this thread is closed. Raises ValueError for another
    kind of URL.
    """
    global _url
    if database.obj is not None and url == _url:
        return database.obj
    kind = urlsplit(url).scheme
    if kind == "sqlite":
        path = url.removeprefix("sqlite:///")
        opened: peewee.Database = peewee.SqliteDatabase(
            path,
            pragmas={
                "journal_mode": "wal",
                "synchronous": "full",
                "foreign_keys": 1,
                "busy_timeout": 20_000,
                "wal_autocheckpoint": 20_000,  # pages, 80 MB: copying them back after every large upload would double its commit
                "cache_size": -32_000,
            },
        )
    elif kind in ("postgresql", "postgres"):
        # A plan that was kept from when a table was still empty would read the whole of it, for as long as nobody analyses it.
        opened = peewee.PostgresqlDatabase(url, prefer_psycopg3=True, options="-c plan_cache_mode=force_custom_plan")
    else:
        raise ValueError(f"CLEARANCE_DATABASE must begin with sqlite:/// or postgresql://, not {url!r}")
    close_database()
    database.initialize(opened)
    _url = url
    return opened


def opened_url() -> str:
    """The URL of the open database."""
    assert _url is not None, "no database was opened"
    return _url


def close_database() -> None:
    """Close this thread's connection; a no-op where none is open."""
    if database.obj is not None and not database.is_closed():
        database.close()


def on_sqlite() -> bool:
    return isinstance(database.obj, peewee.SqliteDatabase)


@contextmanager
def writing() -> Iterator[None]:
    """One transaction that may write. Nested uses join the outer one as savepoints.

    On SQLite the write lock is taken at the start, so that what is read inside cannot change before the commit.
    """
    if on_sqlite():
        with _writer, database.atomic("IMMEDIATE"):
            yield
    else:
        with database.atomic():
            yield


class Counter(Model):
    """Numbers that rise in commit order: taking one holds its row until the commit, so that who sees 12 has seen 11."""

    name = peewee.TextField(primary_key=True)
    value = peewee.BigIntegerField(default=0)


class Tick(Model):
    """The last change number of each committed transaction, with a random word.

    A cursor repeats the word, so one from another database, or from a future that a restore took back, is recognised.
    """

    change = peewee.BigIntegerField(primary_key=True)
    word = peewee.TextField()


def lock(name: str) -> None:
    """Hold the counter `name` until the transaction ends. Must be called inside `writing()`, which is enough on SQLite."""
    if not on_sqlite():
        database.execute_sql("SELECT FROM counter WHERE name = %s FOR UPDATE", (name,))
    _waited.turn = turn() + 1


def turn() -> int:
    """How often this thread has taken a lock by `lock`: what was read in an earlier turn may have changed while it waited."""
    return getattr(_waited, "turn", 0)


def lock_row(model: type[Model], id_: int) -> None:
    """Let nobody else hold this row until the transaction ends, so that of two at once the second sees what the first did.

    Must be called inside `writing()`, which is enough on SQLite.
    """
    if not on_sqlite():
        model.select(model.id).where(model.id == id_).for_update().execute()


NEWEST = "(SELECT value FROM counter WHERE name = 'change')"
"""In SQL, after `raise_change()`: this transaction's change number."""


def raise_change() -> None:
    """Take the next change number, `NEWEST` from here on, and leave its tick. Must be called inside `writing()`.

    Nothing is read back, so that PostgreSQL need not be waited for (`db.bulk.pipelined`).
    """
    database.execute_sql("UPDATE counter SET value = value + 1 WHERE name = 'change'")
    database.execute_sql(f"INSERT INTO tick (change, word) VALUES ({NEWEST}, {mark()})", (secrets.token_hex(6),))


def next_change() -> int:
    """As `raise_change`, and say the number."""
    raise_change()
    return database.execute_sql(f"SELECT {NEWEST}").fetchone()[0]


def touch_season() -> None:
    """Tell every process that what `db.season` keeps has changed: plan, stations, grants, staff, lists. Inside `writing()`.

    A random number, not the next one: after a rollback the next one would come again and mean something else.
    """
    database.execute_sql(f"UPDATE counter SET value = {mark()} WHERE name = 'season'", (secrets.randbelow(2**62),))


def mark_rehearsal() -> None:
    """Let this database say for good that it is a rehearsal's."""
    Counter.create(name="rehearsal", value=1)


def is_rehearsal() -> bool:
    """Whether the open database is a rehearsal's."""
    return Counter.get_or_none(Counter.name == "rehearsal") is not None


@contextmanager
def reading() -> Iterator[None]:
    """One consistent view for several reads, however much is written meanwhile. Not to be nested in `writing()`."""
    with database.atomic():
        if not on_sqlite():
            database.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def mark() -> str:
    """The engine's placeholder for one parameter of plain SQL."""
    return database.param


def marks(count: int) -> str:
    """`count` placeholders, joined by commas."""
    return ",".join([database.param] * count)
