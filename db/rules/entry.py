"""Station entries: the signed facts that tablets and the portal write (docs/wire.md, Writing).

Nothing here raises on hostile input: a token is either an `Entry` or a reason why it is not one.
"""

import hashlib
import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from db.rules import jws

TYPE = "entry+jwt"
PORTAL = "portal"

ACTING = frozenset(("clear", "hold", "collect", "submit", "return", "waive", "reopen"))
PORTAL_ONLY = frozenset(("submit", "return", "waive", "reopen"))
ACTS = ACTING | {"undo", "refuse", "note"}

MAX_TOKEN = 16_384  # characters; an honest entry has about 700
MAX_MS = 253_402_300_799_999  # the last millisecond of the year 9999
LATEST_MS = MAX_MS - 24 * 3600 * 1000  # a day less: what pages can show in every time zone
_EPOCH = date(1970, 1, 1).toordinal()
MAX_SEQ = 2**53 - 1  # the largest whole number that JavaScript counts exactly

_OF_TABLETS = ACTS - PORTAL_ONLY
_VIAS = frozenset(("scan", "typed", "paper"))
_NAMES = ("device", "operator", "station")
_OPTIONAL = {"shift": 64, "cursor": 512, "student": 64, "step": 64, "target": 64, "proxy": 64, "reason": 2000}  # longest text

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HASH = re.compile(r"[A-Za-z0-9_-]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?Z", re.ASCII)


class Entry(NamedTuple):
    """What the ledger needs of an entry. `corrected` is `at` plus `offset`, in epoch milliseconds UTC."""

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
    shift: str | None = None
    student: str | None = None
    step: str | None = None
    prev: str | None = None


class Malformed(ValueError):
    """A payload that is not an entry; the message names the field."""


def hash_of(signing_input: bytes) -> str:
    """An entry's hash: 16 characters over what is signed, so that a re-encoded signature is the same entry."""
    return jws.encode(hashlib.sha256(signing_input).digest())[:16]


def parse_moment(text: object) -> int | None:
    """Epoch milliseconds of an RFC 3339 moment in UTC, or None when it is not one."""
    if not isinstance(text, str) or not (match := _MOMENT.fullmatch(text)):
        return None
    day, hours, minutes, seconds, fraction = match.groups()
    began = _began(day)
    if began is None:
        return None
    clock = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return began + clock * 1000 + (int(fraction.ljust(3, "0")[:3]) if fraction else 0)


@lru_cache(maxsize=1000)
def _began(day: str) -> int | None:
    """Epoch milliseconds at which a day began, or None when the calendar has no such day."""
    try:
        return (date.fromisoformat(day).toordinal() - _EPOCH) * 86_400_000
    except ValueError:
        return None


def format_moment(ms: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def corrected_time(payload: dict[str, Any]) -> int:
    """`at` + `offset` in epoch milliseconds, kept within what a date can hold anywhere; a missing or odd `at` counts as 1970."""
    offset = payload.get("offset")
    shift = offset if isinstance(offset, int) and not isinstance(offset, bool) else 0
    return min(max((parse_moment(payload.get("at")) or 0) + shift, 0), LATEST_MS)


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
        payload.get("shift"),
        payload.get("student"),
        payload.get("step"),
        payload.get("prev"),
    )


def from_stored(token: str, hash_: str) -> Entry:
    """The entry of a token that this system stored, and so checked, before."""
    return from_payload(jws.payload_of(token), hash_)


def check(token: jws.Token) -> None:
    """Raise `Malformed` unless the token is a well-formed entry of a tablet. The signature is not looked at."""
    payload = token.payload
    get = payload.get
    _need(token.header.get("typ") == TYPE, "typ")
    _need(isinstance(get("id"), str) and _UUID.fullmatch(payload["id"]), "id")
    seq, prev = get("seq"), get("prev")
    _need(type(seq) is int and 1 <= seq <= MAX_SEQ, "seq")
    _need(prev is None if seq == 1 else isinstance(prev, str) and _HASH.fullmatch(prev), "prev")
    for name in _NAMES:
        _need(get(name) and _is_text(payload[name], 64), name)
    for name, longest in _OPTIONAL.items():
        if get(name) is not None:
            _need(_is_text(payload[name], longest), name)
    _need(parse_moment(get("at")) is not None, "at")
    offset, amount = get("offset", 0), get("amount")
    _need(type(offset) is int and -MAX_MS <= offset <= MAX_MS, "offset")
    _need(amount is None or (type(amount) is int and 0 <= amount <= 10**12), "amount")
    _need(_all(get("saw", []), _HASH, 100), "saw")
    _need(_all(get("attachments", []), _SHA256, 20), "attachments")
    if get("card") is not None:
        _check_card(payload["card"])
    act = get("act")
    _need(isinstance(act, str) and act in _OF_TABLETS, "act")
    if act in ACTING or act == "undo":
        _need(get("student"), "student")
        _need(get("step"), "step")
    if act == "undo":
        _need(get("target"), "target")


def _check_card(card: object) -> None:
    if not isinstance(card, dict):
        raise Malformed("card")
    gen, via = card.get("gen"), card.get("via")
    _need(gen is None or (type(gen) is int and 1 <= gen <= MAX_SEQ), "card.gen")
    _need(isinstance(via, str) and via in _VIAS, "card.via")


def _need(right: object, name: str) -> None:
    if not right:
        raise Malformed(name)


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and "\0" not in value


def _all(values: object, form: re.Pattern[str], most: int) -> bool:
    return isinstance(values, list) and len(values) <= most and all(isinstance(v, str) and form.fullmatch(v) for v in values)
