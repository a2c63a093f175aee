"""The protocol's description in OpenAPI 3.1, as served. `tests/kiosk` holds the answers to it."""

from __future__ import annotations

from functools import cache
from typing import Any

from db.rules.attachment import MEDIA_TYPES
from db.rules.entry import MAX_SEQ
from db.rules.fold import SETTLED
from kiosk import wire

Schema = dict[str, Any]

_STATES = sorted(SETTLED | {"unknown", "open", "submitted", "held"})
_MOMENT = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$"}
_HASH = {"type": "string", "pattern": "^[A-Za-z0-9_-]{16}$"}
_RANGE = r"^bytes \d{1,10}-\d{1,10}/\d{1,10}$"
_SEQ = {"type": "integer", "minimum": 0, "maximum": MAX_SEQ}
_TEXT = {"type": "string"}
_WORDS = {"type": "array", "items": _TEXT}
_GAPS = {"type": "array", "maxItems": 500, "items": {"type": "array", "items": _SEQ, "minItems": 2, "maxItems": 2}}

_ERRORS = {
    "400": "The body is not a JSON object.",
    "401": "No token, or one that no device has.",
    "403": "The device is revoked, or its station closed; a code is unknown, expired or used; somebody may not work here.",
    "404": "There is no such thing.",
    "409": "The bytes are not those of the hash, or do not begin where the last part ended.",
    "410": "The rehearsal is over: delete everything. From changes also: the cursor cannot be continued, take a snapshot.",
    "413": "More than is taken in one request.",
    "422": "A field is missing or wrong.",
    "429": "Too many wrong codes or passwords.",
}


def _object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> dict[str, Schema]:
    names = _object({"zh": _TEXT, "en": _TEXT})
    own = _object(
        {"state": {"enum": _STATES}, "as_of": _or_null(_MOMENT), "heads": _list(_HASH)},
        {"by": _TEXT, "by_name": _TEXT, "reason": _TEXT, "conflict": _TEXT},
    )
    amount = {"type": "integer", "minimum": 1}
    rounds = _object(
        {
            "inspection": _list(_object({"code": _TEXT, "zh": _TEXT, "en": _TEXT, "reason": _TEXT})),
            "prices": _list(_object({"code": _TEXT, "zh": _TEXT, "en": _TEXT, "amount": amount})),
            "damage": _TEXT,
            "key": _or_null(_TEXT),
        }
    )
    proxy = _object(
        {"id": _TEXT, "gen": _SEQ, "name": _TEXT, "id_tail": _TEXT, "steps": _WORDS, "until": _MOMENT}, {"also": _WORDS}
    )
    code = {"type": "string", "pattern": "^[a-z0-9-]+$"}
    wrong = {"type": "object", "additionalProperties": _TEXT, "description": "With 422: what is wrong, field by field, for people."}
    jwk = _object(
        {"kty": {"const": "EC"}, "crv": {"const": "P-256"}, "x": _TEXT, "y": _TEXT}, {"kid": _TEXT, "use": _TEXT, "alg": _TEXT}
    )
    return {
        "Error": _object({"error": _object({"code": code, "message": _TEXT}, {"fields": wrong})}),
        "Names": names,
        "Key": jwk,
        "Step": _object(
            {
                "code": _TEXT,
                "name": _ref("Names"),
                "how": {"enum": ["list", "form", "desk", "collect"]},
                "own": {"type": "boolean"},
                "opens": _or_null(_MOMENT),
                "closes": _or_null(_MOMENT),
                "blocked_by": _WORDS,
                "reasons": _list(_object({"code": _TEXT, "zh": _TEXT, "en": _TEXT})),
                "fast": {"type": "boolean"},
                "fresh_minutes": _or_null({"type": "integer", "minimum": 1}),
                "signed": {"type": "boolean"},
                "money": {"type": "boolean"},
            },
            {"rounds": rounds},
        ),
        "Student": _object(
            {
                "ref": {"type": "string", "pattern": "^[A-Za-z0-9_-]{10,16}$"},
                "number": _TEXT,
                "name": _TEXT,
                "college": _TEXT,
                "class": _TEXT,
                "gen": _SEQ,
                "card": {"enum": ["valid", "revoked"]},
                "steps": {"type": "object", "additionalProperties": {"anyOf": [own, _ref("Blocking")]}},
                "proxies": _list(proxy),
            },
            {"room": _TEXT},
        ),
        "Blocking": _object({"settled": {"type": "boolean"}, "as_of": _or_null(_MOMENT)}),
        "Answer": _object(
            {"id": _or_null(_TEXT), "outcome": {"enum": ["accepted", "duplicate", "conflict", "quarantined"]}},
            {"code": _TEXT, "message": _TEXT},
        ),
    }


