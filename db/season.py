"""The season as it stands: its plan, its stations, who may do what, which lists have arrived.

All of it changes rarely and is asked for on every request, so each process keeps one immutable `Season`, and one small
query tells whether it is still the newest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from db.database import Counter, database, lock, now, touch_season, writing
from db.lists import ListVersion
from db.people import Graduate
from db.plan import PlanVersion
from db.refusals import Unavailable
from db.rights import load_rights
from db.rules.fold import Facts
from db.rules.plan import Plan, Step, load, recall
from db.rules.rights import Rights
from db.stations import Station


@dataclass(frozen=True)
class Season:
    """Everything but people and entries.

    `known_steps` and `station_steps` remember every plan version: what was a step once, and who had a right once, was honest.
    `loaded_at`: when this plan became the plan. `shifts_since`: from when on (epoch ms) tablets' entries have to name a shift.
    """

    version: int
    plan: Plan
    rights: Rights
    lists: frozenset[str]
    known_steps: frozenset[str]
    station_steps: dict[str, frozenset[str]]
    fast_lanes: frozenset[str]
    loaded_at: datetime
    shifts_since: int = 0
    _facts: dict[frozenset[str], dict[str, Facts]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def facts(self, step: Step, flags: frozenset[str]) -> Facts:
        """The facts of one step for a graduate with these flags."""
        serving = [station.code for station in self.plan.stations_for(step.code)]
        return Facts(
            applies=self.plan.applies(step, flags),
            awaits_list=step.by_list and step.code not in self.lists,
            supervisors=self.rights.supervisors(serving, step.code),
        )

    def facts_of_all_steps(self, flags: frozenset[str]) -> dict[str, Facts]:
        """The facts of every step for a graduate with these flags. The season remembers them: circles are few."""
        if flags not in self._facts:
            self._facts[flags] = {step.code: self.facts(step, flags) for step in self.plan.steps}
        return self._facts[flags]

    def college_code(self, name: str) -> str | None:
        """The plan's code of a college named as rosters name it."""
        return next((college.code for college in self.plan.colleges if college.name.zh == name), None)


_kept: tuple[object, Season] | None = None


def current() -> Season:
    """The season as of now. Raises Unavailable when no plan was loaded yet."""
    global _kept
    version = database.execute_sql("SELECT value FROM counter WHERE name = 'season'").fetchone()[0]
    kept = _kept
    if kept is None or kept[0] is not database.obj or kept[1].version != version:
        kept = (database.obj, _read(version))
        _kept = kept
    return kept[1]


def today() -> date:
    """The season's local day."""
    return now().astimezone(current().plan.zone).date()


def load_plan(text: str, name: str, by: str, shifted_days: int = 0) -> Plan:
    """Make this the plan of the season; stations are created and brought up to date, every graduate is folded anew.

    Raises PlanError, with all problems, when the plan does not hold together; nothing is changed then.
    """
    from db.pictures import follow_season  # pictures are kept until a season ends
    from db.projection import refold_everybody  # the projection needs a season to fold with

    plan = load(text, name).shifted(shifted_days)
    with writing():
        lock("change")
        PlanVersion.create(source=text, name=name, digest=plan.digest, shifted_days=shifted_days, loaded_at=now(), loaded_by=by)
        _write_stations(plan)
        touch_season()
        follow_season()
        if Graduate.select().exists():
            refold_everybody()
    return plan


def _write_stations(plan: Plan) -> None:
    rows = [
        {
            "code": station.code,
            "name_zh": station.name.zh,
            "name_en": station.name.en,
            "steps": list(station.steps),
            "colleges": list(station.colleges),
            "closed": False,
            "fast_lane": False,
        }
        for station in plan.stations
    ]
    if rows:
        columns = [Station.name_zh, Station.name_en, Station.steps, Station.colleges, Station.closed]
        Station.insert_many(rows).on_conflict(conflict_target=[Station.code], preserve=columns).execute()
    Station.update(closed=True).where(Station.code.not_in([row["code"] for row in rows])).execute()


def _read(version: int) -> Season:
    versions = list(PlanVersion.select().order_by(PlanVersion.id))
    if not versions:
        raise Unavailable("no-plan")
    newest = versions[-1]
    plan = _loaded(newest.source, newest.name, newest.shifted_days)
    known_steps: set[str] = set()
    station_steps: dict[str, frozenset[str]] = {}
    for row in versions:
        then = _loaded(row.source, row.name, row.shifted_days)
        known_steps.update(step.code for step in then.steps)
        for station in then.stations:
            station_steps[station.code] = station_steps.get(station.code, frozenset()) | set(station.steps)
    lists = frozenset(row.step for row in ListVersion.select(ListVersion.step).distinct())
    fast_lanes = frozenset(row.code for row in Station.select(Station.code).where(Station.fast_lane))
    since = Counter.get_by_id("shifts").value
    return Season(version, plan, load_rights(), lists, frozenset(known_steps), station_steps, fast_lanes, newest.loaded_at, since)


@lru_cache(maxsize=32)
def _loaded(source: str, name: str, shifted_days: int) -> Plan:
    return recall(source, name).shifted(shifted_days)


def scope_digest(season: Season, station: str) -> str:
    """What a station's tablets may see, as a short word: a cursor from before it changed is refused."""
    found = season.plan.station(station)
    scope = f"{season.plan.digest} {station} {found.steps} {found.colleges} {station in season.fast_lanes}"
    return hashlib.sha256(scope.encode()).hexdigest()[:10]
