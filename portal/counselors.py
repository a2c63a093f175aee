"""A college's counselors: how far each is, and who looks after their classes while they are away."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import covers
from db.counselors import Progress, progress
from db.grants import powers_of
from db.refusals import Invalid
from db.review_case import names_of
from portal.caller import me
from web import sentences
from web.access import roles
from web.forms import Choice, Day, Form, Text
from web.fragments import go, page

blueprint = Blueprint("counselors", __name__, url_prefix="/class-desk/counselors")

sentences.add({
    "no-counselor-here": (
        _l("That is no counselor of your college alone."), _l("Ask an administrator, or the counselor, to name the cover."),
    ),
})  # fmt: skip


class AbsenceForm(Form):
    """Who is away, who looks after their classes, and from when until when."""

    absent = Choice(_l("Who is away"), choices=[])
    cover = Text(_l("Colleague's staff number"), most=64, hint=_l("Any counselor of the college or another."))
    from_day = Day(_l("First day"))
    until_day = Day(_l("Last day"))


def form_for(found: Sequence[Progress]) -> type[AbsenceForm]:
    """The form, with the counselors of the college to choose from."""
    named = [(one.counselor, f"{one.name} ({one.counselor})") for one in found if one.counselor]

    class CollegeForm(AbsenceForm):
        absent = Choice(AbsenceForm.absent.label, choices=named)

    return CollegeForm


@blueprint.get("")
@roles("college")
def index() -> Response:
    """How far each counselor of the college is, and the covers that stand or are to come."""
    found = progress(me())
    return _index(found, form_for(found)())


@blueprint.post("/covers")
@roles("college")
def create_cover() -> Response:
    """Name who covers for a counselor who could not do so."""
    found = progress(me())
    form = form_for(found)(request.form)
    if not form.valid():
        return _index(found, form, 422)
    values = form.values
    try:
        covers.require_college(_colleges(), values["absent"])
        covers.name(values["absent"], values["cover"], values["from_day"], values["until_day"], me().id)
    except Invalid as refusal:
        form.refuse(refusal)
        return _index(found, form, 422)
    return go(url_for(".index"), notice=_("Named. They look after these classes on these days."))


@blueprint.post("/covers/<int(max=2147483647):id>/ends")
@roles("college")
def end_cover(id: int) -> Response:
    """End a cover. Again: nothing more happens."""
    covers.end(id, me().id, _colleges())
    return go(url_for(".index"), notice=_("The cover has ended."))


def _colleges() -> frozenset[str]:
    return powers_of(me()).scopes("college", "college")


def _index(found: Sequence[Progress], form: AbsenceForm, status: int = 200) -> Response:
    standing = covers.of_colleges(_colleges())
    names = names_of({cover.absent_id for cover in standing} | {cover.cover_id for cover in standing})
    return page("counsel/counselors.html", status=status, found=found, form=form, covers=standing, names=names)
