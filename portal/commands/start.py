"""`clearance init`, `migrate` and `serve`: from nothing to a running portal."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from db import season
from db.database import open_database
from db.keys import KeyStore
from db.migrations import migrate
from portal.commands.common import BY, Commands, add, open_season, port, read_text, sqlite_file
from portal.commands.plan import warn_if_past
from portal.config import Config
from portal.serving import serve


def add_to(commands: Commands) -> None:
    """Add these commands."""
    init = add(commands, "init", _init, "Make the key files and the database; safe to repeat.")
    init.add_argument("--plan", type=Path, metavar="FILE", help="load this plan too, for example plans/2023.toml")
    add(commands, "migrate", _migrate, "Bring the database up to date with this version of the program.")
    server = add(commands, "serve", _serve, "Serve the portal and the tablet app until interrupted.")
    server.add_argument("--port", type=port, default=8000, help="the port to listen on (8000)")
    server.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1: this machine only)")


def _init(options: argparse.Namespace) -> None:
    config = Config.from_environment(os.environ)
    if file := sqlite_file(config.database):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(0o600)  # it will hold names; SQLite gives what it writes beside it the same mode
    KeyStore.create(config.keys)
    print(f"Keys: {config.keys}")
    open_database(config.database)
    _tell(migrate())
    if options.plan:
        plan = season.load_plan(read_text(options.plan), options.plan.name, BY)
        print(f"Plan: {plan.name.en}, {len(plan.steps)} steps, {len(plan.stations)} stations")
        warn_if_past(plan)


def _migrate(_options: argparse.Namespace) -> None:
    open_database(Config.from_environment(os.environ).database)
    _tell(migrate())


def _serve(options: argparse.Namespace) -> None:
    serve(open_season(), options.host, options.port)


def _tell(migrations: list[str]) -> None:
    print(f"Database: migrated ({', '.join(migrations)})" if migrations else "Database: up to date")
