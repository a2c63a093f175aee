"""Notices: sentences that the administrator puts on tablets until an hour, or until they are withdrawn."""

from __future__ import annotations

from datetime import datetime

import peewee

from db.audit import record
from db.database import Model, Moment, database, lock, mark, now, to_ms, writing
from db.refusals import Invalid, NotFound
from db.rules.entry import format_moment
from db.stations import Device, Station

LONGEST = 200


class Notice(Model):
    """A notice in both languages, for one tablet, one station, or (neither named) every tablet."""

    zh = peewee.TextField()
    en = peewee.TextField()
    device = peewee.ForeignKeyField(Device, null=True, column_name="device")
    station = peewee.ForeignKeyField(Station, null=True, column_name="station")
    until_at = Moment()
    by = peewee.TextField()
    at = Moment()
    withdrawn_at = Moment(null=True)
    withdrawn_by = peewee.TextField(null=True)

    class Meta:
        constraints = (peewee.Check("device IS NULL OR station IS NULL"), peewee.Check("zh <> '' AND en <> ''"))

    @property
    def in_force(self) -> bool:
        return self.withdrawn_at is None and self.until_at > now()


def notify(by: str, zh: str, en: str, until: datetime, *, device: str | None = None, station: str | None = None) -> Notice:
    """Put a notice on tablets until that moment; they hear of it with their next heartbeat.

    The same words for the same tablets while they stand there already make no second notice: the later end counts.
    Raises NotFound for an unknown tablet or station; Invalid for empty or too long words, or an end that has passed.
    """
    zh, en = zh.strip(), en.strip()
    wrong = {name: "wrong-notice" for name, text in (("zh", zh), ("en", en)) if not text or len(text) > LONGEST}
    if until <= now():
        wrong["until"] = "notice-too-late"
    if wrong:
        raise Invalid(wrong)
    with writing():
        lock("change")
        if device is not None and Device.get_or_none(Device.id == device) is None:
            raise NotFound("unknown-tablet")
        if station is not None and Station.get_or_none(Station.code == station, ~Station.closed) is None:
            raise NotFound("unknown-station", station=station)
        same = (Notice.zh == zh, Notice.en == en, _is(Notice.device, device), _is(Notice.station, station))
        found = Notice.get_or_none(*same, Notice.withdrawn_at.is_null(), Notice.until_at > now())
        if found is None:
            found = Notice.create(zh=zh, en=en, device=device, station=station, until_at=until, by=by, at=now())
        elif until > found.until_at:
            Notice.update(until_at=until).where(Notice.id == found.id).execute()
        else:
            return found
        record(by, "notice.given", str(found.id), {"station": station, "tablet": device, "text": zh})
    return found


def withdraw(notice_id: int, by: str) -> Notice:
    """Take a notice off the tablets. Safe to repeat. Raises NotFound."""
    with writing():
        changed = Notice.update(withdrawn_at=now(), withdrawn_by=by).where(Notice.id == notice_id, Notice.withdrawn_at.is_null())
        if changed.execute():
            record(by, "notice.withdrawn", str(notice_id))
        found = Notice.get_or_none(Notice.id == notice_id)
        if found is None:
            raise NotFound("unknown-notice")
    return found


def standing_for(device: str) -> list[dict[str, object]]:
    """The notices on this tablet now, the oldest first, as heartbeats tell them. One query, asked with every heartbeat."""
    sql = (
        f"SELECT n.id, n.zh, n.en, n.until_at FROM notice n JOIN device d ON d.id = {mark()} "
        f"WHERE n.withdrawn_at IS NULL AND n.until_at > {mark()} AND (n.device IS NULL OR n.device = d.id) "
        "AND (n.station IS NULL OR n.station = d.station) ORDER BY n.id"
    )
    rows = database.execute_sql(sql, (device, to_ms(now())))
    return [{"id": str(id_), "zh": zh, "en": en, "until": format_moment(until)} for id_, zh, en, until in rows]


def latest(most: int = 100) -> list[Notice]:
    """The newest notices, in force or not."""
    return list(Notice.select(Notice, Device).join(Device, peewee.JOIN.LEFT_OUTER).order_by(Notice.id.desc()).limit(most))


def _is(field: peewee.Field, value: str | None) -> peewee.Expression:
    return field.is_null() if value is None else field == value
