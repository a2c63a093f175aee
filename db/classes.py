"""Classes as those see them who hand out cards and codes: counselors their own, colleges theirs, administrators all."""

from __future__ import annotations

from typing import NamedTuple

import peewee

from db import season as seasons
from db.accounts import Account
from db.database import database, marks
from db.grants import classes_near, powers_of
from db.people import ClassGroup, College, in_order
from db.refusals import NotFound
from db.rules.fold import SETTLED


class ClassCounts(NamedTuple):
    """A class and how many of its graduates there are, have activated their account, hold a card that counts, are fully cleared."""

    group: ClassGroup
    graduates: int
    activated: int
    cards: int
    cleared: int


def in_care(account: Account) -> list[ClassCounts]:
    """Every class this account looks after, college by college. Two queries and those of its powers, however many there are."""
    groups = in_order(_near(account).select(ClassGroup, College))
    counts = _counts([group.id for group in groups])
    return [ClassCounts(group, *counts.get(group.id, (0, 0, 0, 0))) for group in groups]


def find(account: Account, class_id: int) -> ClassCounts:
    """The class if this account looks after it; NotFound("unknown-class") alike where it does not and where there is none."""
    group = _near(account).select(ClassGroup, College).where(ClassGroup.id == class_id).first()
    if group is None:
        raise NotFound("unknown-class")
    return ClassCounts(group, *_counts([group.id]).get(group.id, (0, 0, 0, 0)))


def _near(account: Account) -> peewee.ModelSelect:
    powers = powers_of(account)
    every = ClassGroup.select().join(College)
    return every if powers.may("admin") else every.where(ClassGroup.id.in_(classes_near(powers)))


def _counts(ids: list[int]) -> dict[int, tuple[int, ...]]:
    """Class id → graduates on the roster, activated, with a card that counts, with every required step settled."""
    if not ids:
        return {}
    required = [step.code for step in seasons.current().plan.steps if step.required]
    settled = sorted(SETTLED - {"not-applicable"})
    people = f"SELECT id FROM graduate WHERE removed_at IS NULL AND class_id IN ({marks(len(ids))})"
    sql = (
        "SELECT g.class_id, COUNT(*), SUM(CASE WHEN a.password_hash IS NOT NULL THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN g.gen > 0 AND NOT g.card_revoked THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN t.done = t.apply AND t.apply > 0 THEN 1 ELSE 0 END) "
        "FROM graduate g LEFT JOIN account a ON a.graduate_id = g.id "
        "LEFT JOIN (SELECT graduate_id, SUM(CASE WHEN state <> 'not-applicable' THEN 1 ELSE 0 END) AS apply, "
        f"SUM(CASE WHEN state IN ({marks(len(settled))}) THEN 1 ELSE 0 END) AS done FROM clearance "
        f"WHERE graduate_id IN ({people}) AND step IN ({marks(len(required))}) GROUP BY graduate_id) t ON t.graduate_id = g.id "
        f"WHERE g.id IN ({people}) GROUP BY g.class_id"
    )
    rows = database.execute_sql(sql, (*settled, *ids, *required, *ids))
    return {class_id: tuple(int(number) for number in numbers) for class_id, *numbers in rows}
