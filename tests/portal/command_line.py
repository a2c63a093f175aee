"""Commands for tests: `run` gives them a season of their own (keys, tables, the plan of 2023), `roster` is a file of two people."""

from pathlib import Path

import pytest

from portal.cli import main
from tests.portal.command_case import PLAN, ROSTER


@pytest.fixture
def run(database_url, tmp_path, monkeypatch, capsys):
    """Run a command against a season of its own; returns status, what was printed, and what was printed as an error."""
    monkeypatch.setenv("CLEARANCE_DATABASE", database_url)
    monkeypatch.setenv("CLEARANCE_KEYS", str(tmp_path / "keys"))

    def command(*words):
        capsys.readouterr()
        status = main([str(word) for word in words])
        printed = capsys.readouterr()
        return status, printed.out.strip(), printed.err.strip()

    assert command("init", "--plan", PLAN)[0] == 0
    return command


@pytest.fixture
def roster(tmp_path) -> Path:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER, "utf-8")
    return file
