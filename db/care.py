"""What those who look after a graduate write down: notes, and marks such as "unreachable". Seen by nobody else.

Those are the counselor of the class and its college. Administrators and officers are not among them, graduates neither.
"""

from __future__ import annotations

from typing import NamedTuple

import peewee

from db import audit
from db.accounts import Account
from db.database import Model, Moment, lock_row, now, writing
from db.grants import classes_near, powers_of
from db.people import ClassGroup, College, Graduate
from db.refusals import Invalid, NotFound

KINDS = ("unreachable", "delayed", "no-destination")
LONGEST = 1000
LONGEST_WHY = 200


class GraduateNote(Model):
    """A note. Append-only: what was written stays."""

    graduate = peewee.ForeignKeyField(Graduate, backref="notes")
    text = peewee.TextField()
    by = peewee.TextField()
    at = Moment()

    class Meta:
        constraints = (peewee.Check("text <> ''"),)


class GraduateMark(Model):
    """Something to know about a graduate, from when it was set until somebody ended it."""

    graduate = peewee.ForeignKeyField(Graduate, backref="marks")
    kind = peewee.TextField()
    why = peewee.TextField()
    by = peewee.TextField()
    at = Moment()
    ended_by = peewee.TextField(null=True)
    ended_at = Moment(null=True)

    class Meta:
        constraints = (
            peewee.Check("kind IN ({})".format(",".join(f"'{kind}'" for kind in KINDS))),
            peewee.Check("(ended_by IS NULL) = (ended_at IS NULL)"),
        )


class Care(NamedTuple):
    """Everything written about one graduate, newest first, with the names of who wrote it by staff id."""

    notes: list[GraduateNote]
    marks: list[GraduateMark]
    names: dict[str, str]

    @property
    def standing(self) -> dict[str, GraduateMark]:
        """The marks that still hold, by kind."""
        return {mark.kind: mark for mark in self.marks if mark.ended_at is None}


def cares(account: Account, group: ClassGroup) -> bool:
    """Whether this account looks after the graduates of the class."""
    powers = powers_of(account)
    return powers.may("counselor", class_=group.name) or powers.may("college", college=group.college.name)


def find(account: Account, number: str) -> Graduate:
    """The graduate of that number with class and college, if this account looks after them; NotFound("unknown-graduate") if not."""
    near = Graduate.class_group.in_(classes_near(powers_of(account)))
    query = Graduate.select(Graduate, ClassGroup, College).join(ClassGroup).join(College)
    found = query.where(Graduate.number == number, near, Graduate.removed_at.is_null()).first() if number.isprintable() else None
    if found is None:
        raise NotFound("unknown-graduate")
    return found


def of(graduate: Graduate) -> Care:
    """What is written about this graduate. Three queries. Ask `cares` first."""
    notes = list(GraduateNote.select().where(GraduateNote.graduate == graduate).order_by(GraduateNote.id.desc()))
    marks = list(GraduateMark.select().where(GraduateMark.graduate == graduate).order_by(GraduateMark.id.desc()))
    wrote = {row.by for row in (*notes, *marks)} | {mark.ended_by for mark in marks if mark.ended_by}
    names = dict(Account.select(Account.id, Account.name).where(Account.id.in_(wrote)).tuples())
    return Care(notes, marks, names)


def write(account: Account, number: str, text: str) -> GraduateNote:
    """Add a note. The newest note again, by the same person in the same words, makes no second one.

    Raises NotFound for whoever does not look after the graduate, Invalid for an empty or too long text.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise Invalid({"text": ("wrong-note", {"most": LONGEST})})
    with writing():
        graduate = _hold(account, number)
        newest = GraduateNote.select().where(GraduateNote.graduate == graduate).order_by(GraduateNote.id.desc()).first()
        if newest is not None and (newest.by, newest.text) == (account.id, text):
            return newest
        note = GraduateNote.create(graduate=graduate, text=text, by=account.id, at=now())
        audit.record(account.id, "care.noted", number, {"note": note.id})
    return note


def mark(account: Account, number: str, kind: str, why: str) -> GraduateMark:
    """Set a mark. One that holds already stays as it is.

    Raises NotFound for whoever does not look after the graduate, Invalid for an unknown kind or a reason that is empty or too long.
    """
    why = why.strip()
    wrong = {} if kind in KINDS else {"kind": "unknown-mark"}
    if not why or len(why) > LONGEST_WHY:
        wrong["why"] = ("wrong-note", {"most": LONGEST_WHY})  # type: ignore[assignment]
    if wrong:
        raise Invalid(wrong)
    with writing():
        graduate = _hold(account, number)
        found = GraduateMark.get_or_none(_holds(graduate, kind))
        if found is None:
            found = GraduateMark.create(graduate=graduate, kind=kind, why=why, by=account.id, at=now())
            audit.record(account.id, "care.marked", number, {"mark": kind})
    return found


def unmark(account: Account, number: str, kind: str) -> None:
    """End a mark, if it holds. Raises NotFound for whoever does not look after the graduate."""
    with writing():
        graduate = _hold(account, number)
        ended = GraduateMark.update(ended_by=account.id, ended_at=now()).where(_holds(graduate, kind)).execute()
        if ended:
            audit.record(account.id, "care.unmarked", number, {"mark": kind})


def _holds(graduate: Graduate, kind: str) -> peewee.Expression:
    return (GraduateMark.graduate == graduate) & (GraduateMark.kind == kind) & GraduateMark.ended_at.is_null()


def _hold(account: Account, number: str) -> Graduate:
    """The graduate, locked until the transaction ends, so that two at once do not write the same twice."""
    graduate = find(account, number)
    lock_row(Graduate, graduate.id)
    return graduate
