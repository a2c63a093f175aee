"""Station entries: the signed facts that tablets and the portal write (docs/wire.md, Writing).

Nothing here raises on hostile input: a token is either an `Entry` or a reason why it is not one.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from db.rules import jws

TYPE = "entry+jwt"
PORTAL = "portal"

ACTING = frozenset(("clear", "hold", "collect", "submit", "return", "waive", "reopen"))
PORTAL_ONLY = frozenset(("submit", "return", "waive", "reopen"))
ACTS = ACTING | {"undo", "refuse", "note"}

MAX_TOKEN = 16_384  # characters; an honest entry has about 700
MAX_MS = 253_402_300_799_999  # the last millisecond of the year 9999
MAX_SEQ = 2**53 - 1  # the largest whole number that JavaScript counts exactly

_OPTIONAL = {"shift": 64, "cursor": 512, "student": 64, "step": 64, "target": 64, "proxy": 64, "reason": 2000}  # longest text

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HASH = re.compile(r"[A-Za-z0-9_-]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


class Entry(NamedTuple):
    """What the fold needs of an entry. `corrected` is `at` plus `offset`, in epoch milliseconds UTC."""

    hash: str
    id: str
    device: str
    seq: int | None
    act: str
    operator: str
    corrected: int
    saw: tuple[str, ...] = ()
    target: str | None = None
    reason: str | None = None
    amount: int | None = None
    offset: int = 0
    gen: int | None = None
    via: str | None = None
    proxy: str | None = None
    station: str | None = None


class Malformed(ValueError):
    """A payload that is not an entry; the message names the field."""


def hash_of(signing_input: bytes) -> str:
    """An entry's hash: 16 characters over what is signed, so that a re-encoded signature is the same entry."""
    return jws.encode(hashlib.sha256(signing_input).digest())[:16]


def parse_moment(text: object) -> int | None:
    """Epoch milliseconds of an RFC 3339 moment in UTC, or None when it is not one."""
    if not isinstance(text, str) or not (match := _MOMENT.fullmatch(text)):
        return None
    try:
        seconds = datetime.fromisoformat(match[1]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return int(seconds) * 1000 + int((match[2] or "0").ljust(3, "0")[:3])


def format_moment(ms: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def corrected_time(payload: dict[str, Any]) -> int:
    """`at` + `offset` in epoch milliseconds, kept within what a date can hold; a missing or odd `at` counts as 1970."""
    offset = payload.get("offset")
    shift = offset if isinstance(offset, int) and not isinstance(offset, bool) else 0
    return min(max((parse_moment(payload.get("at")) or 0) + shift, 0), MAX_MS)


def from_payload(payload: dict[str, Any], hash_: str) -> Entry:
    """The entry of a payload that `check` found right (or of a vector)."""
    card = payload.get("card") or {}
    return Entry(
        hash_,
        payload["id"],
        payload["device"],
        payload.get("seq"),
        payload["act"],
        payload.get("operator") or "",
        corrected_time(payload),
        tuple(payload.get("saw") or ()),
        payload.get("target"),
        payload.get("reason"),
        payload.get("amount"),
        payload.get("offset") or 0,
        card.get("gen"),
        card.get("via"),
        payload.get("proxy"),
        payload.get("station"),
    )


def from_stored(token: str, hash_: str) -> Entry:
    """The entry of a token that this system stored, and so checked, before."""
    return from_payload(jws.payload_of(token), hash_)


def check(token: jws.Token) -> None:
    """Raise `Malformed` unless the token is a well-formed entry of a tablet. The signature is not looked at."""
    payload = token.payload
    if token.header.get("typ") != TYPE:
        raise Malformed("typ is not entry+jwt")
    _need(_text(payload.get("id")) and _UUID.fullmatch(payload["id"]), "id")
    _need(_whole(payload.get("seq")) and 1 <= payload["seq"] <= MAX_SEQ, "seq")
    prev = payload.get("prev")
    _need(prev is None if payload["seq"] == 1 else isinstance(prev, str) and _HASH.fullmatch(prev), "prev")
    for name in ("device", "operator", "station"):
        _need(_text(payload.get(name)) and 0 < len(payload[name]) <= 64, name)
    for name, longest in _OPTIONAL.items():
        value = payload.get(name)
        _need(value is None or (_text(value) and len(value) <= longest), name)
    _need(parse_moment(payload.get("at")) is not None, "at")
    _need(_whole(payload.get("offset", 0)) and abs(payload.get("offset", 0)) <= MAX_MS, "offset")
    _need(_all(payload.get("saw", []), _HASH, 100), "saw")
    _need(_all(payload.get("attachments", []), _SHA256, 20), "attachments")
    amount = payload.get("amount")
    _need(amount is None or (_whole(amount) and 0 <= amount <= 10**12), "amount")
    _check_card(payload.get("card"))
    _check_act(payload)


def _check_card(card: object) -> None:
    if card is None:
        return
    _need(isinstance(card, dict), "card")
    assert isinstance(card, dict)  # for mypy; said by the line above
    gen = card.get("gen")
    _need(gen is None or (_whole(gen) and 1 <= gen <= MAX_SEQ), "card.gen")
    _need(card.get("via") in ("scan", "typed", "paper"), "card.via")


def _check_act(payload: dict[str, Any]) -> None:
    act = payload.get("act")
    _need(isinstance(act, str) and act in ACTS - PORTAL_ONLY, "act")
    if act in ACTING or act == "undo":
        _need(payload.get("student"), "student")
        _need(payload.get("step"), "step")
    if act == "undo":
        _need(payload.get("target"), "target")


def _need(right: object, name: str) -> None:
    if not right:
        raise Malformed(name)


def _text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _all(values: object, form: re.Pattern[str], most: int) -> bool:
    return isinstance(values, list) and len(values) <= most and all(isinstance(v, str) and form.fullmatch(v) for v in values)
