"""What roles and their scopes are called, and what an administrator can choose."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import season as seasons
from db.accounts import Grant
from db.people import ClassGroup, College
from db.refusals import Unavailable
from db.rules.natural import natural
from portal.words import college_name, station_name, step_name

ROLES: dict[str, Any] = {
    "operator": _l("Desk staff"),
    "supervisor": _l("Supervisor of a desk"),
    "counselor": _l("Counselor"),
    "college": _l("College"),
    "officer": _l("Department officer"),
    "leadership": _l("Leadership"),
    "admin": _l("Administrator"),
    "auditor": _l("Auditor"),
}


def role_choices() -> list[tuple[str, Any]]:
    return list(ROLES.items())


def scope_choices() -> list[tuple[str, str]]:
    """Every scope that there is, as `kind:name`, with its name for people. Without a plan there are no stations and no steps."""
    try:
        plan = seasons.current().plan
        of_plan = [(f"station:{one.code}", _("Station: %(name)s", name=station_name(one.code))) for one in plan.stations]
        of_plan += [(f"step:{one.code}", _("Step: %(name)s", name=step_name(one.code))) for one in plan.steps]
    except Unavailable:
        of_plan = []
    colleges = [name for (name,) in College.select(College.name).order_by(College.name).tuples()]
    classes = sorted((name for (name,) in ClassGroup.select(ClassGroup.name).tuples()), key=natural)
    return [
        ("all:", _("Everywhere")),
        *of_plan,
        *((f"college:{name}", _("College: %(name)s", name=college_name(name))) for name in colleges),
        *((f"class:{name}", _("Class: %(name)s", name=name)) for name in classes),
    ]


def right_word(grant: Grant) -> str:
    """A right in words: role, and where it holds."""
    role = ROLES.get(grant.role, grant.role)
    if grant.scope_kind == "all":
        return str(role)
    return _("%(role)s: %(scope)s", role=role, scope=scope_name(grant.scope_kind, grant.scope))


def scope_name(kind: str, name: str) -> str:
    """Where a right holds, by the names that people know."""
    names = {"step": step_name, "station": station_name, "college": college_name}
    return names[kind](name) if kind in names else name
