"""A graduate's requests for help: write one, see how it stands, write more, close it, open it again."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import help as requests
from db.help import HelpRequest
from db.people import Graduate
from db.refusals import Invalid
from db.review_case import names_of
from db.rules.help import AMONG_STAFF, CLOSED, GRADUATE, REOPEN_WITHIN, offers
from portal.caller import me
from portal.graduate import mine
from portal.words import step_name, the_plan
from web import kept_form
from web.access import roles
from web.forms import Choice, Form, LongText, Text, Whole
from web.fragments import go, page
from web.kept_form import Kept

blueprint = Blueprint("help", __name__, url_prefix="/me/help")


def _steps() -> list[tuple[str, str]]:
    return [(step.code, step_name(step.code)) for step in the_plan().steps]


class AskForm(Form):
    topic = Text(_l("What it is about, in a few words"), most=requests.LONGEST_TOPIC)
    step = Choice(_l("Step"), choices=_steps, required=False, hint=_l("Leave it empty where it is about no step."))
    text = LongText(_l("What happened, and what you need"), most=requests.LONGEST)


class MoreForm(Form):
    text = LongText(_l("Write more"), most=requests.LONGEST)
    seen = Whole(_l("Version"))


def within() -> timedelta:
    """In what time a request has to be answered."""
    return timedelta(hours=current_app.extensions["config"].help_hours)


@blueprint.get("")
@roles("graduate")
def index() -> Response:
    """All own requests, and a form for another; the address may name the step it is about."""
    graduate = mine()[1].graduate
    back = kept_form.bring_back(whose=graduate.ref)
    form = AskForm(back.fields) if back and back.whole else AskForm.of(step=request.args.get("step", ""))
    return _index(graduate, form, back=back)


@blueprint.post("")
@roles("graduate")
@kept_form.keeps_form("help.index")
def create() -> Response:
    """Send one to the counselor. The same again while it is open: nothing more happens."""
    graduate, form = mine()[1].graduate, AskForm(request.form)
    if not form.valid():
        return _index(graduate, form, 422)
    values = form.values
    made = requests.ask(graduate, me().id, values["topic"], values["text"], values["step"] or "", within())
    return go(url_for(".show", id=made.id), notice=_("Your counselor has it now. The answer comes as a message."))


@blueprint.get("/<int(max=2147483647):id>")
@roles("graduate")
def show(id: int) -> Response:
    """One request with everything that was said to and by the graduate."""
    graduate = mine()[1].graduate
    back = kept_form.bring_back(whose=graduate.ref)
    return _show(graduate, requests.own(graduate, id), MoreForm(back.fields if back else None), back=back)


@blueprint.post("/<int(max=2147483647):id>/words")
@roles("graduate")
@kept_form.keeps_form("help.show")
def write(id: int) -> Response:
    """Write more."""
    return _go_on(id, "write", _("Kept. Your counselor has it now."))


@blueprint.post("/<int(max=2147483647):id>/reopenings")
@roles("graduate")
@kept_form.keeps_form("help.show")
def reopen(id: int) -> Response:
    """Open it again."""
    return _go_on(id, "reopen", _("It is open again."))


@blueprint.post("/<int(max=2147483647):id>/closings")
@roles("graduate")
def close(id: int) -> Response:
    """Say that it is settled."""
    graduate = mine()[1].graduate
    found = requests.own(graduate, id)
    seen = request.form.get("seen", "")
    requests.go_on(graduate, me().id, id, int(seen) if seen.isdecimal() and len(seen) < 9 else found.version, "close", "", within())
    return go(url_for(".index"), notice=_("The request is closed."))


def _go_on(id: int, act: str, notice: str) -> Response:
    graduate, form = mine()[1].graduate, MoreForm(request.form)
    found = requests.own(graduate, id)
    if not form.valid():
        return _show(graduate, found, form, 422)
    try:
        requests.go_on(graduate, me().id, id, form.values["seen"], act, form.values["text"], within())
    except Invalid as refusal:
        form.refuse(refusal)
        return _show(graduate, found, form, 422)
    return go(url_for(".show", id=id), notice=notice)


def _index(graduate: Graduate, form: Form, status: int = 200, back: Kept | None = None) -> Response:
    hours = current_app.extensions["config"].help_hours
    found = requests.of(graduate)
    full = requests.MOST_OPEN if sum(one.state != CLOSED for one in found) >= requests.MOST_OPEN else 0
    return page("help/index.html", status=status, found=found, form=form, hours=hours, full=full, whose=graduate.ref, back=back)


def _show(graduate: Graduate, found: HelpRequest, form: Form, status: int = 200, back: Kept | None = None) -> Response:
    events = [event for event in requests.events(found) if event.act != "hand-back"]
    names = names_of({event.by for event in events})
    offered = [act for act in offers(found.state, GRADUATE) if act != "reopen" or found.may_reopen]
    return page(
        "help/show.html", status=status, one=found, events=events, names=names, form=form, offered=offered, hidden=AMONG_STAFF,
        days=REOPEN_WITHIN.days, whose=graduate.ref, back=back,
    )  # fmt: skip
