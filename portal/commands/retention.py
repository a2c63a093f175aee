"""`clearance retention run`: delete pictures and what was typed about proxies when the time is over, and say how many."""

from __future__ import annotations

import argparse

from db import pictures, proxy_retention, retention
from db.vault import Vault
from portal.commands.common import BY, Commands, add, group, open_season

WORDS = {
    "draft": "drafts that were never submitted",
    "season": "the season is closed",
    "rejected": "rejected 30 days ago",
    "withdrawn": "withdrawn",
    "replaced": "replaced by another picture",
}


def add_to(commands: Commands) -> None:
    """Add these commands."""
    room = group(commands, "retention", "How long letters, ID cards and what was typed about proxies are kept.")
    run = add(room, "run", _run, "Delete every picture and everything typed about proxies whose time is over; safe to repeat.")
    run.add_argument("--dry-run", action="store_true", help="only say what would be deleted")


def _run(options: argparse.Namespace) -> None:
    config = open_season()
    if options.dry_run:
        pictures.follow_season()
        print("\n".join(_lines(pictures.count_due(), proxy_retention.due())) or "Nothing is due.")
        return
    done = retention.run(Vault(config.pictures, config.picture_keys), BY)
    lines = _lines(done.deleted, done.erased)
    if done.orphans:
        lines.append(f"{done.orphans} remains of uploads that were never finished")
    print("\n".join(["Deleted:", *lines]) if lines else "Nothing was due.")


def _lines(deleted: dict[str, int], erased: dict[str, int]) -> list[str]:
    lines = [f"{count} pictures: {WORDS[why]}" for why, count in sorted(deleted.items())]
    return lines + [f"What was typed in {count} applications: {WORDS[why]}" for why, count in sorted(erased.items())]
