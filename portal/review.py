"""The reviewer's pages: what people decided differently, what is odd, and what lies in quarantine; each settled by one action."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db.refusals import Conflict, Invalid
from db.review import CONFLICTS, QUARANTINE, TABS, Wanted, cases, counts, scope_of, waiting
from db.review_case import StepCase, case, find_graduate, find_step
from db.rules import reason as reasons
from db.rules.settlement import Choice as WayOut
from db.rules.step import Step
from db.season import current
from db.settling import settle, take_notes
from portal import review_words
from portal.attached import attached
from portal.audited import note
from portal.caller import me
from portal.words import finding_word, step_name, the_plan
from web import sentences
from web.access import roles
from web.forms import Choice, Choices, Form, LongText, Money
from web.fragments import go, page
from web.i18n import language

blueprint = Blueprint("review", __name__, url_prefix="/reviews")

ROLES = ("supervisor", "officer", "admin")


class SettlementForm(Form):
    """How a conflict ends. The ways out and the plan's reasons depend on the case: see `_settlement_form`."""

    choice = Choice(_l("How it ends"), choices=[], radio=True)
    reason = Choice(_l("Reason for a hold"), choices=[], required=False, hint=_l("Leave it empty to keep the reason of the hold."))
    words = LongText(
        _l("In your own words"), most=500, required=False,
        hint=_l("Needed to waive and to take something back. The graduate reads this."),
    )  # fmt: skip
    amount = Money(_l("Amount to pay"), required=False, hint=_l("Only with a hold, where money is owed."))

    def check(self) -> None:
        values = self.values
        if values["choice"] != "hold" and values["reason"]:
            self.errors["reason"] = _("These are reasons for a hold. Leave this empty, and write why in your own words.")
        if values["choice"] != "hold" and values["amount"] is not None:
            self.errors["amount"] = _("An amount belongs to a hold.")


class NoteForm(Form):
    """Findings that were seen, and why they may stand."""

    findings = Choices(_l("Findings"), choices=[])
    note = LongText(_l("Seen; it may stand because"), most=500)


def init_app(app: Flask) -> None:
    """Give templates a reviewer's words."""
    app.jinja_env.globals.update(
        choice_word=review_words.choice_word, place_word=review_words.place_word, card_word=review_words.card_word,
        clock_word=review_words.clock_word, verdict_words=review_words.VERDICTS,
    )  # fmt: skip


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """One of the three lists, newest first. Tab, filters and place are in the address."""
    plan = current().plan
    scope = scope_of(me(), plan)
    asked = {name: request.args.get(name, "")[:120] for name in ("tab", "step", "station", "kind", "state", "before")}
    tab = asked["tab"] if asked["tab"] in TABS else CONFLICTS
    wanted, chosen = _wanted(tab, asked)
    before = asked["before"] if asked["before"].isprintable() else ""
    rows, older = waiting(scope, wanted, before) if tab == QUARANTINE else cases(tab, scope, wanted, before)
    stations = [station for station in plan.stations if scope.everything or not set(station.steps).isdisjoint(scope.steps)]
    return page(
        "review/index.html", tab=tab, tabs=TABS, counts=counts(scope), rows=rows, older=older, first=not before, chosen=chosen,
        settled=wanted.settled, steps=scope.steps, stations=[station.code for station in stations],
        kinds=review_words.kinds(tab),
    )  # fmt: skip


@blueprint.get("/steps/<number>/<step>")
@roles(*ROLES)
def show(number: str, step: str) -> Response:
    """Everything about one step of one graduate. That it was opened is recorded."""
    found = _load(number, step)
    note("graduate.viewed", number, step=step)
    return _page(found)


@blueprint.get("/steps/<number>/<step>/attachments/<sha256>")
@roles(*ROLES)
def attachment(number: str, step: str, sha256: str) -> Response:
    """A photo or a signature that an entry of this step names."""
    pairs = (pair for record in _load(number, step).records for pair in record.attachments)
    return attached(pairs, sha256, number, step)


