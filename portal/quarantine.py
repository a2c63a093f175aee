"""One entry in quarantine, or one token kept aside, and what a reviewer may do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import admitting
from db.admitting import ENTRY, TOKEN, Kept
from db.refusals import Conflict
from portal.audited import note
from portal.caller import me
from portal.review import ROLES
from portal.review_words import TROUBLES
from web import sentences
from web.access import roles
from web.forms import Form, LongText
from web.fragments import go, page

blueprint = Blueprint("quarantine", __name__, url_prefix="/reviews")


class ReasonForm(Form):
    """Why it is admitted, adopted or dismissed."""

    words = LongText(_l("Reason"), most=500, hint=_l("It stands in the history and in the audit trail."))


@blueprint.get("/entries/<hash>")
@roles(*ROLES)
def entry(hash: str) -> Response:
    """An entry that is stored and does not count."""
    return _first(admitting.find_entry(hash, me()))


@blueprint.get("/tokens/<hash>")
@roles("admin")
def token(hash: str) -> Response:
    """A token that could not take a place in the ledger."""
    return _first(admitting.find_token(hash, me()))


@blueprint.post("/entries/<hash>/admissions")
@roles(*ROLES)
def admit(hash: str) -> Response:
    """Let it count."""
    done = _("Admitted. It counts from now on, as it was signed.")
    return _settle(ENTRY, hash, lambda words: admitting.admit(me(), hash, words), done)


@blueprint.post("/tokens/<hash>/adoptions")
@roles("admin")
def adopt(hash: str) -> Response:
    """Decide the same oneself."""
    key, saw = current_app.extensions["keys"].entry_key, request.form.get("heads", "").split()
    done = _("Adopted. It counts from now on as your own decision.")
    return _settle(TOKEN, hash, lambda words: admitting.adopt(key, me(), hash, saw, words), done)


@blueprint.post("/entries/<hash>/dismissals")
@roles(*ROLES)
def dismiss_entry(hash: str) -> Response:
    """It shall never count."""
    return _dismiss(ENTRY, hash)


@blueprint.post("/tokens/<hash>/dismissals")
@roles("admin")
def dismiss_token(hash: str) -> Response:
    """It shall never count."""
    return _dismiss(TOKEN, hash)


def _first(kept: Kept) -> Response:
    if kept.graduate:
        note("graduate.viewed", kept.graduate.number, step=kept.step)
    return _page(kept, ReasonForm())


def _dismiss(kind: str, hash: str) -> Response:
    done = _("Dismissed. It is kept and does not count.")
    return _settle(kind, hash, lambda words: admitting.dismiss(me(), kind, hash, words), done)


def _settle(kind: str, hash: str, verb: Callable[[str], Kept], done: str) -> Response:
    find = admitting.find_entry if kind == ENTRY else admitting.find_token
    form = ReasonForm(request.form)
    if not form.valid():
        return _page(find(hash, me()), form, 422)
    try:
        verb(form.values["words"])
    except Conflict as refusal:
        return _page(find(hash, me()), form, refusal.status, refusal)
    return go(url_for("quarantine.entry" if kind == ENTRY else "quarantine.token", hash=hash), notice=done)


def _page(kept: Kept, form: Form, status: int = 200, refusal: Conflict | None = None) -> Response:
    trouble: Any = TROUBLES.get(kept.trouble or "")
    return page(
        "review/quarantined.html", status=status, kept=kept, form=form, trouble=trouble,
        refused=sentences.say(refusal.code, refusal.status, refusal.params) if refusal else None,
    )  # fmt: skip
