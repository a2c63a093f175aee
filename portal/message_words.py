"""What messages say: by kind a title, a sentence, and what only the signed-in graduate reads. A room adds its kinds with `add`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from db.messages import Message
from db.proxy_cards import proxies_named
from db.reminders import OPEN_STEPS, WRITTEN
from db.rules import email_address
from db.rules.season import Plan
from db.rules.step import Step
from db.season import today
from portal.words import reason_words, station_name, step_name, the_plan
from web.i18n import dayname, language, localtime

MOST_STATIONS = 3


class Told(NamedTuple):
    """A message in the language spoken. `text` goes into the e-mail too; `private` stands in the portal only.

    `endpoint` of the page where it goes on, empty where there is none.
    """

    title: str
    text: str
    private: str = ""
    endpoint: str = ""


Teller = Callable[[Mapping[str, Any]], Told]

_TITLES: dict[str, Any] = {
    "proxy.approve": (_l("Your application for a proxy is approved"), _l("Your application for post is approved")),
    "proxy.return": (_l("Your application for a proxy was sent back"), _l("Your application for post was sent back")),
    "proxy.reject": (_l("Your application for a proxy was rejected"), _l("Your application for post was rejected")),
    "proxy.revoke": (_l("The approval of your proxy was revoked"), _l("The approval of post was revoked")),
    "proxy.post": (_l("It was posted to you"),) * 2,
}
_TEXTS: dict[str, Any] = {
    "proxy.approve": (
        _l("The proxy's card stands under “If you cannot come” from the first day on. Send it to nobody but your proxy."),
        _l("It is posted once every prerequisite is settled. Its number then stands under “If you cannot come”."),
    ),
    "proxy.return": (_l("Mend it and send it again; what you wrote is still there."),) * 2,
    "proxy.reject": (_l("Ask your counselor if you do not understand why."),) * 2,
    "proxy.revoke": (
        _l("The proxy's card is void; no station takes it any more. Ask your counselor if you do not understand why."),
        _l("Nothing is posted. Ask your counselor if you do not understand why."),
    ),
    "proxy.post": (_l("The number of the parcel stands under “If you cannot come”."),) * 2,
}


def _of_proxy(kind: str) -> Teller:
    def tell(params: Mapping[str, Any]) -> Told:
        place = int(params.get("kind") == "post")
        words, number = params.get("words"), params.get("tracking")
        private = _("Reason: %(reason)s", reason=words) if words else ""
        if number:
            private = _("Number of the parcel (EMS): %(number)s", number=number)
        return Told(str(_TITLES[kind][place]), str(_TEXTS[kind][place]), private, "proxy.show")

    return tell


def _collected(params: Mapping[str, Any]) -> Told:
    step = step_name(params["step"])
    where = {"step": step, "station": station_name(params["station"] or ""), "time": localtime(params["at"])}
    text = _(
        "%(step)s was handed to your proxy at %(station)s, %(time)s. If you know nothing of this, call your counselor at once.",
        **where,
    )
    return Told(_("Collected for you: %(step)s", step=step), text, _who(params), "proxy.show")


def _taken_back(params: Mapping[str, Any]) -> Told:
    step = step_name(params["step"])
    text = _(
        "The record that your proxy collected %(step)s was taken back: it does not count. Your steps show how it stands now.",
        step=step,
    )
    return Told(_("Taken back: collected for you: %(step)s", step=step), text, _who(params), "graduate.steps")


def _form_approved(params: Mapping[str, Any]) -> Told:
    step = step_name(params["step"])
    return Told(_("Approved: %(step)s", step=step), _("Your form was approved; the step is settled."), "", "graduate.steps")


def _form_returned(params: Mapping[str, Any]) -> Told:
    step = step_name(params["step"])
    reason = _("Reason: %(reason)s", reason=reason_words(params["words"], params["step"]))
    text = _("Open the step, mend what the reason says and send it again; what you wrote is still there.")
    return Told(_("Sent back to you: %(step)s", step=step), text, reason, "graduate.steps")


def _open_steps(params: Mapping[str, Any]) -> Told:
    plan = the_plan()
    lines = [_open_step(plan, plan.step(code), params.get("college")) for code in params["steps"] if code in plan.steps_by_code]
    title = ngettext("Reminder: %(num)d step is waiting for you", "Reminder: %(num)d steps are waiting for you", len(lines))
    return Told(title, "\n".join([_("You can settle now:"), *lines]), "", "graduate.home")


def _open_step(plan: Plan, step: Step, college: str | None) -> str:
    """What, where and until when, in one line."""
    stations = plan.stations_for(step.code, college)
    offices = stations[:MOST_STATIONS] or (plan.department(step.department),)
    where = _(", ").join(
        _("%(name)s (%(place)s)", name=one.name.pick(language()), place=one.place.pick(language())) for one in offices
    )
    if step.closes is None:
        until = _("any time")
    else:
        day = dayname(step.closes)
        until = _("was due by %(day)s", day=day) if step.closes < today() else _("until %(day)s", day=day)
    return _("- %(step)s: %(where)s; %(until)s", step=step.name.pick(language()), where=where, until=until)


def _written(_params: Mapping[str, Any]) -> Told:
    return Told(_("A message from your counselor"), "", "", "graduate.home")


def _who(params: Mapping[str, Any]) -> str:
    named = proxies_named([params["application"]]).get(params["application"])
    own = named is not None and named.graduate_id == params["graduate"]  # an entry may name anybody's
    return _("Proxy: %(name)s", name=named.name) if named and own and named.name else ""


def init_app(app: Flask) -> None:
    """Let every page say whether e-mails go out at all, and show addresses as others than their owner see them."""
    app.jinja_env.globals["mail_is_set"] = lambda: app.extensions["config"].mail is not None
    app.jinja_env.filters["masked_email"] = email_address.masked
    app.jinja_env.globals["message_subject"] = subject


TELLERS: dict[str, Teller] = {
    **{kind: _of_proxy(kind) for kind in _TITLES},
    "collected": _collected,
    "collected.undone": _taken_back,
    "form.approve": _form_approved,
    "form.return": _form_returned,
    OPEN_STEPS: _open_steps,
    WRITTEN: _written,
}

SUBJECTS: dict[str, Any] = {
    "reminder": _l("Reminder"),
    "proxy": _l("Application for proxy or post"),
    "collected": _l("Collected by a proxy"),
    "form": _l("Online form"),
    "help": _l("Request for help"),
}
"""What a message is about, by the beginning of its kind: as much as those learn who only look after the sending."""


def add(kind: str, teller: Teller) -> None:
    """Say how messages of a kind are told. A kind told twice is an error at import."""
    if kind in TELLERS:
        raise ValueError(f"messages of kind {kind} have words already")
    TELLERS[kind] = teller


def told(message: Message) -> Told:
    """The message in the language spoken. What somebody wrote in Chinese only is told in Chinese."""
    teller = TELLERS.get(message.kind)
    found = teller({**message.params, "graduate": message.graduate_id}) if teller else Told(_("A message"), "")
    written = message.zh if language() == "zh" else message.en or message.zh
    return found._replace(text=written) if written else found


def subject(kind: str) -> str:
    """What a message of this kind is about."""
    return str(SUBJECTS.get(kind.partition(".")[0], kind))
