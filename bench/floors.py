"""What the bare parts can do on this machine, now. Other modules put these beside what the product does with them.

Each is measured once a run and remembered, so that a floor and what stands on it come from the same minutes.
"""

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache

import psycopg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bench import hello, load, places
from bench.row import Row

BATCH = 500
TOKEN = "x" * 700  # about the length of a signed entry
TABLE = "CREATE TABLE bare (id TEXT PRIMARY KEY, device TEXT NOT NULL, seq BIGINT NOT NULL, token TEXT NOT NULL)"


def rows(quick: bool) -> Iterable[Row]:
    yield Row("hello: Flask on waitress, 8 connections", hellos(quick).per_second, "requests/s", better="higher")
    yield Row("hello, 99 % of them", hellos(quick).percentile(0.99), "ms")
    yield Row("hello: Flask alone, no network", answered(), "ms")
    yield Row("signature checks: P-256, one core", checks(quick), "checks/s", better="higher")
    for engine in places.ENGINES:
        yield Row(f"bare rows in batches of {BATCH}: {engine}, durable", batched(engine, quick), "rows/s", better="higher")
        yield Row(f"bare commits of one row: {engine}, durable", committed(engine, quick), "commits/s", better="higher")


@cache
def hellos(quick: bool = False) -> load.Load:
    """What waitress alone answers over 8 kept-open connections, client and server sharing the machine."""
    with places.served("bench.hello:app") as server:
        load.drive(server.port, load.get("/"), 200)
        return load.drive(server.port, load.get("/"), 1_000 if quick else 6_000)


@cache
def answered() -> float:
    """Milliseconds that Flask alone takes for an answer, asked as the pages are: the median of many."""
    client, times = hello.app.test_client(), []
    for _ in range(500):
        began = time.perf_counter()
        client.get("/")
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


@cache
def checks(quick: bool = False) -> float:
    """Signatures checked a second by one thread."""
    key = ec.generate_private_key(ec.SECP256R1())
    public, method = key.public_key(), ec.ECDSA(hashes.SHA256())
    signature = key.sign(TOKEN.encode(), method)
    count = 1_000 if quick else 10_000
    began = time.perf_counter()
    for _ in range(count):
        public.verify(signature, TOKEN.encode(), method)
    return count / (time.perf_counter() - began)


@cache
def batched(engine: str, quick: bool = False) -> float:
    """Rows a second, one statement and one commit for each 500."""
    return _inserting(engine, BATCH, 10 if quick else 60)


@cache
def committed(engine: str, quick: bool = False) -> float:
    """Rows a second over one connection, a commit for each."""
    return _inserting(engine, 1, 100 if quick else 1_000)


def _inserting(engine: str, size: int, times: int) -> float:
    with places.empty_database(engine) as url:
        return (_into_sqlite if engine == "sqlite" else _into_postgresql)(url, size, times)


def _into_sqlite(url: str, size: int, times: int) -> float:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        for pragma in ("journal_mode=wal", "synchronous=full"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(TABLE)
        statement = f"INSERT INTO bare VALUES {','.join(['(?,?,?,?)'] * size)}"

        def insert(values: Sequence[object]) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(statement, values)
            connection.execute("COMMIT")

        return _timed(insert, size, times)
    finally:
        connection.close()


def _into_postgresql(url: str, size: int, times: int) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)
        statement = f"INSERT INTO bare VALUES {','.join(['(%s,%s,%s,%s)'] * size)}".encode()
        return _timed(lambda values: connection.execute(statement, values), size, times)


def _timed(insert: Callable[[Sequence[object]], object], size: int, times: int) -> float:
    batches = [
        [value for seq in range(first, first + size) for value in (f"id-{seq}", "dv_1", seq, TOKEN)]
        for first in range(0, size * times, size)
    ]
    began = time.perf_counter()
    for values in batches:
        insert(values)
    return size * times / (time.perf_counter() - began)
