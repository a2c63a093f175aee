"""A graduate's own clearance card: on the full screen, offline too, as files, and a new one for a lost one."""

from __future__ import annotations

import io

from flask import Blueprint, Response, current_app, render_template, request, send_file, send_from_directory, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db.database import now
from db.lost_cards import replace_lost
from db.people import Graduate
from db.refusals import Conflict, Invalid
from portal import caller
from portal.cardart import Face, card_pdf, card_png, qr_svg
from portal.graduate import mine
from portal.shown_card import face, shown_card
from web import sentences
from web.access import roles
from web.forms import Form, Whole
from web.fragments import go
from web.i18n import masked

_ASK = _l("Ask your counselor or the student office of your college.")

sentences.add(
    {
        "no-card": (_l("There is no clearance card that counts."), _ASK),
        "card-revoked": (
            _l("Your card was revoked by the college; only its staff can issue a new one."),
            _l("Ask your counselor or the student office of your college, and bring your ID card."),
        ),
        "too-many-cards": (
            _l("You have replaced your card %(most)s times in 24 hours; the newest one still counts."),
            _l("If it is lost too, ask your counselor or the student office of your college, and bring your ID card."),
        ),
    }
)

blueprint = Blueprint("graduate_card", __name__, url_prefix="/me")


class LossForm(Form):
    gen = Whole(_l("Card"), least=1)


@blueprint.get("/card")
@roles("graduate")
def show() -> str:
    """The card alone on a white screen. The browser keeps this page and shows it without a network (`static/portal/card.js`)."""
    _season, standing = mine()
    return render_template("graduate/card.html", card=shown_card(standing.graduate), standing=standing, at=now())


@blueprint.get("/card/sw.js")
@roles("graduate")
def worker() -> Response:
    """The service worker, allowed to stand in for `/me` and the card and not only for what lies below its own address."""
    response = send_from_directory(current_app.static_folder or "", "portal/card-sw.js", mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = url_for("graduate.home")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/card/picture")
@roles("graduate")
def picture() -> str:
    """The way to save the card where a browser keeps no pages: the picture, to be pressed and saved."""
    _season, standing = mine()
    return render_template("graduate/picture.html", card=shown_card(standing.graduate))


@blueprint.get("/card.png")
@roles("graduate")
def png() -> Response:
    """The whole card as a picture; shown in place, so that a long press can save it."""
    graduate, drawn = _drawn()
    return _file(graduate, card_png(drawn), "image/png", inline=True)


@blueprint.get("/card.svg")
@roles("graduate")
def svg() -> Response:
    """The code alone, sharp at any size."""
    graduate, drawn = _drawn()
    return _file(graduate, qr_svg(drawn.token, _("Code of the clearance card")).encode(), "image/svg+xml")


@blueprint.get("/card.pdf")
@roles("graduate")
def pdf() -> Response:
    """The whole card as one A6 page."""
    graduate, drawn = _drawn()
    return _file(graduate, card_pdf(drawn), "application/pdf")


@blueprint.get("/card/reissues/new")
@roles("graduate")
def report() -> str:
    """What reporting the card lost does, before it is done."""
    _season, standing = mine()
    return render_template("graduate/lost.html", card=shown_card(standing.graduate))


@blueprint.post("/card/reissues")
@roles("graduate")
def reissue() -> Response:
    """Replace the lost card and show the new one. The form says which card it was about, so a second tap changes nothing."""
    _season, standing = mine()
    form = LossForm(request.form)
    if not form.valid():
        raise Invalid(form.errors)
    replace_lost(standing.graduate.id, caller.me().id, form.values["gen"])
    return go(url_for(".show"), notice=_("This is your new card. The one before counts no longer."))


def _drawn() -> tuple[Graduate, Face]:
    """Whose card it is and what it shows. Raises Conflict when no card counts."""
    season, standing = mine()
    card = shown_card(standing.graduate)
    if not card.valid:
        raise Conflict("card-revoked" if card.state == "revoked" else "no-card")
    return standing.graduate, face(standing.graduate, card, season.plan.name.zh)


def _file(graduate: Graduate, content: bytes, kind: str, inline: bool = False) -> Response:
    """A file named with the masked number, kept in no cache on the way."""
    ending = {"image/svg+xml": "svg"}.get(kind, kind.rpartition("/")[2])
    name = f"clearance-card-{masked(graduate.number).replace('*', 'x')}.{ending}"
    response = send_file(io.BytesIO(content), kind, as_attachment=not inline, download_name=name)
    if inline:
        response.headers.set("Content-Disposition", "inline", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response
