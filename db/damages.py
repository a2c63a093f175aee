"""What residents owe for damages: the holds with an amount on a step that is signed off room by room, as the ledger has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from db import season as seasons
from db.accounts import Account
from db.database import database, mark
from db.grants import powers_of
from db.ledger import Attachment
from db.ledger import Entry as Ledger
from db.people import ClassGroup, College, Graduate
from db.rules import jws
from db.rules import round as rounds
from db.rules.entry import Entry, from_payload
from db.rules.fold import Picture
from db.rules.rooms import Place, in_order, place
from db.rules.round import Round
from db.rules.season import Plan
from db.rules.step import Step


class _Kept(NamedTuple):
    """A stored entry with what it tells beside the fold."""

    entry: Entry
    round: Round | None
    attachments: tuple[str, ...]
    name: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """One hold with an amount in fen. `owed`: it still stands; otherwise `state` is what came of it.

    `at` is the corrected time in epoch ms, `by` the name of who found it, `photos` the SHA-256 of those that have arrived,
    `awaited` how many have not.
    """

    graduate: Graduate
    place: Place
    hash: str
    reason: str | None
    round: Round | None
    amount: int
    state: str
    owed: bool
    at: int
    by: str
    photos: tuple[str, ...]
    awaited: int


class House(NamedTuple):
    """A building with what is owed there and what was, in fen."""

    building: str
    claims: int
    owed: int
    settled: int


def steps_of(account: Account, plan: Plan) -> list[Step]:
    """The steps signed off room by room that the account acts on."""
    powers = powers_of(account)
    return [step for step in plan.steps if step.rounds and powers.settles(step.code)]


def claims(step: Step) -> list[Claim]:
    """Every claim of the step, in the order of a walk through the houses. Three queries.

    Of one graduate: the holds that stand, or, where none does, the last one that stood and was not taken back.
    """
    stored = _entries(step.code)
    held = Ledger.select(Ledger.student).where(Ledger.step == step.code, Ledger.act == "hold")
    people = Graduate.select(Graduate, ClassGroup, College).join(ClassGroup).join(College)
    people = people.where(Graduate.ref.in_(held), Graduate.removed_at.is_null())
    arrived = {row.sha256 for row in Attachment.select(Attachment.sha256)} if stored else set()
    season = seasons.current()
    found: list[Claim] = []
    for graduate in people:
        kept = stored.get(graduate.ref, [])
        picture = Picture([one.entry for one in kept], season.facts(step, graduate.circle))
        by_hash = {one.entry.hash: one for one in kept}
        found += [_claim(graduate, by_hash[hash_], picture, arrived) for hash_ in _claiming(picture)]
    return sorted(found, key=_order)


def houses(found: Iterable[Claim]) -> list[House]:
    """The buildings of these claims, in their order."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for claim in found:
        row = sums[claim.place.building]
        row[0] += 1
        row[1 if claim.owed else 2] += claim.amount
    return [House(building, *row) for building, row in sums.items()]


def _entries(step: str) -> dict[str, list[_Kept]]:
    """By ref, every entry on the step that counts, of those who were ever held."""
    sql = (
        "SELECT e.student, e.hash, e.jws, a.name FROM entry e LEFT JOIN account a ON a.id = e.operator "
        f"WHERE e.step = {mark()} AND e.act <> 'refuse' AND (e.outcome <> 'quarantined' OR e.admitted_at IS NOT NULL) "
        f"AND e.student IN (SELECT student FROM entry WHERE step = {mark()} AND act = 'hold')"
    )
    found = defaultdict(list)
    for student, hash_, token, name in database.execute_sql(sql, (step, step)):
        payload = jws.payload_of(token)
        attachments = tuple(payload.get("attachments") or ())
        found[student].append(_Kept(from_payload(payload, hash_), rounds.read(payload), attachments, name))
    return found


def _claiming(picture: Picture) -> Sequence[str]:
    """Hashes of the holds with an amount that stand, or of the last that did."""
    standing = [h for h in picture.head_holds if picture.heads[h].amount]
    if standing:
        return sorted(standing, key=lambda h: picture.heads[h].corrected)
    once = [entry for entry in picture.live.values() if entry.act == "hold" and entry.amount]
    return [max(once, key=lambda entry: (entry.corrected, entry.id)).hash] if once and not picture.head_holds else []


def _claim(graduate: Graduate, kept: _Kept, picture: Picture, arrived: set[str]) -> Claim:
    entry, round_ = kept.entry, kept.round
    photos = tuple(name for name in kept.attachments if name in arrived)
    return Claim(
        graduate=graduate,
        place=place((round_.room if round_ else "") or graduate.dorm),
        hash=entry.hash,
        reason=entry.reason,
        round=round_,
        amount=entry.amount or 0,
        state=picture.cell.state,
        owed=entry.hash in picture.heads,
        at=entry.corrected,
        by=kept.name or entry.operator,
        photos=photos,
        awaited=len(kept.attachments) - len(photos),
    )


def _order(claim: Claim) -> tuple:
    return (*(in_order(part) for part in claim.place), claim.graduate.number, claim.at)
