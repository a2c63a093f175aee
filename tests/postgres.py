"""A PostgreSQL server of our own, from the machine's programs, in a temporary folder, on a free port of the loopback."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from tests import processes, scratch
from tools import find

HOW_TO_GET_IT = "PostgreSQL's server programs were not found (apt install postgresql, or set CLEARANCE_POSTGRES)"

# Safe to lose, quick to make. `durable` leaves these out and has its folder on a disk: a commit is there before it is answered.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer:
    """Starts on construction; `url(name)` is the address of a database; `stop()` ends it and removes its folder.

    Raises FileNotFoundError when the machine has no PostgreSQL server programs.
    """

    def __init__(self, durable: bool = False) -> None:
        programs = find.postgres()
        if programs is None:
            raise FileNotFoundError(HOW_TO_GET_IT)
        self._user = server_user()
        self._password = secrets.token_hex(8)
        self._folder = scratch.make_folder(in_memory=not durable)
        if self._user:
            shutil.chown(self._folder, self._user)
        self._data = self._folder / "data"
        self._connection: psycopg.Connection | None = None
        self._make_cluster(programs)
        self._run(programs, () if durable else FORGETFUL)

    def url(self, name: str) -> str:
        return f"postgresql://clearance:{self._password}@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str = "template1") -> str:
        """Make the database `name` as a copy of `template`, to which nobody may be connected, and return its URL."""
        # The other way, which is the default since 15, takes twice as long for small ones.
        how = " STRATEGY file_copy" if self._connected().info.server_version >= 150_000 else ""
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{how}')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove the database `name`, cutting off whoever is still connected."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        self._connected().close()
        processes.stop(self._process, signal.SIGINT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make_cluster(self, programs: Path) -> None:
        secret = self._folder / "password"
        secret.write_text(self._password)
        secret.chmod(0o644)  # inside a folder that only the server's user can enter
        options = ["-U", "clearance", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [programs / "initdb", "-D", self._data, *options],
            cwd=self._folder,
            user=self._user or None,
            group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            capture_output=True,
            text=True,
        )
        secret.unlink()
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")

    def _run(self, programs: Path, settings: tuple[str, ...]) -> None:
        self.port = processes.free_port(self)
        log = self._folder / "log"
        fixed = (
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "shared_buffers=64MB",
            "max_connections=100",
            "autovacuum=off",
        )
        options = [word for setting in (*fixed, *settings) for word in ("-c", setting)]
        command: list[str | Path] = [programs / "postgres", "-D", self._data, *options]
        self._process = processes.start(command, log, cwd=self._folder, user=self._user, last_signal="SIGQUIT")
        processes.wait_until(self._ready, self._process, log)

    def _ready(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            self._execute("SELECT 1")
            return True
        return False

    def _execute(self, statement: str) -> None:
        self._connected().execute(statement.encode())

    def _connected(self) -> psycopg.Connection:
        """One connection for all databases that are made and dropped."""
        if self._connection is None:
            self._connection = psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=10)
        return self._connection


def server_user() -> str:
    """PostgreSQL refuses to run as root: the user to become then; otherwise nobody else."""
    if os.geteuid() != 0:
        return ""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
