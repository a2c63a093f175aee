"""A season's plan as data: read from TOML, checked whole, and then never wrong.

    plan = load(path.read_text("utf-8"), "plans/2023.toml")

A plan that comes out of `load` holds together: every code named exists, every step can be settled by those to whom
it applies, and the blocking relation has no circle. What is merely unwise is for `db/rules/plan_lint.py`.
The parts are in `db/rules/season.py` and may be imported from here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from db.rules.circle import Circle, CircleError, parse
from db.rules.dated import Dated
from db.rules.message import Message, Names, _
from db.rules.plan_check import check
from db.rules.plan_form import questions
from db.rules.plan_read import Problem, Table
from db.rules.season import Ceremony, College, Department, Flag, Handover, Milestone, Plan, Proxy, Station, clearance_day
from db.rules.step import HOWS, REVIEWERS, Check, Price, Reason, Rounds, Step

__all__ = [
    "Ceremony", "Check", "College", "Dated", "Department", "Flag", "Handover", "Milestone", "Names", "Plan", "PlanError",
    "Price", "Problem", "Proxy", "Reason", "Rounds", "Station", "Step", "clearance_day", "load", "recall",
]  # fmt: skip

_FALLBACK_ZONE = ZoneInfo("UTC")  # lets reading go on after a wrong zone, so that all problems are told at once


class PlanError(ValueError):
    """The plan cannot be used. `problems` holds everything that is wrong, in the order of the checks."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


def load(text: str, source: str) -> Plan:
    """Read and check a plan. `source` names the file in problems. Raises PlanError with all problems found."""
    plan, problems = _read(text, source)
    problems.extend(Problem(source, key, sentence) for key, sentence in check(plan))
    if problems:
        raise PlanError(problems)
    return plan


def recall(text: str, source: str) -> Plan:
    """A plan that was checked when it was loaded. What this version of the program would refuse in it stays readable: else
    one old plan would stop a whole season, and no new one could be loaded in its place."""
    return _read(text, source)[0]


def _read(text: str, source: str) -> tuple[Plan, list[Problem]]:
    problems: list[Problem] = []
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        sentence = Message(_("is not TOML: %(error)s."), {"error": str(error)})
        raise PlanError([Problem(source, f"line {line[1]}" if line else "end", sentence)]) from error
    return _plan(Table(values, source, "", problems)), problems


def _plan(top: Table) -> Plan:
    season = top.table("season") or Table({}, "", "season", [])
    zone = _zone(season)
    plan = Plan(
        code=season.code("code"),
        name=season.names("name"),
        institution=season.names("institution"),
        opens=season.day("opens", needed=True),
        closes=season.day("closes", needed=True),
        zone=zone,
        ceremony=_ceremony(season, zone) if season.has("ceremony") else None,
        flags=tuple(Flag(code=t.code("code"), name=_own_names(t)) for t in top.tables("flags")),
        colleges=tuple(College(code=t.code("code"), name=_own_names(t)) for t in top.tables("colleges", needed=True)),
        departments=tuple(_department(t) for t in top.tables("departments", needed=True)),
        steps=tuple(_step(t, zone) for t in top.tables("steps", needed=True)),
        stations=tuple(_station(t) for t in top.tables("stations")),
        milestones=tuple(_milestone(t, zone) for t in top.tables("milestones")),
        handovers=tuple(_handover(t, zone) for t in top.tables("handovers")),
        proxy=_proxy(top) if top.has("proxy") else None,
    )
    season.done()
    top.done()
    return plan


def _zone(table: Table) -> ZoneInfo:
    name = table.text("timezone")
    try:
        return ZoneInfo(name) if name else _FALLBACK_ZONE
    except (KeyError, ValueError, OSError):  # not found; not a name; a folder of the zone database
        table.complain("timezone", _("“%(value)s” is no time zone; write one such as Asia/Shanghai."), value=name)
        return _FALLBACK_ZONE


def _own_names(table: Table) -> Names:
    """Names written beside a code: `{ code = "party", zh = "…", en = "…" }`, the last to be read of such a table."""
    found = Names(zh=table.text("zh"), en=table.text("en"))
    table.done()
    return found


