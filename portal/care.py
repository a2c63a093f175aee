"""Notes and marks about one graduate, for the counselor of the class and its college: nobody else is told that there are any."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import care
from db.people import Graduate
from portal.caller import me
from web import sentences
from web.access import roles
from web.forms import Choice, Form, LongText, Text
from web.fragments import go, page

blueprint = Blueprint("care", __name__, url_prefix="/graduates/<number>")

ROLES = ("counselor", "college")
MARKS: dict[str, Any] = {
    "unreachable": _l("Unreachable"),
    "delayed": _l("Delayed"),
    "no-destination": _l("No destination"),
}

sentences.add(
    {
        "wrong-note": (_l("1 to %(most)d characters."), _l("Change it and send the form again.")),
        "unknown-mark": (_l("There is no such mark."), _l("Choose one of the list.")),
    }
)


class NoteForm(Form):
    text = LongText(_l("New note"), most=care.LONGEST)


class MarkForm(Form):
    kind = Choice(_l("Mark as"), choices=MARKS.items())
    why = Text(_l("What is known"), most=care.LONGEST_WHY)


def init_app(app: Flask) -> None:
    """Let the graduate's page ask for what is written."""
    app.jinja_env.globals["mark_word"] = lambda kind: str(MARKS.get(kind, kind))


def written(graduate: Graduate) -> dict[str, Any]:
    """What the graduate's page shows of it, empty for whoever does not look after the graduate."""
    if not care.cares(me(), graduate.class_group):
        return {"care": None}
    return {"care": care.of(graduate), "note_form": NoteForm(), "mark_form": MarkForm()}


@blueprint.post("/notes")
@roles(*ROLES)
def write(number: str) -> Response:
    """Add a note."""
    form = NoteForm(request.form)
    if not form.valid():
        return _again(number, note_form=form)
    care.write(me(), number, form.values["text"])
    return go(_home(number), notice=_("The note is kept."))


@blueprint.post("/marks")
@roles(*ROLES)
def mark(number: str) -> Response:
    """Set a mark."""
    form = MarkForm(request.form)
    if not form.valid():
        return _again(number, mark_form=form)
    care.mark(me(), number, form.values["kind"], form.values["why"])
    return go(_home(number), notice=_("Marked: %(mark)s.", mark=MARKS[form.values["kind"]]))


@blueprint.post("/marks/<kind>/ends")
@roles(*ROLES)
def unmark(number: str, kind: str) -> Response:
    """End a mark; it stays in the list of those there were."""
    care.unmark(me(), number, kind)
    return go(_home(number), notice=_("The mark has ended."))


def _home(number: str) -> str:
    return url_for("graduates.show", number=number, _anchor="care")


def _again(number: str, **forms: Form) -> Response:
    graduate = care.find(me(), number)
    return page("graduates/care.html", status=422, graduate=graduate, **{**written(graduate), **forms})
