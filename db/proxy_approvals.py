"""What an administrator may do about those who cannot come: find an approval that counts, and revoke it with a reason.

An administrator sees whose approval it is and for what, and nothing of what was typed or uploaded.
"""

from __future__ import annotations

import peewee

from db.people import Graduate
from db.proxies import ProxyApplication, act, made_already, trying, with_people
from db.refusals import Conflict, Invalid, NotFound
from db.rules import proxy as rules
from db.rules.proxy import ADMIN
from db.season import today

SHOWN = 100
LONGEST = 500


def standing(words: str = "") -> tuple[list[ProxyApplication], bool]:
    """Approvals that count now, by number, those of one graduate where `words` name or number one; and whether there are more."""
    query = with_people().where(*_counts()).order_by(Graduate.number)
    if words:
        query = query.where((Graduate.number == words) | (Graduate.name == words))
    found = list(query.limit(SHOWN + 1))
    return found[:SHOWN], len(found) > SHOWN


def find(id_: str) -> ProxyApplication:
    """The application if it was ever approved; NotFound (`unknown-proxy`) for any other: what is undecided is the counselor's."""
    decided = ProxyApplication.state.in_((rules.APPROVED, rules.REVOKED, rules.EXPIRED))
    found = with_people().where(ProxyApplication.id == id_, decided).first() if id_.isprintable() else None
    if found is None:
        raise NotFound("unknown-proxy")
    return found


def revoke(by: str, id_: str, seen: int, words: str) -> ProxyApplication:
    """Take an approval back that had `seen` events; the graduate reads `words`. By the same person again: nothing more happens.

    Raises Invalid, and Conflict (`proxy-changed`) when somebody acted meanwhile.
    """
    if not words.strip() or len(words) > LONGEST:
        raise Invalid({"words": "proxy-words"})
    with trying("revoke", id_, by):
        application = with_people().where(ProxyApplication.id == id_).first() if id_.isprintable() else None
        if application is None:
            raise NotFound("unknown-proxy")
        if made_already(application, seen, "revoke", by):
            return application
        if application.version != seen:
            raise Conflict("proxy-changed")
        return act(application, "revoke", ADMIN, by, words)


def _counts() -> tuple[peewee.Expression, ...]:
    over = (ProxyApplication.kind == rules.PROXY) & (ProxyApplication.until_day < today())
    return ProxyApplication.state == rules.APPROVED, ~over, Graduate.removed_at.is_null()
