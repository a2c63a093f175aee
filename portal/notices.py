"""Notices to tablets: what stands on them, a new one, and taking one off."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import notices
from db.account_search import staff_names
from db.database import now
from db.overview import tablets
from db.refusals import NotFound
from db.season import current
from portal.caller import me
from portal.words import station_name, tablet_name
from web import sentences
from web.access import roles
from web.forms import Choice, Form, Text
from web.fragments import go, page
from web.i18n import language

blueprint = Blueprint("notices", __name__, url_prefix="/notices")

TIMES = {
    "30": _l("30 minutes"), "60": _l("1 hour"), "120": _l("2 hours"), "240": _l("4 hours"), "480": _l("8 hours"),
    "1440": _l("24 hours"),
}  # fmt: skip

sentences.add(
    {
        "unknown-notice": (_l("There is no such notice."), _l("Choose one of the list.")),
        "wrong-notice": (_l("1 to 200 characters."), _l("Change it and send the form again.")),
        "notice-too-late": (_l("This time is over already."), _l("Choose a later one.")),
    }
)


def _audiences() -> list[tuple[str, str]]:
    """All tablets, those of one station, or one alone."""
    stations = [(f"station {one.code}", one.name.pick(language())) for one in current().plan.stations]
    devices = [one.device for one in tablets() if one.working]
    working = [(one, f"{tablet_name(one)} · {station_name(one.station_id)}") for one in devices]
    return [
        ("all", _("Every tablet")),
        *((value, _("Station: %(name)s", name=name)) for value, name in stations),
        *((f"tablet {one.id}", _("Tablet: %(name)s", name=name)) for one, name in working),
    ]


class NoticeForm(Form):
    zh = Text(_l("Words in Chinese"), most=notices.LONGEST, hint=_l("Everybody at the desk reads this. No graduate's name."))
    en = Text(_l("Words in English"), most=notices.LONGEST, required=False, hint=_l("Empty: the Chinese words stand there."))
    audience = Choice(_l("Shown on"), choices=_audiences)
    minutes = Choice(_l("Shown for"), choices=TIMES.items())


@blueprint.get("")
@roles("admin")
def index() -> Response:
    """The newest notices, and a form for another: to everybody, unless the address names a tablet."""
    audience = f"tablet {request.args.get('tablet', '')}"
    known = audience in dict(_audiences())
    return _page(NoticeForm.of(audience=audience if known else "all", minutes="60"))


@blueprint.post("")
@roles("admin")
def create() -> Response:
    """Put one on tablets. The same again while it stands there: nothing more than perhaps a later end."""
    form = NoticeForm(request.form)
    if not form.valid():
        return _page(form, 422)
    values = form.values
    kind, _space, id_ = values["audience"].partition(" ")
    until = now() + timedelta(minutes=int(values["minutes"]))
    notices.notify(
        me().id, values["zh"], values["en"] or values["zh"], until,
        device=id_ if kind == "tablet" else None, station=id_ if kind == "station" else None,
    )  # fmt: skip
    return go(url_for(".index"), notice=_("The notice is out. Tablets in contact show it within a minute."))


@blueprint.post("/<int:id>/withdrawals")
@roles("admin")
def withdraw(id: int) -> Response:
    """Take one off. Again: nothing more happens."""
    if id >= 2**31:  # what no database can hold, none can find
        raise NotFound("unknown-notice")
    notices.withdraw(id, me().id)
    return go(url_for(".index"), notice=_("The notice is withdrawn. Tablets in contact take it away within a minute."))


def _page(form: Form, status: int = 200) -> Response:
    found = notices.latest()
    names = staff_names({one.by for one in found})
    return page("notices/index.html", status=status, form=form, notices=found, names=names)
