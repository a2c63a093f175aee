"""How far each counselor of a college is: their graduates, and what has been waiting for their review, for how long."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from db import classes
from db import season as seasons
from db.accounts import Account
from db.bulk import one_of
from db.database import database, from_ms
from db.grants import powers_of


class Progress(NamedTuple):
    """A counselor (id empty: classes without one), what they are called, their classes by name, and graduates in all and done.

    `waiting` are steps submitted that wait for the counselor's review, not for a later one; `oldest` is since when the first waits.
    """

    counselor: str
    name: str
    classes: tuple[str, ...]
    graduates: int
    cleared: int
    waiting: int
    oldest: datetime | None


def progress(account: Account) -> list[Progress]:
    """Every counselor of the colleges that this account has, who is furthest behind first. A fixed number of queries."""
    colleges = powers_of(account).scopes("college", "college")
    counted = [one for one in classes.in_care(account) if one.group.college.name in colleges]
    if not counted:
        return []
    waiting = _waiting([one.group.id for one in counted])
    ids = {one.group.counselor or "" for one in counted}
    names = dict(Account.select(Account.id, Account.name).where(Account.id.in_(ids)).tuples())
    found = []
    for counselor in ids:
        own = [one for one in counted if (one.group.counselor or "") == counselor]
        waits = [waiting[one.group.id] for one in own if one.group.id in waiting]
        found.append(
            Progress(
                counselor, names.get(counselor, counselor), tuple(one.group.name for one in own),
                sum(one.graduates for one in own), sum(one.cleared for one in own), sum(count for count, _ in waits),
                min((since for _, since in waits), default=None),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (-one.waiting, one.cleared - one.graduates, one.counselor))


def _waiting(ids: list[int]) -> dict[int, tuple[int, datetime]]:
    """By class: how many steps wait for a counselor's review, and since when the first does."""
    reviewed = [step.code for step in seasons.current().plan.steps if step.reviews[:1] == ("counselor",)]
    among, group_ids = one_of(ids)
    of_these, steps = one_of(reviewed)
    sql = (
        "SELECT g.class_id, COUNT(*), MIN(c.as_of) FROM clearance c JOIN graduate g ON g.id = c.graduate_id "
        "LEFT JOIN step_form f ON f.graduate_id = c.graduate_id AND f.step = c.step "
        "WHERE c.state = 'submitted' AND COALESCE(f.waits, 'counselor') = 'counselor' AND g.removed_at IS NULL "
        f"AND g.class_id {among} AND c.step {of_these} GROUP BY g.class_id"
    )
    rows = database.execute_sql(sql, (group_ids, steps)).fetchall()
    return {class_id: (count, from_ms(since)) for class_id, count, since in rows}
