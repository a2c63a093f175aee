"""Where to measure: durable databases on either engine, and servers in processes of their own. All gone afterwards."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.live import LiveServer
from tests.postgres import PostgresServer

ENGINES = ("sqlite", "postgresql")


@contextlib.contextmanager
def empty_database(engine: str) -> Iterator[str]:
    """The URL of a database without tables, where a commit is on the disk before it is answered.

    Raises FileNotFoundError where the machine has no PostgreSQL.
    """
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="clearance-bench-") as folder:
            yield f"sqlite:///{folder}/bench.sqlite"
        return
    server = PostgresServer(durable=True)
    try:
        yield server.create("bench")
    finally:
        server.stop()


@contextlib.contextmanager
def served(app: str, environment: Mapping[str, str] | None = None) -> Iterator[LiveServer]:
    """This WSGI application (`module:name`) under waitress with 8 threads."""
    with tempfile.TemporaryDirectory(prefix="clearance-bench-") as folder:
        server = LiveServer(Path(folder), environment or {}, app)
        server.start()
        try:
            yield server
        finally:
            server.stop()
