"""Hold the portal against the oracle, everywhere it can be asked: ledger, projection, snapshots, findings, quarantine, tablets."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from bench.day.college import Person, Place, Proxy, Station
from bench.day.command import clearance
from bench.day.custody import both
from bench.day.day import Day
from bench.day.line import Line
from bench.day.oddities import JUDGED, Around, oddities
from bench.day.office import portal_entries
from bench.day.oracle import SETTLED, Facts, Verdict, judge
from bench.day.signed import Made, moment, read
from bench.day.tablet import Lot, Row, Tablet
from db import attachments, audit, stations
from db.database import database, now, to_ms
from db.shifts import Shift
from portal.demo.staff import ADMIN

Key = tuple[str, str]


@dataclass(frozen=True)
class Difference:
    """Something that is not as it must be; `key` names the graduate and step whose entries tell the story, where there is one."""

    where: str
    expected: object
    found: object
    key: Key | None = None


@dataclass
class Expected:
    """What must have come out, by the oracle."""

    day: Day
    entries: dict[Key, list[Made]] = field(default_factory=lambda: defaultdict(list))
    verdicts: dict[Key, Verdict] = field(default_factory=dict)
    findings: set[tuple[str, str, str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._facts: dict[tuple[str, bool], Facts] = {}
        self._now = to_ms(now())
        self._approvals: dict[str, list[Proxy]] = defaultdict(list)
        for one in self.day.place.proxies.values():
            self._approvals[one.ref].append(one)
        times = {shift.id: (to_ms(shift.started_at), shift.ended_at and to_ms(shift.ended_at)) for shift in Shift.select()}
        self._shifts = {
            id_: (tablet.device, who, *times[id_]) for tablet in self.day.tablets for id_, who in tablet.signed_on.items()
        }
        self.portal = [(read(token), via) for token, via in portal_entries()]
        for made in [made for tablet in self.day.tablets for made in tablet.journal] + [made for made, _ in self.portal]:
            student, step = made.key
            if made.counts and student and step:
                self.entries[student, step].append(made)
        place = self.day.place
        for ref, person in place.people.items():
            for code in place.steps:
                self.verdicts[ref, code] = judge(self.entries.get((ref, code), ()), self.facts(person, code))
        for key in self.entries:
            self.findings |= {(*key, code, hash_) for code, hash_ in self._odd(key)}

    @property
    def conflicts(self) -> dict[Key, str]:
        return {key: verdict.conflict for key, verdict in self.verdicts.items() if verdict.conflict}

    def facts(self, person: Person, code: str) -> Facts:
        place, step = self.day.place, self.day.place.steps[code]
        applies = step.concerns(person)
        if (code, applies) not in self._facts:
            awaits = step.how == "list" and code not in place.lists
            self._facts[code, applies] = Facts(applies, awaits, _supervisors(place, code))
        return self._facts[code, applies]

    @cached_property
    def names(self) -> dict[str, str]:
        """What whoever has an account is called."""
        return dict(database.execute_sql("SELECT id, name FROM account").fetchall())

    def row(self, person: Person, station: str) -> Row:
        """The row that this station must show of a graduate."""
        place = self.day.place
        own = place.stations[station].steps
        blocking = {code for step in own for code in place.steps[step].blocked_by} - set(own)
        row: Row = {"ref": person.ref, "number": person.number, "name": person.name, "college": person.college,
                    "class": person.class_name, "gen": person.gen, "card": "revoked" if person.revoked else "valid",
                    "proxies": self._proxies(person, place.stations[station])}  # fmt: skip
        if person.room and any(place.steps[code].rooms for code in own):
            row["room"] = person.room
        row["steps"] = {code: _cell(self.verdicts[person.ref, code], self.names) for code in own}
        for code in blocking:
            verdict = self.verdicts[person.ref, code]
            row["steps"][code] = {"settled": verdict.state in SETTLED, "as_of": _since(verdict)}
        return row

    def _proxies(self, person: Person, station: Station) -> list[dict[str, Any]]:
        """Who may come instead: at most one. A station where they may settle nothing only learns that the card is not for it."""
        found = []
        for one in (each for each in self._approvals[person.ref] if each.ended is None):
            steps = [code for code in one.steps if code in station.steps]
            every = self.day.place.proxies.values()
            same = [each for each in every if each.id_number == one.id_number and each is not one and each.ended is None]
            others = [self.day.place.people[each.ref] for each in same if each.began <= self._now < each.until and steps]
            also = [each.name for each in sorted(others, key=lambda other: other.number) if station.serves(each)]
            told = {"name": one.name, "id_tail": one.id_number[-4:]} if steps else {"name": "", "id_tail": ""}
            row = {"id": one.id, "gen": 1, **told, "steps": steps, "until": moment(one.until)}
            found.append(row | ({"also": also} if also else {}))
        return found

    def _odd(self, key: Key) -> set[tuple[str, str]]:
        place, (ref, code) = self.day.place, key
        person = place.people[ref]
        blocking = [(self.entries.get((ref, other), ()), self.facts(person, other)) for other in place.steps[code].blocked_by]
        around = Around(blocking, place.cards[ref], lambda staff, station: _right_until(place, staff, station), self._shifts,
                        {one.id: one for one in self._approvals[ref]})  # fmt: skip
        return oddities(self.entries[key], self.facts(person, code), self.verdicts[key], around)


def differences(expected: Expected) -> Iterator[Difference]:
    """Everything that is not as the oracle says, in the order in which it is worth reading."""
    yield from (Difference("on the day", "as the protocol says", wrong) for wrong in expected.day.wrong)
    yield from _of_entries(expected)
    yield from _of_the_office(expected)
    yield from _of_projection(expected)
    yield from _of_findings(expected)
    yield from _of_conflict_answers(expected)
    yield from _of_custody(expected)
    yield from _of_messages(expected)
    yield from _of_devices(expected)
    yield from _of_pictures(expected)
    yield from _of_snapshots(expected)
    done = clearance("ledger", "verify")
    if done.returncode:
        yield Difference("clearance ledger verify", "all is well", (done.stdout + done.stderr).strip())
    yield from (Difference("audit trail", "whole", problem) for problem in audit.verify())


def _of_entries(expected: Expected) -> Iterator[Difference]:
    """Every entry that arrived is stored to the letter, in the right place; nothing else is."""
    sql = "SELECT jws, CASE WHEN outcome = 'quarantined' THEN code ELSE NULL END FROM entry WHERE device <> 'portal'"
    stored = dict(database.execute_sql(sql).fetchall())
    made = {made.token: made for tablet in expected.day.tablets for made in tablet.journal}
    for token, one in made.items():
        if (one.reached is not None) != (token in stored):
            yield Difference(f"entry {one.hash} in the ledger", one.reached or "never arrived", token in stored, _key(one))
        elif one.reached is not None and stored[token] != one.quarantined:
            yield Difference(f"quarantine of entry {one.hash}", one.quarantined, stored[token], _key(one))
    yield from (Difference("entries in the ledger", "none invented", token) for token in stored.keys() - made.keys())
    aside = dict(database.execute_sql("SELECT jws, code FROM quarantined").fetchall())
    held = {hashlib.sha256(token.encode()).hexdigest(): code for token, code in aside.items()}
    wanted = expected.day.traffic.aside
    for name in held.keys() | wanted.keys():
        if held.get(name) != wanted.get(name):
            yield Difference(f"token {name[:12]} aside", wanted.get(name), held.get(name))


def _of_the_office(expected: Expected) -> Iterator[Difference]:
    """Every decision that was asked for by hand is in the ledger once, with what was seen; no other is."""
    fields = ("student", "step", "act", "reason")
    by_hand = [made.payload for made, via in expected.portal if via == "hand"]
    found = Counter((*(said[name] for name in fields), tuple(sorted(said["saw"]))) for said in by_hand)
    asked = Counter((ref, step, act, reason, saw) for ref, step, act, saw, reason in expected.day.office.decided)
    for what in (found - asked) | (asked - found):
        yield Difference("decisions by hand", asked[what], found[what], what[:2])


def _of_projection(expected: Expected) -> Iterator[Difference]:
    sql = 'SELECT ref, step, state, as_of, "by", reason, conflict, heads FROM clearance JOIN graduate ON graduate.id = graduate_id'
    left = dict(expected.verdicts)
    for ref, step, state, as_of, by, reason, conflict, heads in database.execute_sql(sql):
        found = Verdict(state, as_of, by, reason, conflict, tuple(heads.split()))
        wanted = left.pop((ref, step), None)
        if found != wanted:
            yield Difference("projection", wanted, found, (ref, step))
    yield from (Difference("projection", verdict, None, key) for key, verdict in left.items())


def _of_findings(expected: Expected) -> Iterator[Difference]:
    sql = "SELECT student, step, code, entry FROM finding WHERE gone_at IS NULL"
    rows = {tuple(row) for row in database.execute_sql(sql)}
    found = {row for row in rows if row[2] in JUDGED}
    for student, step, code, entry in sorted(found - expected.findings):
        yield Difference(f"finding on entry {entry}", None, code, (student, step))
    for student, step, code, entry in sorted(expected.findings - found):
        yield Difference(f"finding on entry {entry}", code, None, (student, step))
    told = {(student, step): code for student, step, code, entry in rows if entry == ""}
    for key in told.keys() | expected.conflicts.keys():
        if told.get(key) != expected.conflicts.get(key):
            yield Difference("conflict that waits", expected.conflicts.get(key), told.get(key), key)


def _of_conflict_answers(expected: Expected) -> Iterator[Difference]:
    """Where tablets alone disagree, one of those who did was told so."""
    for key, conflict in expected.conflicts.items():
        entries = expected.entries[key]
        if any(made.payload["act"] == "undo" or made.quarantined or made.told is None for made in entries):
            continue  # it may have come about without an upload, or by the journal file, whose answers nobody read
        if not any(made.told == "conflict" for made in entries):
            yield Difference("answers", f"somebody is told of {conflict}", "nobody was", key)


def _of_custody(expected: Expected) -> Iterator[Difference]:
    """Who has what is as people wished and tablets said; and nothing was handed out by two tablets that both had custody of it."""
    custody = expected.day.custody
    sql = (
        "SELECT step, c.name, kind, from_device, to_device FROM custody_move m JOIN class_group c ON c.id = m.class_id ORDER BY no"
    )
    last = {Lot(step, name): (kind, source, to) for step, name, kind, source, to in database.execute_sql(sql).fetchall()}
    found = {lot: (source, to) if kind == "asked" else (to, to) for lot, (kind, source, to) in last.items()}
    for lot in found.keys() | custody.holder.keys():
        holder = custody.holder.get(lot)
        asked = custody.asked.get(lot, holder)
        wanted = (holder and holder.device, asked and asked.device)
        if found.get(lot, (None, None)) != wanted:
            yield Difference(f"custody of {lot.step} for {lot.class_name}", wanted, found.get(lot))
    for key, verdict in expected.verdicts.items():
        collects = [made for made in verdict.live if made.payload["act"] == "collect"]
        for first, second in both(collects, verdict.seen):
            yield Difference("custody", "one tablet hands it out", f"{first.hash} and {second.hash}, each by custody", key)


def _of_messages(expected: Expected) -> Iterator[Difference]:
    """Whatever a proxy has in hand the graduate was told of, once; of nothing that was never handed to a proxy."""
    sql = "SELECT ref, key FROM message JOIN graduate ON graduate.id = graduate_id WHERE kind = 'collected'"
    told = Counter((ref, key.rpartition(" ")[2]) for ref, key in database.execute_sql(sql).fetchall())
    by_proxy = {
        (ref, made.hash): (made in expected.verdicts[ref, step].live)
        for (ref, step), entries in expected.entries.items()
        for made in entries
        if made.payload["proxy"] and made.payload["act"] == "collect" and expected.verdicts[ref, step].state != "not-applicable"
    }
    for key in told.keys() | by_proxy.keys():
        least, most = int(by_proxy.get(key, False)), int(key in by_proxy)
        if not least <= told[key] <= most:
            yield Difference(f"message about entry {key[1]}", f"{least} to {most}", told[key], None)


def _of_devices(expected: Expected) -> Iterator[Difference]:
    contiguous = dict(database.execute_sql("SELECT id, contiguous FROM device").fetchall())
    for tablet in expected.day.tablets:
        gaps = [list(gap) for gap in stations.missing(tablet.device, len(tablet.journal))]
        found = (contiguous[tablet.device], gaps)
        if found != (tablet.contiguous, tablet.missing()):
            yield Difference(f"what has arrived of {tablet.name}", (tablet.contiguous, tablet.missing()), found)


def _of_pictures(expected: Expected) -> Iterator[Difference]:
    """Every photo that was sent to the end is there to the last byte; no other is."""
    folder = expected.day.folder / "attachments"
    stored = {row[0] for row in database.execute_sql("SELECT sha256 FROM attachment").fetchall()}
    sent = {n: t.pictures[n] for t in expected.day.tablets for n, size in t.held.items() if size == len(t.pictures[n])}
    for name in stored | sent.keys():
        path = attachments.path_of(folder, name)
        found = path.read_bytes() if name in stored and path.exists() else None
        if found != sent.get(name):
            yield Difference(f"photo {name[:12]}", name in sent and len(sent[name]), found and len(found))


def _of_snapshots(expected: Expected) -> Iterator[Difference]:
    """A newcomer at each station sees what the oracle says; who has followed all day sees the same."""
    day = expected.day
    for code, station in day.place.stations.items():
        newcomer = Tablet(f"{code} newcomer", code, Random(f"{day.setting.seed} newcomer {code}"))
        day.exchange.enrol(newcomer, stations.issue_code(code, ADMIN))
        with Line(day.server.port, newcomer.token) as line:
            day.exchange.snapshot(line, newcomer)
        wanted = {ref: expected.row(person, code) for ref, person in day.place.people.items() if station.serves(person)}
        yield from _of_rows(f"snapshot of {code}", wanted, newcomer.rows)
        for tablet in day.tablets:
            if tablet.station == code and tablet.fate not in ("lost", "revoked"):
                yield from _of_rows(f"rows that {tablet.name} followed all day", newcomer.rows, tablet.rows)


def _of_rows(where: str, wanted: dict[str, Row], found: dict[str, Row]) -> Iterator[Difference]:
    for ref in wanted.keys() | found.keys():
        mine, theirs = wanted.get(ref), found.get(ref)
        if mine == theirs:
            continue
        if mine is None or theirs is None:
            yield Difference(where, mine and "a row", theirs and "a row", (ref, ""))
            continue
        cells, others = mine["steps"], theirs["steps"]
        wrong = [code for code in cells.keys() | others.keys() if cells.get(code) != others.get(code)]
        yield from (Difference(where, cells.get(code), others.get(code), (ref, code)) for code in wrong)
        if not wrong:
            yield Difference(where, mine, theirs, (ref, ""))


def _supervisors(place: Place, step: str) -> dict[str, int | None]:
    """Supervisors of the stations that serve the step, its officers, administrators, with the end of the longest right."""
    serving = {code for code, station in place.stations.items() if step in station.steps}
    ends: dict[str, list[int | None]] = defaultdict(list)
    for right in place.rights:
        at_station = right.role == "supervisor" and (right.kind == "all" or right.scope in serving)
        if at_station or right.role == "admin" or (right.role == "officer" and right.scope == step):
            ends[right.staff].append(right.until)
    return {staff: _longest(found) for staff, found in ends.items()}


def _right_until(place: Place, staff: str, station: str) -> int | None:
    """When the right to work at a station ended: None not yet, 0 there never was one."""
    ends = [r.until for r in place.rights if r.staff == staff and r.role in ("operator", "supervisor") and r.scope in ("", station)]
    return _longest(ends)


def _longest(ends: Collection[int | None]) -> int | None:
    return None if None in ends else max((end for end in ends if end is not None), default=0)


def _cell(verdict: Verdict, names: dict[str, str]) -> dict[str, Any]:
    cell = {"state": verdict.state, "as_of": _since(verdict), "heads": list(verdict.heads)}
    by_name = names.get(verdict.by or "")
    told = {"by": verdict.by, "by_name": by_name, "reason": verdict.reason, "conflict": verdict.conflict}
    return cell | {name: value for name, value in told.items() if value is not None}


def _since(verdict: Verdict) -> str | None:
    return None if verdict.as_of is None else moment(verdict.as_of)


def _key(made: Made) -> Key | None:
    student, step = made.key
    return (student, step) if student and step else None
