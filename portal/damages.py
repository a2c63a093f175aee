"""Damages by building and room: who owes what and why, with photos, for the office that goes from room to room."""

from __future__ import annotations

import io
from decimal import Decimal

from flask import Blueprint, Response, request, send_file
from flask_babel import gettext as _

from db.damages import Claim, claims, houses, steps_of
from db.rules.step import Step
from portal.audited import note
from portal.caller import me
from portal.words import damage_words, reason_words, the_plan
from portal.workbook import XLSX, workbook
from web.access import roles
from web.fragments import page
from web.i18n import localtime
from web.states import state_word

blueprint = Blueprint("damages", __name__, url_prefix="/damages")

ROLES = ("officer", "admin")
SHOWN = 500
"""So many claims of a building stand on the page; all of them are in the workbook."""


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """The claims of one building, and what all buildings come to. That it was opened is recorded."""
    steps, step = _steps()
    if step is None:
        return page("damages/index.html", step=None, steps=[], houses=[], shown=[], building=None, owed=False, left=0)
    note("damages.viewed", step.code)
    found = _wanted(claims(step))
    all_houses = houses(found)
    building = _building([house.building for house in all_houses])
    inside = [claim for claim in found if claim.place.building == building]
    return page(
        "damages/index.html", step=step, steps=steps, houses=all_houses, shown=inside[:SHOWN], building=building,
        owed=_only_owed(), left=max(len(inside) - SHOWN, 0),
    )  # fmt: skip


@blueprint.get("/table.xlsx")
@roles(*ROLES)
def table() -> Response:
    """Every claim as a workbook; what is exported is recorded."""
    _all, step = _steps()
    found = _wanted(claims(step)) if step else []
    note("damages.exported", step.code if step else "", claims=len(found))
    headings = (
        _("Building"), _("Room"), _("Student number"), _("Name"), _("College"), _("Class"), _("Damage"), _("Amount"), _("State"),
        _("Found"), _("By"), _("Photos"),
    )  # fmt: skip
    content = workbook(_("Damages"), headings, (_row(claim, step) for claim in found if step))
    name = f"damages-{step.code if step else 'none'}.xlsx"
    return send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=name)


def _row(claim: Claim, step: Step) -> tuple[object, ...]:
    graduate, group = claim.graduate, claim.graduate.class_group
    return (
        claim.place.building, claim.place.room, graduate.number, graduate.name, group.college.name, group.name, _what(claim, step),
        Decimal(claim.amount) / 100, _("to pay") if claim.owed else state_word(claim.state), localtime(claim.at), claim.by,
        str(len(claim.photos) + claim.awaited),
    )  # fmt: skip


def _what(claim: Claim, step: Step) -> str:
    """What was damaged, and which part of it this is; where the tablet told no more, the reason as it was written."""
    told = claim.round.damages if claim.round else ()
    return _("; ").join(damage_words(damage, step.code) for damage in told) or reason_words(claim.reason, step.code)


def _steps() -> tuple[list[Step], Step | None]:
    """The caller's steps that are signed off room by room, and the one that was asked for."""
    steps = steps_of(me(), the_plan())
    return steps, next((step for step in steps if step.code == request.args.get("step")), steps[0] if steps else None)


def _only_owed() -> bool:
    return request.args.get("state") == "owed"


def _wanted(found: list[Claim]) -> list[Claim]:
    return [claim for claim in found if claim.owed] if _only_owed() else found


def _building(known: list[str]) -> str | None:
    """The building that was asked for, or else the first."""
    asked = request.args.get("building")
    return asked if asked in known else next(iter(known), None)
