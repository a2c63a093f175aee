"""`clearance roster import`: who graduates, from a CSV or XLSX file."""

from __future__ import annotations

import argparse
from pathlib import Path

from db import roster, season
from db.rules.roster import ImportPlan
from db.tables import MOST_BYTES, read_table
from portal.commands.common import BY, WRONG, Commands, add, group, open_season, read_bytes


def add_to(commands: Commands) -> None:
    """Add this command."""
    rosters = group(commands, "roster", "Who graduates this season.")
    words = "Take in a roster from CSV or XLSX. Nobody is deleted; rows with errors stop it, unless they are left out."
    taken = add(rosters, "import", _import, words)
    taken.add_argument("file", type=Path, metavar="FILE")
    taken.add_argument("--dry-run", action="store_true", help="only tell what would happen, row by row")
    taken.add_argument("--leave-out-errors", action="store_true", help="take in the right rows although others are wrong")
    taken.add_argument("--remove-missing", action="store_true", help="mark people as removed whom the file does not name")
    taken.add_argument("--removing", type=int, metavar="COUNT", help="how many those are; needed where they are many")


def _import(options: argparse.Namespace) -> int | None:
    open_season()
    plan = season.current().plan
    planned = roster.dry_run(read_table(read_bytes(options.file, MOST_BYTES)), plan)
    _report(options.file, planned)
    if options.dry_run:
        return WRONG if planned.errors else None
    done = roster.apply(
        planned, plan, BY,
        remove_missing=options.remove_missing, leave_out_errors=options.leave_out_errors, counted=options.removing,
    )  # fmt: skip
    print(f"Done: {done.new} new, {done.changed} changed, {done.removed} removed, {done.left_out} rows left out.")
    return None


def _report(file: Path, planned: ImportPlan) -> None:
    for problem in planned.problems:
        kind = "warning" if problem.warning else "error"
        print(f"{file}:{problem.row}: {f'{problem.column}: ' if problem.column else ''}{kind}: {problem.message}")
    for changed in planned.changed:
        now = changed.person.texts()
        fields = "; ".join(f"{field}: {was or '–'} → {now[field] or '–'}" for field, was in changed.was.items())
        print(f"{file}:{changed.row}: {changed.person.number} {'returns' if changed.returns else 'changes'} {fields}".rstrip())
    for name, rows in planned.created.items():
        print(f"new class: {name}, {rows} rows")
    for person in planned.missing:
        print(f"not in the file: {person.number} {person.name}")
    print(f"{len(planned.new)} new, {len(planned.changed)} changed, {planned.unchanged} as they were, "
          f"{len(planned.missing)} not in the file, {len(planned.errors)} errors, {len(planned.warnings)} warnings.")  # fmt: skip
