"""What could not run is said, counts as a failure under CI=true, and nothing that tests started outlives them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import processes
from tests.processes import LAUNCH

ROOT = LAUNCH.parent.parent
NEEDS = {
    "CLEARANCE_CHROMIUM": "tests/harness/test_browser.py::test_chinese_is_drawn_with_a_real_font",
    "CLEARANCE_POSTGRES": "tests/harness/test_engines.py::test_nothing_is_left_from_the_test_before",
}
START_AND_DIE = f"""
import os, pathlib, signal, sys
sys.path.insert(0, {str(ROOT)!r})
from tests import processes
started = processes.start(["sleep", "60"], pathlib.Path(sys.argv[1]))
print(started.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def run_without(program: str, ci: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, program: "/nowhere", "CI": ci}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", NEEDS[program]]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("program", NEEDS)
def test_a_missing_program_is_a_skip_that_says_how_to_get_it(program: str) -> None:
    done = run_without(program, ci="")
    assert done.returncode == 0, done.stdout
    assert "skipped" in done.stdout
    assert f"apt install {program.removeprefix('CLEARANCE_').lower()}"[:16] in done.stdout
    assert program in done.stdout


@pytest.mark.parametrize("program", NEEDS)
def test_under_ci_a_skip_is_a_failure(program: str) -> None:
    done = run_without(program, ci="true")
    assert done.returncode == 1, done.stdout
    assert "With CI=true nothing may be skipped" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell a process that its parent is gone")
def test_what_tests_started_dies_with_them_even_when_they_are_killed(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", START_AND_DIE, tmp_path / "log"], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    deadline = time.monotonic() + 10
    while processes.alive(int(done.stdout)):
        assert time.monotonic() < deadline, "the process outlived the one that started it"
        time.sleep(0.02)


def test_a_program_that_ends_at_once_is_an_error_with_its_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = processes.start([sys.executable, "-c", "print('no such port')"], log)
    with pytest.raises(RuntimeError, match=r"ended with 0:\nno such port"):
        processes.wait_until(lambda: False, process, log)
