"""`clearance ledger`, `journal` and `audit`: check what is recorded, bring in what could not be sent."""

from __future__ import annotations

import argparse
from pathlib import Path

from db import audit, journals, projection
from portal.commands.common import BY, WRONG, Commands, add, group, open_season


def add_to(commands: Commands) -> None:
    """Add these commands."""
    ledger = group(commands, "ledger", "The ledger, and the clearance states that are folded from it.")
    add(ledger, "verify", _verify, "Fold the whole ledger and compare; tells every state that differs.")
    add(ledger, "rebuild", _rebuild, "Write all clearance states anew from the ledger.")
    journal = group(commands, "journal", "Journal files that tablets export.")
    taken = add(journal, "import", _import, "Bring a tablet's journal file into the ledger; safe to repeat.")
    taken.add_argument("file", type=Path, metavar="FILE")
    trail = group(commands, "audit", "The audit trail.")
    add(trail, "verify", _verify_audit, "Check that no event of the trail was changed or removed.")


def _verify(_options: argparse.Namespace) -> int | None:
    open_season()
    wrong = projection.verify()
    for ref, step in wrong:
        print(f"differs from the ledger: {ref} {step}")
    if not wrong:
        print("Every state is what the ledger says.")
        return None
    print(f"{len(wrong)} states differ. To mend them: clearance ledger rebuild")
    return WRONG


def _rebuild(_options: argparse.Namespace) -> None:
    open_season()
    wrong = projection.rebuild()
    audit.record(BY, "ledger.rebuilt", "", {"wrong": wrong})
    print(f"Written anew; {wrong} states were wrong.")


def _import(options: argparse.Namespace) -> None:
    open_season()
    outcomes = journals.take_in(journals.read_journal(options.file.read_bytes()), BY)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    print(f"{options.file}: {counts or 'no entries'}.")


def _verify_audit(_options: argparse.Namespace) -> int | None:
    open_season()
    problems = audit.verify()
    for problem in problems:
        print(f"event {problem.seq}: {problem.code}")
    seq, hash_ = audit.head()
    print("The trail does not hold." if problems else f"{seq} events, whole. The last one's hash is {hash_}.")
    return WRONG if problems else None
