"""What waits is done together, and each caller still gets its own answer."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from db.group_commit import GroupCommit

PATIENCE = 60  # seconds that a machine may stand still in the middle of a test


class Desk:
    """Work that can be held up: it doubles numbers, refuses negative ones, and keeps the groups it was given."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.free = threading.Event()
        self.free.set()
        self.busy = threading.Event()

    def work(self, jobs: Sequence[int]) -> list[int]:
        self.groups.append(list(jobs))
        self.busy.set()
        assert self.free.wait(PATIENCE)
        if any(job < 0 for job in jobs):
            raise ValueError(f"{jobs} held a negative one")
        return [job * 2 for job in jobs]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def held_up(desk: Desk, together: GroupCommit[int, int], jobs: Sequence[int]) -> list[Future[int]]:
    """Give `jobs` while the desk is busy with a job 100; let it go on when all of them wait."""
    desk.free.clear()
    with ThreadPoolExecutor(20) as callers:
        first = callers.submit(together, 100)
        assert desk.busy.wait(PATIENCE)
        futures = []
        for place, job in enumerate(jobs, 1):
            futures.append(callers.submit(together, job))
            wait_until(lambda place=place: len(together._waiting) == place)  # type: ignore[misc]
        desk.free.set()
    assert first.result() == 200
    return futures


def wait_until(right: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not right():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def test_what_waits_is_done_in_one_group_oldest_first(desk: Desk) -> None:
    together = GroupCommit(desk.work, lambda job: 1, most=10)
    answers = held_up(desk, together, [1, 2, 3])
    assert [answer.result() for answer in answers] == [2, 4, 6]
    assert desk.groups == [[100], [1, 2, 3]]


def test_a_group_is_never_heavier_than_allowed_unless_it_is_a_single_job(desk: Desk) -> None:
    together = GroupCommit(desk.work, lambda job: job, most=10)
    answers = held_up(desk, together, [4, 6, 1, 50, 9])
    assert [answer.result() for answer in answers] == [8, 12, 2, 100, 18]
    assert desk.groups == [[100], [4, 6], [1], [50], [9]]


def test_a_job_that_fails_fails_nobody_else(desk: Desk) -> None:
    together = GroupCommit(desk.work, lambda job: 1, most=10)
    one, bad, three = held_up(desk, together, [1, -2, 3])
    assert (one.result(), three.result()) == (2, 6)
    with pytest.raises(ValueError, match=r"\[-2\]"):
        bad.result()


def test_after_a_failure_the_next_job_is_done(desk: Desk) -> None:
    together = GroupCommit(desk.work, lambda job: 1, most=10)
    with pytest.raises(ValueError):
        together(-1)
    assert together(4) == 8
