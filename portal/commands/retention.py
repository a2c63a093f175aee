"""`clearance retention run`: delete pictures and what was typed when the time is over, and say how many."""

from __future__ import annotations

import argparse

from db import form_retention, pictures, proxy_retention, retention
from db.vault import Vault
from portal.commands.common import BY, Commands, add, group, open_season

WORDS = {
    "draft": "drafts that were never submitted",
    "season": "the season is closed",
    "rejected": "rejected 30 days ago",
    "withdrawn": "withdrawn",
    "replaced": "replaced by another picture",
    "name": "names of proxies whom no record names",
}


def add_to(commands: Commands) -> None:
    """Add these commands."""
    room = group(commands, "retention", "How long letters, ID cards and what graduates typed are kept.")
    run = add(room, "run", _run, "Delete pictures and what was typed when the time is over; safe to repeat.")
    run.add_argument("--dry-run", action="store_true", help="only say what would be deleted")


def _run(options: argparse.Namespace) -> None:
    config = open_season()
    if options.dry_run:
        pictures.follow_season()
        print("\n".join(_lines(pictures.count_due(), proxy_retention.due(), form_retention.due())) or "Nothing is due.")
        return
    done = retention.run(Vault(config.pictures, config.picture_keys), BY)
    lines = _lines(done.deleted, done.erased, done.forms)
    if done.orphans:
        lines.append(f"{done.orphans} remains of uploads that were never finished")
    print("\n".join(["Deleted:", *lines]) if lines else "Nothing was due.")


def _lines(deleted: dict[str, int], applications: dict[str, int], forms: dict[str, int]) -> list[str]:
    rooms = (("%d pictures", deleted), ("What was typed in %d applications", applications), ("What was typed in %d forms", forms))
    return [f"{what % count}: {WORDS[why]}" for what, found in rooms for why, count in sorted(found.items())]
