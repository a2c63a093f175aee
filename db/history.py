"""Who signed what of a graduate's steps, when and where, as the ledger holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from db import season as seasons
from db.attachments import media_types
from db.database import database, mark, marks
from db.people import Graduate
from db.rules import jws
from db.rules import round as rounds
from db.rules.entry import from_payload
from db.rules.fold import Picture
from db.rules.round import Round


@dataclass(frozen=True, slots=True)
class Event:
    """One entry that counts. `at` is the corrected time in epoch ms, `operator` a staff id or student number.

    `name` is the operator's where the account is still there. `station` is a code, None at the portal. `via` is how it came
    (direct, journal, hand, list, form, paper), `card` how the card was read (scan, typed, paper). `gone`: taken back by an undo.
    `recorder`: who typed in what stood on paper, a staff id. `attachments`: names of photos and signatures with
    their media types, None where the file has not arrived.
    """

    hash: str
    step: str
    act: str
    at: int
    operator: str
    name: str | None
    station: str | None
    via: str
    card: str | None
    reason: str | None
    amount: int | None
    gone: bool
    attachments: tuple[tuple[str, str | None], ...] = ()
    recorder: str | None = None
    round: Round | None = None
    own: bool = False


def history(graduate: Graduate, steps: Collection[str]) -> dict[str, list[Event]]:
    """The events of these steps, each step's newest first. One query, two with attachments; steps without any are left out.

    Entries in quarantine are not among them, and cards turned away are not either: neither says anything about a step.
    """
    if not steps:
        return {}
    sql = (
        "SELECT e.hash, e.step, e.jws, e.via, a.name FROM entry e LEFT JOIN account a ON a.id = e.operator "
        f"WHERE e.student = {mark()} AND e.step IN ({marks(len(steps))}) AND e.act <> 'refuse' "
        "AND (e.outcome <> 'quarantined' OR e.admitted_at IS NOT NULL)"
    )
    rows = defaultdict(list)
    for hash_, step, token, via, name in database.execute_sql(sql, (graduate.ref, *steps)):
        payload = jws.payload_of(token)
        rows[step].append((from_payload(payload, hash_), via, name, payload))
    payloads = [payload for stored in rows.values() for *_, payload in stored]
    types = media_types([name for payload in payloads for name in payload.get("attachments") or ()])
    facts = seasons.current().facts_of_all_steps(graduate.circle)
    found: dict[str, list[Event]] = {}
    for step, stored in rows.items():
        removed = Picture([row[0] for row in stored], facts[step]).removed if step in facts else frozenset()
        stored.sort(key=lambda row: (row[0].corrected, row[0].id), reverse=True)
        found[step] = [
            Event(
                e.hash, step, e.act, e.corrected, e.operator, name, e.station, via, e.via, e.reason, e.amount, e.hash in removed,
                tuple((one, types.get(one)) for one in payload.get("attachments") or ()), payload.get("recorder"),
                rounds.read(payload), e.operator == graduate.number,
            )
            for e, via, name, payload in stored
        ]  # fmt: skip
    return found


def newest(events: Collection[Event], heads: Collection[str]) -> list[Event]:
    """Those of the events that are heads: what a decision is made on."""
    return [event for event in events if event.hash in heads]
