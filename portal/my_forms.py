"""A graduate's online forms: kept as drafts field by field, sent to be reviewed, withdrawn. They stand on the step's page."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _

from db import forms
from db.refusals import Invalid, NotFound
from db.rules import form as rules
from db.rules.form import FaultyError
from db.rules.step import Step
from db.standing import Standing
from portal.graduate import mine, step_page
from portal.plan_forms import form_of
from web import kept_form
from web.access import roles
from web.fragments import go
from web.refusals import field_sentence, is_fragment_request

RETURNED = ("looks-private", "looks-no-unit")
"""Doubts for which a reviewer usually sends a form back: the graduate is warned of them."""

blueprint = Blueprint("my_forms", __name__, url_prefix="/me/steps/<code>/form")


@blueprint.post("")
@roles("graduate")
@kept_form.keeps_form("graduate.step")
def send(code: str) -> Response:
    """Send the form as it is filled in; what is wrong is told field by field, and nothing typed is lost."""
    standing, step = _asked(code)
    typed = _typed(step)
    try:
        forms.send(current_app.extensions["keys"].entry_key, standing.graduate, step, typed, _saw())
    except Invalid as refusal:
        forms.keep(standing.graduate, step, typed)
        return step_page(code, form_of(step, typed, refusal.errors))
    return go(_home(code), notice=_("Sent. You see here what comes of it.") if step.reviews else _("Recorded. Thank you."))


@blueprint.get("")
@blueprint.get("/drafts")
@blueprint.get("/withdrawals")
@roles("graduate")
def look(code: str) -> Response:
    """Where a page that answered a change is loaded again: the step's page."""
    return go(_home(code))


@blueprint.post("/drafts")
@roles("graduate")
@kept_form.keeps_form("graduate.step")
def keep(code: str) -> Response:
    """Keep what was typed, to go on later or on another device."""
    standing, step = _asked(code)
    forms.keep(standing.graduate, step, _typed(step))
    return go(_home(code), notice=_("Kept. It has not been sent yet."))


@blueprint.post("/fields/<field>")
@roles("graduate")
@kept_form.stays_on_page
def check(code: str, field: str) -> Response:
    """Keep what was typed so far, and tell what is wrong with the field that was left; an empty one is not complained of."""
    standing, step = _asked(code)
    question = next((one for one in step.form if one.code == field), None)
    if question is None:
        raise NotFound("unknown-step")
    typed = _typed(step)
    forms.keep(standing.graduate, step, typed)
    if not is_fragment_request():
        return go(_home(code))
    said, doubt = "", ""
    name = standing.graduate.name
    try:
        answer = rules.clean(question, typed.get(field, ""), forms.about(name, mine()[0].plan))
        doubt = rules.doubts((question,), {field: answer}, name).get(field, "")
    except FaultyError as error:
        said = field_sentence(error.fault)
    return Response(render_template("graduate/_field_said.html", said=said, doubt=doubt if doubt in RETURNED else ""))


@blueprint.post("/withdrawals")
@roles("graduate")
def withdraw(code: str) -> Response:
    """Take the form back, as long as nobody has reviewed it; it can be mended and sent again."""
    standing, step = _asked(code)
    forms.withdraw(current_app.extensions["keys"].entry_key, standing.graduate, step, _saw())
    return go(_home(code), notice=_("Withdrawn. Mend it and send it again."))


def _asked(code: str) -> tuple[Standing, Step]:
    _season, standing = mine()
    one = standing.of(code)
    if one is None or not one.step.form:
        raise NotFound("unknown-step")
    return standing, one.step


def _typed(step: Step) -> dict[str, str]:
    return {question.code: request.form[question.code] for question in step.form if question.code in request.form}


def _saw() -> frozenset[str]:
    return frozenset(request.form.get("form_heads", "").split())


def _home(code: str) -> str:
    return url_for("graduate.step", code=code, _anchor="form")
