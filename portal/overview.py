"""The season in numbers, for those who run it and those who answer for it. Nobody is named here."""

from __future__ import annotations

from flask import Blueprint, Response, request

from db.clearance import STATES
from db.overview import overview
from db.quarantine import waiting
from db.season import current
from web.access import roles
from web.fragments import live, page

blueprint = Blueprint("overview", __name__)


@blueprint.get("/overview")
@roles("admin", "leadership", "auditor")
def show() -> Response:
    return page("overview/show.html", now=overview(), states=STATES, plan=current().plan)


@blueprint.get("/overview/figures")
@roles("admin", "leadership", "auditor")
def figures() -> Response:
    """The part that keeps itself up to date."""
    return live("overview/_figures.html", now=overview(), states=STATES, plan=current().plan)


@blueprint.get("/quarantine")
@roles("admin", "auditor")
def quarantine() -> Response:
    """What waits for a reviewer, newest first."""
    before = request.args.get("before", "")[:120]
    rows, older = waiting(before if before.isprintable() else "")
    return page("overview/quarantine.html", rows=rows, older=older, first=not before)
