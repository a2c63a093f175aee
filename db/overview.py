"""The season in numbers: everybody counted once, every station and every tablet. All of it in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

import peewee

from db import review
from db import season as seasons
from db.database import database, from_ms, mark, marks, now, to_ms
from db.rules.fold import SETTLED
from db.season import Season
from db.stations import Closing, Device, Station
from db.tablets import WriteOff

STALE = timedelta(minutes=30)
"""A tablet not heard of for longer is said to be silent: it speaks every minute while it has a network."""
CLOCK_OFF = timedelta(minutes=10)
LOW_BATTERY = 0.2
LATELY = timedelta(minutes=10)


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


class StationCount(NamedTuple):
    """What a station signed off: cleared and handed over today, both in the last hour, and when it last did.

    What was taken back later is counted too: it was work.
    """

    code: str
    cleared: int
    collected: int
    last_hour: int
    last: datetime | None


class Lately(NamedTuple):
    """What a station signed off in the last ten minutes, and when it last did today."""

    recent: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Tablet:
    """A tablet as it was last heard of. `missing`: how many entries up to its head are not here; None: it never told its head."""

    device: Device
    missing: int | None
    closed: bool | None
    written_off: bool = False

    @property
    def silent(self) -> bool:
        """Not heard of for a while, and not because its shift was closed or it was withdrawn."""
        heard = self.device.last_contact or self.device.enrolled_at
        return self.device.revoked_at is None and not self.closed and now() - heard > STALE

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
    colleges = _colleges(season)
    waiting = review.counts()
    return Overview(
        at=now(),
        people=People(cards[0], cards[1] - cards[2], cards[2], sum(college.cleared for college in colleges)),
        steps=_steps(season),
        colleges=colleges,
        conflicts=waiting[review.CONFLICTS].total(),
        findings=waiting[review.FINDINGS],
        quarantined=waiting[review.QUARANTINE].total(),
        stations=_stations(season),
        tablets=tablets(),
    )


def tablets(station: str | None = None, device: str | None = None) -> list[Tablet]:
    """Every tablet, or those of one station, or one alone; those in use first, by station. Four queries."""
    order = (Device.revoked_at.is_null(False), Device.station, Device.enrolled_at)
    query = Device.select(Device, Station).join(Station).order_by(*order)
    if station is not None:
        query = query.where(Device.station == station)
    if device is not None:
        query = query.where(Device.id == device)
    devices = list(query)
    held = _held_beyond_the_gap([one.id for one in devices])
    closings = _last_closings([one.id for one in devices])
    gone = {row.device_id for row in WriteOff.select(WriteOff.device)}
    return [Tablet(one, _missing(one, held), _is_closed(one, closings), one.id in gone) for one in devices]


def stations_today() -> dict[str, StationCount]:
    """What every station of the plan signed off today, by code. Two queries."""
    return {count.code: count for count in _stations(seasons.current())}


def lately(season: Season, codes: list[str]) -> dict[str, Lately]:
    """How busy these stations are, by code; one where nothing was signed off today is left out. One query.

    Asked by every graduate's home every few seconds: it reads the last ten minutes' rows, and for each station one more.
    """
    if not codes:
        return {}
    moment = now()
    values = to_ms(moment - LATELY), to_ms(moment), to_ms(_midnight(season)), to_ms(moment)
    done = "e.station = s.code AND e.act IN ('clear', 'collect') AND (e.outcome <> 'quarantined' OR e.admitted_at IS NOT NULL)"
    between = f"e.corrected >= {mark()} AND e.corrected <= {mark()}"
    sql = (
        f"SELECT s.code, (SELECT COUNT(*) FROM entry e WHERE {done} AND {between}), "
        f"(SELECT e.corrected FROM entry e WHERE {done} AND {between} ORDER BY e.corrected DESC LIMIT 1) "
        f"FROM station s WHERE s.code IN ({marks(len(codes))})"
    )
    rows = database.execute_sql(sql, (*values, *codes)).fetchall()
    return {code: Lately(count, from_ms(last)) for code, count, last in rows if last is not None}


def _midnight(season: Season) -> datetime:
    """When the season's local day began."""
    return datetime.combine(now().astimezone(season.plan.zone).date(), time.min, season.plan.zone)


def _steps(season: Season) -> list[StepCount]:
    """All rows at once over an index, less the few of graduates who have left: joining every row costs ten times as much."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    sql = "SELECT step, state, COUNT(*) FROM clearance"
    gone = "WHERE graduate_id IN (SELECT id FROM graduate WHERE removed_at IS NOT NULL)"
    for where, sign in (("", 1), (gone, -1)):
        for step, state, count in database.execute_sql(f"{sql} {where} GROUP BY step, state"):
            counts[step][state] += sign * count
    return [StepCount(step.code, +counts[step.code]) for step in season.plan.steps]


def _colleges(season: Season) -> list[CollegeCount]:
    """`step || ''` keeps SQLite from the index on step: nearly every row is read, and in the order of graduates that is quicker."""
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


def _stations(season: Season) -> list[StationCount]:
    codes = [station.code for station in season.plan.stations]
    if not codes:
        return []
    moment = now()
    done: dict[str, Counter[str]] = defaultdict(Counter)
    among = f"WHERE station IN ({marks(len(codes))})"
    sql = (
        f"SELECT station, act, COUNT(*), SUM(CASE WHEN corrected >= {mark()} THEN 1 ELSE 0 END) FROM entry "
        f"{among} AND corrected >= {mark()} AND act IN ('clear', 'collect') "
        "AND (outcome <> 'quarantined' OR admitted_at IS NOT NULL) GROUP BY station, act"
    )
    values = (to_ms(moment - timedelta(hours=1)), *codes, to_ms(_midnight(season)))
    for station, act, count, lately in database.execute_sql(sql, values):
        done[station][act] += count
        done[station]["lately"] += int(lately)
    last = dict(database.execute_sql(f"SELECT station, MAX(corrected) FROM entry {among} GROUP BY station", codes).fetchall())
    return [
        StationCount(
            code, done[code]["clear"], done[code]["collect"], done[code]["lately"], from_ms(last[code]) if last.get(code) else None
        )
        for code in codes
    ]


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

