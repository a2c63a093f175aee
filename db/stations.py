"""Stations, the tablets enrolled at them, and the codes that enrol."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import NamedTuple

import peewee

from db import attempts
from db.audit import record
from db.database import Json, Model, Moment, database, lock, mark, now, to_ms, touch_season, writing
from db.refusals import Conflict, Forbidden, Invalid, NotFound
from db.rules import jws
from db.rules.contact import Beat

CODE_TIME = timedelta(minutes=15)
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no I, L, O, 0, 1


class Station(Model):
    """A desk of the plan. `steps` may be signed off here; `colleges` limits whom it serves (empty: everybody).

    With `fast_lane`, a scan is the sign-off, for the steps that the plan calls fast; the administrator switches it.
    """

    code = peewee.TextField(primary_key=True)
    name_zh = peewee.TextField()
    name_en = peewee.TextField()
    steps = Json()
    colleges = Json()
    closed = peewee.BooleanField(default=False)
    fast_lane = peewee.BooleanField(default=False)


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
    date = peewee.TextField(index=True)
    seq = peewee.BigIntegerField()
    hash = peewee.TextField(null=True)
    complete = peewee.BooleanField()
    at = Moment()

    class Meta:
        indexes = ((("device", "date", "seq"), True),)


class Enrolment(NamedTuple):
    """What a new tablet is told. The token is derived, so that a lost answer can be repeated without having been kept."""

    device: Device
    token: str


def set_fast_lane(station: str, on: bool, by: str) -> None:
    """Let a scan be the sign-off at this station, or end that; its tablets take a new snapshot. Safe to repeat.

    Raises NotFound for an unknown station, Conflict (`nothing-fast`) where the plan calls none of its steps fast.
    """
    from db import season as seasons  # the season reads this module

    with writing():
        found = Station.get_or_none(Station.code == station, ~Station.closed)
        if found is None:
            raise NotFound("unknown-station", station=station)
        plan = seasons.current().plan
        if on and not any(plan.step(code).fast for code in found.steps):
            raise Conflict("nothing-fast")
        if found.fast_lane != on:
            Station.update(fast_lane=on).where(Station.code == station).execute()
            touch_season()
            record(by, "fast-lane.on" if on else "fast-lane.off", station)


def issue_code(station: str, by: str) -> str:
    """A new enrolment code for a station: 8 letters and digits that cannot be mistaken for one another, good for 15 minutes.

    Raises NotFound for a station that the plan does not have.
    """
    found = Station.get_or_none(Station.code == station, ~Station.closed)
    if found is None:
        raise NotFound("unknown-station", station=station)
    code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    moment = now()
    with writing():
        EnrolCode.create(code_hash=_hash(code), station=station, created_by=by, created_at=moment, expires_at=moment + CODE_TIME)
        record(by, "enrol-code.issued", station)
    return f"{code[:4]}-{code[4:]}"


def enrol(code: str, name: str, public_key: object, secret: str, address: str) -> Enrolment:
    """Enrol a tablet with a code. The same code with the same key again gives the same answer.

    Raises Forbidden (`code-unknown`, `code-expired`, `code-used`, `station-closed`), Invalid for a key that is not P-256, and
    TooMany after ten wrong codes from one address in a minute.
    """
    tries = attempts.take([attempts.Limit("enrol", attempts.network(address), 10, 60)])
    with writing():
        lock("change")
        found = EnrolCode.get_or_none(EnrolCode.code_hash == _hash(_plain(code)))
        if found is None:
            raise Forbidden("code-unknown")
        if found.station.closed:
            raise Forbidden("station-closed")
        jwk = _checked_key(public_key)
        if found.used_at is not None and found.device.public_key == jwk:
            enrolment = Enrolment(found.device, _token(secret, found.device_id))
        elif found.used_at is not None:
            raise Forbidden("code-used")
        elif found.expires_at <= now():
            raise Forbidden("code-expired")
        else:
            enrolment = _enrol(found, name, jwk, secret)
    attempts.take_back(tries)
    return enrolment


def _enrol(code: EnrolCode, name: str, jwk: dict[str, str], secret: str) -> Enrolment:
    moment = now()
    id_ = "dv_" + secrets.token_hex(8)
    token = _token(secret, id_)
    device = Device.create(
        id=id_, station=code.station_id, name=name or id_, public_key=jwk, token_hash=_hash(token), enrolled_at=moment
    )
    Posting.create(device=id_, station=code.station_id, from_at=moment)
    EnrolCode.update(used_at=moment, device=id_).where(EnrolCode.id == code.id).execute()
    record(code.created_by, "tablet.enrolled", id_, {"station": code.station_id, "name": name})
    return Enrolment(device, token)


def by_token(token: str) -> tuple[str, str, bool] | None:
    """Id, station and whether revoked, of the device that a bearer token belongs to. Asked at every call, hence plain SQL."""
    sql = f"SELECT id, station, revoked_at FROM device WHERE token_hash = {mark()}"
    found = database.execute_sql(sql, (_hash(token),)).fetchone()
    return found and (found[0], found[1], found[2] is not None)


def beat(device: str, said: Beat) -> tuple[int, list[tuple[int, int]]]:
    """Note what a heartbeat said; return the last seq before the first gap, and what is missing up to the device's head."""
    moment = now()
    with writing():
        Device.update(
            last_contact=moment,
            clock_offset=None if said.clock is None else to_ms(moment) - said.clock,
            pending=said.pending,
            head_seq=said.head_seq,
            head_hash=said.head_hash,
            app=said.app,
            battery=said.battery,
        ).where(Device.id == device).execute()
    contiguous = Device.select(Device.contiguous).where(Device.id == device).scalar()
    return contiguous, missing(device, said.head_seq)


