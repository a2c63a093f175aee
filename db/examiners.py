"""Where tokens are examined: a few here, many in a process beside.

Checking a signature is a third of what an entry costs. In a thread, the many short checks of an upload would queue for the
interpreter, one by one, while another upload is being written; in a process of its own they take the second core
(docs/operations.md, Measured).
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from db.rules import arrival
from db.rules.arrival import Arrival

MANY = 100
"""Tokens from which on sending them to another process costs less than it brings."""

MOST = 4
"""Processes beside at most: what they read is then written by one."""

PATIENCE = 60
"""Seconds until an answer is waited for no longer: Python may forget what it is handed while a process dies."""

REST = 600
"""Seconds without processes beside after one of them has gone."""

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_beside: Executor | None = None
_not_before = 0.0


def examine(tokens: Sequence[str], keys: Mapping[str, str]) -> list[Arrival]:
    """As `db.rules.arrival.examine`."""
    if len(tokens) >= MANY and (executor := _processes()):
        try:
            return executor.submit(arrival.examine, tokens, keys).result(PATIENCE)
        except (BrokenProcessPool, RuntimeError, OSError):
            # Killed for its memory, not allowed here, not heard of in time, or the program is about to end: done here, only slower.
            _forget(executor)
    return arrival.examine(tokens, keys)


def _processes() -> Executor | None:
    """The processes beside, started when first needed; None on a machine with one core, and for a while after a failure."""
    global _beside
    cores = os.cpu_count() or 1
    if cores < 2 or time.monotonic() < _not_before:
        return None
    with _lock:
        if _beside is None:
            # Not forked: a fork of a program with threads may copy a lock that nobody will open.
            context = multiprocessing.get_context("spawn")
            _beside = ProcessPoolExecutor(min(cores - 1, MOST), context, _end_with_parent)
        return _beside


def _forget(executor: Executor) -> None:
    global _beside, _not_before
    with _lock:
        if _beside is executor:
            _beside, _not_before = None, time.monotonic() + REST
            _log.warning("A process that checks signatures has gone; for %d minutes they are checked without it.", REST // 60)
    executor.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """In each process beside: leave Ctrl-C to the parent, and go when it goes, even when it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent

    def follow() -> None:
        parent.join()
        os._exit(0)

    threading.Thread(target=follow, daemon=True).start()
