"""The server's disk is full: everybody is told so and comes again, its log says so plainly, and nothing is half kept."""

import errno
import io
import os
import stat
import threading

import psycopg
import pytest
from peewee import OperationalError

from db import attachments
from db.audit import verify
from db.database import close_database, database, on_sqlite, writing
from db.ledger import Entry
from db.outage import outage
from db.projection import verify as verify_projection
from db.rules.attachment import name_of
from db.uploads import Upload
from db.vault import Vault
from tests.cast import ADMIN, CONDUCT, LIBRARY
from tests.client import Client
from tests.kiosk.conftest import app, enrol, http  # noqa: F401 - fixtures
from tests.portal.graduate_case import open_today

ENTRIES = 60
"""As many as need new pages of a database, whatever room the last ones left."""
HTMX, ENGLISH = {"HX-Request": "true"}, {"Accept-Language": "en"}
LIST = ("学号,姓名\n" + "2020000000,安然\n" * 5_000).encode()


class Disk:
    """Where the database lies. SQLite then gets no page more; PostgreSQL's server says what it says of a full disk."""

    def fill(self) -> None:
        if on_sqlite():
            database.obj.pragma("max_page_count", database.obj.pragma("page_count"), permanent=True)
            close_database()  # so that every thread opens it anew
        else:
            with writing():
                database.execute_sql(FULL)
                for table in ("entry", "upload"):
                    database.execute_sql(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()")
            close_database()

    def empty(self) -> None:
        if on_sqlite():
            database.obj.pragma("max_page_count", 1 << 30, permanent=True)
            close_database()
        else:
            with writing():
                database.execute_sql("DROP FUNCTION full_disk CASCADE")


FULL = """CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN
RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$ LANGUAGE plpgsql"""


@pytest.fixture
def disk(season):
    open_today(season)
    return Disk()


def test_a_tablet_is_told_to_come_again_and_then_everything_is_taken_once(disk, season, enrol, caplog):  # noqa: F811
    tablet = enrol("library")
    made = [tablet.hand.act("note", season.an, LIBRARY, reason="n" * 300) for _ in range(ENTRIES)]
    body = {"entries": [{"jws": one.token} for one in made], "clock": None, "pending": 0}
    disk.fill()
    for _ in range(2):
        answer = tablet.post("entries", body, headers=ENGLISH)
        assert (answer.status_code, answer.json["error"]["code"]) == (503, "disk-full"), answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json["error"]["message"] == "The server has no space left to store anything; nothing was changed."
    assert "DISK FULL" in caplog.text
    assert Entry.select().count() == 0
    assert tablet.get("snapshot").status_code == 200, "who only reads goes on"
    disk.empty()
    for outcome in ("accepted", "duplicate"):
        assert {one["outcome"] for one in tablet.upload(made)} == {outcome}
    assert Entry.select().count() == ENTRIES
    assert (verify(), list(verify_projection())) == ([], [])


def test_of_many_uploads_at_once_each_is_told_so(disk, season, app, enrol):  # noqa: F811
    """They are written together, by one of the threads that wait (`db/group_commit.py`)."""
    tablets = [enrol("library", f"平板{n}") for n in range(4)]
    bodies = [
        {"entries": [{"jws": tablet.hand.act("note", season.an, LIBRARY, reason="n" * 300).token} for _ in range(ENTRIES)],
         "clock": None, "pending": 0} for tablet in tablets
    ]  # fmt: skip
    disk.fill()
    assert at_once(app, tablets, bodies) == [503] * 4
    disk.empty()
    assert at_once(app, tablets, bodies) == [200] * 4
    assert Entry.select().count() == 4 * ENTRIES


def at_once(app, tablets, bodies):  # noqa: F811
    """The status that each tablet is answered."""
    told = [0] * len(tablets)

    def send(place):
        http = app.test_client()  # noqa: F811
        told[place] = http.post("/station/v1/entries", json=bodies[place], headers=tablets[place].headers({})).status_code
        close_database()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(len(tablets))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


def test_a_person_is_told_in_either_language_and_goes_on_once_there_is_space(disk, app, caplog):  # noqa: F811
    app.test_client_class = Client
    office = app.test_client().sign_in_as(ADMIN)
    office.token()
    disk.fill()
    told = {"zh": ("服务器磁盘已满", {}), "en": ("The server has no space left", ENGLISH), "htmx": ("服务器磁盘已满", HTMX)}
    for how, (words, headers) in told.items():
        answer = office.send(f"/lists/{CONDUCT}/uploads", headers, file=(io.BytesIO(LIST), "list.csv"))
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True), how
        assert words in answer.text
        assert ("<html" in answer.text) == (how != "htmx")
    assert "DISK FULL" in caplog.text
    assert office.get("/lists").status_code == 200
    disk.empty()
    assert office.send(f"/lists/{CONDUCT}/uploads", file=(io.BytesIO(LIST), "list.csv")).status_code == 303
    assert Upload.select().count() == 1


@pytest.fixture
def no_room(monkeypatch):
    """Room for a key, and for the end of nothing that is longer."""
    flush = os.fsync

    def fsync(handle):
        found = os.fstat(handle)
        if stat.S_ISREG(found.st_mode) and found.st_size > 32:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(handle)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.engine("sqlite")
def test_of_a_file_that_had_no_room_nothing_is_left(season, tmp_path, no_room):
    vault, content = Vault(tmp_path / "pictures", tmp_path / "keys"), b"a letter" * 10
    for keep in (
        lambda: vault.put(content),
        lambda: attachments.keep(tmp_path / "attachments", name_of(content), content, "image/png", "dv_1"),
    ):
        with pytest.raises(OSError, match="No space left") as refused:
            keep()
        assert outage(refused.value) == "disk-full"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(("error", "told"), [
    (psycopg.errors.DiskFull(), "disk-full"), (psycopg.errors.AdminShutdown(), "database-away"),
    (psycopg.errors.TooManyConnections(), "database-away"), (psycopg.OperationalError("connection refused"), "database-away"),
    (psycopg.errors.DeadlockDetected(), None), (psycopg.errors.QueryCanceled(), None), (psycopg.errors.UndefinedTable(), None),
    (OSError(errno.ENOENT, "x"), None), (OSError(errno.EDQUOT, "x"), "disk-full"), (ValueError("x"), None), (None, None),
])  # fmt: skip
def test_a_fault_of_the_program_is_none_of_the_disk(db, error, told):
    assert outage(error) == told


@pytest.mark.engine("sqlite")
def test_a_fault_in_a_statement_is_still_told_as_one(db):
    with pytest.raises(OperationalError) as fault:
        database.execute_sql("SELECT nothing FROM nowhere")
    assert outage(fault.value) is None
