"""Group commit: what arrives while a transaction is being written is written together in the next one.

A commit waits for the disk and a transaction reads before it writes, whether it holds one entry or a thousand. On clearance day
forty tablets send one entry each; sharing these costs is what lets one process take them all (docs/operations.md, Measured).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

GATHERING_S = 0.003
"""How long others are waited for where the last group had several jobs: a fraction of what writing takes, for half as many more."""

Job = TypeVar("Job")
Result = TypeVar("Result")


class GroupCommit(Generic[Job, Result]):
    """Calls `work` with all jobs that wait, oldest first, up to a weight of `most` (a single heavier one goes alone).

    `work` answers each of its jobs, in order, after its commit, and must be safe to repeat after a failure. Each caller gets
    the answer, or the failure, of its own job: a group that fails is tried again job by job.
    """

    def __init__(self, work: Callable[[Sequence[Job]], Sequence[Result]], weigh: Callable[[Job], int], most: int) -> None:
        self._work, self._weigh, self._most = work, weigh, most
        self._waiting: deque[_Call[Job, Result]] = deque()
        self._turn = threading.Lock()
        self._crowded = False  # whether the last group had several

    def __call__(self, job: Job) -> Result:
        call = _Call[Job, Result](job)
        self._waiting.append(call)
        while not call.done:
            with self._turn:
                if not call.done:
                    self._do(self._next_group())
        if call.failure is not None:
            raise call.failure
        return call.result

    def _next_group(self) -> list[_Call[Job, Result]]:
        """Takes at least one: whoever asks has the turn and still waits."""
        if self._crowded:
            time.sleep(GATHERING_S)
        group = [self._waiting.popleft()]
        weight = self._weigh(group[0].job)
        while self._waiting and (weight := weight + self._weigh(self._waiting[0].job)) <= self._most:
            group.append(self._waiting.popleft())
        self._crowded = len(group) > 1
        return group

    def _do(self, group: Sequence[_Call[Job, Result]]) -> None:
        try:
            for call, result in zip(group, self._work([call.job for call in group]), strict=True):
                call.result, call.done = result, True
        except BaseException as failure:
            if len(group) > 1 and isinstance(failure, Exception):
                for call in group:
                    self._do([call])
                return
            for call in group:
                call.failure, call.done = failure, True


class _Call(Generic[Job, Result]):
    """One caller's job on its way."""

    result: Result

    def __init__(self, job: Job) -> None:
        self.job = job
        self.failure: BaseException | None = None
        self.done = False
