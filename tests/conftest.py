"""What every test can ask for: a database (`engines.py`), the named cast in it (`cast.py`), a browser (`browser.py`) and a running
portal (`live.py`)."""

import os
from collections.abc import Generator
from typing import TypeVar

import peewee
import pytest
from hypothesis import HealthCheck, settings

from db.people import Graduate
from tests import quick, scratch
from tests.cast import Season, make_season

pytest_plugins = ["tests.engines", "tests.browser", "tests.live"]

# Where everything must hold (`.ci/run`), a test that could not run is a test that failed.
STRICT = os.environ.get("CI", "").lower() == "true"

# Properties are about what is true, not how fast; under CI they look at the same examples every time.
settings.register_profile("clearance", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=STRICT)
settings.load_profile("clearance")
quick.install()

# `tmp_path` too: what is written for good waits for the disk.
if scratch.has_room():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(scratch.MEMORY))

AnyReport = TypeVar("AnyReport", pytest.TestReport, pytest.CollectReport)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that need a browser come first: they take longest, and no core shall wait for the last of them at the end."""
    browsing = {item.path for item in items if "playwright_driver" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path not in browsing)


@pytest.fixture
def season(db: peewee.Database) -> Season:
    """The named cast in a database of its own, on each engine: see `cast.py`. It is there already in a test that names it."""
    everybody = list(Graduate.select().order_by(Graduate.number))
    return Season(everybody) if everybody else make_season()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _failed(report) if STRICT else report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _failed(report) if STRICT else report


def _failed(report: AnyReport) -> AnyReport:
    """The report of a skip as a failure; every other as it is."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"With CI=true nothing may be skipped. {reason}"
    return report
