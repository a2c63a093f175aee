"""One handler that turns every refusal and every fault into an answer its asker can read.

Programs (paths below /station/v1 and /.well-known, or an Accept header that prefers JSON) get
`{"error": {"code", "message"}}`; htmx gets a notice; everybody else a whole page that says what to do next.
A page somebody must sign in for answers with the way to sign-in and back.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, jsonify, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from db import outage as outages
from db.refusals import Invalid, Refusal, Unauthenticated
from web import kept_form, sentences, ways
from web.access import safe_next
from web.request import address_in, path_here

PROGRAM_PATHS = ("/station/v1", "/.well-known")
UNREAD = frozenset({"bad-request", "too-large"})
"""What was sent with these could not be read, so nothing of it can be kept."""
OUTAGE_S = 30
"""After so long it is worth asking again when the disk was full or the database away."""
LOGGED = {
    outages.DISK_FULL: "DISK FULL: nothing can be written. Free space where database and attachments lie; no restart is needed",
    outages.DATABASE_AWAY: "DATABASE AWAY: it does not answer, or has too little of something. Its own log says why",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal ready to be answered. `reference` is set for faults: the word by which the log finds it.

    `bare`: nothing can be relied on, not even the user behind the page's frame.
    """

    status: int
    code: str
    sentence: str
    way: str
    reference: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    bare: bool = False


def init_app(app: Flask) -> None:
    """Answer all refusals, HTTP errors and faults of the app from here."""
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(HTTPException, answer_http)


def answer_refusal(refusal: Refusal) -> Any:
    """The answer to a refusal raised by a view or a verb of `db`."""
    if refusal.status == 401 and not wants_json():
        if not (is_fragment_request() and kept_form.stays()):
            return to_sign_in()
        refusal = Unauthenticated("signed-out-meanwhile")
    sentence, way = sentences.say(refusal.code, refusal.status, refusal.params)
    told = Told(refusal.status, refusal.code, sentence, way)
    if isinstance(refusal, Invalid):
        told.fields.update({name: field_sentence(error) for name, error in refusal.errors.items()})
    if "retry_after" in refusal.params:
        told.headers["Retry-After"] = str(refusal.params["retry_after"])
    return answer(told)


def answer_http(error: HTTPException) -> Any:
    """The answer to an error of HTTP itself, of CSRF protection, and to any fault in the program."""
    status = error.code or 500
    if status < 400:
        return error
    if status == 405 and (page := _page_instead()):
        return redirect(page, 303)
    code = "form-expired" if isinstance(error, CSRFError) else sentences.CODE_OF_STATUS.get(status, "refused")
    if status == 500 and (outage := outages.outage(getattr(error, "original_exception", None))):
        return _answer_outage(outage)
    reference = secrets.token_hex(4) if status == 500 else None
    if reference:
        current_app.logger.error("the fault above was told to the user as %s (%s)", reference, request.path)
    sentence, way = sentences.say(code, status)
    told = Told(status, code, sentence, way, reference, bare=status == 500)
    for name in ("Allow", "Retry-After"):
        value = error.get_response().headers.get(name)
        if value:
            told.headers[name] = value
    return answer(told)


def _answer_outage(code: str) -> Response:
    """No fault: whoever runs this has to do something, and may go by one plain line of the log. Programs come again."""
    current_app.logger.critical(LOGGED[code])
    told = Told(503, code, *sentences.say(code, 503), bare=True)
    told.headers["Retry-After"] = str(OUTAGE_S)
    return answer(told)


def answer(told: Told) -> Response:
    """The refusal in the form its asker reads."""
    if wants_json():
        response = jsonify(error=_as_json(told))
    elif is_fragment_request():
        response = make_response(render_template("errors/_refusal.html", told=told))
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML"
    else:
        page = "errors/fault.html" if told.bare else "errors/refusal.html"
        kept = told.code not in UNREAD and kept_form.keep()
        again, back = ways.again(told.status), ways.back(500 if told.bare else told.status)
        response = make_response(render_template(page, told=told, kept=kept, again=again, back=back))
    response.status_code = told.status
    response.headers.update(told.headers)
    return response


def to_sign_in() -> Response:
    """The way to sign-in and, where a page was asked for, back to it."""
    if is_fragment_request():
        wanted = path_here(address_in(request.headers.get("HX-Current-URL")))
    elif request.method == "GET":
        wanted = request.full_path.rstrip("?")
    else:
        wanted = kept_form.page() or path_here(request.referrer)
    back = safe_next(wanted)
    target = current_app.extensions["access"].sign_in_path
    if back != "/":
        target += "?" + urlencode({"next": back})
    if is_fragment_request():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = target
    else:
        response = make_response(redirect(target, 303))
    kept_form.keep()
    return response


def wants_json() -> bool:
    """True if a program asks: by path, by preferring JSON to a page, or where the app says that only programs ask (`g`)."""
    if g.get("answers_programs") or request.path.startswith(PROGRAM_PATHS):
        return True
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


def is_fragment_request() -> bool:
    """True if htmx asks for a part of a page, not for a whole one by boosted link or history."""
    headers = request.headers
    return (headers.get("HX-Request") == "true" and headers.get("HX-Boosted") != "true"
            and headers.get("HX-History-Restore-Request") != "true")


def field_sentence(error: Any) -> str:
    """The sentence for one field of an `Invalid`: from a code, `(code, params)`, a sentence already made, or a list of these."""
    if isinstance(error, list):
        return " ".join(map(field_sentence, error))
    code, params = error if isinstance(error, tuple) else (error, None)
    said = sentences.BY_CODE.get(code) if isinstance(code, str) else None
    return sentences.fill(said[0] if said else code, params)


def _page_instead() -> str | None:
    """For who asks in a browser for what takes only forms (the answer to one, loaded again): the page that the form stands on."""
    if request.method not in ("GET", "HEAD") or wants_json() or is_fragment_request():
        return None
    page = ways.page_above(request.path)
    return None if page == "/" else page


def _as_json(told: Told) -> dict[str, Any]:
    error: dict[str, Any] = {"code": told.code, "message": told.sentence}
    if told.fields:
        error["fields"] = told.fields
    if told.reference:
        error["reference"] = told.reference
    return error
