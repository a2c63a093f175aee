"""What waits for a reviewer: conflicts, findings, and what lies in quarantine. Nothing of it is ever deleted; it is settled.

Reviewers are those whom the fold counts as supervisors of a step: supervisors of a station that serves it, its officers,
administrators. What belongs to no step of the plan, or has no place in the ledger, is for administrators.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import peewee

from db import bulk
from db import season as seasons
from db.accounts import Account
from db.clearance import Finding
from db.database import Model, Moment, database, from_ms, mark
from db.grants import powers_of
from db.ledger import Entry, Quarantined
from db.refusals import Forbidden
from db.rules import jws
from db.rules.plan import Plan

PAGE = 50
TABS = CONFLICTS, FINDINGS, QUARANTINE = ("conflicts", "findings", "quarantine")
UNPLACED = ("id-reused", "chain-broken")
"""Codes of tokens that are genuinely signed and may not take their place."""


class Review(Model):
    """What a reviewer said of one finding, one entry in quarantine, or one token kept aside. `made` is the entry that followed.

    A finding may be noted again each time it comes back; the others are settled once, and the database sees to that.
    """

    finding = peewee.ForeignKeyField(Finding, null=True, backref="reviews")
    entry = peewee.ForeignKeyField(Entry, null=True, column_name="entry", unique=True)
    token = peewee.ForeignKeyField(Quarantined, field="token_hash", null=True, column_name="token", unique=True)
    verdict = peewee.TextField()
    reason = peewee.TextField()
    made = peewee.ForeignKeyField(Entry, null=True, column_name="made", backref="+")
    by = peewee.TextField()
    at = Moment()

    class Meta:
        constraints = (peewee.Check("verdict IN ('seen','admitted','adopted','dismissed')"),)


class Scope(NamedTuple):
    """What somebody reviews: these steps of the plan; `everything` also what belongs to none."""

    steps: tuple[str, ...]
    everything: bool

    def covers(self, step: str | None) -> bool:
        return self.everything or step in self.steps

    def require(self, step: str | None) -> None:
        """Raise Forbidden("out-of-scope") for a step that is somebody else's."""
        if not self.covers(step):
            raise Forbidden("out-of-scope")


