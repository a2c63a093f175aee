"""What counselors do about applications of those who cannot come: look, decide, revoke, post; and who covers for whom.

A counselor's are the applications of the own classes, and while somebody is away whom the counselor covers, those of that
colleague's classes. Nobody else's: not a college's, an officer's or an administrator's.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import peewee

from db.accounts import Account
from db.audit import record
from db.database import LocalDay, Model, Moment, lock, now, writing
from db.day import today
from db.grants import powers_of
from db.people import ClassGroup, Graduate
from db.proxies import ProxyApplication, act, faults, made_already, trying, with_people
from db.refusals import Conflict, Invalid, NotFound
from db.rules import proxy as rules
from db.rules.proxy import COUNSELOR, PROXY

LONGEST = 500
FINISHED = 50
"""So many finished applications stand below the queue."""


class ProxyCover(Model):
    """`cover` looks after the applications of `absent`'s classes from one day to another, both included."""

    absent = peewee.ForeignKeyField(Account, backref="covered_by")
    cover = peewee.ForeignKeyField(Account, backref="covers")
    from_day = LocalDay()
    until_day = LocalDay()
    named_at = Moment()
    ended_at = Moment(null=True)

    class Meta:
        constraints = (peewee.Check("absent_id <> cover_id"), peewee.Check("from_day <= until_day"))


def classes_of(account: Account) -> frozenset[str]:
    """Names of the classes whose applications this account decides about today."""
    if account.disabled_at is not None:
        return frozenset()
    names = powers_of(account).scopes("counselor", "class")
    for cover in _standing().where(ProxyCover.cover == account.id):
        names |= powers_of(cover.absent).scopes("counselor", "class")
    return names


def queue(account: Account) -> list[ProxyApplication]:
    """The submitted ones, longest waiting first, then those that wait for a parcel's number."""
    waiting = ProxyApplication.state == rules.SUBMITTED
    parcels = (ProxyApplication.state == rules.APPROVED) & (ProxyApplication.kind == rules.POST)
    return list(_near(account).where(waiting | parcels).order_by(ProxyApplication.state.desc(), ProxyApplication.changed_at))


def finished(account: Account) -> list[ProxyApplication]:
    """The newest of those that were decided about or taken back."""
    told = ProxyApplication.state.not_in((rules.DRAFT, rules.SUBMITTED))
    done = told & ~((ProxyApplication.state == rules.APPROVED) & (ProxyApplication.kind == rules.POST))
    return list(_near(account).where(done).order_by(ProxyApplication.changed_at.desc()).limit(FINISHED))


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


def post(account: Account, id_: str, number: str) -> ProxyApplication:
    """Note under which number the parcel was posted. The same number again: nothing more happens."""
    with trying("post", id_, account.id):
        application = find(account, id_)
        if application.state == rules.POSTED and application.tracking == number:
            return application
        return act(application, "post", COUNSELOR, account.id, detail={"tracking": number}, tracking=number)


def name_cover(account: Account, cover: str, first: date, last: date) -> ProxyCover:
    """Let a colleague decide about the applications of one's classes. The same again is returned as it is.

    Raises Invalid for days that are over or the wrong way round, and for whoever is no counselor.
    """
    if last < first:
        raise Invalid({"until_day": "ends-before-it-begins"})
    if last < today():
        raise Invalid({"until_day": "days-over"})
    with writing():
        lock("change")  # of the same sent twice at once the second finds the first's row
        found = Account.get_or_none(Account.id == cover) if cover.isprintable() else None
        if found is None or found.disabled_at is not None or "counselor" not in powers_of(found).roles:
            raise Invalid({"cover": "no-counselor"})
        if found.id == account.id:
            raise Invalid({"cover": "not-oneself-as-cover"})
        same = (ProxyCover.absent == account.id, ProxyCover.cover == cover, ProxyCover.from_day == first,
                ProxyCover.until_day == last, ProxyCover.ended_at.is_null())  # fmt: skip
        row = ProxyCover.get_or_none(*same)
        if row is None:
            row = ProxyCover.create(absent=account.id, cover=cover, from_day=first, until_day=last, named_at=now())
            record(account.id, "proxy.cover-named", cover, {"first": first.isoformat(), "last": last.isoformat()})
    return row


def end_cover(account: Account, id_: int) -> None:
    """End a cover that one named oneself. Again: nothing more happens."""
    with writing():
        row = ProxyCover.get_or_none(ProxyCover.id == id_, ProxyCover.absent == account.id)
        if row is None:
            raise NotFound("unknown-cover")
        if ProxyCover.update(ended_at=now()).where(ProxyCover.id == id_, ProxyCover.ended_at.is_null()).execute():
            record(account.id, "proxy.cover-ended", row.cover_id)


def covers_of(account: Account) -> list[ProxyCover]:
    """Those that stand or are to come, for whom one named and by whom one was named."""
    mine = (ProxyCover.absent == account.id) | (ProxyCover.cover == account.id)
    query = ProxyCover.select().where(mine, ProxyCover.ended_at.is_null(), ProxyCover.until_day >= today())
    return list(query.order_by(ProxyCover.from_day, ProxyCover.id))


def _standing() -> peewee.ModelSelect:
    day = today()
    query = ProxyCover.select(ProxyCover, Account).join(Account, on=ProxyCover.absent)
    return query.where(ProxyCover.ended_at.is_null(), ProxyCover.from_day <= day, ProxyCover.until_day >= day)


def _near(account: Account) -> peewee.ModelSelect:
    return with_people().where(ClassGroup.name.in_(classes_of(account)), Graduate.removed_at.is_null())


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
