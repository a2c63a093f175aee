"""Reminders that those who look after graduates send them: who would get one, and sending, once and not every day."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from db import season as seasons
from db.accounts import Account
from db.audit import record
from db.bulk import one_of
from db.database import database, from_ms, lock, mark, now, to_ms, writing
from db.matrix import Asked, Row, matrix
from db.messages import News, send_all
from db.refusals import Invalid, NotFound
from db.rules.season import Plan
from db.rules.step import Step
from db.season import today

OPEN_STEPS, WRITTEN = "reminder.steps", "reminder.written"
KINDS = (OPEN_STEPS, WRITTEN)
REST = timedelta(days=1)
"""So long nobody gets another one, unless the sender says so."""
LONGEST = 1000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,24}")


class Receiver(NamedTuple):
    """A graduate (id, and the row of the class desk), whether e-mails reach them, when they had their last reminder within `REST`,
    and the steps that they could settle now."""

    id: int
    row: Row
    mailed: bool
    reminded: datetime | None
    steps: tuple[Step, ...]


class Result(NamedTuple):
    """How many a reminder was sent to, how many of those by e-mail too, and how many were left out."""

    sent: int
    mailed: int
    left_out: int


def receivers(account: Account, asked: Asked, numbers: Collection[str] = ()) -> list[Receiver]:
    """Whom the class desk shows for this account with these filters; of them those with these numbers, if any are given.

    A fixed number of queries. Raises NotFound (`unknown-graduate`) where not one of the numbers is in this account's care.
    """
    rows = [row for row in matrix(account, asked).rows if not numbers or row.number in numbers]
    if numbers and not rows:
        raise NotFound("unknown-graduate")
    known = _known([row.number for row in rows])
    plan, day = seasons.current().plan, today()
    found = []
    for row in rows:
        id_, mailed, reminded = known[row.number]
        found.append(Receiver(id_, row, mailed, reminded, actionable(plan, row, day)))
    return found


def actionable(plan: Plan, row: Row, day: date) -> tuple[Step, ...]:
    """The steps that this graduate could settle on that day: open or held, waiting for no other step and for no list."""
    states = dict(zip((step.code for step in plan.steps), row.states, strict=True))
    found = (step for step in row.blocking if step.opens is None or step.opens <= day)
    return tuple(step for step in found if states[step.code] == "held" or (states[step.code] == "open" and not step.by_list))


def left_out(one: Receiver, kind: str, anyway: bool) -> str | None:
    """Why this receiver gets none: `reminded` or `nothing`; None: gets one."""
    if one.reminded is not None and not anyway:
        return "reminded"
    return "nothing" if kind == OPEN_STEPS and not one.steps else None


def send(
    account: Account, token: str, numbers: Collection[str], kind: str, *, zh: str = "", en: str = "", anyway: bool = False
) -> Result:
    """Send a reminder to these graduates, as far as they are in this account's care: of their open steps, or in these words.

    `token` names the form: the same form again sends nothing more, and answers as before. Raises Invalid for an unknown kind,
    a token that is none, and words that are missing or too long; NotFound where nobody is in this account's care.
    """
    zh, en = zh.strip(), en.strip()
    if kind not in KINDS or not _TOKEN.fullmatch(token):
        raise Invalid({"kind": "unknown-act"})
    if kind == WRITTEN and not 0 < len(zh) <= LONGEST:
        raise Invalid({"zh": ("wrong-note", {"most": LONGEST})})
    if not numbers:
        raise NotFound("unknown-graduate")
    found = receivers(account, Asked(), frozenset(numbers))
    with writing():
        lock("change")  # of two senders at once the second sees what the first sent
        known = _known([one.row.number for one in found])
        found = [one._replace(reminded=known[one.row.number][2]) for one in found]
        keys = {one.id: f"reminder {account.id} {token} {one.id}" for one in found}
        if not _sent(keys.values()).sent:
            to = [one for one in found if left_out(one, kind, anyway) is None]
            send_all([News(one.id, kind, keys[one.id], *_said(one, kind, zh, en), account.id) for one in to])
            if to:
                subject = to[0].row.number if len(to) == 1 else ", ".join(sorted({one.row.group.name for one in to}))
                record(account.id, "reminder.sent", subject, {"graduates": len(to), "left_out": len(found) - len(to)})
        done = _sent(keys.values())
    return Result(done.sent, done.mailed, len(found) - done.sent)


def _said(one: Receiver, kind: str, zh: str, en: str) -> tuple[Mapping[str, object], str, str]:
    if kind == WRITTEN:
        return {}, zh, en
    college = seasons.current().college_code(one.row.group.college.name)
    return {"steps": [step.code for step in one.steps], "college": college}, "", ""


def _sent(keys: Iterable[str]) -> Result:
    among, wanted = one_of(list(keys))
    sql = f"SELECT COUNT(*), COUNT(mail.id) FROM message LEFT JOIN mail ON mail.message_id = message.id WHERE key {among}"
    count, mailed = database.execute_sql(sql, (wanted,)).fetchone()
    return Result(count, mailed, 0)


def _known(numbers: list[str]) -> dict[str, tuple[int, bool, datetime | None]]:
    """By number: id, whether there is an address, and the last reminder within `REST`. Two queries."""
    among, wanted = one_of(numbers)
    sql = f"SELECT number, id, email <> '' OR own_email <> '' FROM graduate WHERE number {among}"
    rows = [(number, id_, bool(mailed)) for number, id_, mailed in database.execute_sql(sql, (wanted,)).fetchall()]
    among, ids = one_of([id_ for _number, id_, _mailed in rows])
    of_these, kinds = one_of(KINDS)
    last = database.execute_sql(
        f"SELECT graduate_id, MAX(at) FROM message WHERE graduate_id {among} AND kind {of_these} AND at > {mark()} "
        "GROUP BY graduate_id",
        (ids, kinds, to_ms(now() - REST)),
    )
    reminded = {id_: from_ms(at) for id_, at in last.fetchall()}
    return {number: (id_, mailed, reminded.get(id_)) for number, id_, mailed in rows}
