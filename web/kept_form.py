"""What was sent and not taken: kept sealed in that browser for an hour, until its form is shown again.

    @blueprint.post("/<part>")
    @roles("graduate")
    @keeps_form("proxy.part")            # the page that shows this form; its values are the view's own unless others are given
    def save(part): ...

    kept = kept_form.bring_back()        # in the view that shows the form
    if kept: form = PersonForm(kept.fields)

So nothing typed is lost where the session had ended, somebody signed in anew beside it, or the portal could not take it just then.
The cookie holds what was typed and no file; only views that say so keep anything, and never one that asks for a password. Whose
form it is stands in a field of the form: `bring_back(field=value)`, or the view itself, compares it before anything is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from flask import Response, after_this_request, current_app, request, url_for
from werkzeug.datastructures import MultiDict

from web.sealed import seal, unseal

SECONDS = 3600
PIECE, PIECES = 3300, 2
"""Bytes of a sealed cookie, and how many: browsers drop larger ones, and servers before the portal refuse 8 kB of them."""
_PURPOSE = "kept form"
_NEVER = frozenset({"csrf_token"})

View = TypeVar("View", bound=Callable[..., Any])


class Kept(NamedTuple):
    """`fields` as they were sent, empty where they were too long to keep; `files` are the names of file fields that were filled."""

    fields: MultiDict[str, str]
    files: tuple[str, ...]
    whole: bool


def keeps_form(endpoint: str, **values: Any) -> Callable[[View], View]:
    """Let what is sent to this view and not taken come back on the page of `endpoint`. Stands below the declaration of access."""

    def declare(view: View) -> View:
        @wraps(view)
        def taken(*args: Any, **kwargs: Any) -> Any:
            answer = view(*args, **kwargs)
            if waits_for(page() or ""):
                after_this_request(_forget)  # this one was taken: what was kept before is old
            return answer

        taken.form_page = endpoint, values  # type: ignore[attr-defined]
        return taken  # type: ignore[return-value]

    return declare


def stays_on_page(view: View) -> View:
    """Let who is signed out in the middle of a form be told so in place: htmx asks this view beside what is being typed."""
    view.stays_on_page = True  # type: ignore[attr-defined]
    return view


def stays() -> bool:
    """Whether the view that was asked must not lead away."""
    return getattr(_view(), "stays_on_page", False)


def page() -> str | None:
    """The page that shows the form which this request sends, where its view keeps forms."""
    declared = getattr(_view(), "form_page", None)
    if declared is None or request.method != "POST":
        return None
    endpoint, values = declared
    return url_for(endpoint, **(values or request.view_args or {}))


def keep() -> bool:
    """Give the browser with this answer what was sent, to be brought back on its page; whether that is all of it, files too."""
    back = page()
    if back is None or _from_elsewhere():
        return False
    fields = [[name, value] for name, value in request.form.items(multi=True) if name not in _NEVER]
    files = [name for name, sent in request.files.items() if sent.filename]
    sealed = seal(_PURPOSE, {"back": back, "fields": fields, "files": files, "whole": True})
    whole = len(sealed) <= PIECE * PIECES
    if not whole:
        sealed = seal(_PURPOSE, {"back": back, "fields": [], "files": files, "whole": False})

    @after_this_request
    def give(response: Response) -> Response:
        for number, name in enumerate(_cookies()):
            response.set_cookie(name, sealed[PIECE * number : PIECE * (number + 1)], max_age=SECONDS, **_sort())
        return response

    return whole and not files


def waits_for(back: str) -> bool:
    """Whether something was kept that comes back on that page."""
    content = _open()
    return content is not None and content["back"] == back.partition("?")[0]


def bring_back(**own: str) -> Kept | None:
    """What was kept for the page that is asked for, once: the browser forgets it with this answer.

    `own` are fields that tell whose form it is: where another value was sent it was somebody else's, and stays unseen.
    """
    if not waits_for(request.path):
        return None
    content = _open() or {}
    after_this_request(_forget)
    fields = MultiDict((name, value) for name, value in content["fields"])
    if any(fields.get(name, value) != value for name, value in own.items()):
        return None
    return Kept(fields, tuple(content["files"]), content["whole"])


def _view() -> Any:
    return current_app.view_functions.get(request.endpoint or "")


def _from_elsewhere() -> bool:
    """Whether another site made the browser send this: nobody typed that here."""
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _forget(response: Response) -> Response:
    for name in _cookies():
        response.delete_cookie(name, **_sort())
    return response


def _cookies() -> list[str]:
    name = current_app.config["SESSION_COOKIE_NAME"] + "-form"
    return [name, *(f"{name}-{number}" for number in range(2, PIECES + 1))]


def _sort() -> dict[str, Any]:
    return {"httponly": True, "samesite": "Lax", "secure": current_app.config["SESSION_COOKIE_SECURE"]}


def _open() -> dict[str, Any] | None:
    return unseal(_PURPOSE, "".join(request.cookies.get(name, "") for name in _cookies()), SECONDS)
