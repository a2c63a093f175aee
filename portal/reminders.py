"""Reminders: to one graduate, or to everybody whom the class desk shows; looked at first, then sent once."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import reminders
from db.matrix import Asked
from db.messages import Message
from db.refusals import Invalid
from db.reminders import OPEN_STEPS, WRITTEN, Receiver, left_out
from portal.caller import me
from portal.counsel import chosen, wanted
from portal.message_words import told
from portal.words import the_plan
from web.access import roles
from web.forms import Choice, Form, LongText, Text, Tick
from web.fragments import go, page

blueprint = Blueprint("reminders", __name__, url_prefix="/reminders")

ROLES = ("counselor", "college")
WHY = {"reminded": _l("had one within the last day"), "nothing": _l("nothing that they could settle now")}


class ReminderForm(Form):
    kind = Choice(
        _l("What it says"), radio=True,
        choices={OPEN_STEPS: _l("Each one's open steps: which, where, until when"), WRITTEN: _l("My own words")}.items(),
    )  # fmt: skip
    zh = LongText(
        _l("Own words in Chinese"), most=reminders.LONGEST, required=False, hint=_l("Others may read it: write nothing private.")
    )
    en = LongText(
        _l("Own words in English"), most=reminders.LONGEST, required=False, hint=_l("Empty: the Chinese words stand there.")
    )  # fmt: skip
    anyway = Tick(_l("Also to those who had one within the last day"), required=False)
    numbers = Text(_l("Graduates"), most=200_000)  # ten thousand of them
    token = Text(_l("Form"), most=24)

    def check(self) -> None:
        if self.values["kind"] == WRITTEN and not self.values["zh"]:
            self.errors["zh"] = _("This is needed.")


@blueprint.get("/new")
@roles(*ROLES)
def new() -> Response:
    """Who would get it, and what it says: of the graduate that the address names, or of the filters there."""
    number = request.args.get("number", "").strip()[:20]
    found = reminders.receivers(me(), Asked() if number else wanted(), [number] if number else ())
    numbers = " ".join(one.row.number for one in found)
    return _page(ReminderForm.of(kind=OPEN_STEPS, numbers=numbers, token=secrets.token_urlsafe(12)), found)


@blueprint.get("")
@roles(*ROLES)
def look() -> Response:
    """Where the answer to a form is loaded again: a new reminder."""
    return go(url_for(".new"))


@blueprint.post("")
@roles(*ROLES)
def create() -> Response:
    """Send it. The same form again: nothing more goes out, and the same is told."""
    form = ReminderForm(request.form)
    numbers = form.typed["numbers"].split()
    if not form.valid():
        return _page(form, reminders.receivers(me(), Asked(), numbers), 422)
    values = form.values
    try:
        done = reminders.send(
            me(), values["token"], numbers, values["kind"], zh=values["zh"], en=values["en"], anyway=values["anyway"]
        )
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(form, reminders.receivers(me(), Asked(), numbers), 422)
    said = ngettext("Sent to %(num)d graduate", "Sent to %(num)d graduates", done.sent)
    if current_app.extensions["config"].mail is None:
        more = _(", shown in the portal only; %(out)d left out.", out=done.left_out)
    else:
        more = _(", %(mailed)d of them by e-mail too; %(out)d left out.", mailed=done.mailed, out=done.left_out)
    return go(url_for("mail_log.index"), notice=said + more, tone="good" if done.sent else "warn")


def _page(form: Form, found: list[Receiver], status: int = 200) -> Response:
    anyway, kind = bool(form.typed["anyway"]), form.typed["kind"] or OPEN_STEPS
    out = [(one, WHY[why]) for one in found if (why := left_out(one, kind, anyway))]
    to = [one for one in found if left_out(one, kind, anyway) is None]
    number = found[0].row.number if len(found) == 1 else None
    return page(
        "reminders/new.html", status=status, form=form, to=to, out=out, sample=_sample(to), chosen=chosen(wanted()), number=number,
    )  # fmt: skip


def _sample(to: list[Receiver]) -> tuple[Receiver, list[Any]] | None:
    """The first who would get their open steps, with what they would read in both languages."""
    one = next((each for each in to if each.steps), None)
    if one is None:
        return None
    college = next((c.code for c in the_plan().colleges if c.name.zh == one.row.group.college.name), None)
    message = Message(kind=OPEN_STEPS, params={"steps": [step.code for step in one.steps], "college": college}, zh="", en="")
    texts = []
    for language in ("zh", "en"):
        with force_locale(language):
            texts.append((language, told(message)))
    return one, texts
