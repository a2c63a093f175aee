"""The auditor's page: who did or saw what, and whether the trail is whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, request, stream_with_context, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import audit
from db.account_search import staff_called, staff_names
from db.audit import AuditEvent
from db.audit_search import Filter, count, every, latest, search
from db.database import to_ms
from db.refusals import Invalid, TooLarge
from portal.audit_details import codes_named, details, subject_word
from portal.audit_words import kinds, word_of
from portal.audited import note
from portal.csv_text import csv_lines
from portal.workbook import XLSX, workbook
from web import sentences
from web.access import roles
from web.forms import Choice, Day, Form, Text
from web.fragments import answer, page
from web.i18n import localtime

blueprint = Blueprint("audit", __name__, url_prefix="/audit")


MOST_IN_A_WORKBOOK = 20_000

sentences.add(
    {
        "too-many-events": (
            _l("These are %(found)s events; a workbook holds at most %(most)s."),
            _l("Choose fewer days or another filter, or take the CSV file, which has no such limit."),
        )
    }
)


class FilterForm(Form):
    """What to look for; everything is optional."""

    actor = Text(_l("Done by"), most=64, required=False)
    action = Choice(_l("What was done"), lambda: kinds(_asked_action()), required=False)
    subject = Text(_l("About"), most=200, required=False)
    since = Day(_l("From"), required=False)
    until = Day(_l("To"), required=False)


@blueprint.get("")
@roles("auditor")
def show() -> Response:
    """One page of events, newest first. Filters and place are in the URL."""
    form = FilterForm(request.args)
    valid = form.valid()
    events, older = search(_filter_of(form), _before()) if valid else ([], None)
    chosen = {name: typed for name, typed in form.typed.items() if typed}
    return page(
        "audit/show.html",
        "audit/_events.html",
        status=200 if valid else 422,
        form=form,
        events=events,
        older=older,
        chosen=chosen,
        first=_before() is None,
        names=staff_names({event.actor for event in events} | {event.subject for event in events}),
        word_of=word_of,
        subject_word=subject_word,
        details=details,
        checked=latest("audit.verified"),
    )


@blueprint.get("/export.csv")
@roles("auditor")
def as_csv() -> Response:
    """Everything that the filters find, however much, line by line. That it was taken along is an event itself."""
    wanted, upto = _taken_along("csv")
    lines = csv_lines(_headings(), map(_row, every(wanted, upto)))
    return _download(Response(stream_with_context(lines), mimetype="text/csv"), "csv")


@blueprint.get("/export.xlsx")
@roles("auditor")
def as_workbook() -> Response:
    """The same as a workbook, which has to be made whole: so up to a number of events only."""
    wanted, upto = _taken_along("xlsx", MOST_IN_A_WORKBOOK)
    content = workbook(_("Audit trail"), _headings(), map(_row, every(wanted, upto)))
    return _download(Response(content, mimetype=XLSX), "xlsx")


@blueprint.post("/verifications")
@roles("auditor")
def verify() -> Response:
    """Check the whole chain. The result is an event of the trail itself."""
    upto, _head = audit.head()
    problems = audit.verify()
    note("audit.verified", upto=upto, problems=len(problems), first=[f"{p.code} {p.seq}" for p in problems[:5]])
    notice = _("The trail is whole.") if not problems else _("The trail is not whole. See below.")
    return answer(
        "audit/_verification.html",
        url_for(".show"),
        notice=notice,
        tone="bad" if problems else "good",
        checked=latest("audit.verified"),
    )


def _taken_along(kind: str, most: int | None = None) -> tuple[Filter, int]:
    """What to export, and up to which event; recorded, with what was looked for. Raises Invalid, and TooLarge beyond `most`."""
    form = FilterForm(request.args)
    if not form.valid():
        raise Invalid(form.errors)
    wanted, (upto, _head) = _filter_of(form), audit.head()
    found = count(wanted, upto)
    if most is not None and found > most:
        raise TooLarge("too-many-events", found=found, most=most)
    chosen = [f"{name}={typed}" for name, typed in form.typed.items() if typed]
    note("audit.exported", format=kind, rows=found, upto=upto, filter=chosen)
    return wanted, upto


def _headings() -> tuple[str, ...]:
    return (
        _("No."), _("Time"), _("Done by"), _("What was done"), _("Action code"), _("About"), _("Details"), _("From where"),
        _("Seal"),
    )  # fmt: skip


def _row(event: AuditEvent) -> tuple[object, ...]:
    told = _("; ").join(str(name) if value is None else f"{name}{_(': ')}{value}" for name, value in details(event))
    at = localtime(event.at, "yyyy-MM-dd HH:mm:ss")
    return event.seq, at, event.actor, word_of(event.action), event.action, subject_word(event), told, event.address, event.hash


def _download(response: Response, kind: str) -> Response:
    response.headers["Content-Disposition"] = f"attachment; filename=audit.{kind}"
    return response


def _filter_of(form: Form) -> Filter:
    values = form.values
    since, until = values["since"], values["until"]
    return Filter(
        actors=_called(values["actor"]),
        action=values["action"],
        subjects=_called(values["subject"], codes_named),
        since=None if since is None else _begins(since),
        until=None if until is None else _begins(until + timedelta(days=1)),
    )


def _called(text: str, *more: Callable[[str], list[str]]) -> list[str]:
    """What somebody or something may be called by these words: the words themselves, and what has that name."""
    return [text, *staff_called(text), *(code for named in more for code in named(text))] if text else []


def _asked_action() -> str:
    text = request.args.get("action", "").strip()
    return text if len(text) <= 64 and text.isprintable() else ""


def _begins(day: date) -> int:
    """The first moment of the day in the season's zone, in epoch ms."""
    return to_ms(datetime.combine(day, time.min, ZoneInfo(current_app.extensions["plan_facts"].zone())))


def _before() -> int | None:
    text = request.args.get("before", "")
    return int(text) if text.isdecimal() and len(text) < 19 else None
