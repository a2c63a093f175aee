"""The day as it goes: what stations get done by the hour, how tablets are, what waits, how far colleges are. No graduate is named.

Administrators, leadership and auditors see all of it; a college sees itself, the stations that serve it and their tablets.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from db import review
from db import season as seasons
from db.accounts import Account
from db.database import database, now
from db.grants import powers_of
from db.overview import CollegeCount, Tablet, college_counts, tablets
from db.season import Season
from db.work import StationCount, midnight, stations_today

PROGRESS_KEPT = 15.0
"""Seconds for which each process keeps the progress of colleges: most of a board's cost, and it moves slowly."""
SHOWN_HOURS = 10
SEES_ALL = ("admin", "leadership", "auditor")


class Waiting(NamedTuple):
    """What waits for reviewers in the whole season."""

    conflicts: int
    findings: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the board at one moment. `waiting` is None for those who see one college only.

    `hours` are the beginnings of the hours shown, the running one last; `StationCount.hours` counts them from `first_hour` on.
    """

    at: datetime
    stations: list[StationCount]
    first_hour: int
    hours: list[datetime]
    tablets: list[Tablet]
    waiting: Waiting | None
    colleges: list[CollegeCount]

    def total(self, what: str) -> int:
        """`today`, `last_hour` or `lately`, of all stations together."""
        return sum(getattr(station, what) for station in self.stations)

    @property
    def per_hour(self) -> list[int]:
        """What all stations together signed off in each of the hours shown."""
        return [sum(station.hours.get(hour, 0) for station in self.stations) for hour in self._numbers]

    def by_hour(self, station: StationCount) -> list[int]:
        """What one station signed off in each of the hours shown."""
        return [station.hours.get(hour, 0) for hour in self._numbers]

    @property
    def troubled(self) -> list[Tablet]:
        return [tablet for tablet in self.tablets if tablet.needs_somebody]

    @property
    def _numbers(self) -> range:
        return range(self.first_hour, self.first_hour + len(self.hours))


def board(account: Account) -> Board:
    """The board as this account may see it, in a fixed number of queries, whatever there is of stations, tablets and entries."""
    season, moment = seasons.current(), now()
    own = _own_colleges(account)
    counts = stations_today()
    if own is not None:
        serving = _serving(season, own)
        counts = {code: count for code, count in counts.items() if code in serving}
    first, hours = _hours(season, moment, counts.values())
    return Board(
        at=moment,
        stations=list(counts.values()),
        first_hour=first,
        hours=hours,
        tablets=[one for one in tablets() if one.working and (own is None or one.device.station_id in counts)],
        waiting=_waiting() if own is None else None,
        colleges=[college for college in _progress(season) if own is None or college.name in own],
    )


def _own_colleges(account: Account) -> frozenset[str] | None:
    """The names of the colleges this account sees; None: all."""
    powers = powers_of(account)
    return None if any(powers.may(role) for role in SEES_ALL) else powers.scopes("college", "college")


def _serving(season: Season, colleges: frozenset[str]) -> set[str]:
    """The stations that serve graduates of these colleges."""
    codes = {season.college_code(name) for name in colleges}
    return {station.code for station in season.plan.stations if not station.colleges or codes & set(station.colleges)}


def _hours(season: Season, moment: datetime, counts: Iterable[StationCount]) -> tuple[int, list[datetime]]:
    """The day's hours from the first with a sign-off, or so many that a picture has something to show, up to the running one."""
    start = midnight(season).astimezone(UTC)  # so that an hour is an hour, also where clocks are turned
    running = int((moment - start) / timedelta(hours=1))
    first = min((hour for station in counts for hour in station.hours), default=running)
    first = max(0, min(first, running - SHOWN_HOURS + 1))
    return first, [start + timedelta(hours=hour) for hour in range(first, running + 1)]


def _waiting() -> Waiting:
    counts = review.counts()
    return Waiting(*(counts[tab].total() for tab in review.TABS))


_kept: tuple[object, int, float, list[CollegeCount]] | None = None


def _progress(season: Season) -> list[CollegeCount]:
    """The colleges as they were at most `PROGRESS_KEPT` seconds ago."""
    global _kept
    kept, clock = _kept, time.monotonic()
    if kept is None or kept[:2] != (database.obj, season.version) or clock - kept[2] >= PROGRESS_KEPT:
        kept = _kept = (database.obj, season.version, clock, college_counts(season))
    return kept[3]
