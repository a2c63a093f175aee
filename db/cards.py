"""Clearance cards: issued, replaced, revoked. Every generation is a row and stays one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import peewee

from db import season as seasons
from db.audit import record
from db.database import Model, Moment, database, lock, mark, marks, now, writing
from db.people import Graduate
from db.refusals import Conflict, NotFound
from db.rules import jws
from db.rules.card import sign_card

GRACE = timedelta(days=30)
"""Cards outlive the season by this: what was not collected in time is handed out for some weeks more."""


class Card(Model):
    """One generation of a graduate's card. The token itself is made when it is shown; the row is what makes it count."""

    graduate = peewee.ForeignKeyField(Graduate, backref="cards")
    gen = peewee.IntegerField()
    issued_at = Moment()
    issued_by = peewee.TextField()
    reason = peewee.TextField(default="")
    expires_at = Moment()
    revoked_at = Moment(null=True)
    revoked_by = peewee.TextField(null=True)

    class Meta:
        indexes = ((("graduate", "gen"), True),)
        constraints = (peewee.Check("gen >= 1"),)


def issue(by: str, graduate_ids: Collection[int] | None = None) -> int:
    """Issue a first card to every graduate (or to these) who has none; return how many. Safe to repeat."""
    from db.projection import mark_changed

    with writing():
        lock("change")
        waiting = [
            row[0] for row in database.execute_sql("SELECT id FROM graduate WHERE gen = 0 AND removed_at IS NULL ORDER BY id")
        ]
        if graduate_ids is not None:
            wanted = set(graduate_ids)
            waiting = [id_ for id_ in waiting if id_ in wanted]
        moment, expires = now(), _expiry()
        for start in range(0, len(waiting), 400):
            chunk = waiting[start : start + 400]
            Card.insert_many(
                [{"graduate": id_, "gen": 1, "issued_at": moment, "issued_by": by, "expires_at": expires} for id_ in chunk]
            ).execute()
            database.execute_sql(f"UPDATE graduate SET gen = 1 WHERE id IN ({marks(len(chunk))})", chunk)
        mark_changed(waiting)
        if waiting:
            record(by, "cards.issued", "", {"count": len(waiting)})
    return len(waiting)


def reissue(graduate_id: int, by: str, reason: str, seen_gen: int | None = None) -> Card:
    """Replace the graduate's card by a new generation; the one before stops counting at once.

    With `seen_gen`, only if that is still the newest: a second tap on the same button returns the card the first one made.
    """
    with writing():
        lock("change")
        graduate = _hold(graduate_id)
        if seen_gen is not None and graduate.gen != seen_gen:
            return Card.get(Card.graduate == graduate_id, Card.gen == graduate.gen)
        card = Card.create(
            graduate=graduate_id, gen=graduate.gen + 1, issued_at=now(), issued_by=by, reason=reason, expires_at=_expiry()
        )
        Graduate.update(gen=card.gen, card_revoked=False).where(Graduate.id == graduate_id).execute()
        _look_again(graduate)
        record(by, "card.reissued", graduate.number, {"gen": card.gen, "reason": reason})
    return card


def revoke(graduate_id: int, by: str, reason: str, seen_gen: int | None = None) -> Card:
    """Revoke the graduate's newest card; there is none that counts until a new one is issued. Safe to repeat.

    Raises Conflict when no card was issued yet, or when `seen_gen` is given and a newer one was issued meanwhile.
    """
    with writing():
        lock("change")
        graduate = _hold(graduate_id)
        if seen_gen is not None and graduate.gen != seen_gen:
            raise Conflict("card-changed")
        card = Card.get_or_none(Card.graduate == graduate_id, Card.gen == graduate.gen)
        if card is None:
            raise Conflict("no-card")
        if card.revoked_at is None:
            card.revoked_at, card.revoked_by = now(), by
            card.save()
            Graduate.update(card_revoked=True).where(Graduate.id == graduate_id).execute()
            _look_again(graduate)
            record(by, "card.revoked", graduate.number, {"gen": card.gen, "reason": reason})
    return card


def counting(before: datetime | None = None) -> int:
    """How many cards count now, neither replaced, revoked nor expired, of those on the roster; with `before`, issued until then."""
    newest = (Card.graduate == Graduate.id) & (Card.gen == Graduate.gen)
    query = Card.select().join(Graduate, on=newest).where(
        Card.revoked_at.is_null(), Card.expires_at > now(), Graduate.removed_at.is_null()
    )
    return query.where(Card.issued_at <= before).count() if before else query.count()


def token(key: jws.SigningKey, graduate: Graduate) -> str:
    """What the QR of the graduate's newest card holds. Raises Conflict when there is no card that counts."""
    sql = f"SELECT expires_at FROM card WHERE graduate_id = {mark()} AND gen = {mark()} AND revoked_at IS NULL"
    found = database.execute_sql(sql, (graduate.id, graduate.gen)).fetchone()
    if found is None:
        raise Conflict("no-card")
    return sign_card(key, graduate.ref, graduate.gen, found[0] // 1000)


def _expiry() -> datetime:
    closes = seasons.current().plan.closes_at
    assert closes is not None  # a season always has both dates
    return closes.astimezone(now().tzinfo) + GRACE


def _hold(graduate_id: int) -> Graduate:
    graduate = Graduate.get_or_none(Graduate.id == graduate_id, Graduate.removed_at.is_null())
    if graduate is None:
        raise NotFound("unknown-graduate")
    return graduate


def _look_again(graduate: Graduate) -> None:
    """Tablets fetch the row, and what was read off older cards is judged again."""
    from db.projection import mark_changed, refold

    sql = f"SELECT DISTINCT step FROM entry WHERE student = {mark()} AND step IS NOT NULL"
    refold([(graduate.ref, row[0]) for row in database.execute_sql(sql, (graduate.ref,))])
    mark_changed([graduate.id])
