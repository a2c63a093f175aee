"""The records by which findings are judged: cards, shifts and approvals of proxies that entries name; asked as far as they matter.

`entries` are by key (a graduate's ref, a step's code); `people` have `id`, `gen` and `revoked` each, by ref.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from db import bulk
from db.database import database, to_ms
from db.rules.entry import PORTAL, Entry
from db.rules.findings import CardSpan, ProxySpan
from db.season import Season

Key = tuple[str, str]
Rows = Iterable[tuple]


def cards(people: Mapping[str, Any], entries: Mapping[Key, Sequence[Entry]]) -> dict[str, list[CardSpan]]:
    """Card generations of the graduates for whom an older or a revoked card may have been read."""
    odd = {
        people[ref].id: ref
        for (ref, _), own in entries.items()
        if ref in people
        and (people[ref].revoked or any(e.via == "scan" and e.gen is not None and e.gen != people[ref].gen for e in own))
    }
    spans: dict[str, list[CardSpan]] = defaultdict(list)
    if odd:
        among, ids = bulk.one_of(odd)
        sql = f"SELECT graduate_id, gen, issued_at, revoked_at FROM card WHERE graduate_id {among}"
        for id_, gen, issued, revoked in database.execute_sql(sql, (ids,)):
            spans[odd[id_]].append(CardSpan(gen, issued, revoked))
    return spans


def proxies(
    season: Season, people: Mapping[str, Any], entries: Mapping[Key, Sequence[Entry]]
) -> dict[str, dict[str, ProxySpan]]:
    """The approvals that these entries name, by graduate and id. Asks the database nothing where no proxy came."""
    named = {entry.proxy for own in entries.values() for entry in own if entry.proxy}
    spans: dict[str, dict[str, ProxySpan]] = defaultdict(dict)
    if named:
        among, ids = bulk.one_of(named)
        sql = (
            "SELECT a.id, a.graduate_id, a.steps, a.from_day, a.until_day, MIN(CASE WHEN e.act = 'approve' THEN e.at END), "
            "MIN(CASE WHEN e.act IN ('withdraw', 'revoke') THEN e.at END) FROM proxy_application a "
            f"JOIN proxy_event e ON e.application_id = a.id WHERE a.kind = 'proxy' AND a.id {among} "
            "GROUP BY a.id, a.graduate_id, a.steps, a.from_day, a.until_day"
        )
        refs = {person.id: person.ref for person in people.values()}
        for id_, graduate, steps, first, last, approved, ended in database.execute_sql(sql, (ids,)).fetchall():
            if graduate in refs and approved is not None:
                began, over = _day(season, first), _day(season, last, after=1)
                spans[refs[graduate]][id_] = ProxySpan(frozenset(steps.split()), max(began, approved), min(over, ended or over))
    return spans


def ask_shifts(entries: Mapping[Key, Sequence[Entry]]) -> Rows:
    """The shifts that these entries name, as far as the portal recorded such."""
    named = {entry.shift for own in entries.values() for entry in own if entry.shift and entry.device != PORTAL}
    if not named:
        return ()
    among, ids = bulk.one_of(named)
    return database.execute_sql(f"SELECT id, device, operator, started_at, ended_at FROM shift WHERE id {among}", (ids,))


def _day(season: Season, day: str, after: int = 0) -> int:
    """The beginning of a local day, or of one so many days after it, in epoch ms."""
    return to_ms(datetime.combine(date.fromisoformat(day) + timedelta(days=after), time(), season.plan.zone))
