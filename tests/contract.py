"""Holds portal, stand-in portal and tablet to the served description: what either side says, the other was promised.

The description is open (a reader passes over what it does not know); here it is closed, so that nobody invents a field.
"""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from typing import Any

import jsonschema_rs
from flask import Flask, Request, Response, request

from kiosk.openapi import describe

PREFIX = "/station/v1"


def closed(schema: Any) -> Any:
    """The same, with no field beyond those that it names."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {name: closed(one) for name, one in schema.items()}
    return {**shut, "additionalProperties": False} if "properties" in schema and schema.get("type") == "object" else shut


class Contract:
    """`breaches` says in words what was said on either side that the description does not know."""

    def __init__(self) -> None:
        self.breaches: list[str] = []

    def watch(self, app: Flask) -> None:
        @app.after_request
        def hold(reply: Response) -> Response:
            # What a gateway would have said is nobody's promise.
            if request.path.startswith(PREFIX) and reply.status_code < 500:
                self.breaches += _breaches(request, reply)
            return reply


def _breaches(asked: Request, reply: Response) -> list[str]:
    method = asked.method.lower()
    path, operation = next(
        ((path, calls[method]) for path, pattern, calls in _operations() if pattern.fullmatch(asked.path) and method in calls),
        ("", None),
    )
    call = f"{asked.method} {path or asked.path}"
    if operation is None:
        return [] if reply.status_code in (404, 405) else [f"{call} is not described"]
    promised = operation["responses"].get(str(reply.status_code))
    if promised is None:
        return [f"{call} must not answer {reply.status_code} {reply.get_data(as_text=True)[:100]}"]
    found = [f"{call} lacks the header {name}" for name, one in promised.get("headers", {}).items()
             if one["required"] and name not in reply.headers]  # fmt: skip
    if "application/json" in promised.get("content", {}):
        where = [path, method, "responses", str(reply.status_code)]
        found += [f"{call} answered {trouble}" for trouble in _troubles(where, _read(reply))]
    # A portal that reads the stream itself leaves nothing of it; the stand-in keeps what the tablet sent.
    if reply.status_code < 400 and "application/json" in operation.get("requestBody", {}).get("content", {}) and asked.get_data():
        found += [f"{call} was sent {trouble}" for trouble in _troubles([path, method, "requestBody"], asked.get_json())]
    return found


def _read(reply: Response) -> Any:
    raw = reply.get_data()
    return json.loads(gzip.decompress(raw) if reply.headers.get("Content-Encoding") == "gzip" else raw)


@cache
def _operations() -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    return [(path, re.compile(PREFIX + re.sub(r"{\w+}", "[^/]+", path)), calls) for path, calls in describe()["paths"].items()]


def _troubles(where: list[str], value: Any) -> list[str]:
    return [f"{error.message[:200]} at {error.instance_path}" for error in _validator(*where).iter_errors(value)]


@cache
def _validator(*where: str) -> Any:
    whole = describe()
    place: Any = whole["paths"]
    for name in where:
        place = place[name]
    schema = closed(place["content"]["application/json"]["schema"])
    return jsonschema_rs.validator_for({**schema, "components": closed(whole["components"])})
