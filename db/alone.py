"""Untrusted files are read by a process of their own, which gets the file and nothing else, under limits (`db/confined.py`).

What harms the reader harms that process alone. A process for each file starts in some tenths of a second.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from db.refusals import Unavailable


class Places:
    """So many files of a kind at once, and so many that wait: no more threads of a portal are ever with them."""

    def __init__(self, at_once: int, waiting: int, seconds: float, busy: str) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._queue = threading.BoundedSemaphore(at_once + waiting)
        self._seconds, self._busy = seconds, busy

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """One of the places at work; Unavailable at once when the queue is full, and after a while in it."""
        busy = Unavailable(self._busy, retry_after=10)
        if not self._queue.acquire(blocking=False):
            raise busy
        try:
            if not self._places.acquire(timeout=self._seconds):
                raise busy
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._queue.release()


def command(script: str, packages: Iterable[str]) -> list[str]:
    """The script, without `site` and the environment: half the start, and only `db` and these packages are found."""
    specs = [find_spec(name) for name in (*packages, "db")]
    folders = {str(Path(spec.origin).parents[1]): None for spec in specs if spec and spec.origin}
    return [sys.executable, "-I", "-S", "-B", script, *folders]


def run(command: list[str], content: bytes, seconds: float, most: int) -> tuple[int, bytes]:
    """Exit status and output, which is cut after `most` bytes, of a process that gets nothing of this one: no environment, no open
    files. It is ended when its time is over."""
    with subprocess.Popen(  # noqa: S603 - this program's own file, under this Python
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"MALLOC_ARENA_MAX": "1"},  # else a thread of a reader would reserve most of what it may have
        cwd="/",
        start_new_session=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        clock = threading.Timer(seconds, process.kill)
        clock.start()
        try:
            with contextlib.suppress(BrokenPipeError):  # it has its answer already, or is gone
                process.stdin.write(content)
                process.stdin.close()
            out = process.stdout.read(most + 1)
        finally:
            clock.cancel()
            process.kill()
    return process.returncode, out