def missing(device: str, upto: int) -> list[tuple[int, int]]:
    """Ranges of seq, both ends included, that the ledger lacks of a device up to `upto`; at most 500, the earliest first."""
    sql = f"SELECT seq FROM entry WHERE device = {mark()} AND seq <= {mark()} AND seq > {mark()} ORDER BY seq"
    start = database.execute_sql(f"SELECT contiguous FROM device WHERE id = {mark()}", (device,)).fetchone()[0]
    gaps = []
    expected = start + 1
    for (seq,) in database.execute_sql(sql, (device, upto, start)):
        if seq > expected:
            gaps.append((expected, seq - 1))
        expected = seq + 1
        if len(gaps) == 500:
            return gaps
    if expected <= upto:
        gaps.append((expected, upto))
    return gaps


def close_shift(device: str, date: str, seq: int, hash_: str | None) -> tuple[bool, list[tuple[int, int]]]:
    """Whether the ledger holds everything of the device up to `seq` and its last hash fits, and what is missing."""
    gaps = missing(device, seq)
    sql = f"SELECT hash FROM entry WHERE device = {mark()} AND seq = {mark()}"
    found = database.execute_sql(sql, (device, seq)).fetchone() if seq else None
    complete = not gaps and (found[0] == hash_ if found else seq == 0)
    with writing():
        row = {"device": device, "date": date, "seq": seq, "hash": hash_, "complete": complete, "at": now()}
        target = [Closing.device, Closing.date, Closing.seq]
        Closing.insert(row).on_conflict(conflict_target=target, preserve=[Closing.hash, Closing.complete, Closing.at]).execute()
    return complete, gaps


def revoke(device_id: str, by: str) -> Device:
    """Take a tablet's right to read. What it still uploads is kept and quarantined. Safe to repeat. Raises NotFound."""
    with writing():
        lock("change")
        changed = Device.update(revoked_at=now(), revoked_by=by).where(Device.id == device_id, Device.revoked_at.is_null())
        if changed.execute():
            record(by, "tablet.revoked", device_id)
        device = Device.get_or_none(Device.id == device_id)
        if device is None:
            raise NotFound("unknown-tablet")
    return device


def _checked_key(public_key: object) -> dict[str, str]:
    try:
        return jws.public_key_to_jwk(jws.jwk_to_public_key(public_key))
    except ValueError:
        raise Invalid({"public_key": "not-p256"}) from None


def _plain(code: str) -> str:
    return "".join(str(code).split()).replace("-", "").upper()


def _token(secret: str, device: str) -> str:
    return jws.encode(hmac.digest(secret.encode(), f"device token {device}".encode(), "sha256"))


def _hash(word: str) -> str:
    return hashlib.sha256(word.encode("utf-8", "replace")).hexdigest()
