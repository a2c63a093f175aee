"""Somebody who cannot come: a proxy collects instead (委托办理), or the diploma is posted. Pure.

An application lives as a row of events. `MOVES` is its whole life: which act leads from where to where, and who may do it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from db.rules import id_number
from db.rules.form import SHORTEST_ADDRESS, Fault
from db.rules.phone import phone as phone
from db.rules.season import Proxy

PROXY, POST = KINDS = ("proxy", "post")
DRAFT, SUBMITTED, RETURNED, APPROVED = "draft", "submitted", "returned", "approved"
REJECTED, WITHDRAWN, REVOKED, EXPIRED, POSTED = "rejected", "withdrawn", "revoked", "expired", "posted"
STATES = (DRAFT, SUBMITTED, RETURNED, APPROVED, REJECTED, WITHDRAWN, REVOKED, EXPIRED, POSTED)
OPEN_STATES = frozenset({DRAFT, SUBMITTED, RETURNED, APPROVED})
"""In these an application is still going on; a graduate has at most one such."""
EDITABLE = frozenset({DRAFT, RETURNED})
CHECKS = ("signed", "phone", "both-ids", "names")
"""What a counselor looks for in the pictures: signed by hand, principal's phone there, both ID cards there, names equal."""
SLOTS = ("letter", "own-id", "proxy-id")
"""The pictures that an application of a proxy needs."""
ADULT = 18
LONGEST_ADDRESS = 200

GRADUATE, COUNSELOR, ADMIN, SYSTEM = "graduate", "counselor", "admin", "system"


class Move(NamedTuple):
    """One act: from which states, to which, by whom, for which kinds."""

    before: frozenset[str]
    after: str
    by: frozenset[str]
    kinds: tuple[str, ...] = KINDS


def _move(before: str, after: str, by: str, kinds: tuple[str, ...] = KINDS) -> Move:
    return Move(frozenset(before.split()), after, frozenset(by.split()), kinds)


MOVES: dict[str, Move] = {
    "submit": _move("draft returned", SUBMITTED, GRADUATE),
    "approve": _move("submitted", APPROVED, COUNSELOR),
    "return": _move("submitted", RETURNED, COUNSELOR),
    "reject": _move("submitted", REJECTED, COUNSELOR),
    "withdraw": _move("draft submitted returned approved", WITHDRAWN, GRADUATE),
    "revoke": _move("approved", REVOKED, "counselor admin"),
    "expire": _move("approved", EXPIRED, SYSTEM, (PROXY,)),
    "post": _move("approved", POSTED, COUNSELOR, (POST,)),
}

_TRACKING = re.compile(r"[A-Z0-9]{8,20}")


def after(state: str, act: str, role: str, kind: str) -> str | None:
    """The state that the act leads to, None where it may not be done from here, by this role, with this kind."""
    move = MOVES.get(act)
    fits = move is not None and state in move.before and role in move.by and kind in move.kinds
    return move.after if move and fits else None


def standing(state: str, kind: str, until: date | None, today: date) -> str:
    """The state as it is on that day: an approval ends with its last day, whether or not anybody wrote it down."""
    over = kind == PROXY and until is not None and until < today
    return EXPIRED if state == APPROVED and over else state


def tracking(text: str) -> str:
    """A parcel's number in capitals without blanks and hyphens. ValueError for anything but 8 to 20 letters and digits."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if not _TRACKING.fullmatch(plain):
        raise ValueError(text)
    return plain


def identity(text: str) -> str:
    """An ID number (GB 11643) without blanks, its X a capital. ValueError where length, check character or birthday are wrong."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if not id_number.valid(plain):
        raise ValueError(text)
    _birthday(plain)
    return plain


def of_age(number: str, today: date) -> bool:
    """Whether who has this ID number is 18 on that day."""
    born = _birthday(number)
    return (today.year - born.year, today.month, today.day) >= (ADULT, born.month, born.day)


def names_somebody(name: str) -> bool:
    """Whether this can be a person's name: letters of any script, with blanks and the marks that stand within names."""
    signs = unicodedata.normalize("NFKC", name)
    return any(sign.isalpha() for sign in signs) and all(
        unicodedata.category(sign)[0] in "LM" or sign in " ·•・‧∙.-'’" for sign in signs
    )


def same_name(one: str, other: str) -> bool:
    """Whether two ways to write a name mean the same: width, blanks, case and the kind of middle dot do not count."""
    return bool(_bare(one)) and _bare(one) == _bare(other)


def faults(data: Mapping[str, Any], rules: Proxy, own_id: str, left: frozenset[str], today: date) -> dict[str, Fault]:
    """What keeps an application from being submitted: field → code, with what belongs into its sentence; empty when nothing does.

    `data` has the columns of an application; `left` are the steps that apply to this graduate and are not settled.
    """
    kind = data["kind"]
    found: dict[str, Fault] = {name: "required" for name in _needed(kind) if not data[name]}
    if data["name"] and not names_somebody(data["name"]):
        found["name"] = "no-name"
    if data["reason"] and data["reason"] not in {reason.code for reason in rules.reasons}:
        found["reason"] = "not-of-plan"
    allowed = set(rules.steps if kind == PROXY else rules.post) & left
    if set(data["steps"].split()) - allowed:
        found["steps"] = "step-not-for-proxies"
    if kind == POST and data["address"] and len(data["address"]) < SHORTEST_ADDRESS:
        found["address"] = "answer-address-short", {"least": SHORTEST_ADDRESS}
    if kind == PROXY:
        found |= _of_days(data["from_day"], data["until_day"], rules.most_days, today)
        if data["id_number"] and data["id_number"] == own_id:
            found["id_number"] = "own-id-number"
        elif data["id_number"] and not of_age(data["id_number"], today):
            found["id_number"] = "not-of-age"
    return found


def _of_days(first: date | None, last: date | None, most: int, today: date) -> dict[str, Fault]:
    if first is None or last is None:
        return {}
    if last < first:
        return {"until_day": "ends-before-it-begins"}
    if last < today:
        return {"until_day": "days-over"}
    return {"until_day": ("too-many-days", {"most": most})} if (last - first).days + 1 > most else {}


def _needed(kind: str) -> tuple[str, ...]:
    if kind == POST:
        return ("reason", "steps", "name", "phone", "address")
    return ("reason", "steps", "name", "id_number", "phone", "own_phone", "from_day", "until_day")


def _birthday(number: str) -> date:
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s·•・‧∙.]", "", plain)
