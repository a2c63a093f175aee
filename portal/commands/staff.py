"""`clearance staff add`, `activation` and `enrol-code`: how people and tablets get in."""

from __future__ import annotations

import argparse

from db import accounts, activations, grants, stations
from db.database import writing
from db.rules.powers import KINDS
from portal.commands.common import BY, CommandError, Commands, add, group, open_season


def add_to(commands: Commands) -> None:
    """Add these commands."""
    staff = group(commands, "staff", "Accounts of staff.")
    added = add(staff, "add", _add, "Open an account for a member of staff, with roles, and print its one-time code.")
    added.add_argument("id", metavar="ID", help="what they sign in with: small letters and digits, a letter first")
    added.add_argument("name", metavar="NAME", help="their real name")
    added.add_argument("--email", default="", help="their address")
    added.add_argument("--role", action="append", default=[], choices=sorted(KINDS), help="a role (may be repeated)")
    scopes = "where each role holds: all, or KIND:NAME such as station:library, step:tuition or college:会计学院 (all)"
    added.add_argument("--scope", action="append", default=[], help=scopes)
    code = add(commands, "activation", _activation, "Print a one-time code with which an account gets a new password.")
    code.add_argument("account", metavar="ACCOUNT", help="a staff id or a student number")
    enrol = add(commands, "enrol-code", _enrol_code, "Print a code that enrols one tablet within 15 minutes; it is the last word.")
    enrol.add_argument("--station", required=True, metavar="CODE", help="the station's code in the plan")


def _add(options: argparse.Namespace) -> None:
    open_season()
    scopes = options.scope or ["all"] * len(options.role)
    if len(scopes) != len(options.role):
        raise CommandError("Give one --scope for each --role, in the same order, or none at all.")
    with writing():
        account = accounts.add_staff(options.id, options.name, BY, options.email)
        for role, scope in zip(options.role, scopes, strict=True):
            kind, _, name = scope.partition(":")
            grants.grant(account.id, role, kind, name, BY)
    print(f"{account.id} can sign in for the first time with: {activations.issue_activation(account.id, BY)}")


def _activation(options: argparse.Namespace) -> None:
    open_season()
    account = accounts.find(options.account)
    if account is None:
        raise CommandError(f"There is no account {options.account}.")
    print(f"{account.id} sets a new password with: {activations.issue_activation(account.id, BY)}")


def _enrol_code(options: argparse.Namespace) -> None:
    open_season()
    code = stations.issue_code(options.station, BY)
    print(f"For one tablet at {options.station}, once, within 15 minutes: {code}")
