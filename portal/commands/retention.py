"""`clearance retention run`: delete the uploaded pictures whose time is over, and say which."""

from __future__ import annotations

import argparse

from db import pictures, retention
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
    room = group(commands, "retention", "How long uploaded pictures of letters and ID cards are kept.")
    run = add(room, "run", _run, "Delete every picture whose time is over, its key first; safe to repeat.")
    run.add_argument("--dry-run", action="store_true", help="only say what would be deleted")


def _run(options: argparse.Namespace) -> None:
    config = open_season()
    if options.dry_run:
        pictures.follow_season()
        due = pictures.count_due()
        print("\n".join(_lines(due)) or "Nothing is due.")
        return
    done = retention.run(Vault(config.pictures, config.picture_keys), BY)
    lines = _lines(done.deleted)
    if done.orphans:
        lines.append(f"{done.orphans} remains of uploads that were never finished")
    print("\n".join(["Deleted:", *lines]) if lines else "Nothing was due.")


def _lines(counts: dict[str, int]) -> list[str]:
    return [f"{count} pictures: {WORDS[why]}" for why, count in sorted(counts.items())]
