"""The counselor's desk for those who cannot come: the queue of the own classes, one application, and cover for an absence."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import covers, parcels, proxies, proxy_desk, proxy_pictures
from db.proxies import ProxyApplication
from db.refusals import Invalid, NotFound
from db.review_case import names_of
from db.rules import proxy as rules
from portal.audited import note
from portal.caller import me
from portal.pictures import show as show_picture
from portal.proxy_forms import checked
from web.access import roles
from web.forms import Choice, Choices, Day, Form, LongText, Text, Whole
from web.fragments import go, page
from web.paging import page_number

blueprint = Blueprint("proxy_desk", __name__, url_prefix="/proxies")

ROLES = ("counselor", "college")

DECISIONS = {
    "approve": _l("Approve"),
    "return": _l("Send back to be mended"),
    "reject": _l("Reject for good"),
}


CHECKS = {
    "signed": _l("The letter is signed by hand"),
    "phone": _l("The telephone of the principal is in it"),
    "both-ids": _l("Both ID cards are there, and both can be read"),
    "names": _l("Names and numbers in the pictures equal those typed"),
}


TITLES = {"letter": _l("Letter of authorization"), "own-id": _l("The principal's ID card"), "proxy-id": _l("The proxy's ID card")}


class DecisionForm(Form):
    act = Choice(_l("Decision"), choices=DECISIONS.items(), radio=True)
    words = LongText(
        _l("Reason"), most=proxy_desk.LONGEST, required=False,
        hint=_l("Needed unless you approve. The graduate reads this; it stays on record, so write no ID numbers."),
    )  # fmt: skip
    checks = Choices(
        _l("Checked in the pictures"), choices=CHECKS.items(), required=False, hint=_l("All four are needed to approve.")
    )  # fmt: skip
    seen = Whole(_l("Version"))

    def check(self) -> None:
        if self.values["act"] != "approve" and not self.values["words"]:
            self.errors["words"] = _("Write why; the graduate reads it.")


class RevocationForm(Form):
    words = LongText(_l("Reason"), most=proxy_desk.LONGEST, hint=_l("The graduate reads this."))
    seen = Whole(_l("Version"))


class ParcelForm(Form):
    tracking = Text(
        _l("Number of the parcel (EMS)"), most=40,
        check=checked(rules.tracking, _l("Enter the 8 to 20 letters and digits on the receipt.")),
    )  # fmt: skip


class CoverForm(Form):
    cover = Text(_l("Colleague's staff number"), most=64, hint=_l("Any counselor of the college or another."))
    from_day = Day(_l("First day"))
    until_day = Day(_l("Last day"))


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """What waits for this counselor, what was decided lately, and who covers for whom."""
    return _index(CoverForm())


@blueprint.get("/<id>")
@roles(*ROLES)
def show(id: str) -> Response:
    """One application with everything typed. That it was opened is recorded."""
    application = proxy_desk.find(me(), id)
    note("proxy.viewed", application.graduate.number, application=application.id)
    return _show(application)


@blueprint.get("/<id>/pictures/<slot>")
@roles(*ROLES)
def picture(id: str, slot: str) -> Response:
    """One of the three pictures, with viewer and time across it. Each opening is recorded."""
    return show_picture(proxy_pictures.find(proxy_desk.find(me(), id).id, slot))


@blueprint.post("/<id>/decisions")
@roles(*ROLES)
def decide(id: str) -> Response:
    """Approve, send back or reject what the page showed; refused when somebody acted meanwhile."""
    form = DecisionForm(request.form)
    if not form.valid():
        return _show(proxy_desk.find(me(), id), 422, form=form)
    values = form.values
    try:
        proxy_desk.decide(me(), id, values["seen"], values["act"], values["words"], values["checks"])
    except Invalid as refusal:
        form.refuse(refusal)
        return _show(proxy_desk.find(me(), id), 422, form=form)
    return go(url_for(".index"), notice=_("Recorded. The graduate sees it at once."))


@blueprint.post("/<id>/revocations")
@roles(*ROLES)
def revoke(id: str) -> Response:
    """Take an approval back."""
    form = RevocationForm(request.form)
    if not form.valid():
        return _show(proxy_desk.find(me(), id), 422, revocation=form)
    proxy_desk.decide(me(), id, form.values["seen"], "revoke", form.values["words"])
    return go(url_for(".show", id=id), notice=_("Revoked. The graduate sees it at once."))


@blueprint.post("/<id>/parcels")
@roles(*ROLES)
def post(id: str) -> Response:
    """Note the number under which it was posted."""
    form = ParcelForm(request.form)
    if not form.valid():
        return _show(proxy_desk.find(me(), id), 422, parcel=form)
    parcels.post(current_app.extensions["keys"].entry_key, me(), id, form.values["tracking"])
    return go(url_for(".show", id=id), notice=_("Recorded. The graduate sees the number at once."))


@blueprint.get("/covers")
@roles("counselor")
def look() -> Response:
    """Where an answer about a cover is loaded again: the page it stands on."""
    return go(url_for(".index"))


@blueprint.post("/covers")
@roles("counselor")
def create_cover() -> Response:
    """Name a colleague for the days of an absence."""
    form = CoverForm(request.form)
    if not form.valid():
        return _index(form, 422)
    values = form.values
    try:
        covers.name(me().id, values["cover"], values["from_day"], values["until_day"], me().id)
    except Invalid as refusal:
        form.refuse(refusal)
        return _index(form, 422)
    return go(url_for(".index"), notice=_("Your colleague covers for you on these days."))


@blueprint.post("/covers/<int:id>/ends")
@roles("counselor")
def end_cover(id: int) -> Response:
    """End a cover. Again: nothing more happens."""
    if id >= 2**31:
        raise NotFound("unknown-cover")
    covers.end(id, me().id)
    return go(url_for(".index"), notice=_("The cover has ended."))


def _index(form: Form, status: int = 200) -> Response:
    account = me()
    mine = covers.of(account)
    names = names_of({cover.absent_id for cover in mine} | {cover.cover_id for cover in mine})
    number = page_number()
    finished, pages = proxy_desk.finished(account, number)
    return page(
        "proxies/index.html", status=status, waiting=proxy_desk.queue(account), finished=finished, number=number, pages=pages,
        covers=mine, names=names, form=form, account=account,
    )  # fmt: skip


def _show(application: ProxyApplication, status: int = 200, **forms: Form) -> Response:
    events = proxies.events(application)
    usual: dict[str, Any] = {"form": DecisionForm(), "revocation": RevocationForm(), "parcel": ParcelForm()}
    to_post = application.kind == rules.POST and application.state == rules.APPROVED
    return page(
        "proxies/show.html", status=status, application=application, graduate=application.graduate, events=events,
        obstacles=parcels.obstacles(application) if to_post else [],
        kept=proxy_pictures.of(application.id), titles=TITLES, names=names_of({event.by for event in events}), **{**usual, **forms},
    )  # fmt: skip
