"""`clearance demo`: a whole season of synthetic people, ready to look at."""

from __future__ import annotations

import argparse
from pathlib import Path

from db.database import close_database, open_database
from db.migrations import migrate
from portal.commands.common import CommandError, Commands, add, port
from portal.commands.progress import Progress
from portal.config import Config
from portal.demo import custody, guide, season
from portal.serving import address_of, check_free, serve

MOST = 4883


def add_to(commands: Commands) -> None:
    """Add this command."""
    words = "Make a season of synthetic people (once) and serve it; today is a clearance day in it."
    demo = add(commands, "demo", _demo, words)
    demo.add_argument("--dir", type=Path, default=Path("var/demo"), metavar="DIR", help="where it is kept (var/demo)")
    demo.add_argument("--port", type=port, default=8000, help="the port to listen on (8000)")
    demo.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1: this machine only)")
    demo.add_argument("--graduates", type=count, default=MOST, metavar="N", help=f"how many, 1 to {MOST} ({MOST})")
    demo.add_argument("--build-only", action="store_true", help="make the season and stop")


def _demo(options: argparse.Namespace) -> None:
    directory: Path = options.dir
    if not options.build_only:
        check_free(options.host, options.port)
    progress = Progress()
    if season.built(directory):
        print(f"{directory}: the season is there and is kept. To begin anew, remove the folder.")
    elif directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise CommandError(f"{directory} holds something else. Choose another folder with --dir.")
    else:
        print(f"Building a season of {options.graduates:,} synthetic graduates in {directory}", flush=True)
        season.build(directory, options.graduates, progress)
    open_database(season.url(directory))
    migrate()
    moved = season.move_to_today(progress)
    progress.end()
    if options.build_only:
        return
    config = Config(season.url(directory), directory / season.KEYS, address_of(options.host, options.port))

    def ready(address: str) -> None:
        print(guide.welcome(directory, address, bool(moved)), flush=True)
        close_database()

    serve(config, options.host, options.port, ready, custody.init_app)


def count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST}")
    return number
