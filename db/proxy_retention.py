"""How long what was typed about proxies and receivers is kept: as long as the pictures beside it, and no longer.

What stays is what was done, by whom and when, for which steps and days. The proxy's name stays too where a signed entry says that
this proxy took something: the issue register has to tell who it was.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import peewee

from db import pictures
from db.audit import record
from db.database import now, writing
from db.ledger import Entry
from db.people import Graduate
from db.proxies import ProxyApplication
from db.rules import jws
from db.rules import proxy as rules
from db.rules.retention import DAYS, REJECTED, SEASON, WITHDRAWN

BATCH = 200
BLANK = dict.fromkeys(("name", "id_number", "phone", "own_phone", "address", "words"), "")


def due() -> Counter[str]:
    """How many applications' typed data is over its time, by reason."""
    return Counter({why: query.count() for why, query in _due().items() if query.exists()})


def erase(by: str, only: str | None = None) -> Counter[str]:
    """Blank what is due, of all applications or `only` of one; returns how many, by reason. Safe to repeat, alone or together."""
    done: Counter[str] = Counter()
    for why, query in _due().items():
        if only is not None:
            query = query.where(ProxyApplication.id == only)
        while batch := list(query.limit(BATCH)):
            done[why] += sum(_erase(row, why, by) for row in batch)
    return +done


def _due() -> dict[str, peewee.ModelSelect]:
    moment = now()
    waiting = ProxyApplication.select(ProxyApplication, Graduate).join(Graduate).where(ProxyApplication.erased_at.is_null())
    rejected_before = moment - timedelta(days=DAYS[REJECTED])
    withdrawn = ProxyApplication.state == rules.WITHDRAWN
    rejected = (ProxyApplication.state == rules.REJECTED) & (ProxyApplication.changed_at <= rejected_before)
    found = {WITHDRAWN: waiting.where(withdrawn), REJECTED: waiting.where(rejected)}
    if pictures.season_over():
        found[SEASON] = waiting.where(~withdrawn & ~rejected)
    return found


def _erase(row: ProxyApplication, why: str, by: str) -> bool:
    """Blank one; False if another process has done so already."""
    blank = {name: value for name, value in BLANK.items() if name != "name" or not _signed_for(row)}
    with writing():
        still = (ProxyApplication.id == row.id) & ProxyApplication.erased_at.is_null()
        if not ProxyApplication.update(erased_at=now(), **blank).where(still).execute():
            return False
        record(by, "proxy.erased", row.graduate.number, {"application": row.id, "why": why, "kept": "name" not in blank})
    return True


def _signed_for(row: ProxyApplication) -> bool:
    """Whether any entry of the graduate names this proxy."""
    tokens = Entry.select(Entry.jws).where(Entry.student == row.graduate.ref, Entry.step.in_(row.step_codes)).tuples()
    return any(jws.payload_of(token).get("proxy") == row.id for (token,) in tokens)
