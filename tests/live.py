"""The real portal under waitress in a process of its own.

`live_server` is running when a test gets it, over the test's own `database_url` (so on both engines). `stop()` and `start()`
keep the port: that is how tests cut the network. `freeze()` and `thaw()` make a network that accepts and never answers.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from db.keys import KeyStore
from tests import processes
from tests.lag import late_app

ROOT = Path(__file__).resolve().parent.parent


class LiveServer:
    """`url` is where it listens; `log` is what it printed."""

    def __init__(self, folder: Path, environment: Mapping[str, str], app: str = "wsgi:app", threads: int = 8) -> None:
        self.port = processes.free_port(self)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"server-{self.port}.log"
        app, more = late_app(app)
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", "CLEARANCE_URL": self.url, **environment, **more}
        listen = f"--listen=127.0.0.1:{self.port}"
        self._command: list[str | Path] = [sys.executable, "-m", "waitress", listen, f"--threads={threads}", app]
        self._process: subprocess.Popen[bytes] | None = None

    def with_names(self, **names: str) -> None:
        """From the next start on these variables are hosts, each with this server's port."""
        self._environment |= {variable: f"http://{host}:{self.port}" for variable, host in names.items()}

    def start(self) -> None:
        """Start it and return when it answers."""
        self._process = processes.start(self._command, self.log, env=self._environment, cwd=ROOT)
        processes.wait_until(lambda: processes.answers(self.port), self._process, self.log)

    def stop(self) -> None:
        """End it; from now on connections are refused."""
        if self._process is not None:
            processes.stop(self._process)
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)
        self.stop()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, which: signal.Signals) -> None:
        assert self._process is not None, "the server is not running"
        self._process.send_signal(which)


@pytest.fixture
def key_store(tmp_path: Path) -> KeyStore:
    """New keys, in files of this test's own."""
    return KeyStore.create(tmp_path / "keys")


@pytest.fixture
def live_server(database_url: str, key_store: KeyStore, tmp_path: Path) -> Iterator[LiveServer]:
    server = LiveServer(tmp_path, {"CLEARANCE_DATABASE": database_url, "CLEARANCE_KEYS": str(key_store.directory)})
    server.start()
    yield server
    server.stop()
