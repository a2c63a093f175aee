"""What a commit promises."""

import sqlite3
from contextlib import closing

import psycopg
import pytest
from psycopg.errors import LockNotAvailable

from db.database import database, lock, on_sqlite, writing


def setting(name: str):
    return database.execute_sql(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.engine("sqlite")
def test_what_is_committed_is_on_the_disk_and_writers_wait_for_one_another(db):
    assert setting("synchronous") == 2  # full: also the journal's own end is flushed
    assert setting("journal_mode") == "wal"
    assert setting("busy_timeout") == 20_000
    assert setting("foreign_keys") == 1


def take_beside(url: str) -> None:
    """Take what a writer takes, over another connection, without waiting for it."""
    if on_sqlite():
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
    else:
        with psycopg.connect(url) as other:
            other.execute("SELECT FROM counter WHERE name = 'change' FOR UPDATE NOWAIT")


def test_who_writes_is_alone_from_the_start_so_that_nothing_read_there_changes_before_the_end(db, database_url):
    with writing():
        lock("change")
        with pytest.raises((sqlite3.OperationalError, LockNotAvailable)):
            take_beside(database_url)
    take_beside(database_url)
