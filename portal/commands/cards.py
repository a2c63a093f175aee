"""`clearance cards`: issue cards, print them."""

from __future__ import annotations

import argparse
from pathlib import Path

from db import cards, paper, season
from db.audit import record
from db.keys import KeyStore
from db.people import ClassGroup, Graduate
from portal.commands.common import BY, CommandError, Commands, add, group, open_season
from portal.commands.progress import Progress


def add_to(commands: Commands) -> None:
    """Add these commands."""
    noun = group(commands, "cards", "Clearance cards.")
    issue = add(noun, "issue", _issue, "Issue a card to everybody who has none yet; safe to repeat.")
    issue.add_argument("--class", dest="class_name", metavar="NAME", help="only to this class")
    sheets = add(noun, "sheets", _sheets, "Make A4 print sheets of all cards, one PDF for each class.")
    sheets.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder for the PDF files")
    sheets.add_argument("--class", dest="class_name", metavar="NAME", help="only of this class")
    desk = add(noun, "desk-sheets", _desk_sheets, "Make sheets to sign on where no tablet works, one PDF for each class and step.")
    desk.add_argument("--station", required=True, metavar="CODE", help="the station at which they lie")
    desk.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder for the PDF files")
    desk.add_argument("--class", dest="class_name", metavar="NAME", help="only of this class")


def _issue(options: argparse.Namespace) -> None:
    open_season()
    people = _of_class(options.class_name)
    print(f"Issued {cards.issue(BY, people):,} cards.")


def _sheets(options: argparse.Namespace) -> None:
    from portal.card_sheets import print_sheets  # the drawing library is slow to import, and only this command draws

    config = open_season()
    _of_class(options.class_name)
    progress = Progress()
    key = KeyStore(config.keys).card_key
    paths = print_sheets(key, options.out, options.class_name, lambda done, total: progress("cards drawn", done, total))
    progress.end()
    record(BY, "cards.printed", options.class_name or "", {"sheets": len(paths)})
    print(f"{len(paths)} sheets in {options.out}. Anybody who has a sheet has its cards: keep and destroy them accordingly.")


def _desk_sheets(options: argparse.Namespace) -> None:
    from portal.desk_sheets import print_all

    config = open_season()
    station = season.current().plan.stations_by_code.get(options.station)
    if station is None:
        raise CommandError(f"The plan has no station {options.station}.")
    _of_class(options.class_name)
    sheets = paper.sheets_of(station, options.class_name)
    made = print_all(KeyStore(config.keys).card_key, sheets, options.out)
    record(BY, "paper.printed", options.class_name or "", {"station": station.code, "sheets": made})
    print(f"{made} sheets in {options.out}. Anybody who has a sheet has its cards: keep and destroy them accordingly.")


def _of_class(name: str | None) -> list[int] | None:
    """The ids of the class's graduates; None for everybody. CommandError for a class that there is not."""
    if name is None:
        return None
    if not ClassGroup.select().where(ClassGroup.name == name).exists():
        raise CommandError(f"There is no class {name}.")
    return [row[0] for row in Graduate.select(Graduate.id).join(ClassGroup).where(ClassGroup.name == name).tuples()]
