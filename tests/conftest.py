"""What every test can ask for: databases (`engines.py`), a browser (`browser.py`) and a running portal (`live.py`)."""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

pytest_plugins = ["tests.engines", "tests.browser", "tests.live"]

# Where everything must hold (`.ci/run`), a test that could not run is a test that failed.
STRICT = os.environ.get("CI", "").lower() == "true"


AnyReport = TypeVar("AnyReport", pytest.TestReport, pytest.CollectReport)


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
