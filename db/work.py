"""What stations get done: sign-offs and things handed over, by station and by hour. One way of counting for every page.

What was taken back later is counted too: it was work. What lies in quarantine is not, nor what a fast clock dates into the future.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple

from db import season as seasons
from db.database import database, from_ms, mark, marks, now, to_ms
from db.season import Season

LATELY = timedelta(minutes=10)
_HOUR_MS = 3_600_000
_DONE = "e.act IN ('clear', 'collect') AND (e.outcome <> 'quarantined' OR e.admitted_at IS NOT NULL)"


class StationCount(NamedTuple):
    """What a station signed off: cleared and handed over today, both in the last hour and in the last ten minutes, and when last.

    `hours`: how much in each hour of the season's local day, as far as there was any; 0 is the hour that begins at midnight.
    """

    code: str
    cleared: int
    collected: int
    last_hour: int
    lately: int
    hours: Mapping[int, int]
    last: datetime | None

    @property
    def today(self) -> int:
        return self.cleared + self.collected


class Lately(NamedTuple):
    """What a station signed off in the last ten minutes, and when it last did, today or in these minutes."""

    recent: int
    last: datetime


def stations_today() -> dict[str, StationCount]:
    """What every station of the plan signed off today, by code and in the plan's order. Two queries."""
    season = seasons.current()
    codes = [station.code for station in season.plan.stations]
    if not codes:
        return {}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    hours: dict[str, Counter[int]] = defaultdict(Counter)
    for code, hour, count, collected, last_hour, lately in _by_hour(codes, midnight(season)):
        counts[code].update({"last hour": int(last_hour), "lately": int(lately)})
        if hour >= 0:
            hours[code][hour] = count
            counts[code].update({"clear": count - int(collected), "collect": int(collected)})
    last = _last(codes)
    found = {}
    for code in codes:
        done = counts[code]
        found[code] = StationCount(
            code, done["clear"], done["collect"], done["last hour"], done["lately"], hours[code], last.get(code)
        )
    return found


def lately(season: Season, codes: list[str]) -> dict[str, Lately]:
    """How busy these stations are, by code; one where nothing was signed off today is left out. One query.

    Asked by every graduate's home every few seconds: it reads the last ten minutes' rows, and for each station one more.
    """
    if not codes:
        return {}
    moment = now()
    ten = to_ms(moment - LATELY)
    values = ten, to_ms(moment), min(ten, to_ms(midnight(season))), to_ms(moment)
    between = f"e.station = s.code AND {_DONE} AND e.corrected >= {mark()} AND e.corrected <= {mark()}"
    sql = (
        f"SELECT s.code, (SELECT COUNT(*) FROM entry e WHERE {between}), "
        f"(SELECT e.corrected FROM entry e WHERE {between} ORDER BY e.corrected DESC LIMIT 1) "
        f"FROM station s WHERE s.code IN ({marks(len(codes))})"
    )
    rows = database.execute_sql(sql, (*values, *codes)).fetchall()
    return {code: Lately(count, from_ms(last)) for code, count, last in rows if last is not None}


def midnight(season: Season) -> datetime:
    """When the season's local day began."""
    return datetime.combine(now().astimezone(season.plan.zone).date(), time.min, season.plan.zone)


def _by_hour(codes: list[str], since: datetime) -> list[tuple]:
    """Station, hour since then, how many, and of these how many handed over, in the last hour, lately. Read from an index alone.

    Hour -1 is what was done before then and within the last hour, however late it is.
    """
    moment = now()
    hour, ten, start = to_ms(moment - timedelta(hours=1)), to_ms(moment - LATELY), to_ms(since)
    before = start - _HOUR_MS  # counted from there, since division goes towards zero
    recent = f"SUM(CASE WHEN e.corrected >= {mark()} THEN 1 ELSE 0 END)"
    sql = (
        f"SELECT e.station, (e.corrected - {before}) / {_HOUR_MS} - 1, COUNT(*), "
        f"SUM(CASE WHEN e.act = 'collect' THEN 1 ELSE 0 END), {recent}, {recent} FROM entry e "
        f"WHERE e.station IN ({marks(len(codes))}) AND e.corrected >= {mark()} AND e.corrected <= {mark()} AND {_DONE} "
        "GROUP BY 1, 2"
    )
    return database.execute_sql(sql, (hour, ten, *codes, min(hour, start), to_ms(moment))).fetchall()


def _last(codes: list[str]) -> dict[str, datetime]:
    """When each of these stations last signed anything off, on whatever day."""
    sql = (
        f"SELECT s.code, (SELECT e.corrected FROM entry e WHERE e.station = s.code AND {_DONE} AND e.corrected <= {mark()} "
        f"ORDER BY e.corrected DESC LIMIT 1) FROM station s WHERE s.code IN ({marks(len(codes))})"
    )
    rows = database.execute_sql(sql, (to_ms(now()), *codes)).fetchall()
    return {code: from_ms(last) for code, last in rows if last is not None}
