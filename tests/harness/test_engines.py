"""The database fixtures keep what they promise."""

import peewee
import pytest

from db.database import Counter, open_database
from tests.engines import Engine, opened
from tests.postgres import PostgresServer


def test_a_test_gets_a_migrated_database_on_each_engine(db: peewee.Database, engine: Engine) -> None:
    assert Counter.table_exists()
    expected = {"sqlite": peewee.SqliteDatabase, "postgresql": peewee.PostgresqlDatabase}
    assert isinstance(db, expected[engine.name])


@pytest.mark.parametrize("name", ["first", "second"])
def test_nothing_is_left_from_the_test_before(db: peewee.Database, name: str) -> None:
    assert not Counter.select().where(Counter.name.in_(["first", "second"])).exists()
    Counter.create(name=name, value=1)


def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    with opened(empty_database_url) as database:
        assert database.get_tables() == []


@pytest.mark.engine("sqlite")
def test_a_mark_keeps_a_test_to_one_engine(engine: Engine) -> None:
    assert engine.name == "sqlite"


def test_a_database_in_use_can_still_be_dropped(engine: Engine) -> None:
    url = engine.create()
    database = open_database(url)
    database.connect()
    engine.drop(url)
    database.close()
    assert left_of(url) == []


def left_of(url: str) -> list[str]:
    """The tables of a database that should be gone: SQLite makes an empty one in its place, PostgreSQL has none."""
    try:
        with opened(url) as database:
            return database.get_tables()
    except peewee.OperationalError:
        return []


def test_a_durable_server_writes_to_the_disk_before_it_answers() -> None:
    try:
        server = PostgresServer(durable=True)
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    try:
        with opened(server.create("durable")) as database:
            assert [database.execute_sql(f"SHOW {name}").fetchone()[0] for name in ("fsync", "synchronous_commit")] == ["on", "on"]
    finally:
        server.stop()
