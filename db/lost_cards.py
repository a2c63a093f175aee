"""A graduate's own new card for a lost one: at once, without asking anybody."""

from __future__ import annotations

from datetime import timedelta

from db.cards import Card, reissue
from db.database import lock, now, to_ms, writing
from db.people import Graduate
from db.refusals import Conflict, Forbidden, NotFound, TooMany

MOST = 5
WITHIN = timedelta(hours=24)


def replace_lost(graduate_id: int, by: str, seen_gen: int) -> Card:
    """Replace the card of generation `seen_gen`, which its owner `by` reports lost; the old one stops counting at once.

    Safe to repeat: once that card is replaced, the newest is returned. Raises Conflict (`no-card`) when none was ever issued,
    Forbidden (`card-revoked`) when staff revoked it: whoever did had a reason, and only staff issue the next one; and TooMany
    (`too-many-cards`) after five in 24 hours. The cards themselves are the count, so nothing slips past it.
    """
    with writing():
        lock("change")
        graduate = Graduate.get_or_none(Graduate.id == graduate_id, Graduate.removed_at.is_null())
        if graduate is None:
            raise NotFound("unknown-graduate")
        if graduate.gen == 0:
            raise Conflict("no-card")
        if graduate.card_revoked:
            raise Forbidden("card-revoked")
        if graduate.gen == seen_gen:
            _check_count(graduate_id, by)
        return reissue(graduate_id, by, "lost", seen_gen=seen_gen)


def _check_count(graduate_id: int, by: str) -> None:
    own = (
        Card.select(Card.issued_at)
        .where(Card.graduate == graduate_id, Card.issued_by == by, Card.issued_at > now() - WITHIN)
        .order_by(Card.issued_at.desc())
        .limit(MOST)
    )
    times = [card.issued_at for card in own]
    if len(times) == MOST:
        wait = (to_ms(times[-1] + WITHIN) - to_ms(now())) // 1000
        raise TooMany("too-many-cards", retry_after=max(1, wait), most=MOST)
