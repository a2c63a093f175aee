"""Where somebody goes on who was refused: back to the form, to where one was, or the same again."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from web import kept_form
from web.access import may_reach, safe_next
from web.request import path_here

LATER = frozenset({429, 500, 502, 503, 504})
"""The same request may well be answered in a while."""


def again(status: int) -> str | None:
    """The address to be asked for again, where that may help and changes nothing."""
    return request.full_path.rstrip("?") if status in LATER and request.method == "GET" else None


def back(status: int) -> str | None:
    """The page to go back to: the form's, the one before, or the nearest above this address; None where only the start is left."""
    found = kept_form.page() or _page_before()
    if found is None and status != 500:  # after a fault nobody knows who is asking
        found = _page_above(status)
    return None if found == "/" else found


def _page_before() -> str | None:
    """The page that led here. One that shows itself by the same address would only refuse again."""
    before = path_here(request.referrer)
    if not before or safe_next(before) != before:
        return None
    path = before.partition("?")[0]
    same = path == request.path
    if (same and request.method == "GET") or (not same and path == current_app.extensions["access"].sign_in_path):
        return None
    return before if _endpoint_of(path, with_values=True) else None


def _page_above(status: int) -> str | None:
    """The nearest page above, for a form also at its own address, that the caller may open.

    Above what is not there, no page that might not be there either.
    """
    parts = request.path.rstrip("/").split("/")
    for count in range(len(parts) - (request.method == "GET"), 1, -1):
        path = "/".join(parts[:count])
        endpoint = _endpoint_of(path, with_values=status != 404)
        if endpoint and may_reach(endpoint):
            return path
    return None


def _endpoint_of(path: str, with_values: bool) -> str | None:
    """The view that answers GET there."""
    try:
        endpoint, values = current_app.url_map.bind(request.host).match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return None if endpoint == "static" or (values and not with_values) else endpoint
