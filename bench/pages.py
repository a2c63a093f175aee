"""The pages that many look at: the graduate's home and its live part, the officer's search, the overview, the day board."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import peewee

from bench import floors, ledger, places
from bench.row import Row
from db import bulk, season
from db.accounts import Account, add_graduates
from db.cards import Card
from db.database import database, now, opened_url, to_ms, writing
from db.people import ClassGroup, Graduate
from db.work import midnight
from tests.cast import TabletDouble
from tests.client import Client, portal

PAGES = (
    ("graduate's home", "/me", 30, 6),
    ("its live part", "/me/clearance", None, None),
    ("finding a graduate", "/graduates?q=2020", None, None),
    ("overview", "/overview", None, None),
    # Ten boards that ask every 10 seconds take at most a sixteenth of one core then; the rest is the stations'.
    ("day board, followed", "/board/live", 60, 17),
    ("day board, opened", "/board", 75, 20),
    ("its wall, followed", "/board/wall/live", 60, 17),
    ("class desk, 500 graduates", "/class-desk", 150, 16),
)
COUNSELOR, IN_CARE = "lin", 500


ENTRIES_TODAY = 40_000


def rows(quick: bool) -> Iterable[Row]:
    """Server time, by the test client: no network, no browser; beside what Flask alone takes. `queries` by the database's count."""
    times = 20 if quick else 200
    for engine in places.ENGINES:
        with ledger.season(engine) as tablets, tempfile.TemporaryDirectory(prefix="clearance-bench-") as folder:
            someone = _on_a_clearance_day()
            _after_work(tablets)
            client = portal(opened_url(), Path(folder))
            for name, path, most_ms, most_queries in PAGES:
                client.sign_in_as(someone.number if path.startswith("/me") else COUNSELOR if path == "/class-desk" else "admin")
                yield Row(f"{name}: {engine}", _milliseconds(client, path, times), "ms", floors.answered(), most_ms)
                yield Row(f"{name}, its queries: {engine}", _queries(client, path), "queries", None, most_queries)


def _on_a_clearance_day() -> Graduate:
    """Move the season so that today is a clearance day; a graduate of it, with an account."""
    days = (date.today() - date(2023, 6, 26)).days
    season.load_plan(ledger.PLAN.read_text("utf-8"), "plan", "admin", days)
    Card.update(expires_at=Card.expires_at + days * 86_400_000).execute()
    someone = Graduate.select().order_by(Graduate.number).first()
    add_graduates([someone], "admin")
    _give_care()
    return someone


def _after_work(tablets: Sequence[TabletDouble]) -> None:
    """Give today as many entries as a busy day has, spread over the hours so far. They are for counting: nobody signed them."""
    moment = to_ms(now())
    start = to_ms(midnight(season.current()))
    columns = ("hash", "id", "device", "seq", "act", "operator", "station", "corrected", "jws", "outcome", "via", "received_at")
    kinds = {name: "bigint" if name in ("seq", "corrected", "received_at") else "text" for name in columns}
    count = ENTRIES_TODAY // len(tablets)
    for tablet in tablets:
        rows = []
        for seq in range(1, count + 1):
            name, at = f"{tablet.device}.{seq}", start + (moment - start) * seq // count
            rows.append((name, name, tablet.device, seq, "clear", "wang", tablet.station, at, "x" * 900, "accepted", "direct", at))
        with writing():
            bulk.insert("entry", kinds, rows)
    database.execute_sql("ANALYZE")


def _give_care() -> None:
    """A counselor whose class has so many graduates; the others are of the next class."""
    Account.create(id=COUNSELOR, name=COUNSELOR)
    own, other = ClassGroup.get(ClassGroup.counselor == COUNSELOR), ClassGroup.get(ClassGroup.counselor.is_null())
    kept = Graduate.select(Graduate.id).where(Graduate.class_group == own).order_by(Graduate.id).limit(IN_CARE)
    Graduate.update(class_group=other).where(Graduate.class_group == own, Graduate.id.not_in(kept)).execute()


def _milliseconds(client: Client, path: str, times: int) -> float:
    """The median of many."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        answer = client.get(path)
        found.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
    return statistics.median(found)


def _queries(client: Client, path: str) -> int:
    """How many statements one answer takes."""
    counted = 0
    execute = peewee.Database.execute_sql

    def count(self, sql, *more, **options):
        nonlocal counted
        counted += sql not in ("BEGIN", "COMMIT")
        return execute(self, sql, *more, **options)

    peewee.Database.execute_sql = count
    try:
        client.get(path)
    finally:
        peewee.Database.execute_sql = execute
    return counted
