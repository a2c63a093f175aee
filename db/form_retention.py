"""How long what was typed into online forms is kept: as long as the season, and no longer.

The row stays with its times, and every entry of the ledger: that a form was sent, when, and what was decided about it. A review
that was still awaited is awaited no more, as there is nothing left to look at; the step itself stands as it stood.
"""

from __future__ import annotations

from collections import Counter

import peewee

from db import pictures
from db.audit import record
from db.database import lock, writing
from db.forms import StepForm
from db.rules.retention import DRAFT, SEASON

_DRAFT = StepForm.sent.is_null() & (StepForm.draft != {})
_SENT = StepForm.sent.is_null(False) & ((StepForm.sent != {}) | (StepForm.draft != {}) | StepForm.waits.is_null(False))
_WHICH: dict[str, peewee.Expression] = {DRAFT: _DRAFT, SEASON: _SENT}


def due() -> Counter[str]:
    """How many forms' answers are over their time: `season` were sent, `draft` never."""
    if not pictures.season_over():
        return Counter()
    return +Counter({why: StepForm.select().where(those).count() for why, those in _WHICH.items()})


def erase(by: str) -> Counter[str]:
    """Blank what is due; returns how many, as `due` counts them. Safe to repeat, alone or together."""
    if not pictures.season_over():
        return Counter()
    with writing():
        lock("change")  # as whoever sends or reviews does, so that nothing is written to a form meanwhile
        done = Counter({
            DRAFT: StepForm.update(draft={}).where(_DRAFT).execute(),
            SEASON: StepForm.update(draft={}, sent={}, waits=None).where(_SENT).execute(),
        })  # fmt: skip
        if +done:
            record(by, "form.erased", "", +done)
    return +done
