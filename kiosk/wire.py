"""The protocol's requests, read strictly: each function takes what was sent and gives clean values or a refusal.

Unknown fields are ignored. What is refused here is the request's own form; entries inside it are the ledger's to classify.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from db.refusals import Invalid, Refusal, TooLarge
from db.rules.contact import Beat
from db.rules.entry import MAX_SEQ, parse_moment

MOST_ENTRIES = 500
MOST_BYTES = 1 << 20
MOST_LET_GO = 5_000

_ID = re.compile(r"[0-9]{1,10}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_HASH = re.compile(r"[A-Za-z0-9_-]{16}")
_RANGE = re.compile(r"bytes (\d{1,10})-(\d{1,10})/(\d{1,10})")
REF = re.compile(r"[A-Za-z0-9_-]{10,16}")


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
    errors = {} if isinstance(sent.get("code"), str) else {"code": "required"}
    if not isinstance(sent.get("name"), str) or not sent["name"]:
        errors["name"] = "required"
    if not isinstance(sent.get("public_key"), dict):
        errors["public_key"] = "required"
    if errors:
        raise Invalid(errors)
    return sent["code"], _line(sent["name"]), sent["public_key"]


def shift(sent: dict[str, Any]) -> tuple[str, str]:
    """Operator and password. Raises Invalid."""
    errors = {name: "required" for name in ("operator", "password") if not isinstance(sent.get(name), str)}
    if errors:
        raise Invalid(errors)
    return sent["operator"], sent["password"]


def entries(sent: dict[str, Any]) -> list[object]:
    """The tokens of an upload; something that holds no token stands as what it is, to be quarantined. Raises TooLarge, Invalid."""
    rows = sent.get("entries")
    if not isinstance(rows, list):
        raise Invalid({"entries": "required"})
    if len(rows) > MOST_ENTRIES:
        raise TooLarge("too-many-entries", most=MOST_ENTRIES)
    return [row["jws"] if isinstance(row, dict) and "jws" in row else row for row in rows]


def heartbeat(sent: dict[str, Any]) -> Beat:
    """A heartbeat's values; `battery`, `app` and `let_go` may be absent. Raises Invalid."""
    head = sent.get("head") if sent.get("head") is not None else {"seq": 0}
    errors = {}
    pending, clock = _whole(sent.get("pending")), parse_moment(sent.get("clock"))
    seq, hash_ = (_whole(head.get("seq")), head.get("hash")) if isinstance(head, dict) else (None, None)
    if pending is None:
        errors["pending"] = "required"
    if seq is None or not _hash_or_none(hash_):
        errors["head"] = "required"
    if clock is None:
        errors["clock"] = "not-a-moment"
    app, battery = sent.get("app"), sent.get("battery")
    if app is not None and not isinstance(app, str):
        errors["app"] = "not-a-text"
    if battery is not None and not (_number(battery) and 0 <= battery <= 1):
        errors["battery"] = "not-a-share"
    let_go = sent.get("let_go") if sent.get("let_go") is not None else []
    if not isinstance(let_go, list) or not all(isinstance(one, str) for one in let_go) or len(let_go) > MOST_LET_GO:
        errors["let_go"] = "not-a-list"
        let_go = []
    if errors or pending is None or seq is None:
        raise Invalid(errors)
    share = None if battery is None else round(battery, 4)  # smaller than this, a database may call it out of range
    return Beat(clock, min(pending, 2**31 - 1), seq, hash_, _line(app) or None, share, _numbers(let_go))


def _is_day(value: object) -> bool:
    """Whether it is a day that the calendar has, as year-month-day."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def closing(sent: dict[str, Any]) -> tuple[str, int, str | None]:
    """Date, seq and hash of a shift's end. Raises Invalid."""
    errors = {}
    seq = _whole(sent.get("seq"))
    if not _is_day(sent.get("date")):
        errors["date"] = "not-a-date"
    if seq is None:
        errors["seq"] = "required"
    if not _hash_or_none(sent.get("hash")):
        errors["hash"] = "not-a-hash"
    if errors or seq is None:
        raise Invalid(errors)
    return sent["date"], seq, sent.get("hash")


def part(content_range: str, length: int) -> tuple[int, int]:
    """Where a part of `length` bytes begins and how long the whole is, from its Content-Range. Raises Invalid."""
    found = _RANGE.fullmatch(content_range)
    start, end, total = map(int, found.groups()) if found else (0, 0, 0)
    if end - start + 1 != length or not start <= end < total:
        raise Invalid({"content-range": "not-a-range"})
    return start, total


def _line(value: object) -> str:
    """One clean line of text for people, at most 100 characters; empty for what is no text."""
    if not isinstance(value, str):
        return ""
    return "".join(sign if sign.isprintable() else " " for sign in value).strip()[:100]


def _whole(value: object) -> int | None:
    """A whole number that JavaScript counts exactly; JSON may write it as 2.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SEQ
    return value if right and isinstance(value, int) else None


def _numbers(words: list[str]) -> frozenset[int]:
    """The ids among these words; what is no id of this server names nothing."""
    return frozenset(int(word) for word in words if _ID.fullmatch(word))


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _hash_or_none(value: object) -> bool:
    return value is None or (isinstance(value, str) and _HASH.fullmatch(value) is not None)
