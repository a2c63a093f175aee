"""Requests for help as the college answers them: the counselor's queue by the clock, and what is handed to a step's officers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import help as requests
from db.help import HelpRequest
from db.refusals import Invalid
from db.review_case import names_of
from db.rules.help import OPEN, STATES
from portal.audited import note
from portal.caller import me
from portal.help import within
from portal.words import step_name, the_plan
from web.access import roles
from web.forms import Choice, Form, LongText, Whole
from web.fragments import go, page
from web.i18n import language

blueprint = Blueprint("help_desk", __name__, url_prefix="/help")

ROLES = ("counselor", "college", "officer")


def _offices() -> list[tuple[str, str]]:
    """Every step with the office that answers for it."""
    plan = the_plan()
    return [(one.code, f"{plan.department(one.department).name.pick(language())} · {step_name(one.code)}") for one in plan.steps]


class AnswerForm(Form):
    text = LongText(_l("Answer"), most=requests.LONGEST, hint=_l("The graduate reads this."))
    seen = Whole(_l("Version"))


class HandForm(Form):
    step = Choice(_l("To the officers of"), choices=_offices)
    note = LongText(
        _l("Note for the office"), most=requests.LONGEST, hint=_l("Read by staff only. They see this request, nothing else.")
    )  # fmt: skip
    seen = Whole(_l("Version"))


class BackForm(Form):
    words = LongText(_l("Note for the counselor"), most=requests.LONGEST, required=False, hint=_l("Read by staff only."))
    seen = Whole(_l("Version"))


FORMS: dict[str, type[Form]] = {"answer": AnswerForm, "hand-on": HandForm, "hand-back": BackForm, "close": BackForm}


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """The requests that this account answers, those that are due first on top."""
    state = request.args.get("state", OPEN)
    state = state if state in STATES else OPEN
    account = me()
    return page("help_desk/index.html", found=requests.queue(account, state), state=state, counts=requests.counts(account))


@blueprint.get("/<int(max=2147483647):id>")
@roles(*ROLES)
def show(id: int) -> Response:
    """One request with everything said. That it was opened is recorded."""
    found = requests.find(me(), id)
    note("help.viewed", found.graduate.number, request=found.id)
    return _show(found)


@blueprint.post("/<int(max=2147483647):id>/answers")
@roles(*ROLES)
def answer(id: int) -> Response:
    """Answer it. The graduate gets a message."""
    return _handle(id, "answer", _("Answered. The graduate has a message now."))


@blueprint.post("/<int(max=2147483647):id>/hand-overs")
@roles(*ROLES)
def hand_on(id: int) -> Response:
    """Let the officers of a step see and answer it."""
    return _handle(id, "hand-on", _("Handed on. The officers of that step see it now."))


@blueprint.post("/<int(max=2147483647):id>/returns")
@roles(*ROLES)
def hand_back(id: int) -> Response:
    """Give it back to the counselor; the officers see it no more."""
    return _handle(id, "hand-back", _("Handed back to the counselor."))


@blueprint.post("/<int(max=2147483647):id>/closings")
@roles(*ROLES)
def close(id: int) -> Response:
    """Close it. The graduate gets a message, and may open it again for some days."""
    return _handle(id, "close", _("The request is closed."))


def _handle(id: int, act: str, notice: str) -> Response:
    form = FORMS[act](request.form)
    if not form.valid():
        return _show(requests.find(me(), id), 422, **{act: form})
    values = form.values
    text = values.get("text") or values.get("note") or values.get("words") or ""
    try:
        requests.handle(me(), id, values["seen"], act, text, within(), values.get("step", ""))
    except Invalid as refusal:
        form.refuse(refusal)
        return _show(requests.find(me(), id), 422, **{act: form})
    return go(url_for(".index") if act == "hand-back" else url_for(".show", id=id), notice=notice)


def _show(found: HelpRequest, status: int = 200, **forms: Form) -> Response:
    events = requests.events(found)
    usual: dict[str, Any] = {act: form.of(step=found.step) if act == "hand-on" else form() for act, form in FORMS.items()}
    offered = requests.offers(me(), found)
    return page(
        "help_desk/show.html", status=status, one=found, graduate=found.graduate, events=events, offered=offered,
        role=requests.role_of(me(), found), names=names_of({event.by for event in events}), forms={**usual, **forms},
    )  # fmt: skip
