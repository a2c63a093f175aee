"""`clearance ledger`, `journal` and `audit`: check what is recorded, bring in what could not be sent."""

from __future__ import annotations

import argparse
from pathlib import Path

from db import audit, journals, projection, verification
from db.keys import KeyStore
from portal.commands.common import BY, WRONG, Commands, add, group, open_season, read_bytes

WORDS = {
    "token": "stored token is not its hash's",
    "signature": "signature does not fit the device",
    "column": "differs from what was signed",
    "chain": "contradicts the entry before it",
    "state": "differs from the ledger",
    "card": "card is not the newest that was issued",
}


def add_to(commands: Commands) -> None:
    """Add these commands."""
    ledger = group(commands, "ledger", "The ledger, and the clearance states that are folded from it.")
    add(ledger, "verify", _verify, "Check every entry, chain and card, fold everything and compare.")
    add(ledger, "rebuild", _rebuild, "Write all clearance states anew from the ledger.")
    journal = group(commands, "journal", "Journal files that tablets export.")
    taken = add(journal, "import", _import, "Bring a tablet's journal file into the ledger; safe to repeat.")
    taken.add_argument("file", type=Path, metavar="FILE")
    trail = group(commands, "audit", "The audit trail.")
    add(trail, "verify", _verify_audit, "Check that no event of the trail was changed or removed.")


def _verify(_options: argparse.Namespace) -> int | None:
    config = open_season()
    faults = list(verification.verify(KeyStore(config.keys).entry_public_keys))
    for fault in faults:
        print(f"{WORDS[fault.code]}: {fault.subject}")
    if not faults:
        print("Every entry is as it was signed, and every state is what the ledger says.")
        return None
    print(f"{len(faults)} faults. States and cards are written anew by: clearance ledger rebuild")
    return WRONG


def _rebuild(_options: argparse.Namespace) -> None:
    open_season()
    wrong = projection.rebuild()
    audit.record(BY, "ledger.rebuilt", "", {"wrong": wrong})
    print(f"Written anew; {wrong} states were wrong.")


def _import(options: argparse.Namespace) -> None:
    config = open_season()
    taken = journals.take_in(journals.read_journal(read_bytes(options.file, journals.MOST_BYTES)), BY, config.attachments)
    told = [*sorted(taken.outcomes.items()), *((f"pictures {what}", count) for what, count in sorted(taken.pictures.items()))]
    counts = ", ".join(f"{count} {what}" for what, count in told)
    print(f"{options.file}: {counts or 'no entries'}.")


def _verify_audit(_options: argparse.Namespace) -> int | None:
    open_season()
    problems = audit.verify()
    for problem in problems:
        print(f"event {problem.seq}: {problem.code}")
    seq, hash_ = audit.head()
    print("The trail does not hold." if problems else f"{seq} events, whole. The last one's hash is {hash_}.")
    return WRONG if problems else None
