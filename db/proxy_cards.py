"""The proxy's card, and what tablets, registers and messages know of proxies: names, days, for whom else one stands."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from db import season as seasons
from db.database import to_ms
from db.people import ClassGroup, College, Graduate
from db.proxies import ProxyApplication
from db.refusals import Conflict
from db.rules import jws
from db.rules import proxy as rules
from db.rules.card import sign_card
from db.rules.proxy import PROXY
from db.season import today


class Other(NamedTuple):
    """Another graduate for whom the same proxy stands; `college` by its name."""

    name: str
    college: str


class Named(NamedTuple):
    """A proxy's name, and for which graduate (id, ref) it was given: an entry may name anybody's."""

    graduate_id: int
    ref: str
    name: str


class Authorized(NamedTuple):
    """An approved proxy, and for whom else the same one stands today."""

    application: ProxyApplication
    others: tuple[Other, ...]


def card_counts(application: ProxyApplication) -> bool:
    """Whether the proxy's card may be shown today: approved, and within its days."""
    if application.erased_at is not None:
        return False
    within = application.from_day is not None and application.from_day <= today()
    return application.kind == PROXY and application.standing == rules.APPROVED and within


def until_ms(day: date) -> int:
    """The moment at which an authorization up to this day is over, in epoch ms."""
    plan = seasons.current().plan
    return to_ms(datetime.combine(day + timedelta(days=1), time(), plan.zone))


def token(key: jws.SigningKey, application: ProxyApplication) -> str:
    """What the QR of the proxy's card holds. Raises Conflict (`proxy-changed`) where none counts today.

    Its generation is always 1: an approval that was withdrawn or revoked is never given again, a new one has a new id.
    """
    if not card_counts(application):
        raise Conflict("proxy-changed")
    ref = Graduate.select(Graduate.ref).where(Graduate.id == application.graduate_id).scalar()
    return sign_card(key, ref, 1, until_ms(application.until_day) // 1000, application.id)


def standing_for(graduate_ids: Collection[int] | None) -> dict[int, list[Authorized]]:
    """The approved proxies by graduate, of all or of these. One query; none where there are no graduates."""
    if graduate_ids is not None and not graduate_ids:
        return {}
    approved = (ProxyApplication.kind == PROXY, ProxyApplication.state == rules.APPROVED)
    query = ProxyApplication.select(ProxyApplication, Graduate, ClassGroup, College).join(Graduate).join(ClassGroup).join(College)
    query = query.where(*approved, ProxyApplication.erased_at.is_null(), Graduate.removed_at.is_null())
    if graduate_ids is not None:
        theirs = ProxyApplication.alias()
        of_these = (theirs.kind == PROXY, theirs.state == rules.APPROVED, theirs.graduate.in_(list(graduate_ids)))
        query = query.where(ProxyApplication.id_number.in_(theirs.select(theirs.id_number).where(*of_these)))
    same: dict[str, list[ProxyApplication]] = {}
    for one in query.order_by(Graduate.number):
        same.setdefault(one.id_number, []).append(one)
    wanted = None if graduate_ids is None else set(graduate_ids)
    found: dict[int, list[Authorized]] = {}
    for together in same.values():
        for one in together:
            if wanted is None or one.graduate_id in wanted:
                others = tuple(_other(each.graduate) for each in together if each is not one and card_counts(each))
                found.setdefault(one.graduate_id, []).append(Authorized(one, others))
    return found


def proxies_named(ids: Collection[str]) -> dict[str, Named]:
    """Whose proxies these are, by what their cards carry, as far as there are such. One query."""
    query = ProxyApplication.select(ProxyApplication.id, Graduate.id, Graduate.ref, ProxyApplication.name).join(Graduate)
    return {id_: Named(*columns) for id_, *columns in query.where(ProxyApplication.id.in_(list(ids))).tuples()}


def _other(graduate: Graduate) -> Other:
    return Other(graduate.name, graduate.class_group.college.name)
