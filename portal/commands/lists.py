"""`clearance list import`: take in a department's list of those who are not cleared."""

from __future__ import annotations

import argparse
from pathlib import Path

from db import list_files
from db.keys import KeyStore
from db.list_files import DryRun
from db.tables import MOST_BYTES, read_table
from portal.commands.common import BY, WRONG, Commands, add, group, open_season, read_bytes


def add_to(commands: Commands) -> None:
    """Add this command."""
    words = (
        "Take in a department's list from CSV or XLSX: whoever stands on it is held, everybody else to whom the step applies is "
        "cleared, unless somebody has decided otherwise. One wrong row stops it."
    )
    taken = add(group(commands, "list", "Lists by which departments settle a step."), "import", _import, words)
    taken.add_argument("step", metavar="STEP", help="the step's code in the plan")
    taken.add_argument("file", type=Path, metavar="FILE")
    taken.add_argument("--dry-run", action="store_true", help="only tell what would happen")


def _import(options: argparse.Namespace) -> int | None:
    config = open_season()
    planned = list_files.dry_run(options.step, read_table(read_bytes(options.file, MOST_BYTES)))
    _report(options.file, planned)
    if options.dry_run:
        return WRONG if planned.effect is None else None
    done = list_files.take_in(KeyStore(config.keys).entry_key, planned, BY)
    print(f"Version {done.version}: {done.held} held, {done.cleared} cleared, {done.unchanged} as they were, "
          f"{len(done.kept)} left as others decided.")  # fmt: skip
    return None


def _report(file: Path, planned: DryRun) -> None:
    for problem in planned.file.problems:
        kind = "warning" if problem.warning else "error"
        print(f"{file}:{problem.row}: {f'{problem.column}: ' if problem.column else ''}{kind}: {problem.message}")
    for row in planned.held:
        money = "" if row.amount is None else f" ¥{row.amount // 100}.{row.amount % 100:02d}"
        print(f"{file}:{row.row}: holds {row.number} {row.name}{f': {row.reason}' if row.reason else ''}{money}")
    effect = planned.effect
    for kept in effect.kept if effect else ():
        print(f"stays {kept.state}: {kept.number} {kept.name} (the list says {kept.act})")
    counts = f"{len(planned.file.rows)} rows, {len(planned.file.errors)} errors, {len(planned.file.warnings)} warnings"
    print(f"{counts}; would hold {effect.held}, clear {effect.cleared}, leave {effect.unchanged} as they are and "
          f"{len(effect.kept)} as others decided." if effect else f"{counts}: it cannot be taken in.")  # fmt: skip