@blueprint.post("/steps/<number>/<step>/settlements")
@roles(*ROLES)
def create_settlement(number: str, step: str) -> Response:
    """End the conflict, if the step still stands as it did on the page that was sent; else show what has changed."""
    found = _load(number, step)
    form = _settlement_form(found, ())(request.form)
    if not form.valid():
        return _page(found, form, status=422)
    values = form.values
    reason = reasons.write(values["reason"] or "", values["words"])
    saw = request.form.get("heads", "").split()
    try:
        settle(current_app.extensions["keys"].entry_key, me(), number, step, values["choice"], saw, reason, values["amount"])
    except Conflict as refusal:
        return _page(_load(number, step), form, status=refusal.status, refusal=refusal)
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(_load(number, step), form, status=422)
    return go(url_for(".show", number=number, step=step), notice=_("Settled: %(step)s.", step=step_name(step)))


@blueprint.post("/steps/<number>/<step>/notes")
@roles(*ROLES)
def create_notes(number: str, step: str) -> Response:
    """Note that findings were seen."""
    found = _load(number, step)
    form = _note_form(found)(request.form)
    if not form.valid():
        return _page(found, notes=form, status=422)
    try:
        take_notes(me(), number, step, [int(id_) for id_ in form.values["findings"]], form.values["note"])
    except Conflict as refusal:
        return _page(_load(number, step), notes=form, status=refusal.status, refusal=refusal)
    return go(url_for(".show", number=number, step=step), notice=_("Noted. Should it come back, it waits here again."))


def _wanted(tab: str, asked: dict[str, str]) -> tuple[Wanted, dict[str, str]]:
    """The filters, those that name nothing left out, and what of them stands in links."""
    plan = the_plan()
    known: dict[str, Collection[str]] = {
        "step": plan.steps_by_code, "station": plan.stations_by_code, "kind": dict(review_words.kinds(tab)), "state": ("settled",)
    }  # fmt: skip
    chosen = {name: asked[name] for name, values in known.items() if asked[name] in values}
    settled = chosen.get("state") == "settled"
    return Wanted(chosen.get("step", ""), chosen.get("station", ""), chosen.get("kind", ""), settled), chosen


def _load(number: str, step: str) -> StepCase:
    season = current()
    plan_step = find_step(season, step)
    scope_of(me(), season.plan).require(step)
    return case(find_graduate(number), plan_step)


def _settlement_form(found: StepCase, offered: tuple[WayOut, ...]) -> type[SettlementForm]:
    """The form of this case. With nothing offered it takes any choice: whether it fits is for the verb to say."""

    class CaseForm(SettlementForm):
        choice = _AnyChoice(SettlementForm.choice.label, [(way.name, review_words.choice_word(found, way)) for way in offered])
        reason = Choice(
            SettlementForm.reason.label, choices=_reasons(found.step), required=False, hint=SettlementForm.reason.hint
        )

    return CaseForm


class _AnyChoice(Choice):
    """A choice whose values the verb knows better: another reviewer may just have changed them."""

    def __init__(self, label: Any, choices: list[tuple[str, str]]) -> None:
        super().__init__(label, choices, radio=True, most=2000)

    def clean(self, text: str) -> str:
        return text


def _reasons(step: Step) -> list[tuple[str, str]]:
    return [(one.code, one.name.pick(language())) for one in step.reasons]


def _note_form(found: StepCase) -> type[NoteForm]:
    told = [one for one in found.findings if one.entry]

    class CaseForm(NoteForm):
        findings = Choices(NoteForm.findings.label, choices=[(str(one.id), _finding_label(found, one)) for one in told])

    return CaseForm


def _finding_label(found: StepCase, finding: Any) -> str:
    record = found.numbers.get(finding.entry)
    said = finding_word(finding.code)
    return _("%(finding)s (no. %(no)d)", finding=said, no=record.no) if record else said


def _page(
    found: StepCase, form: Form | None = None, notes: Form | None = None, status: int = 200, refusal: Conflict | None = None
) -> Response:
    offered = found.choices(me().id)
    shown = _settlement_form(found, offered)()
    if form is not None:
        shown.typed, shown.errors = form.typed, form.errors
    open_ones = [one for one in found.findings if one.entry and one.gone_at is None and one.noted_at is None]
    noting = _note_form(found)()
    noting.typed = notes.typed if notes else {**noting.typed, "findings": [str(one.id) for one in open_ones]}
    noting.errors = notes.errors if notes else {}
    return page(
        "review/show.html", status=status, found=found, offered=offered, form=shown, notes=noting, open_ones=open_ones,
        refused=sentences.say(refusal.code, refusal.status, refusal.params) if refusal else None,
    )  # fmt: skip
