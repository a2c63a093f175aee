"""Every database test on both engines, each with a fresh database of its own.

Ask for one of these, and the test runs once on SQLite and once on PostgreSQL:

- `db`: an open, migrated, empty database; models work. Closed and removed afterwards.
- `database_url`: the same, not opened: for a server in another process.
- `empty_database_url`: without any table: for migrations.
- `engine`: to make several, or one for a whole module: `engine.create()` and `engine.drop(url)`.

`@pytest.mark.engine("sqlite")` keeps a test to one engine. An engine that this machine lacks is skipped, with the reason.
"""

import contextlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import peewee
import pytest

from db.database import close_database, open_database
from db.migrations import migrate
from tests import scratch
from tests.cast import make_season
from tests.postgres import PostgresServer

ENGINES = ("sqlite", "postgresql")


class Engine(Protocol):
    name: str

    def create(self, migrated: bool = True, cast: bool = False) -> str:
        """Make a fresh database, with the named cast in it if asked for, and return its URL."""

    def drop(self, url: str) -> None:
        """Remove it, also when connections to it are still open."""


class Sqlite:
    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def create(self, migrated: bool = True, cast: bool = False) -> str:
        path = self._folder / f"{next(self._numbers)}.sqlite"
        if migrated:
            shutil.copyfile(self._template(cast), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        for tail in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + tail).unlink(missing_ok=True)

    def _template(self, cast: bool) -> Path:
        path = self._folder / ("cast.sqlite" if cast else "migrated.sqlite")
        if not path.exists():
            fill(f"sqlite:///{path}", cast)
        return path


class Postgresql:
    name = "postgresql"

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self._templates: set[str] = set()

    def create(self, migrated: bool = True, cast: bool = False) -> str:
        template = self._template(cast) if migrated else "template1"
        return self._server.create(f"test_{next(self._numbers)}", template)

    def drop(self, url: str) -> None:
        self._server.drop(url.rpartition("/")[2])

    def _template(self, cast: bool) -> str:
        name = "cast" if cast else "migrated"
        if name not in self._templates:
            fill(self._server.create(name), cast)
            self._templates.add(name)
        return name


def fill(url: str, cast: bool) -> None:
    """Make the tables of a new database, and with `cast` the season of `cast.py`."""
    with opened(url):
        migrate()
        if cast:
            make_season()


@contextlib.contextmanager
def opened(url: str) -> Iterator[peewee.Database]:
    """The database of `url`, open for this block."""
    database = open_database(url)
    database.connect(reuse_if_open=True)
    try:
        yield database
    finally:
        close_database()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("engine")
    metafunc.parametrize("engine", marker.args if marker else ENGINES, indirect=True, scope="module")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The one PostgreSQL server of this test process, started when the first test asks for it."""
    try:
        server = PostgresServer()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgresql_engine(postgres_server: PostgresServer) -> Postgresql:
    return Postgresql(postgres_server)


@pytest.fixture(scope="session")
def sqlite_engine() -> Iterator[Sqlite]:
    folder = scratch.make_folder()
    yield Sqlite(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def database_url(engine: Engine, request: pytest.FixtureRequest) -> Iterator[str]:
    url = engine.create(cast="season" in request.fixturenames)
    yield url
    engine.drop(url)


@pytest.fixture
def empty_database_url(engine: Engine) -> Iterator[str]:
    url = engine.create(migrated=False)
    yield url
    engine.drop(url)


@pytest.fixture
def db(database_url: str) -> Iterator[peewee.Database]:
    with opened(database_url) as database:
        yield database
