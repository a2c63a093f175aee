"""Processes that tests start: real ones, on free ports, gone when the test run is gone, even after a crash of it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")


def start(
    command: Sequence[str | Path],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str = "",
    last_signal: str = "SIGTERM",
) -> subprocess.Popen[bytes]:
    """Start `command` with its output in `log`. Its pid is the program's own; `last_signal` is sent to it if this process dies."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), last_signal, user, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
            cwd=cwd,
        )


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, patience: float = 10) -> None:
    """Ask with `how`, wait, and kill what does not go."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(how)
        process.send_signal(signal.SIGCONT)  # one that was frozen has to wake to go
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(ready: Callable[[], object], process: subprocess.Popen[bytes], log: Path, patience: float = 30) -> None:
    """Return when `ready()` is true. A process that ends before, or takes too long, is an error that shows its log."""
    deadline = time.monotonic() + patience
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            state = "did not get ready" if process.poll() is None else f"ended with {process.returncode}"
            stop(process)
            raise RuntimeError(f"{process.args!r} {state}:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.02)


def free_port(owner: object) -> int:
    """A port of the loopback that nobody else is given as long as `owner` lives: before it listens, and while it is stopped."""
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # so does the server itself; the two may then be bound to it
    place.bind(("127.0.0.1", 0))
    weakref.finalize(owner, place.close)
    port: int = place.getsockname()[1]
    return port


def answers(port: int) -> bool:
    """Whether anything accepts connections on this port of the loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def alive(pid: int) -> bool:
    """Whether it runs; one that ended and that nobody has asked after yet does not. Linux only."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
