"""What tablets ask of the portal over HTTP: a snapshot, a backlog from 40 tablets, one entry at a time."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import itertools
import json
import random
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence

from bench import floors, ledger, load, places
from bench.row import Row
from db.database import opened_url
from db.keys import KeyStore
from db.stations import Device
from tests.cast import TabletDouble
from tests.live import LiveServer

LARGEST = "library"  # serves every graduate of the season


def rows(quick: bool) -> Iterable[Row]:
    part = 10 if quick else 1
    for engine, backlog in (("sqlite", 4_000), ("postgresql", 3_000)):
        with portal(engine) as (server, tablets):
            desk = next(tablet for tablet in tablets if tablet.station == LARGEST)
            seconds, size, bare = snapshot(server, desk)
            yield Row(f"snapshot of {ledger.GRADUATES:,} graduates: {engine} (floor: written and packed)", seconds, "s", bare, 1)
            if engine == "sqlite":
                yield Row("its size, gzipped", size / 1000, "kB", None, 400)
            uploads = [
                (tablet, batch) for tablet in tablets for batch in ledger.cut(ledger.work(tablet, ledger.ENTRIES // 40 // part))
            ]
            random.Random(1).shuffle(uploads)
            done = load.drive(server.port, sending(uploads), len(uploads))
            entries = sum(len(batch) for _, batch in uploads)
            yield Row(f"backlog uploaded in batches of {floors.BATCH}: {engine} (floor: bare rows)", entries / done.seconds,
                      "entries/s", floors.batched(engine, quick), backlog, "higher")  # fmt: skip
            dealt = zip(*([(tablet, [token]) for token in ledger.work(tablet, 50)] for tablet in tablets), strict=True)
            singles = list(itertools.chain.from_iterable(dealt))[: 2_000 // part]
            done = load.drive(server.port, sending(singles), len(singles))
            yield Row(f"one entry a request, 8 connections: {engine} (floor: bare commits)", done.per_second, "entries/s",
                      floors.committed(engine, quick), 300, "higher")  # fmt: skip
            yield Row(f"one entry a request, 99 % of them: {engine}", done.percentile(0.99), "ms",
                      floors.hellos(quick).percentile(0.99), 60)  # fmt: skip


@contextlib.contextmanager
def portal(engine: str) -> Iterator[tuple[LiveServer, list[TabletDouble]]]:
    """The portal over a season of the usual size, and its tablets, whose ids serve as their tokens."""
    with ledger.season(engine) as tablets, tempfile.TemporaryDirectory(prefix="clearance-bench-") as folder:
        keys = KeyStore.create(f"{folder}/keys")
        for tablet in tablets:
            Device.update(token_hash=hashlib.sha256(tablet.device.encode()).hexdigest()).where(Device.id == tablet.device).execute()
        environment = {"CLEARANCE_DATABASE": opened_url(), "CLEARANCE_KEYS": str(keys.directory)}
        with places.served("wsgi:app", environment) as server:
            yield server, tablets


def snapshot(server: LiveServer, tablet: TabletDouble) -> tuple[float, int, float]:
    """The best of five: seconds until it is here; its bytes; seconds to write the same content as JSON and pack it, no more."""
    best, size = float("inf"), 0
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for _ in range(5):
        began = time.perf_counter()
        connection.request("GET", "/station/v1/snapshot", headers={**bearer(tablet), "Accept-Encoding": "gzip"})
        packed = connection.getresponse().read()
        best = min(best, time.perf_counter() - began)
        size = len(packed)
    connection.close()
    content = json.loads(gzip.decompress(packed))
    if len(content["students"]) != ledger.GRADUATES:
        raise RuntimeError("the snapshot does not hold every graduate")
    began = time.perf_counter()
    gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 6)
    return best, size, time.perf_counter() - began


def sending(uploads: Sequence[tuple[TabletDouble, Sequence[str]]]) -> load.Send:
    """Sends the numbered upload; each of its entries must be taken."""
    bodies = [json.dumps({"entries": [{"jws": token} for token in batch], "pending": 0}) for _, batch in uploads]

    def send(connection: http.client.HTTPConnection, number: int) -> None:
        tablet, batch = uploads[number]
        headers = {**bearer(tablet), "Content-Type": "application/json"}
        connection.request("POST", "/station/v1/entries", bodies[number], headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        if answer.status != 200 or any(one["outcome"] not in ("accepted", "conflict") for one in told["answers"]):
            raise RuntimeError(f"{len(batch)} honest entries were answered with {answer.status} {told}")

    return send


def bearer(tablet: TabletDouble) -> dict[str, str]:
    return {"Authorization": f"Bearer {tablet.device}"}
