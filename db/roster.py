"""Take in the roster: who graduates this season, in which class, living where. Nobody is ever deleted."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from peewee import chunked

from db import audit, bulk
from db.accounts import Account, add_graduates
from db.database import lock, next_change, now, touch_season, writing
from db.people import ClassGroup, College, Graduate
from db.projection import refold_graduates
from db.refusals import Conflict, Invalid
from db.rules.roster import Changed, ImportPlan, Known, New, Person, plan_import
from db.rules.roster_row import KnownClass
from db.rules.season import Plan
from db.rules.table import Table, folded

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in people."""

    new: int
    changed: int
    unchanged: int
    removed: int
    left_out: int


def dry_run(table: Table, plan: Plan) -> ImportPlan:
    """What the table would change, and everything wrong with it. Changes nothing."""
    return plan_import(table, known(plan))


def known(plan: Plan) -> Known:
    """Who is known now, and what the plan lets a file name. Two queries."""
    classes = {
        name: KnownClass(college, campus, counselor or "")
        for name, college, campus, counselor in ClassGroup.select(
            ClassGroup.name, College.name, ClassGroup.campus, ClassGroup.counselor
        )
        .join(College)
        .tuples()
    }
    people = {}
    removed = set()
    columns = (Graduate.number, Graduate.name, ClassGroup.name, Graduate.flags, Graduate.building, Graduate.room,
               Graduate.phone, Graduate.email, Graduate.id_number, Graduate.removed_at)  # fmt: skip
    for number, name, group, flags, *rest, removed_at in Graduate.select(*columns).join(ClassGroup).tuples():
        people[number] = Person(number, name, group, frozenset(flags.split()), *rest)
        if removed_at is not None:
            removed.add(number)
    return Known(
        people,
        frozenset(removed),
        classes,
        {folded(name): c.name.zh for c in plan.colleges for name in (c.code, c.name.zh, c.name.en)},
        {folded(name): flag.code for flag in plan.flags for name in (flag.code, flag.name.zh, flag.name.en)},
    )


def apply(
    planned: ImportPlan, plan: Plan, by: str, *, remove_missing: bool = False, leave_out_errors: bool = False,
    counted: int | None = None, new_classes: bool = True,
) -> Imported:
    """Carry out a dry run in one transaction. Safe to repeat: what is in place already is not changed again.

    `by` is the staff id of who decided. With `remove_missing` people whom the file does not name are marked as removed; where they
    are many (`ImportPlan.many_missing`), `counted` must be their number. Without `new_classes` the file may make none.
    Raises Invalid: `roster-has-errors` when rows are wrong, unless they are to be left out (nobody may be removed then);
    `roster-without-rows` when a file that names nobody is to remove somebody; `roster-count-removed` when many are to be removed
    and `counted` is another number; `roster-new-classes` for classes that were not agreed to. Raises Conflict `roster-moved` when
    people or classes have changed since the dry run: look at a new one.
    """
    if planned.columns is None or (planned.errors and (remove_missing or not leave_out_errors)):
        raise Invalid(code="roster-has-errors", count=len(planned.errors))
    with writing():
        lock("change")  # whoever else would change people waits here, so that what is compared below still holds at the end
        fresh = dry_run(planned.table, plan)
        gone = fresh.missing if remove_missing else ()
        if fresh.basis != planned.basis and not (fresh.idle and not gone):
            raise Conflict("roster-moved")
        if fresh.created and not new_classes:
            raise Invalid(code="roster-new-classes", count=len(fresh.created))
        if gone:
            _check_removal(fresh, counted)
        left_out = len({problem.row for problem in fresh.errors})
        done = Imported(len(fresh.new), len(fresh.changed), fresh.unchanged, len(gone), left_out)
        if not fresh.idle or gone:
            _carry_out(fresh, gone, by, done)
    return done


def _check_removal(fresh: ImportPlan, counted: int | None) -> None:
    if not fresh.names_anybody:
        raise Invalid(code="roster-without-rows")
    if fresh.many_missing and counted != len(fresh.missing):
        raise Invalid(code="roster-count-removed", count=len(fresh.missing))


def _carry_out(planned: ImportPlan, gone: Iterable[Person], by: str, done: Imported) -> None:
    change = next_change()
    classes = _write_classes(planned)
    _insert(planned.new, classes, change)
    for changed in planned.changed:
        _update(changed, classes, change)
    if planned.classes:
        touch_season()
    _remove(gone, change)
    new = _graduates(each.person.number for each in planned.new)
    refold_graduates([graduate.id for graduate in new])
    refold_graduates([each.id for each in _graduates(c.person.number for c in planned.changed if "flags" in c.was or c.returns)])
    add_graduates(new, by)
    bulk.count_anew(len(new), "graduate", "clearance")
    counts = {"new": done.new, "changed": done.changed, "removed": done.removed, "left_out": done.left_out}
    audit.record(by, "roster.imported", "", counts)


def _write_classes(planned: ImportPlan) -> dict[str, int]:
    """Make and correct classes as planned; every class's row id by name."""
    colleges = {college.name: college for college in College.select()}
    for name, group in planned.classes.items():
        if group.college not in colleges:
            colleges[group.college] = College.create(name=group.college)
        values = {"campus": group.campus, "counselor": group.counselor or None}
        if not ClassGroup.update(values).where(ClassGroup.name == name).execute():
            ClassGroup.create(name=name, college=colleges[group.college], **values)
    return dict(ClassGroup.select(ClassGroup.name, ClassGroup.id).tuples())


def _insert(new: Iterable[New], classes: dict[str, int], change: int) -> None:
    rows = [
        {
            "ref": secrets.token_urlsafe(9),
            "number": each.person.number,
            **_values(each.person, classes),
            "change": change,
            "rescoped": change,
        }
        for each in new
    ]
    for some in chunked(rows, _AT_ONCE):
        Graduate.insert_many(some).execute()


def _update(changed: Changed, classes: dict[str, int], change: int) -> None:
    values = {**_values(changed.person, classes), "removed_at": None, "change": change}
    if "class" in changed.was or changed.returns:
        values["rescoped"] = change
    Graduate.update(values).where(Graduate.number == changed.person.number).execute()
    if "name" in changed.was:
        Account.update(name=changed.person.name).where(Account.id == changed.person.number).execute()


def _graduates(numbers: Iterable[str]) -> list[Graduate]:
    return [graduate for some in chunked(numbers, _AT_ONCE) for graduate in Graduate.select().where(Graduate.number.in_(some))]


def _remove(gone: Iterable[Person], change: int) -> None:
    values = {"removed_at": now(), "change": change, "rescoped": change}
    for people in chunked(gone, _AT_ONCE):
        Graduate.update(values).where(Graduate.number.in_([person.number for person in people])).execute()


def _values(person: Person, classes: dict[str, int]) -> dict[str, object]:
    return {
        "name": person.name,
        "class_group": classes[person.class_name],
        "flags": " ".join(sorted(person.flags)),
        "building": person.building,
        "room": person.room,
        "phone": person.phone,
        "email": person.email,
        "id_number": person.id_number,
    }
