"""`clearance activations`: one-time codes for whole classes, as slips to be cut apart."""

from __future__ import annotations

import argparse
from pathlib import Path

from db import class_codes, season
from db.people import ClassGroup, College, in_order
from db.refusals import Conflict
from portal import private_file
from portal.commands.common import BY, CommandError, Commands, add, open_season
from portal.commands.progress import Progress

ENDS = {"pdf": ("pdf",), "csv": ("csv",), "both": ("pdf", "csv")}


def add_to(commands: Commands) -> None:
    """Add this command."""
    words = (
        "Make new one-time codes for all graduates of a class who have not activated their account, and write them as slips. "
        "Codes handed out earlier and not used yet end."
    )
    slips = add(commands, "activations", _activations, words)
    whose = slips.add_mutually_exclusive_group(required=True)
    whose.add_argument("--class", dest="class_name", metavar="NAME", help="of this class")
    whose.add_argument("--all", action="store_true", help="of every class")
    slips.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder for one file of each class")
    slips.add_argument("--format", choices=sorted(ENDS), default="pdf", help="what to write (pdf)")


def _activations(options: argparse.Namespace) -> None:
    from portal.activation_slips import slips_csv, slips_pdf  # the drawing library is slow to import

    config = open_season()
    plan, address = season.current().plan, f"{config.url}/activate"
    files = _files(options.class_name)
    folder = private_file.folder(options.out)
    progress = Progress()
    made = left_out = 0
    for done, (name, group) in enumerate(files.items(), start=1):
        try:
            codes = class_codes.issue(group.id, BY)
        except Conflict:  # everybody is activated already
            left_out += sum(class_codes.waiting(group.id)[1:3])
            continue
        for end in ENDS[options.format]:
            make = slips_pdf if end == "pdf" else slips_csv
            private_file.write(folder / f"{name}.{end}", make(group, codes, plan, address))
        made += len(codes.codes)
        left_out += codes.activated + codes.closed
        progress("classes", done, len(files))
    progress.end()
    print(f"{made:,} new codes in {folder}, good for 30 days; {left_out:,} accounts left out, activated already or closed.")
    print("Whoever has a slip can take over the account: hand each to its owner, and destroy what is left.")


def _files(class_name: str | None) -> dict[str, ClassGroup]:
    """The classes by the name of their file. CommandError for a class that there is not, and for two with one file."""
    query = ClassGroup.select(ClassGroup, College).join(College)
    groups = in_order(query if class_name is None else query.where(ClassGroup.name == class_name))
    if class_name is not None and not groups:
        raise CommandError(f"There is no class {class_name}.")
    files = {private_file.name(group.college.name, group.name): group for group in groups}
    if len({name.casefold() for name in files}) != len(groups):
        raise CommandError("Two classes would have their slips in the same file; print them one by one, with --class.")
    return files
