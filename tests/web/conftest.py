from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from db.database import close_database
from tests.engines import Sqlite
from tests.live import LiveServer
from tests.web import sample


@pytest.fixture
def app(sqlite_engine: Sqlite, tmp_path: Path) -> Iterator[Flask]:
    """The sample app, with nobody signed in."""
    url = sqlite_engine.create()
    app = sample.build_app(url, tmp_path / "keys")
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    close_database()
    sqlite_engine.drop(url)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def server(sqlite_engine: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The sample app in a process of its own, for a browser; a graduate is signed in."""
    folder = tmp_path_factory.mktemp("sample")
    url = sqlite_engine.create()
    environment = {"CLEARANCE_DATABASE": url, "CLEARANCE_KEYS": str(folder / "keys")}
    server = LiveServer(folder, environment, app="tests.web.live_sample:app")
    server.start()
    yield server
    server.stop()
    sqlite_engine.drop(url)
