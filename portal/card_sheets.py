"""Print sheets of the cards that count now, class by class."""

from __future__ import annotations

from pathlib import Path

from db import season
from db.cards import Card
from db.database import to_ms
from db.people import ClassGroup, College, Graduate
from db.rules.card import sign_card
from db.rules.jws import SigningKey
from db.rules.natural import natural
from portal.cardart import Face, batch
from portal.cardart.sheets import Progress


def faces(key: SigningKey, class_name: str | None = None) -> list[list[Face]]:
    """The newest cards, unless revoked, of those still on the roster; a list for each class, by number. One query."""
    title = season.current().plan.name.zh
    query = (
        Card.select(
            College.id, Graduate.ref, Card.gen, Card.expires_at, Graduate.name, Graduate.number, College.name, ClassGroup.name
        )
        .join(Graduate, on=(Card.graduate == Graduate.id) & (Card.gen == Graduate.gen))
        .join(ClassGroup)
        .join(College)
        .where(Card.revoked_at.is_null(), Graduate.removed_at.is_null())
        .order_by(College.id, Graduate.number)
    )
    if class_name is not None:
        query = query.where(ClassGroup.name == class_name)
    classes: dict[tuple[int, str], list[Face]] = {}
    for college_id, ref, gen, expires, name, number, college, group in query.tuples():
        token = sign_card(key, ref, gen, to_ms(expires) // 1000)
        classes.setdefault((college_id, group), []).append(Face(token, name, number, college, group, title))
    return [classes[key] for key in sorted(classes, key=lambda each: (each[0], natural(each[1])))]


def print_sheets(key: SigningKey, folder: Path, class_name: str | None = None, progress: Progress | None = None) -> list[Path]:
    """Make the sheets as PDF files in the folder, on all cores, and return their paths."""
    return batch(faces(key, class_name), folder, progress=progress)
