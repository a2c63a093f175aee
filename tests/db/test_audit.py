"""The audit trail grows, keeps one chain, and shows what was done to it."""

import os
import subprocess
import sys
from pathlib import Path

import peewee
import pytest

from db import audit
from db.audit import AuditEvent, Problem
from db.database import database, writing

APPEND = """
import sys
from db import audit
from db.database import open_database, writing
open_database(sys.argv[1])
for number in range(40):
    with writing():
        audit.record(sys.argv[2], "test", str(number))
"""


@pytest.fixture
def five(db):
    for number in range(1, 6):
        audit.record("st_1", "test", f"subject {number}", {"n": number, "of": ["护理", None, True]}, "203.0.113.7")
    return db


def tampered(db, *statements):
    """Do what only somebody with the database in hand could do: switch the guard off, then change rows."""
    sqlite = isinstance(db, peewee.SqliteDatabase)
    guards = ("audit_event_no_update", "audit_event_no_delete") if sqlite else ("audit_event_append_only",)
    for guard in guards:
        db.execute_sql(f"DROP TRIGGER {guard}" + ("" if sqlite else " ON audit_event"))
    for statement in statements:
        db.execute_sql(statement)
    return audit.verify()


def test_an_empty_trail_is_whole(db):
    assert audit.verify() == []
    assert audit.head() == (0, "")


def test_events_are_chained_and_whole(five):
    events = list(AuditEvent.select().order_by(AuditEvent.seq))
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    assert [event.prev for event in events] == ["", *(event.hash for event in events[:-1])]
    assert events[2].detail == {"n": 3, "of": ["护理", None, True]}
    assert audit.head() == (5, events[-1].hash)
    assert audit.verify() == []


def test_an_event_shares_the_fate_of_its_transaction(five):
    with writing(), database.atomic() as part:
        audit.record("st_1", "undone")
        part.rollback()
    audit.record("st_1", "test")
    assert audit.head()[0] == 6
    assert audit.verify() == []


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET actor = 'x' WHERE seq = 2", "DELETE FROM audit_event WHERE seq = 5"])
def test_the_database_itself_refuses_to_change_it(five, statement):
    with pytest.raises(peewee.DatabaseError), five.atomic():
        five.execute_sql(statement)


@pytest.mark.parametrize(
    "change",
    ["actor = 'x'", "action = 'x'", "subject = ''", "detail = '{}'", "detail = 'no json'", "address = ''", "at = at + 1"],
)
def test_a_changed_row_shows(five, change):
    assert tampered(five, f"UPDATE audit_event SET {change} WHERE seq = 3") == [Problem("changed", 3)]


def test_a_row_made_anew_breaks_the_link_after_it(five):
    assert tampered(five, "UPDATE audit_event SET hash = 'forged' WHERE seq = 3") == [
        Problem("changed", 3),
        Problem("unlinked", 4),
    ]


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_missing_row_shows_the_last_one_too(five, seq):
    assert tampered(five, f"DELETE FROM audit_event WHERE seq = {seq}") == [Problem("missing", seq)]


def test_what_a_database_cannot_hold_is_replaced_and_long_text_cut(db):
    event = audit.record("a\0b", "x\ud800", "s" * 1000, {"k\0": ["v\0", 1.5, {"deep": object}]}, "\x1b[31m")
    stored = AuditEvent.get_by_id(event.seq)
    assert (stored.actor, stored.action, len(stored.subject)) == ("a\ufffdb", "x\ufffd", 200)
    assert stored.detail["k\ufffd"][:2] == ["v\ufffd", "1.5"]
    assert stored.address == "\ufffd[31m"
    assert audit.verify() == []


def test_the_place_it_came_from_need_not_be_passed_along(db):
    before = audit.origin.set("198.51.100.4")
    try:
        assert audit.record("st_1", "test").address == "198.51.100.4"
    finally:
        audit.origin.reset(before)
    assert audit.record("st_1", "test").address == ""


def test_reading_in_batches_misses_nothing(five, monkeypatch):
    monkeypatch.setattr(audit, "BATCH", 2)
    assert audit.verify() == []


def test_many_processes_write_one_chain(db, database_url):
    folder = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    writers = [
        subprocess.Popen([sys.executable, "-c", APPEND, database_url, f"st_{number}"], env=environment, cwd=folder)
        for number in range(4)
    ]
    assert [writer.wait(120) for writer in writers] == [0] * 4
    assert audit.head()[0] == 160
    assert audit.verify() == []
