"""A portal over the cast's season, and tablets that speak to it over HTTP."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from db import stations
from db.keys import KeyStore
from db.rules import jws
from portal import create_app
from portal.config import Config
from tests.cast import Season, Signed, TabletDouble, key_of
from tests.contract import Contract


@pytest.fixture
def app(season: Season, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Nothing that it answers is beyond its own description."""
    keys = tmp_path / "private" / "keys"
    KeyStore.create(keys)
    made, contract = create_app(Config(database_url, keys)), Contract()
    contract.watch(made)
    yield made
    assert not contract.breaches


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


@dataclass
class Tablet:
    """A tablet that was enrolled over the protocol and speaks nothing else."""

    http: FlaskClient
    token: str
    hand: TabletDouble
    answer: dict[str, Any] = field(default_factory=dict)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.http.get(f"/station/v1/{path}", headers=self.headers(options.pop("headers", {})), **options)

    def post(self, path: str, body: Any, **options: Any) -> TestResponse:
        return self.http.post(f"/station/v1/{path}", json=body, headers=self.headers(options.pop("headers", {})), **options)

    def headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **more}

    def snapshot(self) -> dict[str, Any]:
        return read(self.get("snapshot"))

    def changes(self, cursor: str) -> dict[str, Any]:
        return read(self.get("changes", query_string={"after": cursor}))

    def upload(self, made: Iterable[Signed | str]) -> list[dict[str, Any]]:
        tokens = [one if isinstance(one, str) else one.token for one in made]
        answer = self.post("entries", {"entries": [{"jws": token} for token in tokens], "clock": None, "pending": 0})
        assert answer.status_code == 200, answer.text
        return answer.json["answers"]


@pytest.fixture
def enrol(http: FlaskClient) -> Callable[..., Tablet]:
    """Enrol a tablet at a station, over HTTP."""

    def make(station: str = "library", name: str = "平板一号") -> Tablet:
        key = f"{station} {name}"
        answer = http.post("/station/v1/enrolments", json=enrolment(stations.issue_code(station, "admin"), name, key))
        assert answer.status_code == 201, answer.text
        hand = TabletDouble(answer.json["device"], station)
        hand.sign = lambda payload, header=None, key_=key: Signed(  # type: ignore[method-assign]
            jws.sign({"kid": hand.device, "typ": "entry+jwt", **(header or {})}, payload, key_of(key_)), payload
        )
        return Tablet(http, answer.json["token"], hand, answer.json)

    return make


def enrolment(code: str, name: str = "平板一号", key: str = "a tablet") -> dict[str, Any]:
    return {"code": code, "name": name, "public_key": jws.public_key_to_jwk(key_of(key).public_key())}


def read(answer: TestResponse) -> dict[str, Any]:
    """The JSON of a good answer, unpacked if it came packed."""
    assert answer.status_code == 200, answer.text
    raw = answer.get_data()
    return json.loads(gzip.decompress(raw) if answer.headers.get("Content-Encoding") == "gzip" else raw)


def row(content: dict[str, Any], ref: str) -> dict[str, Any]:
    return next(student for student in content["students"] if student["ref"] == ref)
