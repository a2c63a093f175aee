"""Stations, the tablets enrolled at them, and the codes that enrol."""

import peewee

from db.database import Json, Model, Moment


class Station(Model):
    """A desk of the plan. `steps` may be signed off here; `colleges` limits whom it serves (empty: everybody)."""

    code = peewee.TextField(primary_key=True)
    name_zh = peewee.TextField()
    name_en = peewee.TextField()
    steps = Json()
    colleges = Json()
    closed = peewee.BooleanField(default=False)


class Device(Model):
    """A tablet: one enrolment, one key, one row of seq. Only the hash of its token is kept."""

    id = peewee.TextField(primary_key=True)
    station = peewee.ForeignKeyField(Station, backref="devices", column_name="station")
    name = peewee.TextField()
    public_key = Json()
    token_hash = peewee.TextField(unique=True)
    enrolled_at = Moment()
    revoked_at = Moment(null=True)
    revoked_by = peewee.TextField(null=True)
    contiguous = peewee.BigIntegerField(default=0)
    last_contact = Moment(null=True)
    clock_offset = peewee.BigIntegerField(null=True)
    pending = peewee.IntegerField(null=True)
    battery = peewee.FloatField(null=True)
    app = peewee.TextField(null=True)
    head_seq = peewee.BigIntegerField(null=True)
    head_hash = peewee.TextField(null=True)


class Posting(Model):
    """Which station a device served, and when: what decides `wrong-station`."""

    device = peewee.ForeignKeyField(Device, backref="postings", column_name="device")
    station = peewee.ForeignKeyField(Station, column_name="station")
    from_at = Moment()
    until_at = Moment(null=True)


class EnrolCode(Model):
    """A code that enrols one tablet, once, within 15 minutes. Only its hash is kept."""

    code_hash = peewee.TextField(unique=True)
    station = peewee.ForeignKeyField(Station, column_name="station")
    created_by = peewee.TextField()
    created_at = Moment()
    expires_at = Moment()
    used_at = Moment(null=True)
    device = peewee.ForeignKeyField(Device, null=True, column_name="device")


class Closing(Model):
    """A tablet's word that its shift ended at `seq`, and whether everything up to there was here."""

    device = peewee.ForeignKeyField(Device, column_name="device")
    date = peewee.TextField()
    seq = peewee.BigIntegerField()
    hash = peewee.TextField(null=True)
    complete = peewee.BooleanField()
    at = Moment()

    class Meta:
        indexes = ((("device", "date", "seq"), True),)