def scope_of(account: Account, plan: Plan) -> Scope:
    """What this account reviews."""
    powers = powers_of(account)
    steps = tuple(
        step.code
        for step in plan.steps
        if powers.settles(step.code)
        or any(powers.may("supervisor", station=station.code) for station in plan.stations_for(step.code))
    )
    return Scope(steps, powers.may("admin"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list: one step, one station, one code (`-vs-`: people who disagree); `settled`: what no longer waits."""

    step: str = ""
    station: str = ""
    kind: str = ""
    settled: bool = False


class Case(NamedTuple):
    """A conflict or a finding. `act` and what follows it are of the entry that a finding is about; times in epoch ms."""

    key: str
    id: int
    code: str
    number: str
    graduate: str
    step: str
    state: str | None
    found: datetime
    gone: datetime | None
    noted: datetime | None
    act: str | None
    at: int | None
    station: str | None
    operator: str | None
    name: str | None


class Waiting(NamedTuple):
    """An entry in quarantine, or a token kept aside. What it says of itself is told only where its signature fits.

    `tablet` is the name of the device it names, `served` that one's station, where they are known; `name` the operator's.
    """

    key: str
    kind: str
    hash: str
    received: datetime
    code: str
    via: str
    device: str | None
    tablet: str | None
    served: str | None
    act: str | None
    step: str | None
    station: str | None
    operator: str | None
    name: str | None
    graduate: str | None
    verdict: str | None


def counts(scope: Scope | None = None) -> Mapping[str, Counter[str]]:
    """How many wait, by tab and code; with no scope in the whole season. One query, and the season's."""
    if scope is None:
        scope = Scope(tuple(step.code for step in seasons.current().plan.steps), True)
    among, steps = bulk.one_of(scope.steps)
    entries, tokens, values = _bounds(scope)
    sql = f"""
        SELECT w.tab, w.code, COUNT(*) FROM (
            SELECT CASE WHEN f.entry = '' THEN '{CONFLICTS}' ELSE '{FINDINGS}' END AS tab, f.code AS code
            FROM finding f JOIN graduate g ON g.ref = f.student
            WHERE g.removed_at IS NULL AND f.gone_at IS NULL AND f.noted_at IS NULL AND f.step {among}
            UNION ALL SELECT '{QUARANTINE}', e.code FROM entry e LEFT JOIN review r ON r.entry = e.hash
            WHERE e.outcome = 'quarantined' AND e.admitted_at IS NULL AND r.id IS NULL AND {entries}
            UNION ALL SELECT '{QUARANTINE}', q.code FROM quarantined q LEFT JOIN review r ON r.token = q.token_hash
            WHERE r.id IS NULL AND {tokens}
        ) w GROUP BY w.tab, w.code ORDER BY w.tab, w.code"""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for tab, code, count in database.execute_sql(sql, (steps, *values)):
        found[tab][code] = count
    return found


def cases(tab: str, scope: Scope, wanted: Wanted, before: str = "", most: int = PAGE) -> tuple[list[Case], str | None]:
    """Conflicts or findings, newest first, and the key to go on from (None: that was all). One query."""
    where, values = ["g.removed_at IS NULL"], []
    where.append("f.entry = ''" if tab == CONFLICTS else "f.entry <> ''")
    waits = "f.gone_at IS NULL AND f.noted_at IS NULL"
    where.append(f"NOT ({waits})" if wanted.settled else waits)
    among, steps = bulk.one_of([step for step in scope.steps if wanted.step in ("", step)])
    where.append(f"f.step {among}")
    values.append(steps)
    if wanted.kind:
        where.append(f"f.code LIKE {mark()}" if wanted.kind == "-vs-" else f"f.code = {mark()}")
        values.append("%-vs-%" if wanted.kind == "-vs-" else wanted.kind)
    if wanted.station:
        at_station = "EXISTS (SELECT 1 FROM entry s WHERE s.student = f.student AND s.step = f.step AND s.station = {})"
        where.append((at_station if tab == CONFLICTS else "e.station = {}").format(mark()))
        values.append(wanted.station)
    _after_key(where, values, "f.found_at", "f.id", before, int)
    sql = f"""
        SELECT f.found_at, f.id, f.code, g.number, g.name, f.step, c.state, f.gone_at, f.noted_at,
               e.act, e.corrected, e.station, e.operator, a.name
        FROM finding f JOIN graduate g ON g.ref = f.student
        LEFT JOIN clearance c ON c.graduate_id = g.id AND c.step = f.step
        LEFT JOIN entry e ON e.hash = f.entry LEFT JOIN account a ON a.id = e.operator
        WHERE {" AND ".join(where)} ORDER BY f.found_at DESC, f.id DESC LIMIT {mark()}"""
    rows = database.execute_sql(sql, (*values, most + 1)).fetchall()
    found = [
        Case(f"{at}.{id_}", id_, code, number, name, step, state, from_ms(at), _moment(gone), _moment(noted), *rest)
        for at, id_, code, number, name, step, state, gone, noted, *rest in rows[:most]
    ]
    return found, found[-1].key if len(rows) > most else None


def waiting(scope: Scope, wanted: Wanted, before: str = "", most: int = PAGE) -> tuple[list[Waiting], str | None]:
    """What lies in quarantine, newest first, and the key to go on from (None: that was all). One query."""
    entries, tokens, values = _bounds(scope)
    where = ["(w.admitted_at IS NOT NULL OR w.verdict IS NOT NULL)"]
    if not wanted.settled:
        where = ["w.admitted_at IS NULL AND w.verdict IS NULL"]
    for column, value in (("w.step", wanted.step), ("COALESCE(w.station, d.station)", wanted.station), ("w.code", wanted.kind)):
        if value:
            where.append(f"{column} = {mark()}")
            values.append(value)
    _after_key(where, values, "w.received_at", "w.name", before, str)
    sql = f"""
        SELECT w.received_at, w.name, w.kind, w.code, w.via, w.device, d.name, d.station, w.act, w.step, w.station, w.operator,
               a.name, g.name, CASE WHEN w.admitted_at IS NOT NULL THEN 'admitted' ELSE w.verdict END, w.jws
        FROM (SELECT 'entry' AS kind, e.hash AS name, e.received_at, e.code, e.via, e.device, e.act, e.step, e.station, e.operator,
                     e.student, e.admitted_at, r.verdict, e.jws
              FROM entry e LEFT JOIN review r ON r.entry = e.hash WHERE e.outcome = 'quarantined' AND {entries}
              UNION ALL
              SELECT 'token', q.token_hash, q.received_at, q.code, q.via, q.device, NULL, NULL, NULL, NULL,
                     NULL, NULL, r.verdict, q.jws
              FROM quarantined q LEFT JOIN review r ON r.token = q.token_hash WHERE {tokens}) w
        LEFT JOIN device d ON d.id = w.device LEFT JOIN account a ON a.id = w.operator LEFT JOIN graduate g ON g.ref = w.student
        WHERE {" AND ".join(where)} ORDER BY w.received_at DESC, w.name DESC LIMIT {mark()}"""
    rows = database.execute_sql(sql, (*values, most + 1)).fetchall()
    found = [_waiting(*row) for row in rows[:most]]
    return found, found[-1].key if len(rows) > most else None


def _waiting(received: int, hash_: str, kind: str, code: str, *rest: Any) -> Waiting:
    *facts, token = rest
    row = Waiting(f"{received}.{hash_}", kind, hash_, from_ms(received), code, *facts)
    if kind == "entry" or code not in UNPLACED:
        return row
    said = jws.payload_of(token)
    return row._replace(act=said["act"], step=said.get("step"), station=said["station"], operator=said["operator"])


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def _bounds(scope: Scope) -> tuple[str, str, list[Any]]:
    """Conditions on entries `e` and on tokens, and the values of both."""
    if scope.everything:
        return "1 = 1", "1 = 1", []
    among, steps = bulk.one_of(scope.steps)
    return f"e.step {among}", "1 = 0", [steps]


def _after_key(where: list[str], values: list[Any], moment: str, name: str, before: str, kind: type) -> None:
    """Go on after a row's key, if it is one."""
    at, _, rest = before.partition(".")
    if not (at.isdecimal() and len(at) < 19 and rest and (kind is str or (rest.isdecimal() and len(rest) < 10))):
        return
    where.append(f"({moment} < {mark()} OR ({moment} = {mark()} AND {name} < {mark()}))")
    values += [int(at), int(at), kind(rest)]


def reviews_of(findings: Iterable[Finding]) -> dict[int, list[Review]]:
    """What was said of these findings, each one's newest first. One query."""
    ids: Sequence[int] = [finding.id for finding in findings]
    found: dict[int, list[Review]] = defaultdict(list)
    if ids:
        for review in Review.select().where(Review.finding.in_(ids)).order_by(Review.id.desc()):
            found[review.finding_id].append(review)
    return found
