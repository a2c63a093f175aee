"""Links to a proxy's card, which the graduate sends. The code in a link opens it once, in one browser; only its hash is kept.

Who opened a link is a browser, known by a secret of its own that the web keeps as a cookie. The same browser may open it again, so
that an answer lost on the way loses nothing; every other one is refused. One browser may hold the cards of several graduates.
"""

from __future__ import annotations

import hashlib
import secrets

import peewee

from db import attempts, audit, proxies
from db.attempts import Limit
from db.database import Model, Moment, from_ms, lock, now, writing
from db.people import ClassGroup, College, Graduate
from db.proxies import ProxyApplication
from db.proxy_cards import until_ms
from db.refusals import Conflict, Gone, NotFound
from db.rules import proxy as rules

WRONG_BY_ADDRESS = 30
SECONDS = 15 * 60
"""A code cannot be guessed, so this only keeps those quiet who try."""


class ProxyLink(Model):
    """One link. `ended_at`: a newer link took its place. `holder`: the hash of the secret of the browser that opened it."""

    id = peewee.TextField(primary_key=True)
    application = peewee.ForeignKeyField(ProxyApplication, column_name="application_id")
    code_hash = peewee.TextField(unique=True)
    made_at = Moment()
    expires_at = Moment()
    ended_at = Moment(null=True)
    opened_at = Moment(null=True)
    holder = peewee.TextField(null=True, index=True)

    class Meta:
        constraints = (peewee.Check("(holder IS NULL) = (opened_at IS NULL)"),)


def make(graduate: Graduate, seen: str, by: str) -> str:
    """The code of a new link to the proxy's card, told here and never again; the link before it ends.

    Raises Conflict (`proxy-changed`) unless the application is an approval of a proxy that is not over.
    """
    code = secrets.token_urlsafe(18)
    with writing():
        lock("change")
        application = proxies.own(graduate, seen)
        if application.kind != rules.PROXY or application.standing != rules.APPROVED:
            raise Conflict("proxy-changed")
        ProxyLink.update(ended_at=now()).where(*_newest(application.id)).execute()
        ProxyLink.create(
            id=secrets.token_urlsafe(9), application=application.id, code_hash=_hash(code), made_at=now(),
            expires_at=from_ms(until_ms(application.until_day)),
        )  # fmt: skip
        audit.record(by, "proxy.link-made", graduate.number, {"application": application.id})
    return code


def open_with(code: str, holder: str, address: str = "") -> ProxyLink:
    """Open the link in the browser whose secret is `holder`. The same browser again: nothing more happens.

    Raises NotFound (`proxy-link-wrong`), Gone (`proxy-link-ended`, `proxy-link-over`, `proxy-link-void`), Conflict
    (`proxy-link-opened`: by another browser), and TooMany after repeated wrong codes from one address.
    """
    link = ProxyLink.get_or_none(ProxyLink.code_hash == _hash(code))
    if link is None:  # only wrong codes count and wait: others come from the same place, such as a campus network
        tries = attempts.take([Limit("proxy-link", attempts.network(address), WRONG_BY_ADDRESS, SECONDS)])
        audit.record("", "proxy.link-refused", detail={"waits": tries.last})
        raise NotFound("proxy-link-wrong")
    with writing():
        lock("change")
        link = _with_people().where(ProxyLink.id == link.id).get()
        _require_alive(link)
        if link.holder == _hash(holder):
            return link
        number = link.application.graduate.number
        if link.holder is None:
            link.opened_at, link.holder = now(), _hash(holder)
            ProxyLink.update(opened_at=link.opened_at, holder=link.holder).where(ProxyLink.id == link.id).execute()
            audit.record("", "proxy.link-opened", number, {"application": link.application_id})
            return link
    audit.record("", "proxy.link-refused", number, {"application": link.application_id})
    raise Conflict("proxy-link-opened")


def held(holder: str) -> list[ProxyLink]:
    """The links that this browser opened and that no newer one has ended, with application and graduate; the newest first.

    How the application stands is for the caller to look at.
    """
    alive = (ProxyLink.holder == _hash(holder)) & ProxyLink.ended_at.is_null() & Graduate.removed_at.is_null()
    return list(_with_people().where(alive).order_by(ProxyLink.opened_at.desc()))


def newest(application_id: str) -> ProxyLink | None:
    """The link that counts now, opened or not; None while there is none."""
    return ProxyLink.get_or_none(*_newest(application_id))


def _require_alive(link: ProxyLink) -> None:
    if link.ended_at is not None:
        raise Gone("proxy-link-ended")
    if link.expires_at <= now():
        raise Gone("proxy-link-over")
    if link.application.standing != rules.APPROVED or link.application.graduate.removed_at is not None:
        raise Gone("proxy-link-void")


def _newest(application_id: str) -> tuple[peewee.Expression, ...]:
    return ProxyLink.application == application_id, ProxyLink.ended_at.is_null()


def _with_people() -> peewee.ModelSelect:
    query = ProxyLink.select(ProxyLink, ProxyApplication, Graduate, ClassGroup, College)
    return query.join(ProxyApplication).join(Graduate).join(ClassGroup).join(College)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
