"""What commands share: the season they work on, and the name under which they are recorded."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from db.database import open_database
from db.keys import KeyStore
from db.migrations import pending
from portal.config import Config
from portal.rehearsal import check_apart

WRONG = 2  # the exit status when something is to be mended
BY = "console"  # who acts, in the audit trail: whoever may start programs here
Commands = Any  # what argparse gives for adding subcommands to
Run = Callable[[argparse.Namespace], int | None]


class CommandError(Exception):
    """A sentence for whoever typed the command."""


def add(commands: Commands, name: str, run: Run, words: str) -> argparse.ArgumentParser:
    """Add a command; its help is the sentence."""
    made: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    made.set_defaults(run=run)
    return made


def group(commands: Commands, name: str, words: str) -> Commands:
    """Add a noun whose verbs are commands: `clearance plan check`."""
    made = commands.add_parser(name, help=words, description=words)
    return made.add_subparsers(title="commands", metavar="COMMAND", required=True)


def open_season() -> Config:
    """The configured database, opened and up to date. CommandError when it is not there or not migrated."""
    config = Config.from_environment(os.environ)
    file = sqlite_file(config.database)
    if file and not file.exists():
        raise CommandError(f"There is no database at {file}. To make it, run: clearance init")
    open_database(config.database)
    if pending():
        raise CommandError("The database is not up to date. Make a backup, then run: clearance migrate")
    if (config.keys / "keys.json").exists():
        check_apart(KeyStore(config.keys))
    return config


def port(text: str) -> int:
    """A port that can be listened on by its number. Beyond 65535 some systems would listen on another one."""
    number = int(text)
    if not 1 <= number <= 65_535:
        raise argparse.ArgumentTypeError("from 1 to 65535")
    return number


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database, None for another engine or one in memory."""
    path = url.removeprefix("sqlite:///")
    return None if path == url or path == ":memory:" else Path(path)


def read_bytes(path: Path, most: int) -> bytes:
    """What a file holds, and of one that is larger no more than shows that it is."""
    with path.open("rb") as file:
        return file.read(most + 1)


def read_text(path: Path) -> str:
    """A text file in UTF-8. CommandError when it is something else."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not a text in UTF-8.") from None
