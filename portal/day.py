"""The day page: whether the portal holds everything that tablets signed on one day, and who has still to close."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, request

from db.day import day_of
from db.refusals import Invalid
from db.season import today
from web.access import roles
from web.fragments import page

blueprint = Blueprint("day", __name__)


@blueprint.get("/day")
@roles("admin", "leadership", "auditor")
def show() -> Response:
    """One local day, today unless the address names another."""
    now = today()
    typed = request.args.get("date", "").strip()
    try:
        wanted = _day(typed) if typed else now
    except Invalid:
        return page("day/show.html", status=422, day=None, wanted=now, wrong=True)
    return page("day/show.html", day=day_of(wanted), wanted=wanted, wrong=False)


def _day(text: str) -> date:
    """A day that a calendar of this century has; Invalid for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Invalid({"date": "wrong-day"}) from None
    if not 2000 <= found.year < 2100:
        raise Invalid({"date": "wrong-day"})
    return found
