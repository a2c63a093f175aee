"""What the tests drive on this machine is installed by `make test`, not by whoever remembers it."""

import re
from pathlib import Path

import pytest

from tools import find, prepare

TESTS = Path(__file__).resolve().parents[1]
ADVICE = re.compile(r"apt(?:-get)? install ([a-z][\w-]*)")


def test_every_package_that_a_test_asks_for_is_installed_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {package for file in TESTS.rglob("*.py") for package in ADVICE.findall(file.read_text("utf-8"))}
    monkeypatch.setattr(find.shutil, "which", lambda program: None)
    monkeypatch.setattr(find, "POSTGRES_FOLDERS", ())
    monkeypatch.setattr(prepare, "offered", lambda package: False)
    assert {"postgresql", "chromium", "poppler-utils", "zbar-tools"} <= asked
    assert asked <= set(prepare.wanted_packages())


def test_where_all_is_there_nothing_is_installed() -> None:
    if prepare.missing_programs():
        pytest.skip("programs are missing: make test says which")
    assert set(prepare.wanted_packages()) <= {prepare.WINDOWLESS}
