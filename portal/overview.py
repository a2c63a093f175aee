"""The season in numbers, for those who run it and those who answer for it. Nobody is named here."""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from db.clearance import STATES
from db.overview import overview
from db.season import current
from web.access import roles
from web.fragments import go, live, page

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
@roles("supervisor", "officer", "admin")
def quarantine() -> Response:
    """Where this list stood before; bookmarks lead on."""
    return go(url_for("review.index", tab="quarantine"))
