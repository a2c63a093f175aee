"""How far a long command has come: one line, rewritten on a terminal, now and then a new one elsewhere."""

from __future__ import annotations

import sys
import time

_SECONDS = {True: 0.1, False: 5.0}


class Progress:
    """Prints elapsed time, what is being done and counts. Silent repetition is cheap: call it as often as you like."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._what = ""
        self._told = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._began

    def __call__(self, what: str, done: int | None = None, total: int | None = None) -> None:
        """Say what is going on, and how much of it is done."""
        moment = time.monotonic()
        fresh = what != self._what
        if not fresh and done != total and moment - self._told < _SECONDS[self._terminal]:
            return
        if fresh and self._terminal and self._what:
            print()
        self._what, self._told = what, moment
        counts = "" if done is None else f" {done:,}" + (f" / {total:,}" if total is not None else "")
        line = f"{self.elapsed:5.1f} s  {what}{counts}"
        print(f"\r\x1b[K{line}" if self._terminal else line, end="" if self._terminal else "\n", flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._terminal and self._what:
            print()
        self._what = ""
