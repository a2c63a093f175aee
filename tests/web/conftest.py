from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from db.database import close_database
from tests.engines import Sqlite
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
