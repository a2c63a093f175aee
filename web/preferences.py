"""The two switches of every page: language and light or dark. Both are cookies, so they work before sign-in."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, redirect, request

from db.refusals import Invalid
from web import i18n
from web.access import public, safe_next

THEMES = ("auto", "light", "dark")

blueprint = Blueprint("preferences", __name__)


@blueprint.post("/language")
@public
def language() -> Response:
    """Speak the chosen language from now on in this browser."""
    chosen = request.form.get("language")
    if chosen not in i18n.LANGUAGES:
        raise Invalid
    response = _back()
    i18n.remember_language(response, chosen)
    return response


@blueprint.post("/theme")
@public
def theme() -> Response:
    """Light, dark, or as the device has it."""
    chosen = request.form.get("theme")
    if chosen not in THEMES:
        raise Invalid
    response = _back()
    response.set_cookie("theme", chosen, max_age=i18n.YEAR_IN_SECONDS, samesite="Lax", httponly=True,
                        secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


def chosen_theme() -> str:
    """What `data-theme` says."""
    cookie = request.cookies.get("theme")
    return cookie if cookie in THEMES else "auto"


def _back() -> Response:
    return make_response(redirect(safe_next(request.form.get("next")), 303))