def _operation(summary: str, status: str, answer: Schema | None, errors: str, body: Schema | None = None, **more: Any) -> Schema:
    """One call. `errors` are its statuses beside the good one, in one string."""
    good: dict[str, Any] = {"description": "Done."}
    if answer is not None:
        good["content"] = {"application/json": {"schema": answer}}
    responses = {status: good} | {
        code: {"description": _ERRORS[code], "content": {"application/json": {"schema": _ref("Error")}}}
        for code in sorted({"410", *errors.split()})  # a rehearsal that is over says so to everything
    }
    operation: dict[str, Any] = {"summary": summary, "responses": responses, **more}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _paths() -> dict[str, Any]:
    station = _object({"code": _TEXT, "name": _TEXT}, {"names": _ref("Names")})
    line = {"type": "string", "minLength": 1, "description": "One line for people; 100 characters are kept."}
    enrolment = _object({"code": _TEXT, "name": line, "public_key": _ref("Key")})
    upload = _object(
        {"entries": {"type": "array", "description": f"Objects with `jws`, at most {wire.MOST_ENTRIES}; others are quarantined."}},
        {"clock": {"description": "The device's clock."}, "pending": {"description": "How many entries wait."}},
    )
    beat = _object(
        {"clock": _MOMENT, "pending": _SEQ},
        {
            "head": _or_null(_object({"seq": _SEQ}, {"hash": _or_null(_HASH)})),
            "app": _or_null(_TEXT),
            "battery": _or_null({"type": "number", "minimum": 0, "maximum": 1}),
            "let_go": _or_null({**_WORDS, "maxItems": wire.MOST_LET_GO}),
        },
    )
    custody = _list(_object({"id": _TEXT, "step": _TEXT, "class": _TEXT}))
    day = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}
    closing = _object({"date": day, "seq": _SEQ}, {"hash": _or_null(_HASH)})
    snapshot = _object(
        {
            "cursor": _TEXT,
            "server_time": _MOMENT,
            "expires": _MOMENT,
            "station": station,
            "steps": _list(_ref("Step")),
            "students": _list(_ref("Student")),
            "operators": _list(_object({"id": _TEXT, "name": _TEXT, "role": _TEXT})),
            "keys": _object({"keys": _list(_ref("Key"))}),
            "custody": custody,
        }
    )
    changes = _object(
        {"cursor": _TEXT, "students": _list(_ref("Student")), "removed": _WORDS, "more": {"type": "boolean"}, "custody": custody}
    )
    elsewhere = {"type": "object", "additionalProperties": _object({"tablet": _TEXT, "station": _TEXT})}
    asked = _object({"student": _ref("Student"), "elsewhere": elsewhere, "server_time": _MOMENT})
    ref = {"name": "ref", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{10,16}$"}}
    after = {"name": "after", "in": "query", "required": True, "schema": _TEXT}
    match = {"name": "If-None-Match", "in": "header", "required": False, "schema": _TEXT}
    sha = {"name": "sha256", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    bytes_ = {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_TYPES}
    answers = _object({"answers": _list(_ref("Answer")), "server_time": _MOMENT, "contiguous": _SEQ})
    shown = _operation("Everything this station needs.", "200", snapshot, "401 403", parameters=[match])
    shown["responses"]["304"] = {"description": "Unchanged since the ETag given."}
    piece = {"name": "Content-Range", "in": "header", "required": False, "schema": {"type": "string", "pattern": _RANGE}}
    whole = {"enum": ["?0", "?1"]}
    offsets = {name: {"required": True, "schema": schema} for name, schema in (("Upload-Offset", _SEQ), ("Upload-Complete", whole))}
    attach = _operation("Keep a picture, or its next part.", "204", None, "401 403 409 413 422", parameters=[sha, piece])
    attach["responses"]["202"] = {"description": "More parts are to come.", "headers": offsets}
    attached = {"summary": "How much of it is here.", "parameters": [sha], "responses": {
        "200": {"description": "So many bytes.", "headers": offsets},
        **{code: {"description": _ERRORS[code]} for code in ("401", "403", "410", "422")},
    }}  # fmt: skip
    attach["requestBody"] = {"required": True, "content": bytes_}
    enrolled = _object({"device": _TEXT, "token": _TEXT, "station": station, "server_time": _MOMENT})
    who = _object({"operator": _TEXT, "password": _TEXT})
    person = _object({"id": _TEXT, "name": _TEXT, "role": {"enum": ["operator", "supervisor"]}})
    begun = _object({"shift": _TEXT, "operator": person, "server_time": _MOMENT})
    ended = _object({"shift": _TEXT, "ended_at": _MOMENT})
    named = {"name": "shift", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}}
    notice = _object({"id": _TEXT, "zh": _TEXT, "en": _TEXT, "until": _MOMENT})
    beaten = _object({"server_time": _MOMENT, "contiguous": _SEQ, "missing": _GAPS, "notices": _list(notice), "recalled": _WORDS})
    closed = _object({"complete": {"type": "boolean"}, "missing": _GAPS})
    flush = "400 401 413 422"
    open_to_all: dict[str, Any] = {"security": []}
    return {
        "/openapi.json": {"get": _operation("This description.", "200", {"type": "object"}, "", **open_to_all)},
        "/enrolments": {"post": _operation("Enrol a tablet.", "201", enrolled, "400 403 413 422 429", enrolment, **open_to_all)},
        "/shifts": {"post": _operation("Begin a shift.", "201", begun, "400 401 403 413 422 429", who)},
        "/shifts/{shift}/ends": {"post": _operation("End a shift.", "200", ended, "401 404", parameters=[named])},
        "/snapshot": {"get": shown},
        "/changes": {"get": _operation("Rows that changed.", "200", changes, "401 403 422", parameters=[after])},
        "/students/{ref}": {"get": _operation("One row as it stands now.", "200", asked, "401 403 404", parameters=[ref])},
        "/entries": {"post": _operation("Upload entries.", "200", answers, flush, upload)},
        "/heartbeats": {"post": _operation("A sign of life.", "200", beaten, flush, beat)},
        "/closings": {"post": _operation("The end of a shift.", "200", closed, flush, closing)},
        "/attachments/{sha256}": {"put": attach, "head": attached},
    }


@cache
def describe() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Clearance station protocol", "version": "1", "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "/station/v1"}],
        "security": [{"device": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"device": {"type": "http", "scheme": "bearer"}},
        },
    }
