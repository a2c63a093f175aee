"""What counselors do about applications of those who cannot come: look, decide, revoke, post.

A counselor's are the applications of the own classes, and of those of a colleague whom the counselor covers (`db.covers`); a
college's those of its classes that have no counselor. Nobody else's: not an officer's or an administrator's.
"""

from __future__ import annotations

from collections.abc import Collection

import peewee

from db.accounts import Account
from db.covers import vacant
from db.grants import powers_of
from db.people import ClassGroup, College, Graduate
from db.proxies import ProxyApplication, act, made_already, trying, with_people
from db.proxy_drafts import faults
from db.refusals import Conflict, Invalid, NotFound
from db.rules import proxy as rules
from db.rules.proxy import COUNSELOR, PROXY

LONGEST = 500
FINISHED = 50
"""So many finished applications stand below the queue on each page."""


def queue(account: Account) -> list[ProxyApplication]:
    """The submitted ones, longest waiting first, then those that wait for a parcel's number."""
    waiting = ProxyApplication.state == rules.SUBMITTED
    parcels = (ProxyApplication.state == rules.APPROVED) & (ProxyApplication.kind == rules.POST)
    longest = (ProxyApplication.state.desc(), ProxyApplication.changed_at, ProxyApplication.id)
    return list(_near(account).where(waiting | parcels).order_by(*longest))


def finished(account: Account, page: int = 1) -> tuple[list[ProxyApplication], int]:
    """Those that were decided about or taken back, newest first: a page of them, and how many pages there are."""
    told = ProxyApplication.state.not_in((rules.DRAFT, rules.SUBMITTED))
    done = told & ~((ProxyApplication.state == rules.APPROVED) & (ProxyApplication.kind == rules.POST))
    query = _near(account).where(done)
    newest = query.order_by(ProxyApplication.changed_at.desc(), ProxyApplication.id)
    return list(newest.paginate(page, FINISHED)), -(-query.count() // FINISHED)


def find(account: Account, id_: str) -> ProxyApplication:
    """The application if this account may decide about it; NotFound (`unknown-proxy`) alike where not and where there is none.

    Drafts are nobody's but the graduate's.
    """
    query = _near(account).where(ProxyApplication.id == id_, ProxyApplication.version > 0)
    found = query.first() if id_.isprintable() else None
    if found is None:
        raise NotFound("unknown-proxy")
    return found


def decide(account: Account, id_: str, seen: int, name: str, words: str = "", checks: Collection[str] = ()) -> ProxyApplication:
    """Approve, return, reject or revoke what had `seen` events. The same by the same person again: nothing more happens.

    Raises Conflict (`proxy-changed`) when somebody acted meanwhile, and Invalid: `words` are needed for all but an approval; an
    approval of a proxy needs every check.
    """
    with trying(name, id_, account.id):
        application = find(account, id_)
        if made_already(application, seen, name, account.id):
            return application
        if application.version != seen:
            raise Conflict("proxy-changed")
        _check(application, name, words, checks)
        return act(application, name, COUNSELOR, account.id, words, {"checks": sorted(checks)} if checks else None)


def _near(account: Account) -> peewee.ModelSelect:
    powers = powers_of(account)
    own = ClassGroup.name.in_(powers.scopes("counselor", "class"))
    unattended = College.name.in_(powers.scopes("college", "college")) & vacant()
    return with_people().where(own | unattended, Graduate.removed_at.is_null())


def _check(application: ProxyApplication, name: str, words: str, checks: Collection[str]) -> None:
    if name not in ("approve", "return", "reject", "revoke"):
        raise Invalid({"act": "unknown-act"})
    if name != "approve":
        if not words.strip() or len(words) > LONGEST:
            raise Invalid({"words": "proxy-words"})
        return
    if application.kind == PROXY and set(checks) != set(rules.CHECKS):
        raise Invalid({"checks": "check-everything"})
    found = faults(application, application.graduate)
    if found:
        raise Invalid({"act": next(iter(found.values()))})
