"""The newest card of a graduate as pages show it: whether it counts, and its code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from markupsafe import Markup

from db.cards import Card
from db.database import now, to_ms
from db.people import Graduate
from db.rules.card import sign_card
from portal.cardart import Face, qr_svg
from web.i18n import masked


@dataclass(frozen=True, slots=True)
class ShownCard:
    """`state` is valid, none (never issued), revoked or expired; only a valid card has a token."""

    state: str
    gen: int
    expires_at: datetime | None = None
    token: str = ""

    @property
    def valid(self) -> bool:
        return self.state == "valid"

    @property
    def code(self) -> Markup:
        """The QR code as SVG, named for those who cannot see it. It holds letters and figures only."""
        return Markup(qr_svg(self.token, _("Code of the clearance card")))  # noqa: S704 - built by an XML writer


def shown_card(graduate: Graduate) -> ShownCard:
    """The graduate's newest card. One query."""
    card = Card.get_or_none(Card.graduate == graduate.id, Card.gen == graduate.gen)
    if card is None:
        return ShownCard("none", 0)
    if card.revoked_at is not None:
        return ShownCard("revoked", card.gen, card.expires_at)
    if card.expires_at <= now():
        return ShownCard("expired", card.gen, card.expires_at)
    key = current_app.extensions["keys"].card_key
    token = sign_card(key, graduate.ref, card.gen, to_ms(card.expires_at) // 1000)
    return ShownCard("valid", card.gen, card.expires_at, token)


def face(graduate: Graduate, card: ShownCard, season: str) -> Face:
    """The card for a picture that travels on phones: its number is masked."""
    group = graduate.class_group
    return Face(card.token, graduate.name, masked(graduate.number), group.college.name, group.name, season)
