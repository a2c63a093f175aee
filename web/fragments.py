"""One answer to a change, for htmx and for a plain form alike.

    return answer("graduates/_clearance.html", url_for(".show", number=number), notice=_("Cleared."), clearance=…)

htmx gets the changed fragment (with the notice beside it, out of band), a plain form a 303 to the page that shows
it. The fragment is a template `_name.html` with one root id, which the page includes too.
"""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from flask_wtf.csrf import validate_csrf
from wtforms.validators import ValidationError

from web.refusals import is_fragment_request


def answer(fragment: str, redirect_to: str, *, notice: Any = None, tone: str = "good", **context: Any) -> Response:
    """The fragment for htmx, a 303 for a form. `tone` of the notice is good, warn or bad."""
    if not is_fragment_request():
        if notice:
            flash(str(notice), tone)
        return make_response(redirect(redirect_to, 303))
    html = render_template(fragment, **context)
    if notice:
        html += render_template("_notice_beside.html", messages=[(tone, notice)])
    return _varied(make_response(html))


def go(redirect_to: str, *, notice: Any = None, tone: str = "good") -> Response:
    """Lead on to another page, whether htmx asked or a form; the notice is shown there."""
    if notice:
        flash(str(notice), tone)
    if not is_fragment_request():
        return make_response(redirect(redirect_to, 303))
    response = make_response("", 204)
    response.headers["HX-Redirect"] = redirect_to
    return response


def page(whole: str, fragment: str | None = None, *, status: int = 200, **context: Any) -> Response:
    """The whole page, or only its fragment where htmx asks for that. `status` 422 shows a form again."""
    template = fragment if fragment and is_fragment_request() else whole
    return _varied(make_response(render_template(template, **context), status))


def live(fragment: str, **context: Any) -> Response:
    """A polled fragment, and 304 while nothing changed.

    The page's own CSRF token must not be in the fragment, or it would change with every answer. A page that was made for a session
    before this one is loaded anew: beside one person's name nothing of another's shall appear.
    """
    if _made_before():
        response = make_response("", 204)
        response.headers["HX-Refresh"] = "true"
        return response
    response = make_response(render_template(fragment, **context))
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:16])
    return _varied(make_response(response.make_conditional(request)))


def _made_before() -> bool:
    """Whether the page that asks was made for another session; every htmx request carries its page's token."""
    token = request.headers.get("X-CSRFToken")
    try:
        if token:
            validate_csrf(token)
    except ValidationError:
        return True
    return False


def _varied(response: Response) -> Response:
    response.vary.add("HX-Request")
    return response
