"""The issue register: who of a class got what a step hands over, from whom, when and where; and who has not got it yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

import peewee

from db import bulk
from db import season as seasons
from db.accounts import Account
from db.clearance import Clearance
from db.database import database, mark, marks
from db.grants import classes_near, powers_of
from db.ledger import Attachment
from db.people import ClassGroup, College, Graduate
from db.refusals import Forbidden, NotFound
from db.rules import jws
from db.rules.entry import PORTAL, Entry, from_payload
from db.rules.fold import SETTLED, Picture
from db.rules.step import Step


class Handed(NamedTuple):
    """One hand-over that stands. `tablet` is empty for what was posted.

    `signatures`: SHA-256 and media type of what is attached (None: it has not arrived yet).
    """

    entry: Entry
    tablet: str
    operator: str
    signatures: tuple[tuple[str, str | None], ...]


class Line(NamedTuple):
    """One graduate to whom the step applies. Two hand-overs are a conflict, and both stand here."""

    number: str
    name: str
    state: str
    conflict: str | None
    handed: tuple[Handed, ...]


class Counts(NamedTuple):
    """A class: to how many the step applies, how many have collected, how many of these are in conflict."""

    applies: int
    collected: int
    conflicts: int


class Left(NamedTuple):
    """A graduate who has not collected; `missing` are the prerequisites not settled, in the plan's order."""

    college: str
    class_name: str
    number: str
    name: str
    state: str
    missing: tuple[str, ...]


def classes_for(account: Account, step: Step) -> peewee.ModelSelect:
    """The classes whose register of this step the account may read: its officers and administrators all, others those near them.

    Raises Forbidden where that is nothing whatever the step.
    """
    powers = powers_of(account)
    every = ClassGroup.select(ClassGroup, College).join(College)
    if powers.settles(step.code):
        return every
    if not powers.may("college") and not powers.may("counselor"):
        raise Forbidden("out-of-scope")
    return every.where(ClassGroup.id.in_(classes_near(powers)))


def find_class(account: Account, step: Step, class_id: int) -> ClassGroup:
    """The class, if the account may read its register of this step. Raises NotFound, Forbidden."""
    found = classes_for(account, step).where(ClassGroup.id == class_id).first()
    if found is None:
        raise NotFound("unknown-class")
    return found


def counts(step: str) -> dict[int, Counts]:
    """Every class in numbers, by class id. One query."""
    sql = (
        "SELECT g.class_id, COUNT(*), SUM(CASE WHEN c.state = 'collected' THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN c.state = 'collected' AND c.conflict IS NOT NULL THEN 1 ELSE 0 END) FROM clearance c "
        f"JOIN graduate g ON g.id = c.graduate_id WHERE c.step = {mark()} AND c.state <> 'not-applicable' AND g.removed_at IS NULL "
        "GROUP BY g.class_id"
    )
    return {class_id: Counts(*map(int, numbers)) for class_id, *numbers in database.execute_sql(sql, (step,))}


def lines(class_id: int, step: Step) -> list[Line]:
    """The register of a class, by student number. A fixed number of queries."""
    of_class = Graduate.select().where(Graduate.class_group == class_id, Graduate.removed_at.is_null())
    people = list(of_class.order_by(Graduate.number))
    entries, handed = _entries([one.ref for one in people], step.code)
    season = seasons.current()
    found = []
    for one in people:
        picture = Picture(entries[one.ref], season.facts_of_all_steps(one.circle)[step.code])
        if picture.cell.state != "not-applicable":
            stands = sorted(picture.collects.values(), key=lambda entry: (entry.corrected, entry.id))
            cell = picture.cell
            found.append(Line(one.number, one.name, cell.state, cell.conflict, tuple(handed[entry.hash] for entry in stands)))
    return found


def entitled(groups: Collection[ClassGroup], step: Step) -> bool:
    """Whether the step applies to anybody of these classes. One query."""
    return (
        Clearance.select().join(Graduate)
        .where(Clearance.step == step.code, Clearance.state != "not-applicable", Graduate.removed_at.is_null(),
               Graduate.class_group.in_([group.id for group in groups]))
        .exists()
    )  # fmt: skip


def uncollected(groups: Collection[ClassGroup], step: Step) -> list[Left]:
    """Who of these classes has not collected, class by class. Two queries."""
    if not groups:
        return []
    among, ids = bulk.one_of([group.id for group in groups])
    sql = (
        "SELECT g.id, g.class_id, g.number, g.name, c.state FROM clearance c JOIN graduate g ON g.id = c.graduate_id "
        f"WHERE c.step = {mark()} AND c.state NOT IN ('collected', 'not-applicable') "
        f"AND g.removed_at IS NULL AND g.class_id {among}"
    )
    people = database.execute_sql(sql, (step.code, ids)).fetchall()
    missing = _missing(step, ids, among)
    order = {group.id: (place, group) for place, group in enumerate(groups)}
    people.sort(key=lambda row: (order[row[1]][0], row[2]))
    return [
        Left(order[class_id][1].college.name, order[class_id][1].name, number, name, state, missing.get(id_, ()))
        for id_, class_id, number, name, state in people
    ]


def _missing(step: Step, ids: object, among: str) -> dict[int, tuple[str, ...]]:
    if not step.blocked_by:
        return {}
    blocking, settled = list(step.blocked_by), sorted(SETTLED)
    sql = (
        f"SELECT c.graduate_id, c.step FROM clearance c JOIN graduate g ON g.id = c.graduate_id WHERE g.class_id {among} "
        f"AND c.step IN ({marks(len(blocking))}) AND c.state NOT IN ({marks(len(settled))})"
    )
    found: dict[int, set[str]] = defaultdict(set)
    for graduate, code in database.execute_sql(sql, (ids, *blocking, *settled)):
        found[graduate].add(code)
    return {graduate: tuple(code for code in blocking if code in codes) for graduate, codes in found.items()}


def _entries(refs: Collection[str], step: str) -> tuple[dict[str, list[Entry]], dict[str, Handed]]:
    """Every entry that counts, by graduate, and those that hand over, by hash."""
    among, wanted = bulk.one_of(refs)
    sql = (
        "SELECT e.hash, e.student, e.jws, a.name, d.name FROM entry e LEFT JOIN account a ON a.id = e.operator "
        f"LEFT JOIN device d ON d.id = e.device WHERE e.student {among} AND e.step = {mark()} "
        "AND (e.outcome <> 'quarantined' OR e.admitted_at IS NOT NULL)"
    )
    entries: dict[str, list[Entry]] = defaultdict(list)
    collects = []
    for hash_, ref, token, name, tablet in database.execute_sql(sql, (wanted, step)):
        payload = jws.payload_of(token)
        entry = from_payload(payload, hash_)
        entries[ref].append(entry)
        if entry.act == "collect":
            where = "" if entry.device == PORTAL else tablet or entry.device
            collects.append((entry, where, name or entry.operator, payload.get("attachments") or ()))
    names = {name for *_, attached in collects for name in attached}
    columns = (Attachment.sha256, Attachment.media_type)
    types = dict(Attachment.select(*columns).where(Attachment.sha256.in_(names)).tuples()) if names else {}
    handed = {
        entry.hash: Handed(entry, tablet, operator, tuple((name, types.get(name)) for name in attached))
        for entry, tablet, operator, attached in collects
    }
    return entries, handed
