"""What was sent after a session had ended: kept sealed in that browser for an hour, until its form is shown again after sign-in.

    @blueprint.post("/<part>")
    @roles("graduate")
    @keeps_form
    def save(part): ...

    kept = kept_form.bring_back()        # in the view that shows the form
    if kept: form = PersonForm(kept.fields)

The cookie holds what was typed and no file; only views that say so keep anything, and never one that asks for a password. Whose
form it is stands in a field of the form: the view compares it before it shows anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from flask import Response, after_this_request, current_app, request
from werkzeug.datastructures import MultiDict

from web.sealed import seal, unseal

SECONDS = 3600
LONGEST = 3800
"""Bytes of the sealed cookie: browsers drop larger ones."""
_PURPOSE = "kept form"
_NEVER = frozenset({"csrf_token"})

View = TypeVar("View", bound=Callable[..., Any])


class Kept(NamedTuple):
    """`fields` as they were sent, empty where they were too long to keep; `files` are the names of file fields that were filled."""

    fields: MultiDict[str, str]
    files: tuple[str, ...]
    whole: bool


def keeps_form(view: View) -> View:
    """Let what is sent to this view after the session's end come back in its form. Stands below the declaration of access."""
    view.keeps_form = True  # type: ignore[attr-defined]
    return view


def stays_on_page(view: View) -> View:
    """Let who is signed out in the middle of a form be told so in place: htmx asks this view beside what is being typed."""
    view.stays_on_page = True  # type: ignore[attr-defined]
    return view


def stays() -> bool:
    """Whether the view that was asked must not lead away."""
    return getattr(current_app.view_functions.get(request.endpoint or ""), "stays_on_page", False)


def keep(response: Response, back: str) -> None:
    """Give the browser what this request sent, to be brought back on the page `back`, where the view keeps forms."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "POST" or not getattr(view, "keeps_form", False):
        return
    fields = [[name, value] for name, value in request.form.items(multi=True) if name not in _NEVER]
    files = [name for name, sent in request.files.items() if sent.filename]
    sealed = seal(_PURPOSE, {"back": back, "fields": fields, "files": files, "whole": True})
    if len(sealed) > LONGEST:
        sealed = seal(_PURPOSE, {"back": back, "fields": [], "files": files, "whole": False})
    response.set_cookie(
        _cookie(), sealed, max_age=SECONDS, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )


def waits_for(back: str) -> bool:
    """Whether something was kept that comes back on that page."""
    content = _open()
    return content is not None and content["back"].partition("?")[0] == back.partition("?")[0]


def bring_back() -> Kept | None:
    """What was kept for the page that is asked for, once: the browser forgets it with this answer."""
    if not waits_for(request.path):
        return None
    content = _open() or {}

    @after_this_request
    def forget(response: Response) -> Response:
        response.delete_cookie(_cookie(), httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
        return response

    return Kept(MultiDict((name, value) for name, value in content["fields"]), tuple(content["files"]), content["whole"])


def _cookie() -> str:
    return current_app.config["SESSION_COOKIE_NAME"] + "-form"


def _open() -> dict[str, Any] | None:
    return unseal(_PURPOSE, request.cookies.get(_cookie(), ""), SECONDS)
