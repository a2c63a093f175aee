"""The season in numbers: everybody counted once, every station and every tablet. All of it in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import peewee

from db import review
from db import season as seasons
from db.database import database, marks, now
from db.rules.fold import SETTLED
from db.season import Season
from db.shifts import OnShift, on_shift
from db.stations import Closing, Device, Station
from db.tablets import WriteOff
from db.work import StationCount, stations_today

STALE, STALE_ON_SHIFT = timedelta(minutes=30), timedelta(minutes=5)
"""A tablet not heard of for longer is said to be silent: it speaks every minute while it has a network."""
CLOCK_OFF = timedelta(minutes=10)
LOW_BATTERY = 0.15


@dataclass(frozen=True, slots=True)
class People:
    """Graduates on the roster; with a card that counts; with one that is revoked; with every required step settled."""

    graduates: int
    cards: int
    revoked: int
    cleared: int


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many graduates stand how with one step; every graduate is in exactly one of `states`."""

    step: str
    states: Mapping[str, int]

    @property
    def applicable(self) -> int:
        return sum(self.states.values()) - self.states.get("not-applicable", 0)

    @property
    def settled(self) -> int:
        return sum(count for state, count in self.states.items() if state in SETTLED) - self.states.get("not-applicable", 0)


class CollegeCount(NamedTuple):
    """A college by name: its graduates, those with everything settled, and settled of applicable steps over all of them."""

    name: str
    graduates: int
    cleared: int
    settled: int
    applicable: int


@dataclass(frozen=True, slots=True)
class Tablet:
    """A tablet as it was last heard of, and who is on shift at it.

    `missing`: how many entries up to its head are not here; None: it never told its head. `closed`: whether its last shift was
    closed with everything here and nothing made since; None: it never closed one.
    """

    device: Device
    missing: int | None
    closed: bool | None
    written_off: bool = False
    people: tuple[OnShift, ...] = ()

    @property
    def working(self) -> bool:
        """Whether it serves a station: it was not withdrawn."""
        return self.device.revoked_at is None

    @property
    def needs_somebody(self) -> bool:
        """Whether somebody should go and look, or at least know."""
        return self.working and (self.silent or self.clock_off or self.battery_low or bool(self.missing))

    @property
    def silent(self) -> bool:
        """Not heard of for a while, and not because its shift was closed or it was withdrawn. Sooner while somebody works at it."""
        heard = self.device.last_contact or self.device.enrolled_at
        longest = STALE_ON_SHIFT if self.people else STALE
        return self.working and (bool(self.people) or not self.closed) and now() - heard > longest

    @property
    def clock_off(self) -> bool:
        return abs(self.device.clock_offset or 0) > CLOCK_OFF / timedelta(milliseconds=1)

    @property
    def minutes_off(self) -> int:
        """How far its clock is off, in whole minutes, whichever way."""
        return abs(self.device.clock_offset or 0) // 60_000

    @property
    def battery_low(self) -> bool:
        return self.device.battery is not None and self.device.battery < LOW_BATTERY


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the overview at one moment. Conflicts, findings (by code) and what is quarantined wait for a reviewer."""

    at: datetime
    people: People
    steps: list[StepCount]
    colleges: list[CollegeCount]
    conflicts: int
    findings: Mapping[str, int]
    quarantined: int
    stations: list[StationCount]
    tablets: list[Tablet]


def overview() -> Overview:
    """The season as it stands, in a dozen queries whatever its size."""
    season = seasons.current()
    cards = database.execute_sql(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN gen > 0 THEN 1 ELSE 0 END), 0), "
        "COALESCE(SUM(CASE WHEN card_revoked THEN 1 ELSE 0 END), 0) FROM graduate WHERE removed_at IS NULL"
    ).fetchone()
    colleges = college_counts(season)
    waiting = review.counts()
    return Overview(
        at=now(),
        people=People(cards[0], cards[1] - cards[2], cards[2], sum(college.cleared for college in colleges)),
        steps=_steps(season),
        colleges=colleges,
        conflicts=waiting[review.CONFLICTS].total(),
        findings=waiting[review.FINDINGS],
        quarantined=waiting[review.QUARANTINE].total(),
        stations=list(stations_today().values()),
        tablets=tablets(),
    )


def tablets(station: str | None = None, device: str | None = None) -> list[Tablet]:
    """Every tablet, or those of one station, or one alone; those in use first, by station. Five queries."""
    order = (Device.revoked_at.is_null(False), Device.station, Device.enrolled_at, Device.id)
    query = Device.select(Device, Station).join(Station).order_by(*order)
    if station is not None:
        query = query.where(Device.station == station)
    if device is not None:
        query = query.where(Device.id == device)
    devices = list(query)
    held = _held_beyond_the_gap([one.id for one in devices])
    closings = _last_closings([one.id for one in devices])
    gone = {row.device_id for row in WriteOff.select(WriteOff.device)}
    people = on_shift()
    return [
        Tablet(one, _missing(one, held), _is_closed(one, closings), one.id in gone, tuple(people.get(one.id, ())))
        for one in devices
    ]


def _steps(season: Season) -> list[StepCount]:
    """All rows at once over an index, less the few of graduates who have left: joining every row costs ten times as much."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    sql = "SELECT step, state, COUNT(*) FROM clearance"
    gone = "WHERE graduate_id IN (SELECT id FROM graduate WHERE removed_at IS NOT NULL)"
    for where, sign in (("", 1), (gone, -1)):
        for step, state, count in database.execute_sql(f"{sql} {where} GROUP BY step, state"):
            counts[step][state] += sign * count
    return [StepCount(step.code, +counts[step.code]) for step in season.plan.steps]


