"""`clearance rehearsal`: a whole day on invented data beside the real season, and its end in one step."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from db.database import close_database, open_database
from db.keys import KeyStore
from db.migrations import migrate
from portal.commands.common import CommandError, Commands, add, group, port
from portal.commands.demo import MOST, count
from portal.commands.progress import Progress
from portal.config import Config
from portal.demo import guide, season
from portal.serving import address_of, check_free, serve

FOLDER = "rehearsal"


def add_to(commands: Commands) -> None:
    """Add these commands."""
    noun = group(commands, "rehearsal", "A season of invented people beside the real one, marked everywhere, wiped in one step.")
    start = add(noun, "start", _start, "Make the rehearsal (once) and serve it on a port of its own; today is its clearance day.")
    start.add_argument("--port", type=port, default=8010, help="the port to listen on (8010)")
    start.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1: this machine only)")
    start.add_argument("--url", help="the address people and tablets type, where it is another")
    start.add_argument("--graduates", type=count, default=600, metavar="N", help=f"how many, 1 to {MOST} (600)")
    start.add_argument("--build-only", action="store_true", help="make it and stop")
    add(noun, "wipe", _wipe, "Remove the rehearsal with all of its data. The real season is not touched.")


def place_of(real: Config) -> Path:
    """Where the rehearsal of this installation lies: beside the real key folder."""
    return real.keys.parent / FOLDER


def _start(options: argparse.Namespace) -> None:
    real = Config.from_environment(os.environ)
    if not options.build_only:
        check_free(options.host, options.port)
    place, progress = place_of(real), Progress()
    if not season.built(place):
        print(f"Building a rehearsal with {options.graduates:,} invented graduates in {place}", flush=True)
        season.build(place, options.graduates, progress, rehearsal=True)
    config = config_of(real, options.url or address_of(options.host, options.port))
    open_database(config.database)
    migrate()
    moved = season.move_to_today(progress)
    progress.end()
    if options.build_only:
        return

    def ready(address: str) -> None:
        print(guide.welcome(place, options.url or address, bool(moved)), flush=True)
        print("\n演练结束后 When it is over: clearance rehearsal wipe", flush=True)
        close_database()

    serve(config, options.host, options.port, ready)


def config_of(real: Config, url: str) -> Config:
    """The rehearsal's own configuration; of the real one it has nothing but the number of proxies."""
    place = place_of(real)
    return Config(season.url(place), place / season.KEYS, url.rstrip("/"), real.proxies)


def _wipe(_options: argparse.Namespace) -> None:
    place = place_of(Config.from_environment(os.environ))
    if not wipe(place):
        print(f"There is no rehearsal in {place}.")
        return
    print(f"The rehearsal in {place} is wiped. Its tablets are told as long as its server runs; then stop it.")


def wipe(place: Path) -> bool:
    """Remove the rehearsal, all of it in one step; whether there was one. CommandError for a folder that is something else."""
    for left in place.parent.glob(f".{FOLDER}-wiped-*"):
        shutil.rmtree(left)
    if not place.exists():
        return False
    if not KeyStore(place / season.KEYS).rehearsal:
        raise CommandError(f"{place} is no rehearsal's folder; nothing was removed.")
    aside = Path(tempfile.mkdtemp(prefix=f".{FOLDER}-wiped-", dir=place.parent))
    os.replace(place, aside / FOLDER)
    shutil.rmtree(aside)
    return True
