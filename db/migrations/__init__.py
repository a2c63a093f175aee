"""Numbered, frozen migrations. `migrate()` brings the open database up to date."""

import logging
from pathlib import Path

from peewee_migrate import Router

from db.database import database


def migrate() -> list[str]:
    """Run every migration not yet run, each in a transaction of its own; return their names."""
    logger = logging.getLogger("clearance.migrations")
    return Router(database.obj, migrate_dir=Path(__file__).parent, logger=logger).run()