def _ceremony(season: Table, zone: ZoneInfo) -> Ceremony | None:
    table = season.table("ceremony")
    if table is None:
        return None
    at = table.moment("at") or datetime.min
    found = Ceremony(name=table.names("name"), place=table.names("place"), at=at.replace(tzinfo=zone))
    table.done()
    return found


def _department(table: Table) -> Department:
    found = Department(
        code=table.code("code"),
        name=table.names("name"),
        place=table.names("place"),
        phone=table.text("phone"),
        hours=table.names("hours"),
    )
    table.done()
    return found


def _step(table: Table, zone: ZoneInfo) -> Step:
    found = Step(
        code=table.code("code"),
        name=table.names("name"),
        department=table.text("department"),
        how=table.choice("how", HOWS),
        also=table.choices("also", HOWS),
        reviews=table.choices("reviews", REVIEWERS),
        circle=_circle(table),
        opens=table.day("opens"),
        closes=table.day("closes"),
        zone=zone,
        required=table.flag("required", True),
        late=table.flag("late", False),
        fast=table.flag("fast", False),
        money=table.flag("money", False),
        rooms=table.flag("rooms", False),
        signed=table.flag("signed", False),
        fresh_minutes=table.whole("fresh_minutes", 1, 24 * 60),
        blocked_by=table.codes("blocked_by"),
        reasons=tuple(Reason(code=t.code("code"), name=_own_names(t)) for t in table.tables("reasons")),
        rounds=_rounds(table) if table.has("rounds") else None,
        form=questions(table),
        instructions=table.names("instructions"),
        bring=table.names("bring") if table.has("bring") else None,
        list_says=table.names("list_says") if table.has("list_says") else None,
        shows_record=table.flag("shows_record", False),
    )
    table.done()
    return found


def _rounds(step: Table) -> Rounds | None:
    table = step.table("rounds")
    if table is None:
        return None
    found = Rounds(
        inspection=tuple(
            Check(code=t.code("code"), reason=t.text("reason"), name=_own_names(t)) for t in table.tables("inspection", needed=True)
        ),
        prices=tuple(Price(code=t.code("code"), fen=t.fen("price"), name=_own_names(t)) for t in table.tables("prices")),
        damage=table.text("damage"),
        key=table.text("key") if table.has("key") else "",
        pay=table.names("pay"),
    )
    table.done()
    return found


def _proxy(top: Table) -> Proxy | None:
    table = top.table("proxy")
    if table is None:
        return None
    for key in ("most_days", "most_graduates"):
        if not table.has(key):
            table.complain(key, _("is missing."))
    found = Proxy(
        steps=table.codes("steps"),
        post=table.codes("post"),
        most_days=table.whole("most_days", 1, 366) or 1,
        most_graduates=table.whole("most_graduates", 1, 100) or 1,
        reasons=tuple(Reason(code=t.code("code"), name=_own_names(t)) for t in table.tables("reasons", needed=True)),
    )
    table.done()
    return found


def _circle(table: Table) -> Circle:
    text = table.text("applies")
    try:
        return parse(text or "all")
    except CircleError as error:
        table.complain(
            "applies", _("“%(part)s” cannot be read: write “all”, a flag or “!flag”, joined by “&” and “|”."),
            part=str(error),
        )  # fmt: skip
        return parse("all")


def _station(table: Table) -> Station:
    found = Station(
        code=table.code("code"),
        name=table.names("name"),
        place=table.names("place"),
        hours=table.names("hours"),
        steps=table.codes("steps"),
        colleges=table.codes("colleges"),
    )
    table.done()
    return found


def _milestone(table: Table, zone: ZoneInfo) -> Milestone:
    found = Milestone(
        code=table.code("code"),
        name=table.names("name"),
        opens=table.day("opens"),
        closes=table.day("closes", needed=True),
        zone=zone,
        needs=table.codes("needs"),
        lasts=table.codes("lasts"),
    )
    table.done()
    return found


def _handover(table: Table, zone: ZoneInfo) -> Handover:
    found = Handover(
        code=table.code("code"),
        name=table.names("name"),
        sender=table.text("sender"),
        receivers=table.codes("receivers"),
        of=table.text("of"),
        opens=None,
        closes=table.day("by", needed=True),
        zone=zone,
    )
    table.done()
    return found
