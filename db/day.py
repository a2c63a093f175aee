"""A day of the season, tablet by tablet: whether the portal holds everything that was signed on it, and if not, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from db import season as seasons
from db.accounts import Account
from db.database import database, from_ms, mark, marks, to_ms
from db.stations import Closing, Device, Posting, missing
from db.tablets import WriteOff

CLOSED, INCOMPLETE, OPEN, QUIET, WRITTEN_OFF = "closed", "incomplete", "open", "quiet", "written-off"


class Shut(NamedTuple):
    """A tablet's last closing of a day: up to which seq, when told, whether its hash is that of the ledger, what came next."""

    seq: int
    at: datetime
    fits: bool
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class TabletDay:
    """One tablet on that day.

    `state`: closed (it said where its day ended, and everything up to there is here), incomplete (it said so, and something is
    missing or it went on afterwards), quiet (no closing, but after the day it told that everything it ever made is here),
    written-off, or open (nobody can tell yet). `entries` of that day are here; `gaps` are the ranges of seq that are not.
    """

    device: Device
    station: str
    state: str
    entries: int
    shut: Shut | None
    gaps: list[tuple[int, int]]
    went_on: bool
    write_off: WriteOff | None
    by: str


@dataclass(frozen=True, slots=True)
class Day:
    """Every tablet that served a station on that local day, by station."""

    date: date
    stations: dict[str, list[TabletDay]]

    def count(self, *states: str) -> int:
        """How many tablets are in one of these states; one that changed stations on that day counts once."""
        return len({tablet.device.id for tablets in self.stations.values() for tablet in tablets if tablet.state in states})

    @property
    def tablets(self) -> int:
        return self.count(CLOSED, INCOMPLETE, OPEN, QUIET, WRITTEN_OFF)

    @property
    def waits(self) -> int:
        """How many tablets have still to close, or have something to send."""
        return self.count(OPEN, INCOMPLETE)


def day_of(wanted: date) -> Day:
    """The day as it stands at this moment; what a closing claimed is judged anew. Six queries, one more for each in arrears."""
    zone = seasons.current().plan.zone
    start = datetime.combine(wanted, time.min, zone)
    end = datetime.combine(wanted + timedelta(days=1), time.min, zone)
    made, write_offs = _made(start, end), _write_offs()
    served = _served(start, end)
    ids = [device.id for device, _ in served]
    shuts, worked = _shuts(wanted, ids), {device for device, _ in made}
    stations: dict[str, list[TabletDay]] = {}
    for device, station in served:
        off = write_offs.get(device.id)
        if ((off and off[0].at < start) or (device.revoked_at and device.revoked_at < start)) and device.id not in worked:
            continue
        entries = made.get((device.id, station), (0, 0))[0]
        tablet = _judged(device, station, entries, shuts.get(device.id), off, _newest(made, device.id), end)
        stations.setdefault(station, []).append(tablet)
    return Day(wanted, stations)


def _judged(
    device: Device, station: str, entries: int, shut: Shut | None, off: tuple[WriteOff, str] | None, newest: int, end: datetime
) -> TabletDay:
    """Which state it is in. Entries follow one another in time, so the one after the closing tells whether it went on that day."""
    upto = max(shut.seq if shut else 0, device.head_seq or 0, newest)
    gaps = missing(device.id, upto) if upto > device.contiguous else []
    went_on = shut is not None and upto > shut.seq and (shut.next_at is None or shut.next_at < end)
    if shut is not None and not went_on:
        gaps = [(first, min(last, shut.seq)) for first, last in gaps if first <= shut.seq]
    heard_since = device.last_contact is not None and device.last_contact >= end and not device.pending
    if shut is not None and not went_on and not gaps and shut.fits:
        state = CLOSED
    elif heard_since and not gaps and (shut is None or shut.fits):
        state = QUIET
    elif off is not None:
        state = WRITTEN_OFF
    else:
        state = OPEN if shut is None else INCOMPLETE
    return TabletDay(device, station, state, entries, shut, gaps, went_on, off and off[0], off[1] if off else "")


def _served(start: datetime, end: datetime) -> list[tuple[Device, str]]:
    """Tablets with the stations that they served at some time of the day, by station and name."""
    during = (Posting.from_at < end) & (Posting.until_at.is_null() | (Posting.until_at > start))
    query = Posting.select(Posting, Device).join(Device).where(during).order_by(Posting.station, Device.name, Device.id)
    seen = dict.fromkeys((posting.device_id, posting.station_id) for posting in query)
    devices = {posting.device_id: posting.device for posting in query}
    return [(devices[device], station) for device, station in seen]


def _made(start: datetime, end: datetime) -> dict[tuple[str, str], tuple[int, int]]:
    """How many entries of the day are here, and the last seq of them, by tablet and station."""
    sql = (
        "SELECT device, station, COUNT(*), MAX(seq) FROM entry WHERE station IN (SELECT code FROM station) "
        f"AND corrected >= {mark()} AND corrected < {mark()} AND seq IS NOT NULL GROUP BY device, station"
    )
    rows = database.execute_sql(sql, (to_ms(start), to_ms(end)))
    return {(device, station): (count, last) for device, station, count, last in rows}


def _newest(made: Mapping[tuple[str, str], tuple[int, int]], device: str) -> int:
    return max((last for (one, _), (_, last) in made.items() if one == device), default=0)


def _shuts(wanted: date, ids: list[str]) -> dict[str, Shut]:
    """The last closing of each tablet for that day: the one that goes furthest."""
    if not ids:
        return {}
    sql = (
        "SELECT c.device, c.seq, c.at, c.hash, e.hash, n.corrected FROM closing c "
        "LEFT JOIN entry e ON e.device = c.device AND e.seq = c.seq LEFT JOIN entry n ON n.device = c.device AND n.seq = c.seq + 1 "
        f"WHERE c.date = {mark()} AND c.device IN ({marks(len(ids))}) ORDER BY c.seq"
    )
    found = {}
    for device, seq, at, told, held, after in database.execute_sql(sql, (wanted.isoformat(), *ids)):
        found[device] = Shut(seq, from_ms(at), seq == 0 or held == told, None if after is None else from_ms(after))
    return found


def _write_offs() -> dict[str, tuple[WriteOff, str]]:
    """Every tablet written off, with the name of who did it."""
    names = dict(Account.select(Account.id, Account.name).where(Account.id.in_(WriteOff.select(WriteOff.by))).tuples())
    return {off.device_id: (off, names.get(off.by, off.by)) for off in WriteOff.select()}


def write_off_of(device: str) -> tuple[WriteOff, str] | None:
    """The word that gave this tablet up, with the name of who gave it; None while nobody has."""
    return _write_offs().get(device)


def closings_of(device: str, most: int = 30) -> list[Closing]:
    """A tablet's closings, the newest first."""
    return list(Closing.select().where(Closing.device == device).order_by(Closing.id.desc()).limit(most))


def entries_by_day(device: str) -> list[tuple[date, int]]:
    """How many entries of a tablet are here for each local day, the newest day first.

    Counted by the quarter of an hour in the database: every zone's days begin on one.
    """
    zone = seasons.current().plan.zone
    sql = f"SELECT corrected / 900000, COUNT(*) FROM entry WHERE device = {mark()} GROUP BY corrected / 900000"
    days: dict[date, int] = {}
    for quarter, count in database.execute_sql(sql, (device,)):
        local = from_ms(quarter * 900_000).astimezone(zone).date()
        days[local] = days.get(local, 0) + count
    return sorted(days.items(), reverse=True)
