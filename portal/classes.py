"""Classes: how far they are, their card sheets, and the slips with which graduates first sign in."""

from __future__ import annotations

import io

from flask import Blueprint, Response, current_app, request, send_file, url_for
from flask_babel import lazy_gettext as _l

from db import class_codes, classes
from db.classes import ClassCounts
from db.grants import powers_of
from db.people import ClassGroup
from db.refusals import Conflict, Forbidden, Invalid
from portal import private_file
from portal.activation_slips import slips_pdf
from portal.audited import note
from portal.caller import me
from portal.card_sheets import faces
from portal.cardart import class_sheet
from portal.words import the_plan
from web import sentences
from web.access import roles
from web.forms import Form, Whole
from web.fragments import page

blueprint = Blueprint("classes", __name__, url_prefix="/classes")

ROLES = ("counselor", "college", "admin")
CLASS = "/<int(max=2147483647):class_id>"

sentences.add({
    "unknown-class": (
        _l("This class is not among those you look after."),
        _l("Go back to your classes. If your work needs this class, ask the administrator."),
    ),
    "class-empty": (_l("There is nobody in this class."), _l("Graduates come with the roster.")),
    "no-cards-here": (
        _l("Nobody in this class has a card that counts."),
        _l("The administrator issues cards; ask there, then load the page again."),
    ),
    "codes-made-meanwhile": (
        _l("New codes were made for this class since you opened the page; nothing was changed by you."),
        _l("Is it the file you have just got? Then use it. To make others, load the page again."),
    ),
    "nobody-waits": (
        _l("Nobody in this class needs a code; nothing was changed."),
        _l("All accounts are activated or closed. For a forgotten password make a code on the graduate's page."),
    ),
})  # fmt: skip


class SlipsForm(Form):
    """The last code there was when the page was made."""

    newest = Whole(_l("Code"), greatest=2**63 - 1)


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """The caller's classes in numbers."""
    return page("classes/index.html", found=classes.in_care(me()))


@blueprint.get(CLASS)
@roles(*ROLES)
def show(class_id: int) -> Response:
    """One class, and what can be printed for it."""
    found = classes.find(me(), class_id)
    may_issue = _may_issue(found.group)
    return page("classes/show.html", found=found, codes=class_codes.waiting(class_id) if may_issue else None)


@blueprint.get(f"{CLASS}/cards.pdf")
@roles(*ROLES)
def cards(class_id: int) -> Response:
    """The cards that count, to be cut apart."""
    found = classes.find(me(), class_id)
    drawn = faces(current_app.extensions["keys"].card_key, found.group.name)
    if not drawn:
        raise Conflict("no-cards-here" if found.graduates else "class-empty")
    content = class_sheet(drawn[0])
    note("cards.printed", found.group.name, cards=len(drawn[0]))
    return _file(content, found, "cards")


@blueprint.post(f"{CLASS}/activation-slips")
@roles("counselor", "admin")
def make_slips(class_id: int) -> Response:
    """New codes for all who have not activated their account, as slips. Earlier ones end, as the page says before."""
    found = classes.find(me(), class_id)
    if not _may_issue(found.group):
        raise Forbidden("out-of-scope")
    form = SlipsForm(request.form)
    if not form.valid():
        raise Invalid(form.errors)
    made = class_codes.issue(class_id, me().id, form.values["newest"])
    address = url_for("signin.show_activation", _external=True)
    return _file(slips_pdf(found.group, made, the_plan(), address), found, "activation")


def _may_issue(group: ClassGroup) -> bool:
    """Whether the caller makes codes for the whole class: its counselor and administrators."""
    powers = powers_of(me())
    return powers.may("admin") or powers.may("counselor", class_=group.name)


def _file(content: bytes, found: ClassCounts, what: str) -> Response:
    name = f"{private_file.name(found.group.name, what)}.pdf"
    return send_file(io.BytesIO(content), "application/pdf", as_attachment=True, download_name=name)
