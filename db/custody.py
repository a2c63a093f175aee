"""Custody: which tablet hands out what a step hands over (diplomas …) to the graduates of a class; moved, never copied.

At any moment one tablet has a class, or none. It may hand out with no network only because no other tablet may; so a class
leaves it only when it has answered, online, that it has let go of it and everything it signed until then is here, or when
somebody with a name writes the tablet off. Every change is a row of its own, and rows are never changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import peewee

from db import season as seasons
from db.accounts import Account
from db.audit import record
from db.database import Model, Moment, database, lock, mark, now, writing
from db.grants import powers_of
from db.people import ClassGroup, College
from db.refusals import Conflict, Forbidden, Invalid, NotFound
from db.rules.season import Plan
from db.rules.step import Step
from db.stations import Device

GIVEN, ASKED, KEPT, MOVED, WRITTEN_OFF = "given", "asked", "kept", "moved", "written-off"

_LAST = "NOT EXISTS (SELECT 1 FROM custody_move n WHERE n.step = m.step AND n.class_id = m.class_id AND n.no > m.no)"


class CustodyMove(Model):
    """One change. `no` counts those of a step and class from 1.

    given: nobody had it, `to_device` has it now. asked: `from_device` shall let go of it, for `to_device` or for nobody. kept:
    that wish was taken back. moved: it let go. written-off: somebody gave `from_device` up. `by`: staff, or the tablet itself.
    """

    step = peewee.TextField()
    class_group = peewee.ForeignKeyField(ClassGroup, column_name="class_id")
    no = peewee.IntegerField()
    kind = peewee.TextField()
    from_device = peewee.ForeignKeyField(Device, null=True, column_name="from_device", backref="custody_left")
    to_device = peewee.ForeignKeyField(Device, null=True, column_name="to_device", backref="custody_taken")
    by = peewee.TextField()
    at = Moment()

    class Meta:
        indexes = ((("step", "class_group", "no"), True),)
        constraints = (
            peewee.Check("kind IN ('given','asked','kept','moved','written-off')"),
            peewee.Check("(from_device IS NULL) = (kind = 'given') AND (to_device IS NOT NULL OR kind NOT IN ('given','kept'))"),
        )

    @property
    def holder(self) -> Device | None:
        """The tablet that has the class after this move."""
        return self.from_device if self.kind == ASKED else self.to_device


class Held(NamedTuple):
    """A class that a tablet has. `id` names this very holding: had again later, it has another."""

    id: int
    step: str
    class_name: str


class Moves(NamedTuple):
    """What became of a wish to move classes: handed out at once, asked for, and as wished already."""

    given: int
    asked: int
    unchanged: int


def standing(step: str, classes: Collection[int] | None = None) -> dict[int, CustodyMove]:
    """The last move of each class of a step, by class id, its tablets loaded; a class never handed out is left out. One query."""
    sql = f"SELECT m.id FROM custody_move m WHERE m.step = {mark()} AND {_LAST}"
    query = _with_tablets().where(CustodyMove.id.in_([row[0] for row in database.execute_sql(sql, (step,))]))
    return {move.class_id: move for move in query if classes is None or move.class_id in classes}


def history(step: str, class_id: int) -> Sequence[CustodyMove]:
    """Every move of a step and class, the newest first, its tablets loaded. One query."""
    where = (CustodyMove.step == step, CustodyMove.class_group == class_id)
    return list(_with_tablets().where(*where).order_by(CustodyMove.no.desc()))


def _with_tablets() -> peewee.ModelSelect:
    source, target = Device.alias("source"), Device.alias("target")
    return (
        CustodyMove.select(CustodyMove, source, target)
        .join(source, peewee.JOIN.LEFT_OUTER, on=CustodyMove.from_device == source.id, attr="from_device")
        .join_from(CustodyMove, target, peewee.JOIN.LEFT_OUTER, on=CustodyMove.to_device == target.id, attr="to_device")
    )


def held_by(device: str) -> list[Held]:
    """What a tablet has and may keep: not what it is asked to let go of. One query, asked with every answer to a tablet."""
    sql = (
        "SELECT m.id, m.step, c.name FROM custody_move m JOIN class_group c ON c.id = m.class_id "
        f"WHERE m.to_device = {mark()} AND m.kind <> 'asked' AND {_LAST} ORDER BY m.step, c.name"
    )
    return [Held(*row) for row in database.execute_sql(sql, (device,))]


def recalled_from(device: str) -> list[Held]:
    """What a tablet is asked to let go of, by the ids under which it has it. One query, asked with every heartbeat."""
    sql = (
        "SELECT (SELECT MAX(g.id) FROM custody_move g WHERE g.step = m.step AND g.class_id = m.class_id AND g.kind <> 'asked'), "
        "m.step, c.name FROM custody_move m JOIN class_group c ON c.id = m.class_id "
        f"WHERE m.from_device = {mark()} AND m.kind = 'asked' AND {_LAST} ORDER BY m.id"
    )
    return [Held(*row) for row in database.execute_sql(sql, (device,))]


def holder_of(step: str, ref: str) -> Device | None:
    """The tablet that has the class of this graduate, asked to let go of it or not; None where nobody has it. One query."""
    sql = (
        "SELECT CASE WHEN m.kind = 'asked' THEN m.from_device ELSE m.to_device END FROM custody_move m "
        f"JOIN graduate g ON g.class_id = m.class_id WHERE g.ref = {mark()} AND m.step = {mark()} AND {_LAST}"
    )
    found = database.execute_sql(sql, (ref, step)).fetchone()
    return None if found is None or found[0] is None else Device.get_by_id(found[0])


def move(account: Account, step: str, classes: Iterable[int], to: str | None) -> Moves:
    """Let the tablet `to` have these classes, or nobody (None). What another has is asked back, and moves when that has let go.

    Safe to repeat. By administrators, and by supervisors of the stations of both tablets. All classes or none: raises NotFound
    for an unknown step, class or tablet, Forbidden out of scope, Conflict (`tablet-withdrawn`, `tablet-not-for-class`).
    """
    plan = seasons.current().plan
    if step not in (found.code for found in collect_steps(plan)):
        raise NotFound("unknown-clearance")
    with writing():
        lock("change")
        wanted = sorted(set(classes))
        groups = {one.id: one for one in ClassGroup.select(ClassGroup, College).join(College).where(ClassGroup.id.in_(wanted))}
        if not wanted or groups.keys() != set(wanted):
            raise Invalid({"classes": "required"}) if not wanted else NotFound("unknown-class")
        target = _target(plan, step, to, groups.values())
        last = standing(step)
        _require(account, [target, *(last[id_].holder for id_ in wanted if id_ in last)])
        kinds = [_wish(account.id, step, id_, last.get(id_), to) for id_ in wanted]
        done = Moves(kinds.count(GIVEN), kinds.count(ASKED), kinds.count(None))
        if len(kinds) > done.unchanged:
            names = [groups[id_].name for id_, kind in zip(wanted, kinds, strict=True) if kind]
            action = "custody.moved" if to else "custody.recalled"
            record(account.id, action, step, {"tablet": target and target.name, "count": len(names), "classes": names})
    return done


def let_go(device: str, ids: Collection[int], head_seq: int) -> int:
    """A tablet says that it has let go of these, its last entry being `head_seq`: they move if everything up to there is here.

    Only what it was asked for moves; of a withdrawn tablet nothing does, as what it sent counts only once a reviewer has seen it.
    Safe to repeat. Returns how many moved.
    """
    if not any(held.id in ids for held in recalled_from(device)):
        return 0
    with writing():
        lock("change")
        found = Device.get_by_id(device)
        if found.revoked_at is not None or found.contiguous < head_seq:
            return 0
        gone = [held for held in recalled_from(device) if held.id in ids]
        for held in gone:
            last = _last(held.step, ClassGroup.get(ClassGroup.name == held.class_name).id)
            _add(last, MOVED, device, last.to_device_id if _still_serves(last) else None, device)
        if gone:
            record(device, "custody.let-go", found.name, {"count": len(gone), "classes": [held.class_name for held in gone]})
    return len(gone)


def give_up(device: str, by: str) -> None:
    """Somebody gave this tablet up: what it had goes where it was asked for, or to nobody. Inside `writing()`."""
    for held in (*held_by(device), *recalled_from(device)):
        last = _last(held.step, ClassGroup.get(ClassGroup.name == held.class_name).id)
        asked = last.to_device_id if last.kind == ASKED and _still_serves(last) else None
        _add(last, WRITTEN_OFF, device, asked, by)


def has_any(device: str) -> bool:
    """Whether the tablet has any class, asked back or not."""
    return bool(held_by(device) or recalled_from(device))


def collect_steps(plan: Plan) -> tuple[Step, ...]:
    """The steps with which something is handed over, in the plan's order."""
    return tuple(step for step in plan.steps if step.how == "collect")


