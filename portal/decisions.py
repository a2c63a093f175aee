"""One step of one graduate: its history, and an officer's decision about it by hand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import forms
from db.decisions import decide
from db.history import newest
from db.refusals import Conflict, Forbidden, Invalid, NotFound
from db.rules import reason as reasons
from db.rules.decision import ACTS, UNDO, offers
from db.rules.step import Step
from db.signoffs import Act
from db.standing import StepStanding
from portal.attached import attached
from portal.audited import note
from portal.caller import me
from portal.graduates import ROLES, Sheet, sheet_of
from portal.words import step_name
from web import sentences
from web.access import may_reach, roles
from web.forms import Choice, Form, LongText, Money
from web.fragments import answer, go, page
from web.i18n import language
from web.refusals import is_fragment_request

blueprint = Blueprint("decisions", __name__, url_prefix="/graduates/<number>/steps/<step>")

WORDS: dict[str, Any] = {
    "clear": _l("Clear: nothing is missing any more"),
    "hold": _l("Hold: something stands in the way"),
    "waive": _l("Waive: this graduate need not do it"),
    "reopen": _l("Reopen: what was decided no longer counts"),
    UNDO: _l("Take back: the parcel came back, or was never posted"),
}

sentences.add(
    {
        "act-does-not-fit": (_l("The step does not stand so that this can be decided."), _l("Look at how it stands now.")),
        "collect-at-station": (_l("What is handed over is signed off at a station."), _l("Go to the station.")),
        "step-not-applicable": (_l("This step does not apply to this graduate."), _l("Nothing has to be decided.")),
        "required": (_l("This is needed."), ""),
        "unknown-act": (_l("There is no such decision."), ""),
    }
)


class DecisionForm(Form):
    """A decision with its reason. Which acts and reasons are offered depends on the step: see `form_for`."""

    act = Choice(_l("Decision"), choices=list(WORDS.items()), radio=True)
    reason = Choice(_l("Reason for a hold"), choices=[], required=False)
    words = LongText(_l("In your own words"), most=500, required=False, hint=_l("Needed for a waiver. The graduate reads this."))
    amount = Money(_l("Amount to pay"), required=False, hint=_l("Only with a hold, where money is owed."))

    def check(self) -> None:
        values = self.values
        if values["act"] == "hold":
            if not values["reason"] and not values["words"]:
                self.errors["reason"] = _("Choose a reason, or write one below.")
            return
        if values["reason"]:
            self.errors["reason"] = _("These are reasons for a hold. Leave this empty, and write why in your own words.")
        if values["amount"] is not None:
            self.errors["amount"] = _("An amount belongs to a hold.")
        if values["act"] == "waive" and not values["words"]:
            self.errors["words"] = _("Write why this graduate need not do it.")
        if values["act"] == UNDO and not values["words"]:
            self.errors["words"] = _("Write what became of the parcel.")


def form_for(step: Step, acts: tuple[str, ...]) -> type[DecisionForm]:
    """The form of this step, offering these acts and the plan's reasons."""

    class StepForm(DecisionForm):
        act = Choice(DecisionForm.act.label, choices=[(act, WORDS[act]) for act in acts], radio=True)
        reason = Choice(
            DecisionForm.reason.label, choices=[(one.code, one.name.pick(language())) for one in step.reasons], required=False
        )

    return StepForm


@blueprint.get("")
@roles(*ROLES)
def show(number: str, step: str) -> Response:
    """How the step stands, who signed it, and what can be decided."""
    sheet, each = _load(number, step)
    note("graduate.viewed", number, step=step)
    return _page(sheet, each, form_for(each.step, _offered(sheet, each))())


@blueprint.get("/attachments/<sha256>")
@roles(*ROLES)
def attachment(number: str, step: str, sha256: str) -> Response:
    """A photo or a signature that an entry of this step names."""
    sheet, each = _load(number, step)
    pairs = (pair for event in sheet.events.get(each.step.code, []) for pair in event.attachments)
    return attached(pairs, sha256, number, step)


@blueprint.post("/decisions")
@roles(*ROLES)
def create(number: str, step: str) -> Response:
    """Record a decision, if the step still stands as it did on the page that was sent; else show what has changed."""
    sheet, each = _load(number, step)
    if step not in sheet.sight.decides:
        raise Forbidden("out-of-scope")
    form = form_for(each.step, tuple(dict.fromkeys((*ACTS, *_offered(sheet, each)))))(request.form)
    if not form.valid():
        return _page(sheet, each, form, 422)
    values = form.values
    saw = tuple(request.form.get("heads", "").split())
    reason = reasons.write(values["reason"] or "", values["words"])
    act = Act(sheet.graduate.ref, step, values["act"], reason, values["amount"], saw)
    try:
        decide(current_app.extensions["keys"].entry_key, me().id, act)
    except Conflict as refusal:
        return _changed(number, step, form, refusal)
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(*_load(number, step), form, 422)
    return _recorded(number, step)


def _recorded(number: str, step: str) -> Response:
    notice = _("Recorded: %(step)s.", step=step_name(step))
    home = url_for("graduates.show", number=number)
    if is_fragment_request():
        return answer("graduates/_clearance.html", home, notice=notice, sheet=sheet_of(number), refreshed=True)
    return go(home, notice=notice)


def _changed(number: str, step: str, form: DecisionForm, refusal: Conflict) -> Response:
    """Nothing was recorded: what the step looks like now, and the form as it was filled in."""
    sheet, each = _load(number, step)
    if not is_fragment_request():
        return _page(sheet, each, form, refusal.status, changed=True)
    notice = " ".join(sentences.say(refusal.code, refusal.status))
    home = url_for("graduates.show", number=number)
    response = answer("graduates/_clearance.html", home, notice=notice, tone="warn", sheet=sheet, refreshed=True)
    response.status_code = refusal.status
    return response


def _load(number: str, step: str) -> tuple[Sheet, StepStanding]:
    sheet = sheet_of(number)
    each = next((one for one in sheet.seen if one.step.code == step), None)
    if each is None:
        raise NotFound("unknown-step-here")
    return sheet, each


def _offered(sheet: Sheet, each: StepStanding) -> tuple[str, ...]:
    if each.step.code not in sheet.sight.decides:
        return ()
    posted = any(reasons.parcel(event.reason) for event in sheet.events.get(each.step.code, ()) if event.hash in each.heads)
    return offers(each.state, each.conflict, each.step.how, posted)


def _page(sheet: Sheet, each: StepStanding, form: Form, status: int = 200, changed: bool = False) -> Response:
    events = sheet.events.get(each.step.code, [])
    offered = _offered(sheet, each)
    shown = form_for(each.step, offered)()
    shown.typed, shown.errors = form.typed, form.errors
    if len(offered) == 1 and not shown.typed["act"]:
        shown.typed = {**shown.typed, "act": offered[0]}
    return page(
        "graduates/step.html", status=status, sheet=sheet, each=each, events=events, form=shown, offered=offered,
        changed=newest(events, each.heads) if changed else [], status_changed=changed,
        written=forms.of(sheet.graduate.id, each.step.code) if each.step.form and may_reach("form_desk.show") else None,
    )  # fmt: skip