def college_counts(season: Season) -> list[CollegeCount]:
    """Every college of the roster. One query, the dearest of all: it looks at every row of every graduate.

    `step || ''` keeps SQLite from the index on step: nearly every row is read, and in the order of graduates that is quicker."""
    required = [step.code for step in season.plan.steps if step.required]
    settled = sorted(SETTLED - {"not-applicable"})
    sql = (
        "SELECT college.name, COUNT(*), SUM(CASE WHEN t.done = t.apply AND t.apply > 0 THEN 1 ELSE 0 END), "
        "COALESCE(SUM(t.done), 0), COALESCE(SUM(t.apply), 0) "
        "FROM graduate g JOIN class_group ON class_group.id = g.class_id JOIN college ON college.id = class_group.college_id "
        "LEFT JOIN (SELECT graduate_id, SUM(CASE WHEN state <> 'not-applicable' THEN 1 ELSE 0 END) AS apply, "
        f"SUM(CASE WHEN state IN ({marks(len(settled))}) THEN 1 ELSE 0 END) AS done FROM clearance "
        f"WHERE step || '' IN ({marks(len(required))}) GROUP BY graduate_id) t ON t.graduate_id = g.id "
        "WHERE g.removed_at IS NULL GROUP BY college.id, college.name ORDER BY college.id"
    )
    rows = database.execute_sql(sql, (*settled, *required))
    return [CollegeCount(name, *(int(number) for number in numbers)) for name, *numbers in rows]


def _held_beyond_the_gap(ids: list[str]) -> dict[str, int]:
    """How many entries past the first gap are here, by tablet: with `contiguous` that tells how many are missing."""
    if not ids:
        return {}
    sql = (
        "SELECT d.id, COUNT(e.hash) FROM device d JOIN entry e ON e.device = d.id AND e.seq > d.contiguous "
        f"AND e.seq <= d.head_seq WHERE d.id IN ({marks(len(ids))}) GROUP BY d.id"
    )
    return dict(database.execute_sql(sql, ids).fetchall())


def _missing(device: Device, held: Mapping[str, int]) -> int | None:
    if device.head_seq is None:
        return None
    return max(0, device.head_seq - device.contiguous - held.get(device.id, 0))


def _last_closings(ids: list[str]) -> dict[str, Closing]:
    if not ids:
        return {}
    newest = Closing.select(peewee.fn.MAX(Closing.id)).where(Closing.device.in_(ids)).group_by(Closing.device)
    return {closing.device_id: closing for closing in Closing.select().where(Closing.id.in_(newest))}


def _is_closed(device: Device, closings: Mapping[str, Closing]) -> bool | None:
    """Whether its last shift was closed and nothing was made since; None: it never closed one."""
    closing = closings.get(device.id)
    return None if closing is None else closing.complete and (device.head_seq or 0) <= closing.seq

