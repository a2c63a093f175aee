"""Eight processes upload at once, each entry twice and some tablets in several hands: nothing is lost, nothing stands still.
And an upload that comes while another is being written waits for it before it reads anything."""

import random
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from db import database as databases
from db import projection
from db.database import close_database, database, lock, on_sqlite, writing
from db.intake import receive
from db.ledger import Entry
from db.stations import Device
from tests.cast import CARD, DIPLOMA, DORM, LIBRARY, TabletDouble, make_season
from tests.db.ledgers import cell, cells, open_findings
from tests.db.test_group_commit import wait_until
from tests.db.uploaders import follow, upload
from tests.engines import opened

PROCESSES, EACH = 8, 40
WORK = (("clear", LIBRARY), ("hold", LIBRARY), ("clear", DORM), ("collect", CARD), ("collect", DIPLOMA), ("note", LIBRARY))


def busy_tablets(season, dice):
    """Tablets that all work on the same few graduates, undo some of it, and have seen some of what the others did."""
    tablets = [TabletDouble.enrol("hall") for _ in range(PROCESSES)]
    made = []
    for _ in range(EACH):
        for tablet in tablets:
            if dice.random() < 0.2 and tablet.made and tablet.made[-1].payload["act"] != "undo":
                tablet.undo(tablet.made[-1])
                continue
            act, step = dice.choice(WORK)
            seen = dice.sample(made, min(len(made), dice.randrange(3)))
            made.append(tablet.act(act, dice.choice(season.everybody), step, saw=seen))
    return tablets


def shares(tablets, dice):
    """For each process the entries of two tablets, mixed, in uneven batches; every entry is in two shares."""
    found = []
    for n in range(PROCESSES):
        tokens = [*tablets[n].tokens, *tablets[(n + 1) % PROCESSES].tokens]
        dice.shuffle(tokens)
        found.append([])
        while tokens:
            size = dice.choice([1, 2, 7, 30])
            found[-1].append(tokens[:size])
            tokens = tokens[size:]
    return found


@pytest.fixture
def day(database_url):
    """The tablets, what every process was told about every token, and the follower's copy of the projection."""
    dice = random.Random(26)
    with opened(database_url):
        tablets = busy_tablets(make_season(more=3), dice)
    context = get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(PROCESSES + 1, mp_context=context) as pool:
        over = manager.Event()
        copied = pool.submit(follow, database_url, over)
        uploads = [pool.submit(upload, database_url, share) for share in shares(tablets, dice)]
        try:
            told = [pair for done in uploads for pair in done.result(timeout=250)]
        finally:
            over.set()
        return tablets, told, copied.result(timeout=30)


def one_after_the_other(engine, tablets):
    url = engine.create()
    with opened(url):
        make_season(more=3)
        for tablet in tablets:
            TabletDouble.enrol("hall", tablet.device)
        for tablet in reversed(tablets):
            receive(tablet.tokens, "journal")
        stands = cells(), open_findings()
    engine.drop(url)
    return stands


def test_eight_uploading_processes_lose_nothing_and_a_reader_misses_nothing(day, database_url, engine):
    tablets, told, copy = day
    with opened(database_url):
        everything = {token for tablet in tablets for token in tablet.tokens}
        assert {outcome for _, outcome in told} == {"accepted", "conflict", "duplicate"}
        firsts = Counter(token for token, outcome in told if outcome != "duplicate")
        assert firsts == Counter(everything), "every entry has exactly one first answer"
        assert {row.jws for row in Entry.select(Entry.jws)} == everything
        assert {device.contiguous for device in Device.select()} == {EACH}

        stands = cells(), open_findings()
        assert projection.verify() == []
        assert projection.rebuild() == 0
        assert (cells(), open_findings()) == stands
        assert copy == stands[0]
    assert one_after_the_other(engine, tablets) == stands


class Turns:
    """The lock of SQLite's writers in this process, which notes that somebody has asked for it."""

    def __init__(self):
        self._lock, self.asked = threading.RLock(), threading.Event()

    def __enter__(self):
        self.asked.set()
        self._lock.acquire()

    def __exit__(self, *_):
        self._lock.release()


@pytest.fixture
def turns(monkeypatch):
    made = Turns()
    monkeypatch.setattr(databases, "_writer", made)
    return made


def is_waited_for(turns):
    """Whether somebody else wants to write while this thread does."""
    if on_sqlite():
        return turns.asked.is_set()
    return database.execute_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0] > 0


def received(made):
    try:
        return receive([made.token], "direct")
    finally:
        close_database()


def test_an_upload_reads_nothing_before_the_one_that_is_being_written_is_there(season, turns):
    hold, clear = (TabletDouble.enrol("library").act(act, season.an, LIBRARY) for act in ("hold", "clear"))
    with ThreadPoolExecutor(1) as others:
        with writing():
            lock("change")
            assert [answer.outcome for answer in receive([hold.token], "direct")] == ["accepted"]
            turns.asked.clear()
            told = others.submit(received, clear)
            wait_until(lambda: is_waited_for(turns))
        assert [(answer.outcome, answer.code) for answer in told.result(30)] == [("conflict", "clear-vs-hold")]
    assert cell(season.an, LIBRARY).conflict == "clear-vs-hold"
    assert projection.verify() == []
