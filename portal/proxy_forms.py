"""The questions of an application, part by part, for those who cannot come."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import proxies, proxy_drafts
from db.rules import proxy as rules
from db.rules.proxy import POST, PROXY
from portal.graduate import mine
from portal.words import step_name
from web.forms import Choice, Choices, Day, Form, LongText, Text, Tick
from web.i18n import language


def checked(rule: Any, sentence: Any) -> Any:
    """A check of a form's field from a rule that raises ValueError."""

    def check(text: str) -> str:
        try:
            return rule(text)
        except ValueError:
            raise ValueError(str(sentence)) from None

    return check


_PHONE = checked(rules.phone, _l("Enter a mobile number of 11 digits, a landline with its area code, or + and the country's code."))


SLOTS: dict[str, tuple[Any, Any]] = {
    "letter": (_l("Letter of authorization"), _l("The whole page, with both signatures.")),
    "own-id": (_l("Your ID card"), _l("Both sides, side by side or below each other, in one picture or PDF.")),
    "proxy-id": (_l("The proxy's ID card"), _l("Both sides, in one picture or PDF.")),
}


def _reasons() -> list[tuple[str, str]]:
    plan = proxies.offered()
    return [(one.code, one.name.pick(language())) for one in plan.reasons] if plan else []


def _proxied() -> list[tuple[str, str]]:
    """What a proxy may settle of what the one who asks has still to settle."""
    return [(code, step_name(code)) for code in proxy_drafts.left_for(mine()[1].graduate, PROXY)]


def _posted() -> list[tuple[str, str]]:
    return [(code, step_name(code)) for code in proxy_drafts.left_for(mine()[1].graduate, POST)]


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


class PersonForm(Form):
    name = Text(_l("Name of the proxy"), most=60, hint=_l("As on the proxy's ID card."))
    id_number = Text(
        _l("ID number of the proxy"), most=30,
        check=checked(rules.identity, _l("This is no valid ID number: 18 characters, the last one checks the others.")),
    )  # fmt: skip
    phone = Text(_l("Telephone of the proxy"), most=30, inputmode="tel", check=_PHONE)
    own_phone = Text(
        _l("Your own telephone"), most=30, autocomplete="tel", inputmode="tel", check=_PHONE,
        hint=_l("Where you are reached while your proxy is at the desk."),
    )  # fmt: skip


class DaysForm(Form):
    steps = Choices(_l("What is the proxy to do?"), choices=_proxied)
    from_day = Day(_l("First day"))
    until_day = Day(_l("Last day"))


class LetterForm(Form):
    """Nothing to answer: print, sign, go on."""


class SendForm(Form):
    pictures = Tick(_l("The letter is signed by hand, and everything in the pictures can be read."))


PARTS: dict[str, dict[str, tuple[Any, type[Form]]]] = {
    POST: {
        "reason": (_l("Reason"), ReasonForm), "address": (_l("Address"), AddressForm), "risk": (_l("Risk and sending"), RiskForm),
    },
    PROXY: {
        "reason": (_l("Reason"), ReasonForm), "person": (_l("Proxy"), PersonForm), "days": (_l("Steps and days"), DaysForm),
        "letter": (_l("Letter"), LetterForm), "pictures": (_l("Pictures"), SendForm),
    },
}  # fmt: skip
"""By kind, the parts in their order: what the stepper calls each, and its form. The last one sends it."""
