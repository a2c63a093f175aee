"""Where somebody goes on: from the answer to a form to the page that shows it, and from a refusal back or on.

A form is sent to an address on or below that of its page: `/graduates/20200001/revocations` stands on `/graduates/20200001`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from web import kept_form
from web.access import may_reach, safe_next
from web.request import path_here

LATER = frozenset({429, 500, 502, 503, 504})
"""The same request may well be answered in a while."""

Fits = Callable[[str, Mapping[str, Any]], bool]
"""Whether the page of this view and these values of its address will do."""


def page_above(path: str, fits: Fits = lambda _endpoint, _values: True) -> str:
    """The nearest path above this one that can be asked for; in the end `/`."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] or "/"
        if is_page(path, fits):
            break
    return path


def page_of_form() -> str:
    """The page to come back to from the answer to a form: that same path, else the page it was sent from, else the one above."""
    if is_page(request.path):
        return request.full_path.rstrip("?")
    sent_from = path_here(request.referrer)
    if sent_from and is_page(sent_from.partition("?")[0]):
        return sent_from
    return page_above(request.path)


def again(status: int) -> str | None:
    """The address to be asked for again, where that may help and changes nothing."""
    return request.full_path.rstrip("?") if status in LATER and request.method == "GET" else None


def back(status: int) -> str | None:
    """The page to go back to: the form's, the one before, or the nearest above this address; None where only the start is left."""
    found = kept_form.page() or _page_before()
    if found is None and status != 500:  # after a fault nobody knows who is asking
        found = _open_page_above(status)
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
    return before if is_page(path) else None


def _open_page_above(status: int) -> str:
    """The nearest page above, for a form also at its own address, that the caller may open.

    Above what is not there, no page that might not be there either.
    """

    def fits(endpoint: str, values: Mapping[str, Any]) -> bool:
        return endpoint != "static" and may_reach(endpoint) and not (values and status == 404)

    if request.method != "GET" and is_page(request.path, fits):
        return request.path
    return page_above(request.path, fits)


def is_page(path: str, fits: Fits = lambda _endpoint, _values: True) -> bool:
    """Whether somebody who asks for this path gets a page, as far as the route table knows."""
    try:
        endpoint, values = current_app.url_map.bind(request.host).match(path, method="GET")
    except HTTPException:  # nothing there, another method, or only a way elsewhere
        return False
    return fits(endpoint, values)
