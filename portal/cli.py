"""The command line: `clearance COMMAND …`. Every command is a thin function in `portal/commands/` that calls one verb.

What goes wrong in a way that somebody can mend is one sentence on standard error and exit status 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import peewee

from db.database import close_database
from db.keys import KeysUnusable
from db.refusals import Refusal
from db.rules.plan import PlanError
from portal.commands import (
    activations,
    cards,
    demo,
    keys,
    ledger,
    lists,
    mail,
    plan,
    rehearsal,
    retention,
    roster,
    staff,
    start,
    words,
)
from portal.commands.common import WRONG, CommandError
from portal.config import ConfigError
from portal.serving import CannotListen

ROOMS = (start, demo, plan, roster, lists, staff, activations, cards, keys, ledger, rehearsal, retention, mail)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = parser().parse_args(arguments)
    if any(isinstance(value, str) and _broken(value) for value in vars(options).values()):
        return _say("What was typed is not text in UTF-8.")
    try:
        return options.run(options) or 0
    except (CannotListen, CommandError, ConfigError, KeysUnusable, PlanError) as error:
        return _say(str(error))
    except Refusal as refusal:
        return _say(words.sentence(refusal))
    except peewee.DatabaseError as error:
        return _say(f"The database refused: {' '.join(str(_first(error)).split())}")
    except OSError as error:
        return _say(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        return _say("Stopped.")
    finally:
        close_database()


def parser() -> argparse.ArgumentParser:
    """All commands with their help."""
    top = argparse.ArgumentParser(
        prog="clearance",
        description="Graduate clearance: cards, stations and one ledger.",
        epilog="CLEARANCE_DATABASE and CLEARANCE_KEYS say where the database and the key files are (docs/operations.md); "
        "the demonstration brings its own.",
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for room in ROOMS:
        room.add_to(commands)
    return top


def _first(error: BaseException) -> BaseException:
    """What went wrong first: after a full disk SQLite refuses even to roll back, and says only that."""
    while error.__context__ is not None:
        error = error.__context__
    return error


def _broken(text: str) -> bool:
    """Whether it holds bytes that are no text; a name of a file may."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _say(sentence: str) -> int:
    print(f"clearance: {sentence}", file=sys.stderr)
    return WRONG


if __name__ == "__main__":
    sys.exit(main())
