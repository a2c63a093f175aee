"""The auditor's page: who did or saw what, and whether the trail is whole."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import audit
from db.audit_search import Filter, latest, search
from db.database import to_ms
from portal.audit_words import details, word_of, words
from portal.audited import note
from web.access import roles
from web.forms import Day, Form, Text
from web.fragments import answer, page

blueprint = Blueprint("audit", __name__, url_prefix="/audit")


class FilterForm(Form):
    """What to look for; everything is optional."""

    actor = Text(_l("Done by"), most=64, required=False)
    action = Text(_l("What was done"), most=64, required=False)
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
        words=words,
        word_of=word_of,
        details=details,
        checked=latest("audit.verified"),
    )


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


def _filter_of(form: Form) -> Filter:
    values = form.values
    since, until = values["since"], values["until"]
    return Filter(
        actor=values["actor"],
        action=values["action"],
        subject=values["subject"],
        since=None if since is None else _begins(since),
        until=None if until is None else _begins(until + timedelta(days=1)),
    )


def _begins(day: date) -> int:
    """The first moment of the day in the season's zone, in epoch ms."""
    return to_ms(datetime.combine(day, time.min, ZoneInfo(current_app.extensions["plan_facts"].zone())))


def _before() -> int | None:
    text = request.args.get("before", "")
    return int(text) if text.isdecimal() and len(text) < 19 else None
