"""Numbered, frozen migrations. `migrate()` brings the open database up to date."""

import logging
from pathlib import Path

from peewee_migrate import Router

from db.database import database


def migrate() -> list[str]:
    """Run every migration not yet run, each in a transaction of its own; return their names."""
    return _router().run()


def pending() -> list[str]:
    """The names of the migrations not yet run."""
    return _router().diff


def _router() -> Router:
    return Router(database.obj, migrate_dir=Path(__file__).parent, logger=logging.getLogger("clearance.migrations"))
