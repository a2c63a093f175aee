"""Shifts: a member of staff begins one at a tablet, online and with a password; entries name it.

The PIN that unlocks the tablet afterwards, with no network, is the tablet's own affair and never comes here.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import NamedTuple

import peewee

from db import signin
from db.accounts import Account
from db.audit import record
from db.database import Model, Moment, database, lock, mark, now, to_ms, writing
from db.grants import operators_of
from db.projection import refold
from db.refusals import Forbidden, Invalid, NotFound
from db.rules.findings import CLOCK_MS
from db.stations import Device


class Shift(Model):
    """One person's time at one tablet. Several may be open at once: people take turns at a desk."""

    id = peewee.TextField(primary_key=True)
    device = peewee.ForeignKeyField(Device, column_name="device")
    operator = peewee.TextField(index=True)
    role = peewee.TextField()
    started_at = Moment()
    ended_at = Moment(null=True)

    class Meta:
        constraints = (peewee.Check("role IN ('operator','supervisor')"),)


class OnShift(NamedTuple):
    """Somebody who began a shift at a tablet and has not ended it, as far as the portal has heard."""

    name: str
    role: str
    since: datetime


def on_shift() -> dict[str, list[OnShift]]:
    """Who is on shift, by tablet; whoever began first stands first. One query."""
    query = (
        Shift.select(Shift.device, peewee.fn.COALESCE(Account.name, Shift.operator), Shift.role, Shift.started_at)
        .join(Account, peewee.JOIN.LEFT_OUTER, on=Shift.operator == Account.id)
        .where(Shift.ended_at.is_null())
        .order_by(Shift.started_at, Shift.id)
    )
    found: dict[str, list[OnShift]] = {}
    for device, *who in query.tuples():
        found.setdefault(device, []).append(OnShift(*who))
    return found


def begin(device_id: str, operator: str, password: str) -> tuple[Shift, str]:
    """Begin a shift; returns it with the operator's name. Wrong passwords count for this tablet alone.

    Raises Forbidden (`shift-sign-in-wrong`, `account-disabled`, `not-at-this-station`) and TooMany after repeated wrong passwords.
    """
    try:
        account = signin.sign_in(operator, password, tablet=device_id)
    except Invalid:
        raise Forbidden("shift-sign-in-wrong") from None
    station = Device.get_by_id(device_id).station_id
    role = next((role for id_, _, role in operators_of(station) if id_ == account.id), None)
    if role is None:
        raise Forbidden("not-at-this-station")
    with writing():
        shift = Shift.create(
            id="sh_" + secrets.token_urlsafe(9), device=device_id, operator=account.id, role=role, started_at=now()
        )
        record(account.id, "shift.begun", device_id, {"shift": shift.id, "station": station})
    return shift, account.name


def end(device_id: str, shift_id: str) -> Shift:
    """End a shift of this tablet; one that has ended stays as it ended. Raises NotFound for any other."""
    with writing():
        lock("change")
        changed = Shift.update(ended_at=now()).where(Shift.id == shift_id, Shift.device == device_id, Shift.ended_at.is_null())
        ended = changed.execute()
        shift = Shift.get_or_none(Shift.id == shift_id, Shift.device == device_id)
        if shift is None:
            raise NotFound("unknown-shift")
        if ended:
            _look_again(shift)
            record(shift.operator, "shift.ended", device_id, {"shift": shift.id})
    return shift


def _look_again(shift: Shift) -> None:
    """What this tablet's entries from after the shift's end say of their operator is different now (a finding)."""
    sql = (
        "SELECT DISTINCT student, step FROM entry "
        f"WHERE device = {mark()} AND corrected > {mark()} AND student IS NOT NULL AND step IS NOT NULL"
    )
    after = to_ms(shift.ended_at) + CLOCK_MS
    refold([(student, step) for student, step in database.execute_sql(sql, (shift.device_id, after))])
