"""Who cannot come: an application step by step, kept as a draft after each, and how it stands.

All of it is about the one who is signed in. A form says which application it was made for, so an old page changes no newer one.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import proxies
from db.people import Graduate
from db.proxies import ProxyApplication
from db.refusals import Conflict, Invalid, NotFound
from db.rules import proxy as rules
from db.rules.proxy import EDITABLE, POST
from portal.caller import me
from portal.graduate import mine
from portal.words import step_name
from web.access import roles
from web.forms import Choice, Choices, Form, LongText, Text, Tick
from web.fragments import go, page
from web.i18n import language

blueprint = Blueprint("proxy", __name__, url_prefix="/me/proxy")

OFFERED = (POST,)


def checked(rule: Any, sentence: Any) -> Any:
    """A check of a form's field from a rule that raises ValueError."""

    def check(text: str) -> str:
        try:
            return rule(text)
        except ValueError:
            raise ValueError(str(sentence)) from None

    return check


_PHONE = checked(rules.phone, _l("Enter a mobile number of 11 digits, a landline with its area code, or + and the country's code."))


def _reasons() -> list[tuple[str, str]]:
    plan = proxies.offered()
    return [(one.code, one.name.pick(language())) for one in plan.reasons] if plan else []


def _posted() -> list[tuple[str, str]]:
    plan = proxies.offered()
    return [(code, step_name(code)) for code in plan.post] if plan else []


class ReasonForm(Form):
    reason = Choice(_l("Why can you not come?"), choices=_reasons, radio=True)
    words = LongText(_l("What your counselor should know"), most=300, required=False)

    def check(self) -> None:
        if self.values["reason"] == "other" and not self.values["words"]:
            self.errors["words"] = _("Write what it is.")


class AddressForm(Form):
    steps = Choices(_l("What is to be posted?"), choices=_posted)
    name = Text(
        _l("Who receives it?"), most=60, autocomplete="name", hint=_l("The name on the parcel: yours, or of somebody you trust.")
    )
    phone = Text(_l("Telephone for the courier"), most=30, autocomplete="tel", inputmode="tel", check=_PHONE)
    address = LongText(
        _l("Address"), most=rules.LONGEST_ADDRESS, autocomplete="street-address",
        hint=_l("Province, city, district, street, house and room, postcode."),
    )  # fmt: skip


class RiskForm(Form):
    accepted = Tick(_l("I have read this and accept the risk."))
    signed = Text(_l("Your name, as a signature"), most=60, autocomplete="name")


PARTS: dict[str, dict[str, tuple[Any, type[Form]]]] = {
    POST: {
        "reason": (_l("Reason"), ReasonForm), "address": (_l("Address"), AddressForm), "risk": (_l("Risk and sending"), RiskForm),
    },
}  # fmt: skip
"""By kind, the parts in their order: what the stepper calls each, and its form. The last one sends it."""


@blueprint.get("")
@roles("graduate")
def show() -> Response:
    """How the application stands; where there is none, what can be done."""
    _season, standing = mine()
    application = proxies.latest(standing.graduate.id)
    events = proxies.events(application) if application else []
    said = next((event for event in events if event.words), None)
    return page(
        "proxy/show.html", application=application, events=events, said=said, first=_first(application), plan=proxies.offered()
    )


@blueprint.post("")
@roles("graduate")
def create() -> Response:
    """Begin an application; one that is being written already is gone on with."""
    graduate = _graduate()
    kind = request.form.get("kind", "")
    if kind not in OFFERED:
        raise NotFound("proxy-not-offered")
    application = proxies.begin(graduate, kind, me().id)
    return go(url_for(".part", part=_first(application)))


@blueprint.get("/<part>")
@roles("graduate")
def part(part: str) -> Response:
    """One question of the application, as far as it was answered."""
    application, form = _draft(part)
    names = form.fields.keys() & set(proxies.TYPED)
    values = {name: getattr(application, name) for name in names}
    if "steps" in values:
        values["steps"] = application.step_codes
    return _part(application, part, form.of(**values))


@blueprint.post("/<part>")
@roles("graduate")
def save(part: str) -> Response:
    """Keep the answer and go on to the next question; the last one sends it all to the counselor."""
    application, kind = _draft(part)
    if request.form.get("application") != application.id:
        raise Conflict("proxy-changed")
    form = kind(request.form)
    if not form.valid():
        return _part(application, part, form, 422)
    parts = list(PARTS[application.kind])
    if part == parts[-1]:
        return _send(application, part, form)
    values = dict(form.values)
    if "steps" in values:
        values["steps"] = " ".join(values["steps"])
    proxies.save(_graduate(), application.id, values)
    return go(url_for(".part", part=parts[parts.index(part) + 1]))


@blueprint.post("/<id>/withdrawals")
@roles("graduate")
def withdraw(id: str) -> Response:
    """Take the application back. Again: nothing more happens."""
    proxies.withdraw(_graduate(), id, me().id)
    return go(url_for(".show"), notice=_("The application is withdrawn."))


def _send(application: ProxyApplication, part: str, form: Form) -> Response:
    graduate = _graduate()
    if not rules.same_name(form.values["signed"], graduate.name):
        form.errors["signed"] = _("Write your name as it is on record: %(name)s.", name=graduate.name)
        return _part(application, part, form, 422)
    try:
        proxies.submit(graduate, application.id, me().id, signed=form.values["signed"], risk=True)
    except Invalid as refusal:
        name = next(iter(refusal.errors))
        there = next((code for code, (_word, one) in PARTS[application.kind].items() if name in one.fields), part)
        again = PARTS[application.kind][there][1]
        values = {one: getattr(application, one) for one in again.fields if one in proxies.TYPED}
        shown = again.of(**values | ({"steps": application.step_codes} if "steps" in values else {}))
        shown.refuse(Invalid({one: code for one, code in refusal.errors.items() if one in again.fields}))
        return _part(application, there, shown, 422)
    return go(url_for(".show"), notice=_("Sent. Your counselor looks at it; you see here what comes of it."))


def _part(application: ProxyApplication, part: str, form: Form, status: int = 200) -> Response:
    parts = PARTS[application.kind]
    place = list(parts).index(part)
    return page(
        "proxy/part.html", status=status, application=application, part=part, form=form, place=place,
        labels=[label for label, _form in parts.values()], before=list(parts)[place - 1] if place else None,
    )  # fmt: skip


def _draft(part: str) -> tuple[ProxyApplication, type[Form]]:
    """The application being written, with the form of that part. Conflict where none is."""
    application = proxies.latest(_graduate().id)
    if application is None or application.state not in EDITABLE or application.kind not in PARTS:
        raise Conflict("proxy-changed")
    if part not in PARTS[application.kind]:
        raise NotFound("unknown-proxy")
    return application, PARTS[application.kind][part][1]


def _first(application: ProxyApplication | None) -> str:
    """The first part that still lacks something; the last where all is there."""
    if application is None or application.kind not in PARTS:
        return ""
    parts = PARTS[application.kind]
    lacking = proxies.faults(application, _graduate()) if application.state in EDITABLE else {}
    return next((code for code, (_word, form) in parts.items() if lacking.keys() & form.fields.keys()), list(parts)[-1])


def _graduate() -> Graduate:
    return mine()[1].graduate
