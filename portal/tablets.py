"""A tablet's own page: how it was last heard of, what is here of it and what is not, and what the administrator does with it."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import day, tablets
from db.overview import tablets as heard_of
from db.season import current
from db.stations import Device, Posting, missing
from portal.caller import me
from portal.words import tablet_name
from web import sentences
from web.access import roles
from web.forms import Choice, Form, LongText, Text
from web.fragments import go, page
from web.i18n import language

blueprint = Blueprint("tablets", __name__, url_prefix="/tablets")

VIEWERS = ("admin", "leadership", "auditor")

sentences.add(
    {
        "tablet-withdrawn": (
            _l("This tablet was withdrawn; it serves no station any more."),
            _l("To use it again, set it up anew with a code."),
        ),
        "wrong-tablet-name": (_l("A name of 1 to 100 characters."), _l("Change it and send the form again.")),
        "wrong-write-off-reason": (
            _l("What happened, in at most 500 characters."),
            _l("Change it and send the form again."),
        ),
    }
)


class NameForm(Form):
    name = Text(_l("Name of the tablet"), most=tablets.LONGEST_NAME, autocomplete="off")


class MoveForm(Form):
    station = Choice(
        _l("New station"),
        choices=lambda: [(station.code, station.name.pick(language())) for station in current().plan.stations],
    )


class WriteOffForm(Form):
    reason = LongText(
        _l("What happened"), most=tablets.LONGEST_REASON,
        hint=_l("Your name and these words stand on the day page for good."),
    )  # fmt: skip


@blueprint.get("/<id>")
@roles(*VIEWERS)
def show(id: str) -> Response:
    """Everything the portal knows of it."""
    return _page(tablets.find(id))


@blueprint.post("/<id>/names")
@roles("admin")
def rename(id: str) -> Response:
    """Another name. The same again: nothing more happens."""
    device, form = tablets.find(id), NameForm(request.form)
    if not form.valid():
        return _page(device, 422, naming=form)
    device = tablets.rename(id, form.values["name"], me().id)
    return go(url_for(".show", id=id), notice=_("The tablet is called %(name)s now.", name=tablet_name(device)))


@blueprint.post("/<id>/moves")
@roles("admin")
def move(id: str) -> Response:
    """Another station from now on. The same again: nothing more happens."""
    device, form = tablets.find(id), MoveForm(request.form)
    if not form.valid():
        return _page(device, 422, moving=form)
    device = tablets.move(id, form.values["station"], me().id)
    name = current().plan.station(device.station_id).name.pick(language())
    notice = _("%(tablet)s serves %(station)s now. It fetches the new data by itself.", tablet=tablet_name(device), station=name)
    return go(url_for(".show", id=id), notice=notice)


@blueprint.post("/<id>/write-offs")
@roles("admin")
def write_off(id: str) -> Response:
    """Gone for good. Again: the first word stands."""
    device, form = tablets.find(id), WriteOffForm(request.form)
    if not form.valid():
        return _page(device, 422, writing_off=form)
    tablets.write_off(id, me().id, form.values["reason"])
    return go(url_for(".show", id=id), notice=_("%(tablet)s is written off, in your name.", tablet=tablet_name(device)))


def _page(
    device: Device, status: int = 200, naming: Form | None = None, moving: Form | None = None, writing_off: Form | None = None
) -> Response:
    postings = Posting.select().where(Posting.device == device.id).order_by(Posting.id)
    return page(
        "tablets/show.html", status=status, tablet=heard_of(device=device.id)[0], device=device, postings=postings,
        gaps=missing(device.id, device.head_seq or 0), closings=day.closings_of(device.id), days=day.entries_by_day(device.id),
        off=day.write_off_of(device.id), naming=naming or NameForm.of(name=device.name), moving=moving or MoveForm(),
        writing_off=writing_off or WriteOffForm(),
    )  # fmt: skip
