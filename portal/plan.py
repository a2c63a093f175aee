"""The season's plan, shown: its steps, where and when, what waits for what, and what its dates contradict."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import season
from db.rules.flow import layout
from db.rules.plan_lint import lint
from db.rules.season import Handover, Milestone, Plan
from db.rules.step import Step
from web.access import roles_held, signed_in
from web.i18n import language

KINDS: dict[str, Any] = {"steps": _l("step"), "milestones": _l("milestone"), "handovers": _l("hand-over list")}
FIELDS: dict[str, Any] = {"opens": _l("first day"), "closes": _l("last day"), "by": _l("due day"), "at": _l("time")}

blueprint = Blueprint("plan", __name__)

PLANNERS = frozenset({"admin", "leadership", "officer", "auditor"})  # those who could mend what a finding names


@blueprint.get("/plan")
@signed_in
def show() -> ResponseReturnValue:
    """The plan for everybody who takes part in it; contradictions in its dates only for those who plan."""
    plan = season.current().plan
    findings = lint(plan) if PLANNERS & (roles_held() or frozenset()) else []
    words = partial(key_word, plan)
    return render_template("plan/show.html", plan=plan, findings=findings, key_word=words, flow=layout(plan, lang=language()))


def key_word(plan: Plan, key: str) -> str:
    """A place in the plan file that a finding names (`milestones.files.closes`), as people call it."""
    kind, code, field = (*key.split("."), "", "")[:3]
    if kind == "season":
        named = plan.ceremony.name.pick(language()) if plan.ceremony and code == "ceremony" else _("season")
        return _("%(part)s, %(field)s", part=named, field=FIELDS.get(field or code, field))
    parts: Sequence[Step | Milestone | Handover] = getattr(plan, kind)
    name = next((part.name.pick(language()) for part in parts if part.code == code), code)
    return _("%(kind)s “%(name)s”, %(field)s", kind=KINDS[kind], name=name, field=FIELDS.get(field, field))
