"""The station protocol, version 1 (docs/wire.md), over a `Store`. Thin: read the request, call one verb, answer."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from db.refusals import Forbidden, Invalid, NotFound, TooLarge, Unauthenticated
from db.rules.attachment import MOST_BYTES, is_name
from kiosk import sentences, wire
from kiosk.openapi import describe
from kiosk.store import Caller, Store
from web.access import device, public

blueprint = Blueprint("station", __name__, url_prefix="/station/v1")

GZIP_FROM = 1024
"""Bytes below which compressing costs more than it saves."""

FLUSHING = frozenset(("entries", "heartbeats", "closings", "shift_ends"))
"""What a revoked device may still do: hand over what it has and learn what is missing."""


@blueprint.before_request
def identify() -> None:
    """Find the device of the bearer token; a revoked one may only flush."""
    name = (request.endpoint or "").rpartition(".")[2]
    if name in ("enrolments", "openapi"):
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    caller = _store().caller(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
    if caller is None:
        raise Unauthenticated("token-unknown")
    if caller.revoked and name not in FLUSHING:
        raise Forbidden("device-revoked")
    g.caller = caller


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    return _json(describe())


@blueprint.post("/enrolments")
@device
def enrolments() -> Response:
    code, name, public_key = wire.enrolment(wire.body(_raw(wire.MOST_BYTES)))
    enrolled = _store().enrol(code, name, public_key, request.remote_addr or "")
    return _json({**enrolled, "server_time": _now()}, 201)


@blueprint.post("/shifts")
@device
def shifts() -> Response:
    operator, password = wire.shift(wire.body(_raw(wire.MOST_BYTES)))
    begun = _store().begin_shift(_caller(), operator, password, request.remote_addr or "")
    return _json({**begun, "server_time": _now()}, 201)


@blueprint.post("/shifts/<shift>/ends")
@device
def shift_ends(shift: str) -> Response:
    return _json(_store().end_shift(_caller(), shift))


@blueprint.get("/snapshot")
@device
def snapshot() -> Response:
    content = _store().snapshot(_caller())
    body = _dump(content)
    etag = hashlib.sha256(body).hexdigest()[:32]
    if request.if_none_match.contains_weak(etag):  # a proxy that packs answers may have weakened it
        response = Response(status=304)
    else:
        # The time stands in front of the content, so that the content is written once, for the ETag and for the answer.
        response = _answer(b'{"server_time":"%s",%s' % (_now().encode(), body[1:]))
    response.set_etag(etag)
    return response


@blueprint.get("/changes")
@device
def changes() -> Response:
    cursor = request.args.get("after")
    if cursor is None:
        raise Invalid({"after": "required"})
    return _json(_store().changes(_caller(), cursor))


@blueprint.get("/students/<ref>")
@device
def students(ref: str) -> Response:
    if not wire.REF.fullmatch(ref):
        raise NotFound("unknown-student")
    return _json({**_store().student(_caller(), ref), "server_time": _now()})


@blueprint.post("/entries")
@device
def entries() -> Response:
    tokens = wire.entries(wire.body(_raw(wire.MOST_BYTES)))
    answers, contiguous = _store().receive(_caller(), tokens)
    told = [sentences.answer(answer) for answer in answers]
    return _json({"answers": told, "server_time": _now(), "contiguous": contiguous})


@blueprint.post("/heartbeats")
@device
def heartbeats() -> Response:
    beat = wire.heartbeat(wire.body(_raw(wire.MOST_BYTES)))
    return _json({"server_time": _now(), **_store().beat(_caller(), beat)})


@blueprint.post("/closings")
@device
def closings() -> Response:
    date, seq, hash_ = wire.closing(wire.body(_raw(wire.MOST_BYTES)))
    return _json(_store().close(_caller(), date, seq, hash_))


@blueprint.put("/attachments/<sha256>")
@device
def attachments(sha256: str) -> Response:
    """The whole, or with a Content-Range the next part of it."""
    content = _raw(MOST_BYTES)
    media_type = request.mimetype or "application/octet-stream"
    _check_name(sha256)
    content_range = request.headers.get("Content-Range")
    if content_range is None:
        _store().attach(_caller(), sha256, content, media_type)
        return Response(status=204)
    start, total = wire.part(content_range, len(content))
    have = _store().attach_part(_caller(), sha256, content, start, total, media_type)
    return Response(status=204) if have == total else _how_much(have, False, 202)


@blueprint.route("/attachments/<sha256>", methods=["HEAD"])
@device
def attached(sha256: str) -> Response:
    _check_name(sha256)
    return _how_much(*_store().attached(_caller(), sha256))


def _check_name(sha256: str) -> None:
    if not is_name(sha256):
        raise Invalid({"sha256": "not-a-hash"})


def _how_much(have: int, whole: bool, status: int = 200) -> Response:
    """What to go on with, in the words of the draft standard for resumable uploads."""
    return Response(status=status, headers={"Upload-Offset": str(have), "Upload-Complete": "?1" if whole else "?0"})


def _store() -> Store:
    return current_app.extensions["stations"]


def _caller() -> Caller:
    return g.caller


def _raw(most: int) -> bytes:
    """The request's bytes. Raises TooLarge beyond `most`, whether the length was announced or not."""
    if (request.content_length or 0) > most:
        raise TooLarge("upload-too-large", most=most)
    raw = request.stream.read(most + 1)
    if len(raw) > most:
        raise TooLarge("upload-too-large", most=most)
    return raw


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _json(value: Any, status: int = 200) -> Response:
    return _answer(_dump(value), status)


def _answer(body: bytes, status: int = 200) -> Response:
    response = Response(body, status, content_type="application/json")
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "no-store"
    if len(body) >= GZIP_FROM and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(body, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
