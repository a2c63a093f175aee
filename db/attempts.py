"""Slowing down those who guess. The rows are in the database, so a limit holds over all processes together.

A try is written down before it is judged and taken back when it was right: many tries at once cannot slip past the count.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from db.accounts import Attempt
from db.database import now, to_ms, writing
from db.refusals import TooMany

KEPT = timedelta(days=1)
EACH = 200


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries in `seconds` for one `key` of this `kind`."""

    kind: str
    key: str
    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Tries:
    """Tries written down and not yet taken back. `last` is true when one more wrong one will have to wait."""

    ids: tuple[int, ...]
    last: bool


def take(limits: Sequence[Limit]) -> Tries:
    """Write down one try under each limit. Raises TooMany with the seconds to wait, and then counts nothing."""
    moment = now()
    ids: list[int] = []
    last = False
    for limit in limits:
        with writing():
            ids.append(Attempt.create(kind=limit.kind, key=limit.key, at=moment).id)
        earlier = _earlier(limit, to_ms(moment), ids[-1])
        if len(earlier) >= limit.most:
            take_back(Tries(tuple(ids), False))
            passed = to_ms(moment) - earlier[limit.most - 1]
            wait = max(1, limit.seconds - passed // 1000)
            raise TooMany("too-many-tries", retry_after=wait, minutes=-(-wait // 60))
        last = last or len(earlier) + 1 == limit.most
    if any(row % EACH == 0 for row in ids):
        purge()
    return Tries(tuple(ids), last)


def take_back(tries: Tries) -> None:
    """The try was right, or was none: it does not count."""
    with writing():
        Attempt.delete().where(Attempt.id.in_(tries.ids)).execute()


def forget(kind: str, key: str) -> None:
    """Forget every try under this key."""
    Attempt.delete().where(Attempt.kind == kind, Attempt.key == key).execute()


def purge() -> int:
    """Delete what is older than a day; returns how many rows."""
    with writing():
        return Attempt.delete().where(Attempt.at < now() - KEPT).execute()


def network(address: str) -> str:
    """What counts as one place: an IPv4 address, the /64 of an IPv6 one (each phone picks new ones in it at will)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))


def _earlier(limit: Limit, moment: int, own: int) -> list[int]:
    """When the other tries within the time were made, newest first; no more of them than matter."""
    since = moment - limit.seconds * 1000
    query = (
        Attempt.select(Attempt.at)
        .where(Attempt.kind == limit.kind, Attempt.key == limit.key, Attempt.at > since, Attempt.id < own)
        .order_by(Attempt.at.desc(), Attempt.id.desc())
        .limit(limit.most)
    )
    return [to_ms(row.at) for row in query]
