"""The projection: `Clearance` and `Finding` rows, folded from the ledger and the records.

`refold` is the one place that writes them. It plans first, in memory, from a handful of queries however many keys are
touched, and then writes only what changed. Call it inside `writing()`, after `lock("change")`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from db import bulk, finding_records, handovers
from db import season as seasons
from db.database import NEWEST, database, lock, mark, now, raise_change, to_ms, writing
from db.rules.entry import Entry, from_stored
from db.rules.findings import Moments, Records, ShiftSpan, findings_of
from db.rules.fold import Cell, Facts, Picture, settled_times
from db.season import Season

Key = tuple[str, str]
"""A graduate's ref and a step's code."""

Rows = Iterable[tuple]
"""What a query answers; inside `bulk.pipelined()` it is waited for when the first row is read."""

CHUNK = 400
"""Graduates looked at in one go where everybody is: it bounds the memory."""

_COUNTS = "(outcome <> 'quarantined' OR admitted_at IS NOT NULL)"
_CELL = {
    "graduate_id": "integer", "step": "text", "state": "text", "as_of": "bigint", '"by"': "text", "reason": "text",
    "conflict": "text", "heads": "text",
}  # fmt: skip
_REPLACE = "ON CONFLICT (graduate_id, step) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in list(_CELL)[2:])
_FINDING = {"student": "text", "step": "text", "code": "text", "entry": "text", "found_at": "bigint"}


class Person(NamedTuple):
    """What a fold needs of a graduate."""

    id: int
    ref: str
    flags: frozenset[str]
    gen: int
    revoked: bool


class Refolded(NamedTuple):
    """The cells of the keys asked for, how many graduates changed, and the keys that are in another conflict than before."""

    cells: dict[Key, Cell]
    changed: int
    disputed: frozenset[Key] = frozenset()


def refold(
    keys: Collection[Key],
    arriving: Mapping[Key, Sequence[Entry]] | None = None,
    people: dict[str, Person] | None = None,
    season: Season | None = None,
) -> Refolded:
    """Fold these keys anew and write what changed, with a change number for every graduate touched.

    `arriving` are entries of the same transaction that are not yet stored; `people` and `season` save reading them again.
    A key whose step blocks a thing already handed over has that step's findings looked at too.
    """
    season = season or seasons.current()
    people = people if people is not None else read_people({ref for ref, _ in keys})
    keys = {key for key in keys if key[1] in season.plan.steps_by_code and key[0] in people}
    if not keys:
        return Refolded({}, 0)
    # Asked together, waited for once.
    waiting_for = _blocked_by(season, keys) - keys
    cell_rows, entry_rows = _ask_standing(keys, people), _ask_entries("hash, jws", keys | waiting_for)
    finding_rows = _ask_findings(keys)
    standing = _standing(cell_rows, people)
    dependants = {key for key, cell in standing.items() if cell.state == "collected"} & waiting_for
    entries = _entries(entry_rows, keys | dependants)
    for key, new in (arriving or {}).items():
        entries[key] = [*entries.get(key, ()), *new]
    pictures = {key: Picture(entries.get(key, ()), _facts(season, people, key)) for key in keys | dependants}
    cells = {key: pictures[key].cell for key in keys}
    _write_findings(_findings(season, people, entries, pictures), cells, keys | dependants, finding_rows)
    changed = {key: cell for key, cell in cells.items() if standing.get(key) != cell}
    _write_cells(changed, people)
    touched = {people[ref].id for ref, _ in changed}
    mark_changed(touched)
    handovers.tell(changed, standing, pictures, people)
    before = {key: cell.conflict for key, cell in standing.items()}
    disputed = frozenset(key for key, cell in changed.items() if cell.conflict and cell.conflict != before.get(key))
    return Refolded(cells, len(touched), disputed)


def refold_graduates(ids: Collection[int]) -> None:
    """Fold every step of these graduates: after their flags changed, or for rows not there yet. Inside `writing()`."""
    lock("change")
    steps = [step.code for step in seasons.current().plan.steps]
    for chunk in _chunks(sorted(ids)):
        among, ids_ = bulk.one_of(chunk)
        refs = [row[0] for row in database.execute_sql(f"SELECT ref FROM graduate WHERE id {among}", (ids_,))]
        refold([(ref, step) for ref in refs for step in steps])


def refold_everybody() -> None:
    """Fold every step of every graduate: after the plan changed. Inside `writing()`."""
    everybody = [row[0] for row in database.execute_sql("SELECT id FROM graduate")]
    refold_graduates(everybody)
    bulk.count_anew(len(everybody), "graduate", "clearance")


def refold_step(step: str) -> None:
    """Fold one step for everybody: after its list arrived. Inside `writing()`."""
    lock("change")
    for chunk in _chunks(_all_refs()):
        refold([(ref, step) for ref in chunk])


def verify() -> list[Key]:
    """Keys whose stored row, conflict or findings differ from what the ledger comes to. Empty: the projection is right."""
    season = seasons.current()
    wrong: list[Key] = []
    for chunk in _chunks(_all_refs()):
        people = read_people(chunk)
        keys = {(ref, step.code) for ref in chunk for step in season.plan.steps}
        entries = _entries(_ask_entries("hash, jws", keys), keys)
        standing = _standing(_ask_standing(keys, people), people)
        pictures = {key: Picture(entries.get(key, ()), _facts(season, people, key)) for key in keys}
        wanted = _wanted(_findings(season, people, entries, pictures), {key: one.cell for key, one in pictures.items()})
        told = {(student, step, code, hash_) for _, student, step, code, hash_, gone_at in _ask_findings(keys) if gone_at is None}
        differing = {(student, step) for student, step, *_ in wanted ^ told} & keys
        wrong += sorted(key for key in keys if key in differing or standing.get(key) != pictures[key].cell)
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
    if graduate_ids:
        raise_change()
        among, ids = bulk.one_of(graduate_ids)
        database.execute_sql(f"UPDATE graduate SET change = {NEWEST} WHERE id {among}", (ids,))


def read_people(refs: Collection[str]) -> dict[str, Person]:
    """The graduates of these refs, as far as there are such."""
    return people_of(ask_people(refs))


def ask_people(refs: Collection[str]) -> Rows:
    """The rows that `people_of` reads: asked now, waited for there."""
    among, wanted = bulk.one_of(refs)
    return database.execute_sql(f"SELECT id, ref, flags, gen, card_revoked FROM graduate WHERE ref {among}", (wanted,))


def people_of(rows: Rows) -> dict[str, Person]:
    return {ref: Person(id_, ref, frozenset(flags.split()), gen, bool(revoked)) for id_, ref, flags, gen, revoked in rows}


def _all_refs() -> list[str]:
    return [row[0] for row in database.execute_sql("SELECT ref FROM graduate ORDER BY id")]


def _facts(season: Season, people: Mapping[str, Person], key: Key) -> Facts:
    return season.facts_of_all_steps(people[key[0]].flags)[key[1]]


def _blocked_by(season: Season, keys: Iterable[Key]) -> set[Key]:
    """The steps that wait for these: whether something was handed over too early may look different now."""
    blocked = {step.code: [other.code for other in season.plan.blocks(step.code)] for step in season.plan.steps}
    return {(ref, code) for ref, step in keys for code in blocked[step]}


def _ask_standing(keys: Collection[Key], people: Mapping[str, Person]) -> Rows:
    """The stored cells of these graduates: those of the touched steps, and what was handed over."""
    among_ids, ids = bulk.one_of({people[ref].id for ref, _ in keys})
    among_steps, steps = bulk.one_of({step for _, step in keys})
    sql = (
        'SELECT graduate_id, step, state, as_of, "by", reason, conflict, heads FROM clearance '
        f"WHERE graduate_id {among_ids} AND (state = 'collected' OR step {among_steps})"
    )
    return database.execute_sql(sql, (ids, steps))


def _standing(rows: Rows, people: Mapping[str, Person]) -> dict[Key, Cell]:
    by_id = {person.id: ref for ref, person in people.items()}
    return {
        (by_id[id_], step): Cell(state, as_of, by, reason, conflict, tuple(heads.split()))
        for id_, step, state, as_of, by, reason, conflict, heads in rows
    }


def _ask_entries(columns: str, keys: Collection[Key]) -> Rows:
    """Student, step and these columns of all entries of these graduates and these steps that count: accepted, in conflict, or
    admitted from quarantine."""
    among_refs, refs = bulk.one_of({ref for ref, _ in keys})
    among_steps, steps = bulk.one_of({step for _, step in keys})
    sql = f"SELECT student, step, {columns} FROM entry WHERE student {among_refs} AND step {among_steps} AND {_COUNTS}"
    return database.execute_sql(sql, (refs, steps))


def _entries(rows: Rows, keys: Collection[Key]) -> dict[Key, list[Entry]]:
    """The entries of these keys, from rows with hash and token."""
    found: dict[Key, list[Entry]] = defaultdict(list)
    for student, step, hash_, token in rows:
        if (student, step) in keys:
            found[student, step].append(from_stored(token, hash_))
    return found


def _findings(
    season: Season, people: Mapping[str, Person], entries: Mapping[Key, Sequence[Entry]], pictures: Mapping[Key, Picture]
) -> dict[Key, set[tuple[str, str]]]:
    shift_rows = finding_records.ask_shifts(entries)
    blocking = _blocking(season, people, entries, [key for key, picture in pictures.items() if picture.collects])
    cards = finding_records.cards(people, entries)
    shifts = {id_: ShiftSpan(*columns) for id_, *columns in shift_rows}
    proxies = finding_records.proxies(season, people, entries)

    def records(key: Key) -> Records:
        of_key = cards.get(key[0], ()), blocking.get(key, {})
        return Records(*of_key, season.rights, shifts, season.shifts_since, proxies.get(key[0], {}))

    return {key: findings_of(picture, records(key)) for key, picture in pictures.items() if picture.entries}


def _blocking(
    season: Season, people: Mapping[str, Person], entries: Mapping[Key, Sequence[Entry]], collected: Collection[Key]
) -> dict[Key, dict[str, Moments]]:
    """For each of these keys and each step that blocks it, from when on that step was settled or not."""
    if not collected:
        return {}
    blockers = {(ref, code) for ref, step in collected for code in season.plan.step(step).blocked_by}
    found: dict[Key, list[Entry]] = defaultdict(list)
    for student, step, *columns in _ask_entries("hash, id, device, seq, act, operator, corrected", blockers):
        found[student, step].append(Entry(*columns))
    # One entry tells all by its columns. Where there are several, what they have seen counts too: that is in the token.
    if several := {key for key, own in found.items() if len(own) > 1}:
        found.update(_entries(_ask_entries("hash, jws", several), several))
    found.update({key: list(entries[key]) for key in blockers & entries.keys()})
    times = {key: settled_times(found.get(key, ()), _facts(season, people, key)) for key in blockers}
    return {(ref, step): {code: times[ref, code] for code in season.plan.step(step).blocked_by} for ref, step in collected}


def _write_cells(cells: Mapping[Key, Cell], people: Mapping[str, Person]) -> None:
    rows = [
        (people[ref].id, step, cell.state, cell.as_of, cell.by, cell.reason, cell.conflict, " ".join(cell.heads))
        for (ref, step), cell in sorted(cells.items())
    ]
    bulk.insert("clearance", _CELL, rows, _REPLACE)


def _ask_findings(keys: Collection[Key]) -> Rows:
    among, refs = bulk.one_of({ref for ref, _ in keys})
    return database.execute_sql(f"SELECT id, student, step, code, entry, gone_at FROM finding WHERE student {among}", (refs,))


def _write_findings(
    found: Mapping[Key, set[tuple[str, str]]], cells: Mapping[Key, Cell], keys: Collection[Key], rows: Rows
) -> None:
    """Open what is new, end what is gone, reopen what came back. A conflict is kept beside the findings, without an entry."""
    wanted = _wanted(found, cells)
    stored = {}
    for id_, student, step, code, entry, gone_at in rows:
        if (student, step) in keys and (entry or (student, step) in cells):
            stored[student, step, code, entry] = (id_, gone_at)
    at = to_ms(now())
    bulk.insert("finding", _FINDING, [(*finding, at) for finding in sorted(wanted - stored.keys())])
    ended = [id_ for finding, (id_, gone_at) in stored.items() if gone_at is None and finding not in wanted]
    back = [id_ for finding, (id_, gone_at) in stored.items() if gone_at is not None and finding in wanted]
    # What comes back waits for a reviewer again, whatever was noted the last time.
    for ids, change, values in ((ended, f"gone_at = {mark()}", (at,)), (back, "gone_at = NULL, noted_at = NULL", ())):
        if ids:
            among, chosen = bulk.one_of(ids)
            database.execute_sql(f"UPDATE finding SET {change} WHERE id {among}", (*values, chosen))


def _wanted(found: Mapping[Key, set[tuple[str, str]]], cells: Mapping[Key, Cell]) -> set[tuple[str, str, str, str]]:
    """Student, step, code and entry of everything that a reviewer should see now; a conflict has no entry."""
    wanted = {(*key, code, hash_) for key, pairs in found.items() for code, hash_ in pairs}
    return wanted | {(*key, cell.conflict, "") for key, cell in cells.items() if cell.conflict is not None}


def _chunks(rows: Sequence) -> Iterable[Sequence]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
