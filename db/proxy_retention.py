"""How long what was typed about proxies and receivers is kept: as long as the pictures beside it, and no longer.

What stays is what was done, by whom and when, for which steps and days. The proxy's name stays too where a signed entry says that
this proxy took something, because the issue register has to tell who it was; and of an approval that ended, until the season is
over, because a tablet that was away may have signed before it heard of the end.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import peewee

from db import pictures
from db.audit import record
from db.database import lock, now, writing
from db.ledger import Entry
from db.people import Graduate
from db.proxies import ProxyApplication, ProxyEvent
from db.rules import jws
from db.rules import proxy as rules
from db.rules.retention import DAYS, DRAFT, REJECTED, SEASON, WITHDRAWN

BATCH = 200
BLANK = dict.fromkeys(("name", "id_number", "phone", "own_phone", "address", "words"), "")
NAME = "name"
"""Why a name goes that was kept until the season was over, for what offline tablets might still bring in."""


def due() -> Counter[str]:
    """How many applications' typed data is over its time, by reason."""
    return +Counter({**{why: query.count() for why, query in _due().items()}, NAME: len(_names_due())})


def erase(by: str, only: str | None = None) -> Counter[str]:
    """Blank what is due, of all applications or `only` of one; returns how many, by reason. Safe to repeat, alone or together."""
    done: Counter[str] = Counter()
    for why, query in _due().items():
        if only is not None:
            query = query.where(ProxyApplication.id == only)
        while batch := list(query.limit(BATCH)):
            done[why] += sum(_erase(row, why, by) for row in batch)
    done[NAME] += sum(_erase_name(row, by) for row in _names_due() if only in (None, row.id))
    return +done


def _due() -> dict[str, peewee.ModelSelect]:
    moment = now()
    waiting = ProxyApplication.select(ProxyApplication, Graduate).join(Graduate).where(ProxyApplication.erased_at.is_null())

    def stood(state: str, why: str) -> peewee.Expression:
        """The condition that it has stood in this state for as long as such a one is kept."""
        return (ProxyApplication.state == state) & (ProxyApplication.changed_at <= moment - timedelta(days=DAYS[why]))

    withdrawn = ProxyApplication.state == rules.WITHDRAWN
    rejected, draft = stood(rules.REJECTED, REJECTED), stood(rules.DRAFT, DRAFT)
    found = {WITHDRAWN: waiting.where(withdrawn), REJECTED: waiting.where(rejected), DRAFT: waiting.where(draft)}
    if pictures.season_over():
        found[SEASON] = waiting.where(~withdrawn & ~rejected & ~draft)
    return found


def _names_due() -> list[ProxyApplication]:
    """Erased applications whose name was kept for an entry that has not come by the end of the season."""
    if not pictures.season_over():
        return []
    kept = ProxyApplication.select(ProxyApplication, Graduate).join(Graduate)
    rows = kept.where(ProxyApplication.erased_at.is_null(False), ProxyApplication.name != "")
    return [row for row in rows if not _signed_for(row)]


def _erase(row: ProxyApplication, why: str, by: str) -> bool:
    """Blank one; False if another process has done so already."""
    with writing():
        lock("change")  # no entry that names this proxy comes in between
        blank = {name: value for name, value in BLANK.items() if name != "name" or not _keeps_name(row)}
        still = (ProxyApplication.id == row.id) & ProxyApplication.erased_at.is_null()
        if not ProxyApplication.update(erased_at=now(), **blank).where(still).execute():
            return False
        record(by, "proxy.erased", row.graduate.number, {"application": row.id, "why": why, "kept": "name" not in blank})
    return True


def _erase_name(row: ProxyApplication, by: str) -> bool:
    with writing():
        lock("change")
        if not ProxyApplication.update(name="").where(ProxyApplication.id == row.id, ProxyApplication.name != "").execute():
            return False
        record(by, "proxy.erased", row.graduate.number, {"application": row.id, "why": NAME, "kept": False})
    return True


def _keeps_name(row: ProxyApplication) -> bool:
    """Whether a signed entry names this proxy, or one may still come: a tablet may have signed before it heard of the end."""
    if _signed_for(row):
        return True
    once_approved = ProxyEvent.select().where(ProxyEvent.application == row.id, ProxyEvent.act == "approve").exists()
    return row.kind == rules.PROXY and once_approved and not pictures.season_over()


def _signed_for(row: ProxyApplication) -> bool:
    """Whether any entry of the graduate names this proxy."""
    tokens = Entry.select(Entry.jws).where(Entry.student == row.graduate.ref, Entry.step.in_(row.step_codes)).tuples()
    return any(jws.payload_of(token).get("proxy") == row.id for (token,) in tokens)
