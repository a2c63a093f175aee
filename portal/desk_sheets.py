"""Desk sheets of the season: each graduate of a class to whom a step applies, with the card that counts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from db import season
from db.cards import Card
from db.database import to_ms
from db.paper import Sheet, rows
from db.people import Graduate
from db.rules.card import sign_card
from db.rules.jws import SigningKey
from portal import private_file
from portal.cardart.desk import DeskRow, DeskSheet


def desk_sheet(key: SigningKey, sheet: Sheet) -> tuple[bytes, int] | None:
    """The PDF and how many graduates are on it; None where the step applies to nobody in the class."""
    people = [cell.graduate for cell in rows(sheet)]
    if not people:
        return None
    tokens = _tokens(key, people)
    about = f"{sheet.group.college.name} · {season.current().plan.name.zh} · 共 {len(people)} 人"
    drawn = DeskSheet(sheet.station.name.zh, sheet.step.name.zh, sheet.group.name, about, sheet.acts[0], sheet.step.money)
    return drawn.pdf([DeskRow(one.name, one.number, tokens.get(one.id)) for one in people]), len(people)


def file_name(sheet: Sheet) -> str:
    """A name for the file that every file system takes."""
    return private_file.name(sheet.group.name, sheet.station.code, sheet.step.code) + ".pdf"


def print_all(key: SigningKey, sheets: Iterable[Sheet], folder: Path) -> int:
    """Make the sheets as PDF files in the folder, readable by its owner alone; returns how many."""
    private_file.folder(folder)
    made = 0
    for sheet in sheets:
        if drawn := desk_sheet(key, sheet):
            private_file.write(folder / file_name(sheet), drawn[0])
            made += 1
    return made


def _tokens(key: SigningKey, people: list[Graduate]) -> dict[int, str]:
    """The codes of the cards that count, by graduate. One query."""
    query = (
        Card.select(Graduate.id, Graduate.ref, Card.gen, Card.expires_at)
        .join(Graduate, on=(Card.graduate == Graduate.id) & (Card.gen == Graduate.gen))
        .where(Card.revoked_at.is_null(), Graduate.id.in_([one.id for one in people]))
    )
    return {id_: sign_card(key, ref, gen, to_ms(expires) // 1000) for id_, ref, gen, expires in query.tuples()}
