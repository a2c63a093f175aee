"""`clearance demo` and `clearance serve` as processes of their own."""

import os
import re
import socket
import sys
import urllib.request
from pathlib import Path

import pytest

from portal.cli import main
from tests import processes


@pytest.fixture
def command(tmp_path):
    """Start a command that serves; returns its process, its log and its port when it answers."""
    started = []

    def start(*words, **environment):
        port = processes.free_port(start)
        log = tmp_path / f"{port}.log"
        program = [sys.executable, "-m", "portal.cli", *map(str, words), "--port", str(port)]
        process = processes.start(program, log, env={**os.environ, "PYTHONUNBUFFERED": "1", **environment})
        started.append(process)
        processes.wait_until(lambda: processes.answers(port), process, log, patience=90)
        # What it prints, it prints after it listens, and this last.
        processes.wait_until(lambda: "Ctrl+C" in log.read_text("utf-8"), process, log)
        return process, log, port

    yield start
    for process in started:
        processes.stop(process)


def get(port: int, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return answer.status


def first_line(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(sent)
        return connection.makefile("rb").readline()


def test_a_demonstration_is_built_served_and_kept(command, tmp_path: Path):
    folder = tmp_path / "season"
    process, log, port = command("demo", "--dir", folder, "--graduates", 30)
    text = log.read_text("utf-8")
    assert f"http://127.0.0.1:{port}/tablet" in text
    assert re.search("code for “library”: [A-Z2-9]{4}-[A-Z2-9]{4}", text)
    assert re.search(r"\d\.\d s  Roster 30 / 30", text)
    assert get(port, "/sign-in") == get(port, "/healthz") == 200
    accounts = (folder / "accounts.txt").read_bytes()
    processes.stop(process)

    _, log, port = command("demo", "--dir", folder)
    text = log.read_text("utf-8")
    assert "is kept" in text
    assert "Roster" not in text, "nothing is built once more"
    assert (folder / "accounts.txt").read_bytes() == accounts
    assert get(port, "/healthz") == 200


def test_a_port_in_use_is_told_before_anything_is_built(command, tmp_path: Path, capsys):
    _, _, port = command("demo", "--dir", tmp_path / "season", "--graduates", 5)
    assert main(["demo", "--dir", str(tmp_path / "other"), "--port", str(port)]) == 2
    assert "--port" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_it_serves_what_init_made(command, database_url, tmp_path: Path, monkeypatch):
    environment = {"CLEARANCE_DATABASE": database_url, "CLEARANCE_KEYS": str(tmp_path / "keys")}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["init"]) == 0
    _, _, port = command("serve", **environment)
    assert get(port, "/.well-known/jwks.json") == 200
    assert b" 413 " in first_line(port, b"POST /station/v1/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n")


def test_behind_a_proxy_it_hears_what_the_proxy_says_and_otherwise_does_not(command, database_url, tmp_path: Path, monkeypatch):
    environment = {"CLEARANCE_DATABASE": database_url, "CLEARANCE_KEYS": str(tmp_path / "keys")}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["init"]) == 0
    for proxies, secure in (("1", True), ("0", False)):
        _, _, port = command("serve", CLEARANCE_URL="https://clearance.example", CLEARANCE_PROXIES=proxies, **environment)
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"X-Forwarded-Proto": "https"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert ("Strict-Transport-Security" in answer.headers) == secure
