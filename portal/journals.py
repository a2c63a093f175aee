"""Journal files of tablets that could not send: the administrator brings them in."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import lazy_gettext as _l

from db import uploads
from db.journals import read_journal, take_in
from db.refusals import Invalid, Refusal, TooLarge
from portal.caller import me
from web import sentences
from web.access import roles
from web.fragments import go, page

blueprint = Blueprint("journals", __name__, url_prefix="/journals")

OUTCOMES = {
    "accepted": _l("taken in"),
    "duplicate": _l("known already"),
    "conflict": _l("taken in, in conflict with others"),
    "quarantined": _l("set aside for a reviewer"),
}
SHOWN = 200
RESULT = "journal-result"

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
    """Take a file in and lead to what became of its entries. The same file again changes nothing: all is known already then."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(code="no-file")
        journal = read_journal(sent.read())
    except (Invalid, TooLarge) as refusal:
        return _page(refusal)
    taken = take_in(journal, me().id, current_app.extensions["config"].attachments)
    odd = [
        {"place": place, "outcome": answer.outcome, "code": answer.code}
        for place, answer in enumerate(taken.answers, 1) if answer.outcome not in ("accepted", "duplicate")
    ]  # fmt: skip
    result = {"counts": taken.outcomes, "pictures": taken.pictures, "odd": odd}
    kept = uploads.keep(RESULT, sent.filename, json.dumps(result).encode(), me().id)
    return go(url_for(".result", id=kept.id))


@blueprint.get("/results/<id>")
@roles("admin")
def result(id: str) -> Response:
    """What became of the entries of a file, for a day: the page may be loaded again without bringing the file in again."""
    kept = uploads.find(RESULT, id)
    return _page(name=kept.name[:100], **json.loads(bytes(kept.content)))


def _page(refusal: Refusal | None = None, **result: Any) -> Response:
    problem = " ".join(sentences.say(refusal.code, refusal.status, refusal.params)) if refusal else None
    status = refusal.status if refusal else 200
    return page("journals/show.html", status=status, problem=problem, outcomes=OUTCOMES, shown=SHOWN, **result)
