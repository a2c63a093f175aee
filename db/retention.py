"""The retention run: deletes pictures and typed data whose time is over, and what a crash or a restored backup left behind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from db import form_retention, pictures, proxy_retention
from db.audit import record
from db.pictures import Picture
from db.vault import Vault

BATCH = 200
ORPHAN_S = 2 * 24 * 3600
"""An upload writes its files before its row: what is younger may still get one."""


@dataclass
class Run:
    """What a run deleted by reason: pictures, what was typed in applications (`erased`) and in online forms; and the remains of
    uploads no row knows.
    """

    deleted: Counter[str] = field(default_factory=Counter)
    orphans: int = 0
    erased: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)

    @property
    def anything(self) -> bool:
        return bool(self.deleted or self.orphans or self.erased or self.forms)


def run(vault: Vault, by: str) -> Run:
    """Delete all that is due. Safe to repeat, in several processes at once, and to go on with after a crash at any point."""
    done = Run()
    pictures.follow_season()
    while ids := pictures.due(BATCH):
        done.deleted.update(row.why for row in pictures.delete(vault, ids, by))
    done.orphans = _sweep(vault)
    done.erased = proxy_retention.erase(by)
    done.forms = form_retention.erase(by)
    if done.anything:
        typed = {"erased": done.erased.total(), "forms": done.forms.total()}
        told = {name: count for name, count in typed.items() if count}
        record(by, "retention.run", "", {**done.deleted, "orphans": done.orphans, **told})
    return done


def _sweep(vault: Vault) -> int:
    """Destroy what lies in the vault and belongs to no picture that is to be kept."""
    orphans = 0
    waiting = list(vault.older_than(ORPHAN_S))
    for start in range(0, len(waiting), BATCH):
        some = waiting[start : start + BATCH]
        known = {row.id for row in Picture.select(Picture.id).where(Picture.id.in_(some), Picture.deleted_at.is_null())}
        for id_ in set(some) - known:
            vault.destroy(id_)
            orphans += 1
    return orphans
