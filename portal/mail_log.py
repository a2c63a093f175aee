"""What was sent: for those who remind their own reminders, for administrators everything, as page, CSV and XLSX."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, request, stream_with_context, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import mail, mail_log
from db.account_search import staff_called
from db.mail_log import PORTAL_ONLY, Line, Wanted
from db.refusals import Invalid, TooLarge
from db.review_case import names_of
from db.rules.email_address import masked
from portal.audited import note
from portal.caller import me
from portal.csv_text import csv_lines
from portal.message_words import SUBJECTS, subject
from portal.words import the_plan
from portal.workbook import XLSX, workbook
from web import sentences
from web.access import roles, roles_held
from web.forms import Choice, Day, Form, Text
from web.fragments import page
from web.i18n import localtime
from web.paging import page_number

blueprint = Blueprint("mail_log", __name__, url_prefix="/sent")

ROLES = ("counselor", "college", "admin")
A_PAGE = 100
MOST_IN_A_WORKBOOK = 20_000
STATES: dict[str, tuple[Any, str, str]] = {
    PORTAL_ONLY: (_l("In the portal only"), "plain", "message"),
    "waiting": (_l("Waiting to go out"), "info", "clock"),
    "sent": (_l("Sent by e-mail"), "good", "check"),
    "failed": (_l("Did not work yet"), "warn", "warning"),
    "given-up": (_l("Given up"), "bad", "stop"),
}

sentences.add(
    {
        "too-many-messages": (
            _l("These are %(found)s messages; a workbook holds at most %(most)s."),
            _l("Choose fewer days or another filter, or take the CSV file, which has no such limit."),
        )
    }
)


class FilterForm(Form):
    state = Choice(_l("E-mail"), choices=lambda: _state_choices(), required=False)
    kind = Choice(_l("What about"), choices=lambda: list(SUBJECTS.items()), required=False)
    who = Text(_l("Name, student number or class"), most=60, required=False)
    by = Text(_l("Sent by"), most=64, required=False)
    since = Day(_l("From"), required=False)
    until = Day(_l("To"), required=False)


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """The newest of what the filters find."""
    form = FilterForm(request.args)
    valid = form.valid()
    total = mail_log.count(me(), _wanted(form)) if valid else 0
    number = min(page_number(), max(1, -(-total // A_PAGE)))
    lines = mail_log.lines(me(), _wanted(form), A_PAGE * (number - 1), A_PAGE) if total else []
    chosen = {name: typed for name, typed in form.typed.items() if typed}
    if lines and _administers():
        note("messages.viewed", rows=len(lines))
    return page(
        "mail_log/index.html", status=200 if valid else 422, form=form, lines=lines, total=total, chosen=chosen, states=STATES,
        number=number, pages=-(-total // A_PAGE), link=lambda turned: url_for(".index", page=turned, **chosen),
        names=names_of({line.message.by for line in lines if line.message.by}), all_of_them=_administers(), waiting=mail.waiting(),
        state_of=_state,
    )  # fmt: skip


@blueprint.get("/export.csv")
@roles(*ROLES)
def as_csv() -> Response:
    """All that the filters find, line by line. That it was taken along is recorded."""
    wanted = _taken_along("csv")
    rows = csv_lines(_headings(), map(_row, mail_log.every(me(), wanted)))
    return _download(Response(stream_with_context(rows), mimetype="text/csv"), "csv")


@blueprint.get("/export.xlsx")
@roles(*ROLES)
def as_workbook() -> Response:
    """The same as a workbook, up to a number of lines."""
    wanted = _taken_along("xlsx", MOST_IN_A_WORKBOOK)
    content = workbook(_("Messages sent"), _headings(), map(_row, mail_log.every(me(), wanted)))
    return _download(Response(content, mimetype=XLSX), "xlsx")


def _taken_along(kind: str, most: int | None = None) -> Wanted:
    form = FilterForm(request.args)
    if not form.valid():
        raise Invalid(form.errors)
    wanted = _wanted(form)
    found = mail_log.count(me(), wanted)
    if most is not None and found > most:
        raise TooLarge("too-many-messages", found=found, most=most)
    note("messages.exported", format=kind, rows=found, filter=[f"{name}={typed}" for name, typed in form.typed.items() if typed])
    return wanted


def _headings() -> list[str]:
    return [
        _("Time"), _("Student number"), _("Name"), _("Class"), _("What about"), _("Sent by"), _("E-mail"), _("Address"),
        _("Attempts"), _("The server's last word"), _("Opened"),
    ]  # fmt: skip


def _row(line: Line) -> tuple[object, ...]:
    one, post = line.message, line.mail
    style = "yyyy-MM-dd HH:mm"
    return (
        localtime(one.at, style), line.graduate.number, line.graduate.name, line.graduate.class_group.name, subject(one.kind),
        one.by or "", STATES[_state(line)][0], masked(post.address) if post else "",
        post.attempts if post else 0, post.said if post else "", localtime(one.read_at, style),
    )  # fmt: skip


def _state(line: Line) -> str:
    """How far its e-mail has come. Where no mail server is set none is on its way, whatever still lies in the outbox."""
    return PORTAL_ONLY if line.mail is None or line.mail.state in _as_portal_only() else line.mail.state


def _as_portal_only() -> tuple[str, ...]:
    """States of e-mails that read as shown in the portal only."""
    return () if _mails() else ("waiting",)


def _mails() -> bool:
    return current_app.extensions["config"].mail is not None


def _state_choices() -> list[tuple[str, Any]]:
    """The states that a line can have here, as the filter and the lines both say it."""
    return [(state, word) for state, (word, _tone, _icon) in STATES.items() if state not in _as_portal_only()]


def _download(response: Response, kind: str) -> Response:
    response.headers["Content-Disposition"] = f"attachment; filename=messages.{kind}"
    return response


def _wanted(form: Form) -> Wanted:
    values = form.values
    until, state, by = values["until"], values["state"], values["by"]
    states = (state, *(_as_portal_only() if state == PORTAL_ONLY else ())) if state else ()
    return Wanted(
        states, values["kind"] or "", values["who"], (by, *staff_called(by)) if by else (), _begins(values["since"]),
        _begins(until + timedelta(days=1)) if until else None,
    )  # fmt: skip


def _begins(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, the_plan().zone) if day else None


def _administers() -> bool:
    return "admin" in (roles_held() or ())
