"""The protocol's requests, read strictly: each function takes what was sent and gives clean values or a refusal.

Unknown fields are ignored. What is refused here is the request's own form; entries inside it are the ledger's to classify.
"""

from __future__ import annotations

import json
import re
from typing import Any

from db.refusals import Invalid, Refusal, TooLarge
from db.rules.contact import Beat
from db.rules.entry import MAX_SEQ, parse_moment

MOST_ENTRIES = 500
MOST_BYTES = 1 << 20
MOST_ATTACHMENT = 4 << 20
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/svg+xml")

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_HASH = re.compile(r"[A-Za-z0-9_-]{16}")
SHA256 = re.compile(r"[0-9a-f]{64}")


class Unreadable(Refusal):
    """The body is not a JSON object in UTF-8."""

    status = 400
    code = "malformed-request"


def body(raw: bytes) -> dict[str, Any]:
    """The JSON object of a request. Raises Unreadable."""
    try:
        value = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(value, dict):
        raise Unreadable
    return value


def enrolment(sent: dict[str, Any]) -> tuple[str, str, object]:
    """Code, name and public key. Raises Invalid."""
    errors = {name: "required" for name in ("code", "name") if not _text(sent.get(name), 200)}
    if not isinstance(sent.get("public_key"), dict):
        errors["public_key"] = "required"
    _raise(errors)
    return sent["code"], sent["name"], sent["public_key"]


def entries(sent: dict[str, Any]) -> list[object]:
    """The tokens of an upload; something that holds no token stands as what it is, to be quarantined. Raises TooLarge, Invalid."""
    rows = sent.get("entries")
    if not isinstance(rows, list):
        raise Invalid({"entries": "required"})
    if len(rows) > MOST_ENTRIES:
        raise TooLarge("too-many-entries", most=MOST_ENTRIES)
    return [row["jws"] if isinstance(row, dict) and "jws" in row else row for row in rows]


def heartbeat(sent: dict[str, Any]) -> Beat:
    """A heartbeat's values; `battery` and `app` may be absent. Raises Invalid."""
    head = sent.get("head") if sent.get("head") is not None else {"seq": 0, "hash": None}
    errors = {}
    if not _whole(sent.get("pending")):
        errors["pending"] = "required"
    if not isinstance(head, dict) or not _whole(head.get("seq")) or not _hash_or_none(head.get("hash")):
        errors["head"] = "required"
    clock = parse_moment(sent.get("clock"))
    if clock is None:
        errors["clock"] = "not-a-moment"
    app, battery = sent.get("app"), sent.get("battery")
    if app is not None and not _text(app, 100):
        errors["app"] = "not-a-text"
    if battery is not None and not (_number(battery) and 0 <= battery <= 1):
        errors["battery"] = "not-a-share"
    _raise(errors)
    assert isinstance(head, dict)  # for mypy; checked above
    return Beat(clock, min(sent["pending"], 2**31 - 1), head["seq"], head.get("hash"), app, battery)


def closing(sent: dict[str, Any]) -> tuple[str, int, str | None]:
    """Date, seq and hash of a shift's end. Raises Invalid."""
    errors = {}
    if not isinstance(sent.get("date"), str) or not _DATE.fullmatch(sent["date"]):
        errors["date"] = "not-a-date"
    if not _whole(sent.get("seq")):
        errors["seq"] = "required"
    if not _hash_or_none(sent.get("hash")):
        errors["hash"] = "not-a-hash"
    _raise(errors)
    return sent["date"], sent["seq"], sent.get("hash")


def _raise(errors: dict[str, str]) -> None:
    if errors:
        raise Invalid(errors)


def _text(value: object, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SEQ


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _hash_or_none(value: object) -> bool:
    return value is None or (isinstance(value, str) and _HASH.fullmatch(value) is not None)
