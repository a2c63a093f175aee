"""The app's files as the server gives them: complete, checked, and closed to everything else."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.tablet.fake_portal import FakePortal, create_app


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    with create_app(FakePortal()).test_client() as client:
        yield client


def read(client: FlaskClient, url: str) -> tuple[int, bytes]:
    """A file's status and content, and the file closed again."""
    with client.get(url) as answer:
        return answer.status_code, answer.data


def build_of(client: FlaskClient) -> dict:
    script = client.get("/tablet/sw.js").text
    found = re.match(r"self\.BUILD = (\{.*\});\n", script)
    assert found
    return json.loads(found[1])


def test_every_kept_file_is_served_as_its_hash_says(client: FlaskClient) -> None:
    build = build_of(client)
    assert len(build["files"]) > 30
    for file in build["files"]:
        with client.get(file["url"]) as answer:
            assert answer.status_code == 200, file
            assert file["integrity"] == "sha256-" + base64.b64encode(hashlib.sha256(answer.data).digest()).decode()
            assert answer.headers["Cache-Control"] == "no-cache"


def test_every_module_that_another_imports_is_kept(client: FlaskClient) -> None:
    build = build_of(client)
    kept = {file["url"] for file in build["files"]}
    for url in [url for url in kept if url.startswith("/tablet/app/") and url.endswith(".js")]:
        for path in re.findall(r'from "(\.[^"]+)"', read(client, url)[1].decode()):
            parts = [*url.split("/")[:-1], *path.split("/")]
            resolved: list[str] = []
            for part in parts:
                if part == "..":
                    resolved.pop()
                elif part != ".":
                    resolved.append(part)
            assert "/".join(resolved) in kept, (url, path)


def test_the_worker_may_serve_the_address_without_a_slash(client: FlaskClient) -> None:
    answer = client.get("/tablet/sw.js")
    assert answer.headers["Service-Worker-Allowed"] == "/tablet"
    assert answer.content_type.startswith("text/javascript")
    assert client.get("/tablet").status_code == 308


def test_the_page_speaks_both_languages_and_names_its_version(client: FlaskClient) -> None:
    page = client.get("/tablet/").text
    texts = json.loads(re.findall(r'<script type="application/json" id="strings">(.*?)</script>', page, re.S)[0])
    assert set(texts) == {"zh", "en"}
    assert set(texts["zh"]) == set(texts["en"])
    same = [key for key, text in texts["en"].items() if texts["zh"][key] == text]
    assert same == [], "without Chinese"
    assert f'data-version="{build_of(client)["version"]}"' in page


def test_every_sentence_that_the_modules_ask_for_is_there(client: FlaskClient) -> None:
    page = client.get("/tablet/").text
    texts = json.loads(re.findall(r'id="strings">(.*?)</script>', page, re.S)[0])["en"]
    asked = set(re.findall(r'data-text(?:-label|-placeholder)?="([^"]+)"', page))
    for file in build_of(client)["files"]:
        if file["url"].startswith("/tablet/app/") and file["url"].endswith(".js"):
            asked |= set(re.findall(r'\bt\("([a-z][\w.-]*)"', read(client, file["url"])[1].decode()))
    assert sorted(asked - set(texts)) == []


def test_the_policy_lets_in_the_decoder_and_no_script_of_others(client: FlaskClient) -> None:
    policy = client.get("/tablet/").headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["connect-src"] == rules["worker-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"


def test_the_page_is_not_sent_twice(client: FlaskClient) -> None:
    tag = client.get("/tablet/").headers["ETag"]
    assert client.get("/tablet/", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "app/../../db/keys.py",
        "app/missing.js",
        "vendor/htmx/htmx.min.js",
        "vendor/idb/LICENSE",
        "vendor/idb/../../app.css",
        "app/%2e%2e/app.css",
    ],
)
def test_nothing_else_is_served(path: str, client: FlaskClient) -> None:
    assert client.get(f"/tablet/{path}").status_code == 404


def test_the_manifest_starts_the_app(client: FlaskClient) -> None:
    manifest = json.loads(client.get("/tablet/manifest.webmanifest").text)
    assert manifest["start_url"] == manifest["scope"] == "/tablet/"
    assert read(client, manifest["icons"][0]["src"])[0] == 200