def _target(plan: Plan, step: str, to: str | None, groups: Iterable[ClassGroup]) -> Device | None:
    """The tablet that shall have the classes: one that works, at a station that hands this over to them."""
    if to is None:
        return None
    device = Device.get_or_none(Device.id == to)
    if device is None:
        raise NotFound("unknown-tablet")
    if device.revoked_at is not None:
        raise Conflict("tablet-withdrawn")
    if not all(serves(plan, device.station_id, step, group.college.name) for group in groups):
        raise Conflict("tablet-not-for-class")
    return device


def serves(plan: Plan, station: str, step: str, college: str) -> bool:
    """Whether the station hands this over to graduates of the college of that name."""
    found = plan.stations_by_code.get(station)
    names = {plan.college(code).name.zh for code in found.colleges} if found else set()
    return found is not None and step in found.steps and (not names or college in names)


def _still_serves(asked: CustodyMove) -> bool:
    """Whether the tablet that a class was asked for can have it now as well."""
    device = asked.to_device and Device.get_by_id(asked.to_device_id)
    college = asked.class_group.college.name
    return device and not device.revoked_at and serves(seasons.current().plan, device.station_id, asked.step, college)


def _require(account: Account, devices: Iterable[Device | None]) -> None:
    powers = powers_of(account)
    if powers.may("admin"):
        return
    if not all(device is None or powers.may("supervisor", station=device.station_id) for device in devices):
        raise Forbidden("out-of-scope")
    if not powers.may("supervisor"):
        raise Forbidden("out-of-scope")


def _wish(by: str, step: str, class_id: int, last: CustodyMove | None, to: str | None) -> str | None:
    """Write what has to be written so that `to` gets the class; the kind of it, None where it is so, or asked for, already."""
    if last is not None and last.holder is not None:
        if last.to_device_id == to:
            return None
        kind = KEPT if last.holder.id == to else ASKED
        _add(last, kind, last.holder.id, to, by)
        return GIVEN if kind == KEPT else kind
    if to is None:
        return None
    no = last.no + 1 if last else 1
    CustodyMove.create(step=step, class_group=class_id, no=no, kind=GIVEN, from_device=None, to_device=to, by=by, at=now())
    return GIVEN


def _last(step: str, class_id: int) -> CustodyMove:
    where = (CustodyMove.step == step, CustodyMove.class_group == class_id)
    return CustodyMove.select().where(*where).order_by(CustodyMove.no.desc()).get()


def _add(last: CustodyMove, kind: str, source: str, target: str | None, by: str) -> None:
    CustodyMove.create(
        step=last.step, class_group=last.class_id, no=last.no + 1, kind=kind, from_device=source, to_device=target, by=by, at=now()
    )  # fmt: skip

