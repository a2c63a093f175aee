"""Answers that take their time, to find tests that look before their page has followed.

Such a test passes on an idle machine and fails once in a hundred runs on a busy one. `CLEARANCE_TEST_LAG=0.5 make test TESTS=…`
has every server of a browser test begin its answer half a second late and end it half a second later (programs, styles and pictures
excepted): there it fails every time.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

SECONDS = float(os.environ.get("CLEARANCE_TEST_LAG", "0"))
AT_ONCE = ("/static/", "/tablet/app/", "/tablet/vendor/")

Application = Callable[[Mapping[str, Any], Any], Iterable[bytes]]


def late(application: Application) -> Application:
    """The same answers: begun `SECONDS` late, and their second half once more as late."""

    def answer(environ: Mapping[str, Any], start_response: Any) -> Iterator[bytes]:
        at_once = environ["PATH_INFO"].startswith(AT_ONCE)
        time.sleep(0 if at_once else SECONDS)
        for part in application(environ, start_response):
            half = len(part) // 2
            yield part[:half]
            time.sleep(0 if at_once else SECONDS)
            yield part[half:]

    return answer if SECONDS else application


def late_app(name: str) -> tuple[str, dict[str, str]]:
    """What a server process is to serve instead of the app `name`, and what its environment needs for it."""
    return ("tests.lag:app", {"CLEARANCE_TEST_APP": name}) if SECONDS else (name, {})


def __getattr__(name: str) -> Application:
    if name != "app":
        raise AttributeError(name)
    module, _, attribute = os.environ["CLEARANCE_TEST_APP"].partition(":")
    return late(getattr(import_module(module), attribute))
