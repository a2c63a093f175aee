"""The ledger's door: a backlog in batches, and one entry at a time, beside bare inserts and bare signature checks."""

from __future__ import annotations

import contextlib
import itertools
import random
import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from bench import floors, places
from bench.row import Row
from db.database import close_database, database, open_database
from db.intake import receive
from db.migrations import migrate
from db.people import Graduate
from db.rules.plan import Plan
from db.season import current
from tests import cast

PLAN = Path(__file__).parent.parent / "plans" / "2023.toml"
# What is handed over waits for the desks only, which come first in the day: forms and lists are no part of this.
BLOCKED_BY = re.compile(r"^blocked_by = \[.*?\]", re.MULTILINE | re.DOTALL)
GRADUATES, DEVICES, ENTRIES = 4_883, 40, 50_000
CONNECTIONS = 8


def rows(quick: bool) -> Iterable[Row]:
    part = 10 if quick else 1
    for engine, backlog in (("sqlite", 4_000), ("postgresql", 3_000)):
        with season(engine) as tablets:
            batches = [batch for tablet in tablets for batch in cut(work(tablet, ENTRIES // DEVICES // part))]
            random.Random(1).shuffle(batches)
            seconds, _ = drive(batches)
            taken = sum(map(len, batches)) / seconds
            yield Row(f"entries received in batches of {floors.BATCH}: {engine} (floor: bare rows)", taken, "entries/s",
                      floors.batched(engine, quick), backlog, "higher")  # fmt: skip
            singles = [[token] for tokens in zip(*(work(tablet, 50) for tablet in tablets), strict=True) for token in tokens]
            seconds, times = drive(singles[: 2_000 // part])
            yield Row(f"entries received one by one, {CONNECTIONS} at once: {engine} (floor: bare commits)", len(times) / seconds,
                      "entries/s", floors.committed(engine, quick), 300, "higher")  # fmt: skip
            slow = sorted(times)[int(len(times) * 0.99)] * 1000
            yield Row(f"one entry received, 99 % of them: {engine}", slow, "ms", None, 60)


@contextlib.contextmanager
def season(engine: str, size: int = GRADUATES) -> Iterator[list[cast.TabletDouble]]:
    """A season of so many graduates in a durable database, and its tablets, spread over the stations."""
    with places.empty_database(engine) as url:
        open_database(url)
        database.connect()
        migrate()
        cast.make_season(size - 3, BLOCKED_BY.sub('blocked_by = ["library", "dorm"]', PLAN.read_text(encoding="utf-8")))
        stations = [station.code for station in current().plan.stations]
        tablets = [cast.TabletDouble.enrol(station) for station in itertools.islice(itertools.cycle(stations), DEVICES)]
        for tablet in tablets:
            tablet.clock += 0 if tablet.station.startswith(("library", "dorm")) else 7_200_000
        yield tablets
        close_database()


def work(tablet: cast.TabletDouble, count: int) -> list[str]:
    """The tokens of a tablet's next entries: mostly clearances and things handed over, some holds, some taken back."""
    plan: Plan = current().plan
    steps = [plan.step(code) for code in plan.station(tablet.station).steps]
    dice = random.Random(tablet.device)
    made = len(tablet.made)
    while len(tablet.made) < made + count:
        step = dice.choice(steps)
        act = "collect" if step.how == "collect" else "hold" if dice.random() < 0.03 else "clear"
        signed = tablet.act(act, next(graduates(step.code)), step.code)
        if dice.random() < 0.02 and len(tablet.made) < made + count:
            tablet.undo(signed)
    return [signed.token for signed in tablet.made[made:]]


@cache
def graduates(step: str) -> Iterator[str]:
    """Refs of all graduates in an order of the step's own, again and again; each is dealt to one tablet."""
    refs = [graduate.ref for graduate in Graduate.select(Graduate.ref).order_by(Graduate.ref)]
    random.Random(step).shuffle(refs)
    return itertools.cycle(refs)


def cut(tokens: Sequence[str]) -> Iterable[Sequence[str]]:
    return (tokens[start : start + floors.BATCH] for start in range(0, len(tokens), floors.BATCH))


def drive(batches: Sequence[Sequence[str]]) -> tuple[float, list[float]]:
    """Seconds in all, and for each batch, when as many threads as waitress has receive them."""
    waiting, times = iter(batches), []
    failures: list[BaseException] = []
    turn = threading.Lock()

    def take() -> None:
        try:
            while True:
                with turn:
                    batch = next(waiting, None)
                if batch is None:
                    return
                began = time.perf_counter()
                answers = receive(batch, "direct")
                times.append(time.perf_counter() - began)
                if any(answer.outcome not in ("accepted", "conflict") for answer in answers):
                    raise RuntimeError(f"an honest entry was answered with {answers}")
        except BaseException as failure:
            failures.append(failure)
        finally:
            close_database()

    began = time.perf_counter()
    run([threading.Thread(target=take) for _ in range(CONNECTIONS)])
    if failures:
        raise failures[0]
    return time.perf_counter() - began, times


def run(threads: Iterable[threading.Thread]) -> None:
    started = list(threads)
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
