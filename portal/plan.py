"""The season's plan, shown: its steps, where and when, what waits for what, and what its dates contradict."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from db import season
from db.rules.flow import layout
from db.rules.plan_lint import lint
from web.access import roles_held, signed_in
from web.i18n import language

blueprint = Blueprint("plan", __name__)

PLANNERS = frozenset({"admin", "leadership", "officer", "auditor"})  # those who could mend what a finding names


@blueprint.get("/plan")
@signed_in
def show() -> ResponseReturnValue:
    """The plan for everybody who takes part in it; contradictions in its dates only for those who plan."""
    plan = season.current().plan
    findings = lint(plan) if PLANNERS & (roles_held() or frozenset()) else []
    return render_template("plan/show.html", plan=plan, findings=findings, flow=layout(plan, lang=language()))
