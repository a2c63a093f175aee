"""Journal files of tablets that could not send: the administrator brings them in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request
from flask_babel import lazy_gettext as _l

from db.journals import read_journal, take_in
from db.refusals import Invalid, Refusal, TooLarge
from portal.caller import me
from web import sentences
from web.access import roles
from web.fragments import page

blueprint = Blueprint("journals", __name__, url_prefix="/journals")

OUTCOMES = {
    "accepted": _l("taken in"),
    "duplicate": _l("known already"),
    "conflict": _l("taken in, in conflict with others"),
    "quarantined": _l("set aside for a reviewer"),
}
SHOWN = 200

sentences.add(
    {
        "journal-unreadable": (
            _l("This is not a tablet's journal file; nothing was taken in."),
            _l("On the tablet choose “About this tablet”, then save the journal, and upload that file."),
        ),
        "journal-too-large": (_l("The file is larger than the %(most)d MiB that are taken."), _l("Ask whoever runs the server.")),
        "no-file": (_l("No file was chosen."), _l("Choose a journal file first.")),
    }
)


@blueprint.get("")
@roles("admin")
def show() -> Response:
    return _page()


@blueprint.post("")
@roles("admin")
def create() -> Response:
    """Take a file in and show what became of its entries. The same file again changes nothing: all is known already then."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(code="no-file")
        journal = read_journal(sent.read())
    except (Invalid, TooLarge) as refusal:
        return _page(refusal)
    taken = take_in(journal, me().id, current_app.extensions["config"].attachments)
    odd = [(place, answer) for place, answer in enumerate(taken.answers, 1) if answer.outcome not in ("accepted", "duplicate")]
    return _page(name=sent.filename[:100], counts=taken.outcomes, pictures=taken.pictures, odd=odd)


def _page(refusal: Refusal | None = None, **result: Any) -> Response:
    problem = " ".join(sentences.say(refusal.code, refusal.status, refusal.params)) if refusal else None
    status = refusal.status if refusal else 200
    return page("journals/show.html", status=status, problem=problem, outcomes=OUTCOMES, shown=SHOWN, **result)
