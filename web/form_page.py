"""Where a form stands: an action has an address of its own below the page it belongs to, and that page can be asked for."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from web.request import path_here


def answers_get(path: str) -> bool:
    """Whether somebody who asks for this path gets a page of it, as far as the route table knows."""
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:  # nothing there, another method, or only a way elsewhere
        return False
    return True


def page_above(path: str) -> str:
    """The nearest path above this one that can be asked for: `/graduates/20200001/revocations` stands on `/graduates/20200001`."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] or "/"
        if answers_get(path):
            break
    return path


def page_of_form() -> str:
    """The page to come back to from the answer to a form: that same path, else the page it was sent from, else the one above."""
    if answers_get(request.path):
        return request.full_path.rstrip("?")
    sent_from = path_here(request.referrer)
    if sent_from and answers_get(sent_from.partition("?")[0]):
        return sent_from
    return page_above(request.path)
