"""One day from an empty database to its report."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import places
from bench.day import college, command
from bench.day.checks import Expected, differences
from bench.day.day import Day, Setting
from bench.day.report import report
from db.database import close_database, database, open_database
from db.keys import KeyStore

Told = Callable[[str], None]


def run(setting: Setting, url: str, engine: str, told: Told = lambda _: None) -> tuple[str, bool]:
    """The report of a day in the empty database at `url`, and whether everything came out as it must."""
    with passed(setting, url, told) as day:
        told("The day is over; every state is computed anew and compared")
        expected = Expected(day)
        found = list(differences(expected))
        return report(expected, found, engine), not found


@contextlib.contextmanager
def passed(setting: Setting, url: str, told: Told = lambda _: None) -> Iterator[Day]:
    """A day that has passed, its portal still running and its database open."""
    with tempfile.TemporaryDirectory(prefix="clearance-day-") as folder:
        keys = KeyStore.create(f"{folder}/keys")
        command.use_keys(str(keys.directory))
        open_database(url)
        database.connect(reuse_if_open=True)
        try:
            told(f"A season of {setting.graduates:,} graduates")
            place = college.found(keys, setting.graduates, setting.seed)
            with places.served("wsgi:app", {"CLEARANCE_DATABASE": url, "CLEARANCE_KEYS": str(keys.directory)}) as server:
                day = Day(setting, place, server, Path(folder))
                day.pass_(told)
                yield day
        finally:
            close_database()
