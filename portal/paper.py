"""Paper as the last resort: desk sheets to print beforehand, and what was signed on them typed in afterwards."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import paper
from db.account_search import staff_names
from db.database import now, to_ms
from db.grants import operators_of
from db.paper import Sheet, Taken
from db.people import ClassGroup, College, Graduate, anybody, in_order
from db.refusals import Conflict, Invalid, NotFound
from db.rules.card import public_keys, read_card
from portal import paper_scan
from portal.audited import note
from portal.caller import me
from portal.desk_sheets import desk_sheet, file_name
from portal.paper_form import SheetForm, form_for, reasons_of
from portal.words import station_name, step_name
from web import sentences
from web.access import roles
from web.fragments import go, page

blueprint = Blueprint("paper", __name__, url_prefix="/paper")

ROLES = ("supervisor", "officer", "admin")
HEADS = "heads-"
SHEET = "/<station>/<step>/<int(max=2147483647):class_id>"

sentences.add({
    "unknown-sheet": (
        _l("There is no such desk sheet among yours."),
        _l("Choose station, step and class anew. Sheets are for those who review the step."),
    ),
    "nobody-on-sheet": (_l("The step applies to nobody in this class."), _l("Choose another class or step.")),
    "unknown-staff": (_l("No member of staff has this number or name."), ""),
    "scan-missing": (_l("The sheet's photo or scan is needed."), ""),
    "in-future": (_l("This time has not come yet."), ""),
    "outside-season": (_l("This day lies outside the season."), ""),
})  # fmt: skip


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """Choose station, step and class, or scan a card; then print the sheet or type it in."""
    asked = {name: request.args.get(name, "").strip()[:2000] for name in ("place", "class", "find")}
    desks = paper.places(me())
    problem = None
    if asked["place"]:
        try:
            return _lead_on(asked)
        except NotFound as refusal:
            problem = sentences.say(refusal.code, refusal.status)[0]
    groups = in_order(ClassGroup.select(ClassGroup, College).join(College))
    return page("paper/index.html", desks=desks, groups=groups, asked=asked, problem=problem)


@blueprint.get(f"{SHEET}/sheet.pdf")
@roles(*ROLES)
def sheet_pdf(station: str, step: str, class_id: int) -> Response:
    """The sheet to print. Whoever has it has the cards on it; so that it was made is recorded."""
    sheet = paper.find(me(), station, step, class_id)
    drawn = desk_sheet(current_app.extensions["keys"].card_key, sheet)
    if drawn is None:
        raise Conflict("nobody-on-sheet" if anybody(class_id) else "class-empty")
    note("paper.printed", sheet.group.name, station=station, step=step, graduates=drawn[1])
    return send_file(io.BytesIO(drawn[0]), "application/pdf", as_attachment=True, download_name=file_name(sheet))


@blueprint.get(SHEET)
@roles(*ROLES)
def show(station: str, step: str, class_id: int) -> Response:
    """The table to type a sheet in: what is settled already stands there and cannot be overwritten."""
    sheet = paper.find(me(), station, step, class_id)
    note("paper.opened", sheet.group.name, station=station, step=step)
    return _page(sheet, _empty(sheet, day=datetime.now(sheet.step.zone).date()))


@blueprint.post(f"{SHEET}/entries")
@roles(*ROLES)
def create(station: str, step: str, class_id: int) -> Response:
    """Record the rows that were filled in. The same sheet again is safe; rows that others decided since stay as they are."""
    sheet = paper.find(me(), station, step, class_id)
    sent = {name.removeprefix(HEADS) for name in request.form if name.startswith(HEADS)}
    form = form_for(sheet, paper.rows(sheet), sent)(request.form)
    try:
        form.typed["scan"] = paper_scan.keep() or form.typed["scan"]
    except Invalid as refusal:
        form.valid()
        form.refuse(refusal)
        return _page(sheet, form, 422)
    if not form.valid():
        return _page(sheet, form, 422)
    heads = {number: request.form.get(HEADS + number, "") for number in form.numbers}
    try:
        key = current_app.extensions["keys"].entry_key
        values = form.values
        taken = paper.take_in(key, me(), sheet, values["signer"], values["scan"], form.lines(sheet, heads))
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(sheet, form, 422)
    return _taken(sheet, form, taken)


def _taken(sheet: Sheet, form: SheetForm, taken: Taken) -> Response:
    notice = _("%(count)d rows are recorded.", count=taken.recorded + taken.repeated)
    if not taken.kept:
        return go(url_for(".show", station=sheet.station.code, step=sheet.step.code, class_id=sheet.group.id), notice=notice)
    left = _empty(sheet, **{name: form.values[name] for name in ("day", "signer", "scan")})
    return _page(sheet, left, 409, kept=taken.kept, notice=notice)


def _empty(sheet: Sheet, **values: Any) -> SheetForm:
    """The form as the step stands now, with nothing but these fields of the sheet filled in."""
    form = form_for(sheet, paper.rows(sheet))()
    form.typed.update({name: form.fields[name].shown(value) for name, value in values.items()})
    return form


def _page(sheet: Sheet, form: SheetForm, status: int = 200, **more: Any) -> Response:
    cells = paper.rows(sheet)
    return page(
        "paper/show.html", status=status, sheet=sheet, form=form, cells=cells, reasons=reasons_of(sheet),
        empty_class=not cells and not anybody(sheet.group.id),
        names=staff_names({cell.by for cell in cells if cell.by}), staff=operators_of(sheet.station.code),
        typed_heads={**request.form}, title=_title(sheet), **more,
    )  # fmt: skip


def _title(sheet: Sheet) -> str:
    return f"{step_name(sheet.step.code)} · {station_name(sheet.station.code)} · {sheet.group.name}"


def _lead_on(asked: dict[str, str]) -> Response:
    """To the sheet that was chosen, at the row of the graduate whose card or number was given."""
    station, _sep, step = asked["place"].partition("/")
    graduate = _graduate(asked["find"]) if asked["find"] else None
    if graduate is not None:
        class_id = graduate.class_id
    else:
        class_id = int(asked["class"]) if asked["class"].isdecimal() and len(asked["class"]) < 10 else 0
    sheet = paper.find(me(), station, step, class_id)
    where = {"station": sheet.station.code, "step": sheet.step.code, "class_id": class_id}
    if request.args.get("print"):
        return go(url_for(".sheet_pdf", **where))
    return go(url_for(".show", **where, _anchor=f"row-{graduate.number}" if graduate else None))


def _graduate(text: str) -> Graduate:
    """Whom a scanned card or a typed number names. Raises NotFound."""
    reading = read_card(text, public_keys(current_app.extensions["keys"].jwks()), to_ms(now())) if "." in text else None
    wanted = Graduate.ref == (reading.ref or "") if reading else Graduate.number == text
    found = Graduate.get_or_none(wanted, Graduate.removed_at.is_null())
    if found is None:
        raise NotFound("unknown-graduate")
    return found
