"""`clearance plan`: check a plan file, load it."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from db import season, tablets
from db.database import now
from db.rules.plan import Plan, load
from db.rules.plan_lint import lint
from db.rules.retention import season_ends
from portal.commands.common import BY, CommandError, Commands, add, group, open_season, read_text
from portal.config import ConfigError


def add_to(commands: Commands) -> None:
    """Add these commands."""
    plans = group(commands, "plan", "The season's plan: steps, dates, stations, blocking relations.")
    for name, run, words in (
        ("check", _check, "Tell everything that is wrong with a plan file, and what is unwise."),
        ("load", _load, "Make this the plan of the season; every graduate is looked at anew."),
    ):
        add(plans, name, run, words).add_argument("file", type=Path, metavar="FILE")


def _check(options: argparse.Namespace) -> None:
    plan = load(read_text(options.file), str(options.file))
    for finding in lint(plan):
        print(f"{options.file}: {', '.join(finding.keys)}: {finding.sentence}")
    print(f"{options.file}: {plan.name.en}, {len(plan.steps)} steps, {len(plan.stations)} stations: holds together")
    warn_if_past(plan)
    with contextlib.suppress(CommandError, ConfigError):  # a plan is checked without an installation, too
        open_season()
        warn_of_tablets(plan)


def _load(options: argparse.Namespace) -> None:
    open_season()
    plan = season.load_plan(read_text(options.file), options.file.name, BY)
    print(f"Loaded {plan.name.en}: {len(plan.steps)} steps, {len(plan.stations)} stations.")
    warn_if_past(plan)
    warn_of_tablets(plan)


def warn_of_tablets(plan: Plan) -> None:
    """Name the tablets whose station the plan does not have."""
    lost = tablets.without_station(plan)
    if lost:
        print(
            f"WARNING: the plan has no station for {len(lost)} tablets, which get no data under it. "
            "Move each to another station on the portal: "
            + ", ".join(f"{device.name} ({device.station_id})" for device in lost)
        )


def warn_if_past(plan: Plan) -> None:
    """Say what a plan that is loaded now deletes, and when, if its last day is past."""
    moment = now().astimezone(plan.zone)
    if plan.closes and plan.closes < moment.date():
        ends = season_ends(plan.closes, plan.zone, moment).astimezone(plan.zone)
        print(
            f"WARNING: the season's last day, {plan.closes}, is past. Loaded now, this plan deletes every letter and ID card "
            f"and all that was typed in applications and online forms, for good, from {ends:%Y-%m-%d %H:%M} on. "
            "If the date is wrong, load the right plan before that."
        )
