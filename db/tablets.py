"""What the administrator does with an enrolled tablet: give it a name, another station, or give it up by name."""

from __future__ import annotations

import peewee

from db import custody
from db.audit import record
from db.database import Model, Moment, lock, now, writing
from db.refusals import Conflict, Invalid, NotFound
from db.rules.plan import Plan
from db.stations import Device, Posting, Station, revoke

LONGEST_NAME = 100
LONGEST_REASON = 500


class WriteOff(Model):
    """Somebody's word that a tablet is gone for good, with what it had not sent. Never taken back."""

    device = peewee.ForeignKeyField(Device, primary_key=True, backref="write_offs", column_name="device")
    reason = peewee.TextField()
    by = peewee.TextField()
    at = Moment()

    class Meta:
        constraints = (peewee.Check("reason <> ''"),)


def find(device_id: str) -> Device:
    """The tablet of this id. Raises NotFound."""
    device = Device.get_or_none(Device.id == device_id) if device_id.isprintable() else None
    if device is None:
        raise NotFound("unknown-tablet")
    return device


def mark_of(device_id: str) -> str:
    """What tells a tablet from others of its name: the end of its id, which the tablet itself shows too."""
    return device_id[-4:]


def shared_names() -> set[tuple[str, str]]:
    """Station and name of every tablet that is not the only one there of that name."""
    query = Device.select(Device.station, Device.name).group_by(Device.station, Device.name).having(peewee.fn.COUNT(Device.id) > 1)
    return set(query.tuples())


def without_station(plan: Plan) -> list[Device]:
    """The tablets that get no data under this plan, because it does not have their station; by name."""
    query = Device.select().where(Device.revoked_at.is_null(), Device.station.not_in(list(plan.stations_by_code)))
    return list(query.order_by(Device.name, Device.id))


def rename(device_id: str, name: str, by: str) -> Device:
    """Give a tablet another name on the portal. Safe to repeat. Raises NotFound, Invalid for an empty or too long name."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid({"name": "wrong-tablet-name"})
    with writing():
        device = find(device_id)
        if device.name != name:
            Device.update(name=name).where(Device.id == device.id).execute()
            record(by, "tablet.renamed", device.id, {"name": name, "before": device.name})
    return find(device_id)


def move(device_id: str, station: str, by: str) -> Device:
    """Let a tablet serve another station from now on. Safe to repeat.

    Its cursor is refused from then on, so it takes a new snapshot. Its shifts go on; whoever signs there without a right at
    the new station leaves a finding, as anywhere.
    Entries made at the old station are accepted as before: the posting there is ended, not deleted.
    Raises NotFound for tablet or station, Conflict (`tablet-withdrawn`) for one that gets no data any more, Conflict
    (`tablet-has-classes`) for one that has custody of classes: at the new station nobody could hand their things out.
    """
    with writing():
        lock("change")
        device, moment = find(device_id), now()
        if Station.get_or_none(Station.code == station, ~Station.closed) is None:
            raise NotFound("unknown-station", station=station)
        if device.revoked_at is not None:
            raise Conflict("tablet-withdrawn")
        if device.station_id != station:
            if custody.has_any(device.id):
                raise Conflict("tablet-has-classes")
            Posting.update(until_at=moment).where(Posting.device == device.id, Posting.until_at.is_null()).execute()
            Posting.create(device=device.id, station=station, from_at=moment)
            Device.update(station=station).where(Device.id == device.id).execute()
            record(by, "tablet.moved", device.id, {"station": station, "before": device.station_id})
    return find(device_id)


def write_off(device_id: str, by: str, reason: str) -> WriteOff:
    """Give up a tablet that will not come back, by name and with a reason, and withdraw it. The first word stands.

    What it had custody of goes on to the tablets it was asked for, or to nobody.

    What it still sends, should it come back, is kept and quarantined like that of any withdrawn tablet.
    Raises NotFound, Invalid without a reason.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid({"reason": "wrong-write-off-reason"})
    with writing():
        revoke(find(device_id).id, by)  # holds the lock of `change` until the commit: the second of two finds the first
        found = WriteOff.get_or_none(WriteOff.device == device_id)
        if found is None:
            found = WriteOff.create(device=device_id, reason=reason, by=by, at=now())
            custody.give_up(device_id, by)
            record(by, "tablet.written-off", device_id, {"reason": reason})
    return found
