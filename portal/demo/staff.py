"""Everybody who works in the demonstration, with made-up names: every role, department, college, class and station of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from db.accounts import Account, Grant
from db.database import touch_season, writing
from db.rules.season import Plan
from portal.demo.names import name
from portal.demo.people import SchoolClass

ADMIN, AUDITOR, LEADER = "admin", "auditor", "leader"
NAMED = (ADMIN, AUDITOR, LEADER, "officer-finance", "officer-student-affairs", "college-accounting", "c01", "c07", "desk-library",
         "head-library", "desk-diploma-accounting")  # fmt: skip
COVERED, COVERING = "c01", "c07"
"""A counselor who is away for a fortnight, and the colleague who covers."""
Right = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff: id, what they are in both languages, and their rights (role, kind of scope, scope)."""

    id: str
    post: str
    rights: tuple[Right, ...]


def members(plan: Plan, classes: Iterable[SchoolClass]) -> list[Member]:
    """The staff that this plan and these classes need. Counselors hold their classes by the roster, not by a right."""
    found = [
        Member(ADMIN, "管理员 administrator", (("admin", "all", ""),)),
        Member(AUDITOR, "审计员 auditor", (("auditor", "all", ""),)),
        Member(LEADER, "校领导 leadership", (("leadership", "all", ""),)),
    ]
    for department in plan.departments:
        rights = tuple(("officer", "step", step.code) for step in plan.steps if step.department == department.code)
        if rights:
            found.append(Member(officer_of(department.code), f"{department.name.zh} {department.name.en}", rights))
    taught = {each.college for each in classes}
    for college in plan.colleges:
        if college.name.zh in taught:
            rights = (("college", "college", college.name.zh),)
            found.append(Member(dean_of(college.code), f"{college.name.zh} {college.name.en}", rights))
    for counselor in sorted({each.counselor.lower() for each in classes if each.counselor}):
        found.append(Member(counselor, f"辅导员 counselor {counselor.upper()}", ()))
    for station in plan.stations:
        post = f"{station.name.zh} {station.name.en}"
        at = ("station", station.code)
        found.append(Member(operator_of(station.code), f"{post} · 经办 operator", (("operator", *at),)))
        found.append(Member(f"head-{station.code}", f"{post} · 主管 supervisor", (("operator", *at), ("supervisor", *at))))
    return found


def officer_of(department: str) -> str:
    """The staff id of a department's officer."""
    return f"officer-{department}"


def dean_of(college: str) -> str:
    """The staff id of a college's officer."""
    return f"college-{college}"


def operator_of(station: str) -> str:
    """The staff id of a station's operator."""
    return f"desk-{station}"


def hire(staff: Sequence[Member], since: datetime, random: Random) -> None:
    """Open their accounts, without passwords. Rights hold from `since` on, because the season's past needs them."""
    with writing():
        for member in staff:
            Account.create(id=member.id, name=name(random, random.random() < 0.5))
        Grant.insert_many(
            {"account": m.id, "role": role, "scope_kind": kind, "scope": scope, "granted_by": ADMIN, "from_at": since}
            for m in staff
            for role, kind, scope in m.rights
        ).execute()
        touch_season()
