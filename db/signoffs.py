"""What is decided on the portal: by an officer's hand, by an approved form, by a department's list.

All of it becomes entries of the device `portal`, signed with the portal's key, in the same ledger as the tablets' entries.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from db import season as seasons
from db.clearance import Clearance
from db.database import lock, now, to_ms, writing
from db.intake import insert_entries
from db.people import Graduate
from db.projection import CHUNK, Key, refold
from db.refusals import Conflict, Invalid, NotFound
from db.rules import jws
from db.rules.entry import PORTAL, TYPE, Entry, format_moment, from_payload, hash_of
from db.rules.fold import Cell

BY_HAND = ("clear", "hold", "waive", "reopen", "undo")


class Paper(NamedTuple):
    """What a decision on a paper sheet says besides: the station, who typed it in here, the SHA-256 of the sheet's picture."""

    station: str
    recorder: str
    scan: str


class Act(NamedTuple):
    """One decision. `saw` are the heads it was made on, `at` epoch ms (None: now), `target` the id of what an undo takes back.

    `paper`: it was made on paper, and the operator is who signed there.
    """

    ref: str
    step: str
    act: str
    reason: str | None = None
    amount: int | None = None
    saw: tuple[str, ...] = ()
    at: int | None = None
    target: str | None = None
    paper: Paper | None = None


def sign_off(key: jws.SigningKey, operator: str, act: Act) -> Cell:
    """Record one decision of an officer and return the cell it makes.

    Raises NotFound for an unknown graduate or step, Invalid for an act that does not fit the step, and Conflict
    (`heads-changed`) when somebody else acted since the officer's page was made: then nothing is recorded.
    """
    with writing():
        lock("change")
        cell = (
            Clearance.select(Clearance, Graduate)
            .join(Graduate)
            .where(Graduate.ref == act.ref, Clearance.step == act.step)
            .get_or_none()
        )
        if cell is None:
            raise NotFound("unknown-clearance")
        _check(act, cell)
        if set(cell.heads.split()) != set(act.saw):
            raise Conflict("heads-changed", state=cell.state)
        return _record(key, operator, [act], "hand")[act.ref, act.step]


def record_all(key: jws.SigningKey, operator: str, acts: Sequence[Act], via: str) -> int:
    """Record many decisions at once (an approved batch, a list); return how many. Joins the caller's transaction."""
    with writing():
        lock("change")
        for start in range(0, len(acts), CHUNK):
            _record(key, operator, acts[start : start + CHUNK], via)
    return len(acts)


def _record(key: jws.SigningKey, operator: str, acts: Iterable[Act], via: str) -> dict[Key, Cell]:
    moment = to_ms(now())
    rows: list[tuple[Entry, str, str, str | None, str]] = []
    arriving: dict[Key, list[Entry]] = {}
    for act in acts:
        payload = _payload(operator, act, moment)
        token = jws.sign({"typ": TYPE, "kid": PORTAL}, payload, key.private_key)
        entry = from_payload(payload, hash_of(token.rpartition(".")[0].encode()))
        rows.append((entry, token, "accepted", None, via))
        arriving.setdefault((act.ref, act.step), []).append(entry)
    cells = refold(arriving.keys(), arriving).cells
    insert_entries(rows, moment)
    return cells


def _payload(operator: str, act: Act, moment: int) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "seq": None,
        "prev": None,
        "device": PORTAL,
        "operator": operator,
        "shift": None,
        "station": None,
        "at": format_moment(moment if act.at is None else act.at),
        "offset": 0,
        "cursor": None,
        "saw": list(act.saw),
        "act": act.act,
        "student": act.ref,
        "step": act.step,
        "card": None,
        "proxy": None,
        "target": act.target,
        "reason": act.reason,
        "amount": act.amount,
        "attachments": [],
        **(_of_paper(act.paper) if act.paper else {}),
    }


def _of_paper(paper: Paper) -> dict[str, Any]:
    return {
        "station": paper.station,
        "card": {"gen": None, "via": "paper"},
        "attachments": [paper.scan],
        "recorder": paper.recorder,
    }


def _check(act: Act, cell: Clearance) -> None:
    season = seasons.current()
    if act.act not in BY_HAND:
        raise Invalid({"act": "unknown-act"})
    if cell.state == "not-applicable":
        raise Invalid({"act": "step-not-applicable"})
    if act.act == "clear" and season.plan.step(act.step).how == "collect":
        raise Invalid({"act": "collect-at-station"})
    if act.act in ("hold", "waive", "undo") and not (act.reason or "").strip():
        raise Invalid({"reason": "required"})
