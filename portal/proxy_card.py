"""What the proxy sees, who has no account: the link that the graduate sent, and the card behind it.

A link opens by POST alone, since chats look at links with GET. The browser that opened it is known by a cookie of its own.
"""

from __future__ import annotations

import io
import secrets
from datetime import datetime

from flask import Blueprint, Response, current_app, request, send_file, url_for
from flask_babel import lazy_gettext as _l

from db import proxy_links
from db.database import now
from db.proxy_links import ProxyLink
from db.refusals import NotFound
from portal.cardart import qr_png
from portal.cardart.proxy_card import proxy_card_pdf
from portal.shown_proxy import code_of, errands, face_of, first_of, token_of
from web import sentences
from web.access import public
from web.fragments import go, page

_ANEW = _l("Ask who sent you for a new link.")
sentences.add({
    "proxy-link-wrong": (
        _l("There is no such link."), _l("Open it again from the message, whole. If that does not help, ask for a new one."),
    ),
    "proxy-link-opened": (
        _l("This link was opened already, in another browser or app. It opens only once."),
        _l("If that was you, open the card there. If not, tell who sent you, and ask for a new link."),
    ),
    "proxy-link-ended": (_l("There is a newer link; this one no longer counts."), _l("Use the newest one you were sent.")),
    "proxy-link-over": (_l("The days of this authorization are over."), _ANEW),
    "proxy-link-void": (_l("This authorization was withdrawn or revoked."), _l("Ask who sent you.")),
    "unknown-proxy-card": (
        _l("This browser holds no such card."),
        _l("Open the newest link you were sent. If you opened it in another browser or app, go back there."),
    ),
})  # fmt: skip

blueprint = Blueprint("proxy_card", __name__, url_prefix="/proxy-card")
DAY_S = 24 * 3600


@blueprint.get("/links/<code>")
@public
def link(code: str) -> Response:
    """A page with one button, and nothing of anybody: a chat may look at it, and the link is still unopened."""
    response = page("proxy_card/link.html", code=code)
    return _remember(response, _browser() or secrets.token_urlsafe(24))


@blueprint.post("/links/<code>")
@public
def open_link(code: str) -> Response:
    """Open the link in this browser and show the card."""
    browser = _browser() or secrets.token_urlsafe(24)
    opened = proxy_links.open_with(code, browser, request.remote_addr or "")
    return _remember(go(url_for(".show", id=opened.id)), browser, opened.expires_at)


@blueprint.get("")
@public
def index() -> Response:
    """The cards that this browser holds, the newest."""
    held = _held()
    if not held:
        raise NotFound("unknown-proxy-card")
    return go(url_for(".show", id=held[0].id))


@blueprint.get("/<id>")
@public
def show(id: str) -> Response:
    """The card on the whole screen, and below it how things stand, where to go and what to bring."""
    held = _held()
    link = _find(id, held)
    application = link.application
    return page(
        "proxy_card/show.html", link=link, held=held, application=application, graduate=application.graduate, at=now(),
        standing=application.standing, code=code_of(application), errands=errands(application), first_of=first_of,
    )  # fmt: skip


@blueprint.get("/<id>/card.png")
@public
def png(id: str) -> Response:
    """The code as a picture, for a desk where the phone has no network."""
    return _file(qr_png(token_of(_find(id, _held()).application), 600), "image/png", "proxy-card.png")


@blueprint.get("/<id>/card.pdf")
@public
def pdf(id: str) -> Response:
    """The card as one A5 page."""
    application = _find(id, _held()).application
    return _file(proxy_card_pdf(face_of(application, application.graduate)), "application/pdf", "proxy-card.pdf")


def _held() -> list[ProxyLink]:
    browser = _browser()
    return proxy_links.held(browser) if browser else []


def _find(id_: str, held: list[ProxyLink]) -> ProxyLink:
    found = next((link for link in held if link.id == id_), None)
    if found is None:
        raise NotFound("unknown-proxy-card")
    return found


def _browser() -> str:
    return request.cookies.get(_cookie(), "")


def _cookie() -> str:
    return current_app.config["SESSION_COOKIE_NAME"] + "-proxy"


def _remember(response: Response, browser: str, until: datetime | None = None) -> Response:
    """Keep the browser's secret there for a day at first, then as long as any card lasts that it holds."""
    ends = [link.expires_at for link in proxy_links.held(browser)] + ([until] if until else [])
    seconds = max([DAY_S, *(int((end - now()).total_seconds()) for end in ends)])
    response.set_cookie(
        _cookie(), browser, max_age=seconds, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return response


def _file(content: bytes, kind: str, name: str) -> Response:
    response = send_file(io.BytesIO(content), kind, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response
