"""The reviewers' desk for online forms: what waits for counselor, college or department, one form, and many at once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from db import form_desk
from db.form_desk import APPROVE, MOST_AT_ONCE, RETURN, Sheet
from db.grants import graduates_in_scope, powers_of
from db.history import history
from db.people import Graduate
from db.refusals import Invalid, NotFound
from db.rules import reason as reasons
from db.rules.step import Step
from portal.audited import note
from portal.caller import me
from portal.plan_forms import answer_word, doubt_word
from portal.words import the_plan
from portal.workbook import XLSX, workbook
from web.access import roles
from web.forms import Choice, Form, LongText
from web.fragments import go, page
from web.i18n import language, localtime
from web.paging import page_number
from web.states import state_word

blueprint = Blueprint("form_desk", __name__, url_prefix="/forms")

ROLES = ("counselor", "college", "officer")
A_PAGE = 100


class ReturnForm(Form):
    reason = Choice(_l("Reason"), choices=[], required=False)
    words = LongText(_l("In your own words"), most=500, required=False, hint=_l("The graduate reads this."))

    def check(self) -> None:
        if not self.values["reason"] and not self.values["words"]:
            self.errors["words"] = _("Choose a reason, or write one; the graduate reads it.")


def return_form(step: Step | None) -> type[ReturnForm]:
    """The form to return with, offering the reasons of the plan's step."""
    offered = [(one.code, one.name.pick(language())) for one in step.reasons] if step else []

    class StepReturnForm(ReturnForm):
        reason = Choice(ReturnForm.reason.label, choices=offered, required=False)

    return StepReturnForm


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """What waits for the caller's review: of one step, or of all."""
    counts = form_desk.counts(me())
    step = request.args.get("step", "")
    step = step if step in counts else ""
    total = sum(counts.values())
    pages = -(-counts.get(step, total) // A_PAGE)
    number = min(page_number(), pages or 1)
    return page(
        "forms/index.html", waiting={one.code: counts[one.code] for one in the_plan().steps if one.code in counts},
        step=step, total=total, sheets=form_desk.waiting(me(), step, start=A_PAGE * (number - 1), most=A_PAGE), page_number=number,
        pages=pages, may_export=_exported(),
    )  # fmt: skip


@blueprint.get("/waiting")
@roles(*ROLES)
def waiting() -> str:
    """How many wait for the caller: what stands beside the link in every page's head."""
    return render_template("forms/_waiting.html", count=sum(form_desk.counts(me()).values()))


@blueprint.get("/<int(max=2147483647):id>")
@roles(*ROLES)
def show(id: int) -> Response:
    """One form with what was answered and what to look at. That it was opened is recorded."""
    sheet = form_desk.find(me(), id)
    note("form.viewed", sheet.graduate.number, step=sheet.form.step)
    return _show(sheet)


@blueprint.post("/<int(max=2147483647):id>/approvals")
@roles(*ROLES)
def approve(id: int) -> Response:
    """Approve what the page showed, or hand it on to the next review; refused when somebody acted meanwhile."""
    form_desk.decide(_key(), me(), id, _saw(request.form.get("form_heads", "")), APPROVE)
    return go(_next(), notice=_("Approved. The graduate sees it at once."))


@blueprint.post("/<int(max=2147483647):id>/returns")
@roles(*ROLES)
def send_back(id: int) -> Response:
    """Return it with a reason, to be mended and sent again."""
    sheet = form_desk.find(me(), id)
    form = return_form(the_plan().steps_by_code.get(sheet.form.step))(request.form)
    if not form.valid():
        return _show(sheet, form, 422)
    reason = reasons.write(form.values["reason"] or "", form.values["words"])
    try:
        form_desk.decide(_key(), me(), id, _saw(request.form.get("form_heads", "")), RETURN, reason)
    except Invalid as refusal:
        form.refuse(refusal)
        return _show(sheet, form, 422)
    return go(_next(), notice=_("Returned. The graduate reads the reason at once."))


@blueprint.get("/approvals")
@roles(*ROLES)
def preview() -> Response:
    """What would be approved at once: the forms chosen, or all that raised no question; and those that are left out."""
    step = request.args.get("step", "")
    chosen = {int(one) for one in request.args.getlist("form") if one.isascii() and one.isdecimal() and len(one) < 11}
    among = None if request.args.get("clean") else chosen
    sheets = form_desk.waiting(me(), step, among) if step.isprintable() else []
    ready = [sheet for sheet in sheets if sheet.clean]
    doubtful = [] if request.args.get("clean") else [sheet for sheet in sheets if not sheet.clean]
    note("forms.previewed", step, forms=len(ready))
    return page("forms/preview.html", ready=ready[:MOST_AT_ONCE], over=len(ready[MOST_AT_ONCE:]), doubtful=doubtful, step=step)


@blueprint.post("/approvals")
@roles(*ROLES)
def approve_all() -> Response:
    """Approve what the preview listed; those that changed since are left as they are."""
    seen = {}
    for pair in request.form.getlist("form"):
        id_, _colon, heads = pair.partition(":")
        if id_.isascii() and id_.isdecimal() and len(id_) < 11:
            seen[int(id_)] = _saw(heads)
    done = form_desk.approve_all(_key(), me(), seen)
    said = [
        ngettext("%(num)d form approved.", "%(num)d forms approved.", done.settled) if done.settled else "",
        ngettext("%(num)d form handed on to the next review.", "%(num)d forms handed on to the next review.", done.passed)
        if done.passed else "",
        ngettext("%(num)d changed meanwhile and was left.", "%(num)d changed meanwhile and were left.", done.left)
        if done.left else "",
        ngettext("%(num)d was already approved by you.", "%(num)d were already approved by you.", done.already)
        if done.already else "",
    ]  # fmt: skip
    return go(_next(), notice=" ".join(filter(None, said)) or _("Nothing was chosen."), tone="warn" if done.left else "good")


@blueprint.get("/<step>.xlsx")
@roles(*ROLES)
def as_workbook(step: str) -> Response:
    """Every form of the step that was sent, as far as the caller may see them. That it was taken along is recorded."""
    asked = next((one for one in _exported() if one.code == step), None)
    if asked is None:
        raise NotFound("unknown-step")
    sheets = form_desk.sent(me(), step)
    note("forms.exported", step, graduates=len(sheets))
    headings = [_("Student number"), _("Name"), _("College"), _("Class"), _("How it stands"),
                *(question.name.pick(language()) for question in asked.form), _("Sent"), _("Late"), _("To look at")]  # fmt: skip
    rows = [_row(sheet, asked) for sheet in sheets]
    response = Response(workbook(asked.name.pick(language()), headings, rows), mimetype=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename={step}.xlsx"
    return response


def _row(sheet: Sheet, step: Step) -> list[str]:
    sent, group = sheet.form.sent, sheet.graduate.class_group
    answers = [answer_word(question, sent.get(question.code, "")) for question in step.form]
    doubts = " ".join(map(doubt_word, sheet.doubts.values()))
    return [sheet.graduate.number, sheet.graduate.name, group.college.name, group.name, state_word(sheet.state), *answers,
            localtime(sheet.form.sent_at), _("late") if sheet.form.late else "", doubts]  # fmt: skip


def _exported() -> list[Step]:
    """The steps whose forms the caller may take along."""
    powers = powers_of(me())
    everywhere = powers.may("counselor") or powers.may("college")
    return [step for step in the_plan().steps if step.form and (everywhere or powers.may("officer", step=step.code))]


def _show(sheet: Sheet, form: Form | None = None, status: int = 200) -> Response:
    step = the_plan().steps_by_code.get(sheet.form.step)
    events = history(sheet.graduate, [sheet.form.step]).get(sheet.form.step, [])
    return page(
        "forms/show.html", status=status, sheet=sheet, step=step, events=events, form=form or return_form(step)(),
        back=_next(), linked=graduates_in_scope(me()).where(Graduate.id == sheet.graduate.id).exists(),
    )  # fmt: skip


def _next() -> str:
    """Back to the forms, of the step one was at."""
    step = request.values.get("step", "")
    return url_for(".index", step=step or None)


def _saw(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _key() -> Any:
    return current_app.extensions["keys"].entry_key
