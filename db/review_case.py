"""One step of one graduate as a reviewer sees it: every entry, who had seen which, what was odd, and the ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from db import season as seasons
from db.accounts import Account
from db.attachments import media_types
from db.clearance import Finding
from db.database import database, mark, now, to_ms
from db.people import Graduate
from db.refusals import NotFound
from db.review import Review, reviews_of
from db.rules import jws
from db.rules.entry import Entry, from_payload, parse_moment
from db.rules.fold import Cell, Picture
from db.rules.settlement import Choice, choices, sides
from db.rules.step import Step
from db.season import Season

QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the step. `no` counts from the earliest; `saw` are the numbers of those it had seen, directly or through others.

    `clock` is what the device's own clock said, in epoch ms, `entry.corrected` what it was. `tablet` and `name` are names, where
    they are known. `side`: stands against another; `head`: nobody who acted later had seen it; `gone`: taken back;
    `counts`: not in quarantine, or admitted from there (`admitted`: when). `recorder`: who typed in what stood on paper.
    `attachments`: SHA-256 and media type, None where the
    file has not arrived yet.
    """

    no: int
    entry: Entry
    name: str | None
    tablet: str | None
    path: str
    clock: int
    attachments: tuple[tuple[str, str | None], ...]
    saw: tuple[int, ...]
    side: bool
    head: bool
    gone: bool
    counts: bool
    admitted: datetime | None
    code: str | None
    recorder: str | None = None

    @property
    def hash(self) -> str:
        return self.entry.hash


@dataclass(frozen=True)
class StepCase:
    """Everything about one graduate and one step. `records` earliest first; `findings` newest first, ended ones among them."""

    graduate: Graduate
    step: Step
    picture: Picture
    records: tuple[Record, ...]
    findings: Sequence[Finding]
    reviews: Mapping[int, Sequence[Review]]
    names: Mapping[str, str]

    @property
    def cell(self) -> Cell:
        return self.picture.cell

    @cached_property
    def sides(self) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record.side)

    @cached_property
    def numbers(self) -> dict[str, Record]:
        """The records by hash."""
        return {record.hash: record for record in self.records}

    def choices(self, operator: str) -> tuple[Choice, ...]:
        """The ways in which this reviewer may end the conflict now."""
        return choices(self.picture, self.step.how, operator, to_ms(now()))


def find_graduate(number: str) -> Graduate:
    """The graduate of that number who has not left the season. Raises NotFound."""
    found = Graduate.get_or_none(Graduate.number == number, Graduate.removed_at.is_null())
    if found is None:
        raise NotFound("unknown-clearance")
    return found


def find_step(season: Season, code: str | None) -> Step:
    """The plan's step. Raises NotFound."""
    step = season.plan.steps_by_code.get(code or "")
    if step is None:
        raise NotFound("unknown-clearance")
    return step


def case(graduate: Graduate, step: Step) -> StepCase:
    """The case of this graduate and step, whether or not anything is the matter. A fixed number of queries."""
    stored = _entries(graduate.ref, step.code)
    picture = picture_of(graduate, step.code, [row[0] for row in stored if row[-1]])
    findings = list(
        Finding.select()
        .where(Finding.student == graduate.ref, Finding.step == step.code)
        .order_by(Finding.found_at.desc(), Finding.id.desc())
    )
    reviews = reviews_of(findings)
    people = {review.by for said in reviews.values() for review in said}
    records = _records(picture, stored)
    known = {record.entry.operator: record.name for record in records if record.name}
    return StepCase(graduate, step, picture, records, findings, reviews, names_of(people - known.keys()) | known)


def picture_of(graduate: Graduate, step: str, entries: Sequence[Entry]) -> Picture:
    """These entries looked at together, as the projection does."""
    return Picture(entries, seasons.current().facts_of_all_steps(graduate.circle)[step])


def counting(ref: str, step: str) -> list[Entry]:
    """The entries of a step that count."""
    return [row[0] for row in _entries(ref, step) if row[-1]]


def names_of(accounts: set[str]) -> dict[str, str]:
    """Names by staff id, as far as there are such accounts. One query, none for nobody."""
    if not accounts:
        return {}
    return dict(Account.select(Account.id, Account.name).where(Account.id.in_(accounts)).tuples())


def _entries(ref: str, step: str) -> list[tuple[Any, ...]]:
    """Entry, payload, path, operator's name, tablet's name, admitted, code and whether it counts; earliest first."""
    sql = (
        "SELECT e.hash, e.jws, e.via, a.name, d.name, e.admitted_at, e.code, e.outcome FROM entry e "
        "LEFT JOIN account a ON a.id = e.operator LEFT JOIN device d ON d.id = e.device "
        f"WHERE e.student = {mark()} AND e.step = {mark()}"
    )
    rows = []
    for hash_, token, path, name, tablet, admitted, code, outcome in database.execute_sql(sql, (ref, step)):
        payload = jws.payload_of(token)
        counts = outcome != QUARANTINED or admitted is not None
        waits_for = code if outcome == QUARANTINED else None
        rows.append((from_payload(payload, hash_), payload, path, name, tablet, admitted, waits_for, counts))
    return sorted(rows, key=lambda row: (row[0].corrected, row[0].id))


def _records(picture: Picture, stored: Sequence[tuple[Any, ...]]) -> tuple[Record, ...]:
    numbers = {row[0].hash: no for no, row in enumerate(stored, 1)}
    against = sides(picture)
    types = media_types([name for row in stored for name in row[1].get("attachments") or ()])
    return tuple(
        Record(
            no=no,
            entry=entry,
            name=name,
            tablet=tablet,
            path=path,
            clock=parse_moment(payload.get("at")) or 0,
            attachments=tuple((name, types.get(name)) for name in payload.get("attachments") or ()),
            saw=tuple(sorted(numbers[seen] for seen in _seen(picture, entry) if seen in numbers)),
            side=entry.hash in against,
            head=entry.hash in picture.heads,
            gone=entry.hash in picture.removed,
            counts=counts,
            admitted=admitted,
            code=code,
            recorder=payload.get("recorder"),
        )
        for no, (entry, payload, path, name, tablet, admitted, code, counts) in enumerate(stored, 1)
    )


def _seen(picture: Picture, entry: Entry) -> set[str]:
    """What this entry had seen; of one in quarantine only what it names itself."""
    if entry.hash not in picture.entries:
        return set(entry.saw)
    return picture.seen_by(entry.hash) - {entry.hash}
