"""The projection: `Clearance` and `Finding` rows, folded from the ledger and the records.

`refold` is the one place that writes them. It plans first, in memory, from a handful of queries however many keys are
touched, and then writes only what changed. Call it inside `writing()`, after `lock("change")`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from db import season as seasons
from db.database import database, lock, mark, marks, next_change, now, to_ms, writing
from db.rules.entry import Entry, from_stored
from db.rules.findings import CardSpan, Moments, Records, findings
from db.rules.fold import Cell, fold, settled_times
from db.season import Season

Key = tuple[str, str]
"""A graduate's ref and a step's code."""

CHUNK = 400
"""Rows in one statement: well below the 32,766 parameters that SQLite takes."""


class Person(NamedTuple):
    """What a fold needs of a graduate."""

    id: int
    ref: str
    flags: frozenset[str]
    gen: int
    revoked: bool


class Refolded(NamedTuple):
    """The cells of the keys asked for, and how many graduates changed."""

    cells: dict[Key, Cell]
    changed: int


def refold(
    keys: Collection[Key], arriving: Mapping[Key, Sequence[Entry]] | None = None, people: dict[str, Person] | None = None
) -> Refolded:
    """Fold these keys anew and write what changed, with a change number for every graduate touched.

    `arriving` are entries of the same transaction that are not yet stored; `people` saves reading them again.
    A key whose step blocks a thing already handed over has that step's findings looked at too.
    """
    arriving = arriving or {}
    season = seasons.current()
    known = set(season.plan._steps)
    keys = {key for key in keys if key[1] in known}
    people = people if people is not None else read_people({ref for ref, _ in keys})
    keys = {key for key in keys if key[0] in people}
    if not keys:
        return Refolded({}, 0)
    standing = _standing(season, keys, people)
    dependants = _dependants(season, keys, standing)
    entries = _entries(keys | dependants | _blocking_keys(season, keys | dependants, standing, arriving))
    for key, new in arriving.items():
        entries[key] = [*entries.get(key, ()), *new]
    cells = {key: fold(entries.get(key, ()), _facts(season, people, key)) for key in keys}
    found = _findings(season, people, entries, keys | dependants)
    changed = {key: cell for key, cell in cells.items() if standing.get(key) != cell}
    _write_cells(changed, people)
    _write_findings(found, cells, keys | dependants)
    touched = {people[ref].id for ref, _ in changed}
    mark_changed(touched)
    return Refolded(cells, len(touched))


def refold_graduates(ids: Collection[int]) -> None:
    """Fold every step of these graduates: after their flags changed, or for rows not there yet. Inside `writing()`."""
    lock("change")
    steps = [step.code for step in seasons.current().plan.steps]
    for chunk in _chunks(sorted(ids), CHUNK // 4):
        refs = [row[0] for row in database.execute_sql(f"SELECT ref FROM graduate WHERE id IN ({marks(len(chunk))})", chunk)]
        refold([(ref, step) for ref in refs for step in steps])


def refold_everybody() -> None:
    """Fold every step of every graduate: after the plan changed. Inside `writing()`."""
    refold_graduates([row[0] for row in database.execute_sql("SELECT id FROM graduate")])


def refold_step(step: str) -> None:
    """Fold one step for everybody: after its list arrived. Inside `writing()`."""
    lock("change")
    refs = [row[0] for row in database.execute_sql("SELECT ref FROM graduate ORDER BY id")]
    for chunk in _chunks(refs, CHUNK):
        refold([(ref, step) for ref in chunk])


def verify() -> list[Key]:
    """Keys whose stored row differs from what the ledger folds to. Empty: the projection is right."""
    season = seasons.current()
    wrong: list[Key] = []
    refs = [row[0] for row in database.execute_sql("SELECT ref FROM graduate ORDER BY id")]
    for chunk in _chunks(refs, 100):
        people = read_people(set(chunk))
        keys = {(ref, step.code) for ref in chunk for step in season.plan.steps}
        entries = _entries(keys)
        standing = _standing(season, keys, people)
        wrong += [key for key in sorted(keys) if standing.get(key) != fold(entries.get(key, ()), _facts(season, people, key))]
    return wrong


def rebuild() -> int:
    """Write the whole projection anew from ledger and records; return how many rows were wrong."""
    with writing():
        lock("change")
        wrong = len(verify())
        database.execute_sql(
            "UPDATE graduate SET gen = (SELECT COALESCE(MAX(gen), 0) FROM card WHERE card.graduate_id = graduate.id), "
            "card_revoked = EXISTS (SELECT 1 FROM card WHERE card.graduate_id = graduate.id AND card.revoked_at IS NOT NULL "
            "AND card.gen = (SELECT MAX(gen) FROM card AS newest WHERE newest.graduate_id = graduate.id))"
        )
        refold_everybody()
    return wrong


def mark_changed(graduate_ids: Collection[int]) -> None:
    """Give these graduates the next change number, so that tablets fetch their rows. Inside `writing()`."""
    if not graduate_ids:
        return
    change = next_change()
    for chunk in _chunks(sorted(graduate_ids), CHUNK):
        database.execute_sql(f"UPDATE graduate SET change = {mark()} WHERE id IN ({marks(len(chunk))})", (change, *chunk))


def read_people(refs: Collection[str]) -> dict[str, Person]:
    """The graduates of these refs, as far as there are such."""
    people = {}
    for chunk in _chunks(sorted(refs), CHUNK):
        sql = f"SELECT id, ref, flags, gen, card_revoked FROM graduate WHERE ref IN ({marks(len(chunk))})"
        for id_, ref, flags, gen, revoked in database.execute_sql(sql, chunk):
            people[ref] = Person(id_, ref, frozenset(flags.split()), gen, bool(revoked))
    return people


def _facts(season: Season, people: Mapping[str, Person], key: Key):
    return season.facts_of_all_steps(people[key[0]].flags)[key[1]]


def _standing(season: Season, keys: Collection[Key], people: Mapping[str, Person]) -> dict[Key, Cell]:
    """The stored cells of the touched steps, and of the collect steps they block."""
    steps = {step for _, step in keys}
    steps |= {blocked.code for step in steps for blocked in season.plan.blocks(step) if blocked.how == "collect"}
    by_id = {person.id: ref for ref, person in people.items()}
    cells = {}
    for chunk in _chunks(sorted({people[ref].id for ref, _ in keys}), CHUNK):
        sql = (
            'SELECT graduate_id, step, state, as_of, "by", reason, conflict, heads FROM clearance '
            f"WHERE graduate_id IN ({marks(len(chunk))}) AND step IN ({marks(len(steps))})"
        )
        for id_, step, state, as_of, by, reason, conflict, heads in database.execute_sql(sql, (*chunk, *steps)):
            cells[by_id[id_], step] = Cell(state, as_of, by, reason, conflict, tuple(heads.split()))
    return cells


def _dependants(season: Season, keys: Iterable[Key], standing: Mapping[Key, Cell]) -> set[Key]:
    """Collected steps that a touched step blocks: whether they were collected too early may look different now."""
    found = set()
    for ref, step in keys:
        for blocked in season.plan.blocks(step):
            cell = standing.get((ref, blocked.code))
            if cell is not None and cell.state == "collected":
                found.add((ref, blocked.code))
    return found


def _blocking_keys(
    season: Season, keys: Iterable[Key], standing: Mapping[Key, Cell], arriving: Mapping[Key, Sequence[Entry]]
) -> set[Key]:
    found = set()
    for key in keys:
        cell = standing.get(key)
        if (cell is not None and cell.state == "collected") or any(e.act == "collect" for e in arriving.get(key, ())):
            found |= {(key[0], code) for code in season.plan.step(key[1]).blocked_by}
    return found


def _entries(keys: Collection[Key]) -> dict[Key, list[Entry]]:
    """The entries that count (accepted, in conflict, or admitted from quarantine) of these keys."""
    found: dict[Key, list[Entry]] = defaultdict(list)
    for chunk in _chunks(sorted(keys), CHUNK):
        values = ",".join([f"({marks(2)})"] * len(chunk))
        sql = (
            f"WITH wanted (student, step) AS (VALUES {values}) "
            "SELECT entry.student, entry.step, entry.hash, entry.jws FROM wanted "
            "JOIN entry ON entry.student = wanted.student AND entry.step = wanted.step "
            "WHERE entry.outcome <> 'quarantined' OR entry.admitted_at IS NOT NULL"
        )
        for student, step, hash_, token in database.execute_sql(sql, [part for key in chunk for part in key]):
            found[student, step].append(from_stored(token, hash_))
    return found


def _findings(
    season: Season, people: Mapping[str, Person], entries: Mapping[Key, Sequence[Entry]], keys: Iterable[Key]
) -> dict[Key, set[tuple[str, str]]]:
    cards = _cards(people, entries)
    found = {}
    for key in keys:
        if own := entries.get(key):
            records = Records(cards.get(key[0], ()), _blocking(season, people, entries, key), season.rights)
            found[key] = findings(own, _facts(season, people, key), records)
    return found


def _blocking(season: Season, people: Mapping[str, Person], entries: Mapping[Key, Sequence[Entry]], key: Key) -> dict[str, Moments]:
    if not any(entry.act == "collect" for entry in entries[key]):
        return {}
    ref, step = key
    return {
        code: settled_times(entries.get((ref, code), ()), _facts(season, people, (ref, code)))
        for code in season.plan.step(step).blocked_by
    }


def _cards(people: Mapping[str, Person], entries: Mapping[Key, Sequence[Entry]]) -> dict[str, list[CardSpan]]:
    """Card generations of the graduates for whom an older or a revoked card may have been read."""
    odd = {
        people[ref].id: ref
        for (ref, _), own in entries.items()
        if ref in people
        and (people[ref].revoked or any(e.via == "scan" and e.gen is not None and e.gen != people[ref].gen for e in own))
    }
    spans: dict[str, list[CardSpan]] = defaultdict(list)
    for chunk in _chunks(sorted(odd), CHUNK):
        sql = f"SELECT graduate_id, gen, issued_at, revoked_at FROM card WHERE graduate_id IN ({marks(len(chunk))})"
        for id_, gen, issued, revoked in database.execute_sql(sql, chunk):
            spans[odd[id_]].append(CardSpan(gen, issued, revoked))
    return spans


def _write_cells(cells: Mapping[Key, Cell], people: Mapping[str, Person]) -> None:
    for chunk in _chunks(sorted(cells), CHUNK):
        rows: list[object] = []
        for ref, step in chunk:
            cell = cells[ref, step]
            rows += (people[ref].id, step, cell.state, cell.as_of, cell.by, cell.reason, cell.conflict, " ".join(cell.heads))
        database.execute_sql(
            'INSERT INTO clearance (graduate_id, step, state, as_of, "by", reason, conflict, heads) VALUES '
            + ",".join([f"({marks(8)})"] * len(chunk))
            + " ON CONFLICT (graduate_id, step) DO UPDATE SET state = excluded.state, as_of = excluded.as_of, "
            '"by" = excluded."by", '
            "reason = excluded.reason, conflict = excluded.conflict, heads = excluded.heads",
            rows,
        )


def _write_findings(found: Mapping[Key, set[tuple[str, str]]], cells: Mapping[Key, Cell], keys: Collection[Key]) -> None:
    """Open what is new, end what is gone, reopen what came back. A conflict is kept beside the findings, without an entry."""
    wanted = {(*key, code, hash_) for key, pairs in found.items() for code, hash_ in pairs}
    wanted |= {(*key, cell.conflict, "") for key, cell in cells.items() if cell.conflict is not None}
    stored = {}
    for chunk in _chunks(sorted({ref for ref, _ in keys}), CHUNK):
        sql = f"SELECT id, student, step, code, entry, gone_at FROM finding WHERE student IN ({marks(len(chunk))})"
        for id_, student, step, code, entry, gone_at in database.execute_sql(sql, chunk):
            if (student, step) in keys and (entry or (student, step) in cells):
                stored[student, step, code, entry] = (id_, gone_at)
    at = to_ms(now())
    for finding in sorted(wanted - stored.keys()):
        database.execute_sql(f"INSERT INTO finding (student, step, code, entry, found_at) VALUES ({marks(5)})", (*finding, at))
    for finding, (id_, gone_at) in stored.items():
        if (finding in wanted) == (gone_at is not None):
            gone = None if finding in wanted else at
            database.execute_sql(f"UPDATE finding SET gone_at = {mark()} WHERE id = {mark()}", (gone, id_))


def _chunks(rows: Sequence, size: int) -> Iterable[Sequence]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
