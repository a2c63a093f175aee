"""The tablet app under a host name of its own: which part of the app each name serves.

Browsers keep apart what pages of different hosts store. Where tablets have a name of their own (`CLEARANCE_TABLET_URL`),
whoever finds a hole in the portal's pages reaches no journal, no key and no row that a tablet keeps.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from db.refusals import NotFound

APP = "shell"
TABLETS = frozenset({APP, "station", "well_known", "health"})
"""The blueprints that tablets need. None of them has a session, so no cookie is ever set under the tablets' name."""


def init_app(app: Flask) -> None:
    """Answer each name by its own part, before anybody asks who is calling. Without the setting there is one name for all."""
    if app.extensions["config"].tablets:
        app.before_request(_by_name)


def address() -> str:
    """Where the tablet app is opened: what enrolment codes and links lead to."""
    return f"{current_app.extensions['config'].tablet_url}{url_for('shell.page')}"


def _by_name() -> ResponseReturnValue | None:
    """The station protocol answers under both names: tablets that were set up under the portal's can always send what they have."""
    if _name_asked() == urlsplit(current_app.extensions["config"].tablets).hostname:
        g.answers_programs = True
        if request.endpoint == "home.index":
            return redirect(url_for("shell.page"))
        if request.endpoint is not None and request.blueprint not in TABLETS:
            raise NotFound
    elif request.endpoint == "shell.page":
        return redirect(address())  # a code behind # goes along
    elif request.blueprint == APP:
        raise NotFound
    return None


def _name_asked() -> str | None:
    try:
        return urlsplit(f"//{request.host}").hostname
    except ValueError:
        return None
