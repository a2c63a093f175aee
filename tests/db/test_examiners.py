"""Tokens are judged alike here and in a process beside, and a process that goes takes nothing with it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from db import examiners
from db.rules import arrival, jws
from tests import processes
from tests.cast import TabletDouble, key_of

TABLET = TabletDouble("dv_1", "library")
TOKENS = [TABLET.act("clear", f"gr_{number:010}", "library").token for number in range(examiners.MANY)]
MIXED = [*TOKENS, TOKENS[0][:-6] + "AAAAAA", "", "a.b.c", TabletDouble("dv_2", "library").act("clear", "gr", "library").token]
KEYS = {"dv_1": json.dumps(jws.public_key_to_jwk(key_of("dv_1").public_key()))}
TROUBLES = [None] * len(TOKENS) + ["bad-signature", "malformed", "malformed", "bad-signature"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def beside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Processes of this test's own, on a machine that has cores for them."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(examiners, "_beside", None)
    monkeypatch.setattr(examiners, "_not_before", 0.0)
    yield
    if examiners._beside is not None:
        examiners._beside.shutdown()


def worker() -> int:
    """The one process beside. It is there after the first large upload."""
    assert examiners._beside is not None
    (pid,) = examiners._beside._processes  # type: ignore[attr-defined]
    return pid


def test_a_process_beside_says_of_every_token_what_is_said_here() -> None:
    told = examiners.examine(MIXED, KEYS)
    assert examiners._beside is not None
    assert told == arrival.examine(MIXED, KEYS)
    assert [one.trouble for one in told] == TROUBLES


def test_a_few_tokens_start_no_process() -> None:
    assert [one.trouble for one in examiners.examine(TOKENS[:5], KEYS)] == [None] * 5
    assert examiners._beside is None


def test_one_core_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert [one.trouble for one in examiners.examine(TOKENS, KEYS)] == [None] * len(TOKENS)
    assert examiners._beside is None


def test_a_killed_process_loses_nothing_and_is_not_started_again_at_once(caplog: pytest.LogCaptureFixture) -> None:
    examiners.examine(TOKENS, KEYS)
    os.kill(worker(), signal.SIGKILL)
    assert [one.trouble for one in examiners.examine(MIXED, KEYS)] == TROUBLES
    assert [one.trouble for one in examiners.examine(MIXED, KEYS)] == TROUBLES
    assert examiners._beside is None
    assert [record.name for record in caplog.records] == ["db.examiners"]


def test_an_answer_that_never_comes_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the process dies between Python's look at whether it lives and the moment in which the work is its own."""

    class Forgetful(ThreadPoolExecutor):
        def submit(self, *_work: object) -> Future[Any]:  # type: ignore[override]
            return Future()

    monkeypatch.setattr(examiners, "PATIENCE", 0.01)
    monkeypatch.setattr(examiners, "_beside", Forgetful(1))
    assert [one.trouble for one in examiners.examine(MIXED, KEYS)] == TROUBLES
    assert examiners._beside is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whether a process that nobody asks after has ended")
def test_the_process_beside_goes_when_its_parent_is_killed() -> None:
    program = (
        "import os, sys, time\n"
        "from db import examiners\n"
        "if __name__ == '__main__':\n"
        "    os.cpu_count = lambda: 2\n"
        f"    examiners.examine([''] * {examiners.MANY}, {{}})\n"
        "    print(*examiners._beside._processes, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 60
    while processes.alive(pid):
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            pytest.fail("it went on without its parent")
        time.sleep(0.02)
