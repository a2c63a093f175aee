"""Pictures of letters and ID cards that graduates upload: whose each is, why it is kept, until when. The caller says who may look.

- Take: `id_ = vault.put(redraw(content))` outside any transaction, as it takes a second; then `keep(id_, …)` in the transaction
  that writes the row which names it. After a rollback the files are swept later.
- Go on keeping: `retain(ids, why)` whenever the reason changes.
- Let go: `retain(ids, "withdrawn")` in the caller's transaction, and nobody sees it from that commit on; after it
  `delete(vault, ids, by)`. Were that forgotten, the next retention run does it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import peewee

from db import season
from db.audit import record
from db.database import Model, Moment, now, writing
from db.people import Graduate
from db.refusals import Gone, NotFound
from db.rules import retention
from db.rules.retention import DRAFT, REASONS, SEASON
from db.vault import Unreadable, Vault


class Picture(Model):
    """One upload. The row stays after its picture: it says what was deleted, when and why."""

    id = peewee.TextField(primary_key=True)
    graduate = peewee.ForeignKeyField(Graduate, column_name="graduate_id")
    kind = peewee.TextField()
    by = peewee.TextField()
    at = Moment()
    why = peewee.TextField()
    until = Moment()
    deleted_at = Moment(null=True)

    class Meta:
        indexes = ((("deleted_at", "until"), False),)
        constraints = (peewee.Check(f"why IN {REASONS}"),)

    @property
    def visible(self) -> bool:
        """Whether it may be looked at, by those who may."""
        return self.deleted_at is None and min(self.until, season_ends()) > now()


def keep(id_: str, graduate: Graduate, kind: str, by: str, why: str = DRAFT) -> Picture:
    """Note what lies in the vault under that id. `kind` is the caller's word for what it shows."""
    at = now()
    until = retention.until(why, at, season_ends())
    with writing():
        return Picture.create(id=id_, graduate=graduate, kind=kind, by=by, at=at, why=why, until=until)


def retain(ids: Collection[str], why: str) -> None:
    """Keep these for this reason from now on, as long as it allows; a reason of 0 days hides them at once. Safe to repeat.

    One that was let go, or is past its time, stays so: no later reason brings it back.
    """
    moment = now()
    until = retention.until(why, moment, season_ends())
    alive = Picture.id.in_(list(ids)) & Picture.deleted_at.is_null() & (Picture.until > moment)
    with writing():
        Picture.update(why=why, until=until).where(alive).execute()


def find(id_: str) -> Picture:
    """The row of a picture that is still to be seen. NotFound("unknown-picture"), Gone("picture-gone")."""
    found = Picture.get_or_none(Picture.id == id_)
    if found is None:
        raise NotFound("unknown-picture")
    if not found.visible:
        raise Gone("picture-gone")
    return found


def content(vault: Vault, picture: Picture) -> bytes:
    """The JPEG. Gone("picture-gone") where its key or file is not there any more, as after a restored backup."""
    try:
        return vault.get(picture.id)
    except Unreadable as error:
        raise Gone("picture-gone") from error


def delete(vault: Vault, ids: Iterable[str], by: str) -> list[Picture]:
    """Delete those of these whose time is over: key, bytes, then the note that it is done. Safe to repeat, alone or together.

    Call it after the commit that let them go. Returns the rows that this call deleted.
    """
    deleted = []
    for row in list(Picture.select().where(Picture.id.in_(list(ids)), *_due())):  # read to its end before anything is written
        vault.destroy(row.id)
        if _note_deleted(row, by):
            deleted.append(row)
    return deleted


def due(most: int) -> Sequence[str]:
    """The ids whose time is over and that are still to be deleted, oldest first."""
    rows = Picture.select(Picture.id).where(*_due()).order_by(Picture.until, Picture.id).limit(most)
    return [row.id for row in rows]


def count_due() -> Counter[str]:
    """How many of them there are, by reason."""
    rows = Picture.select(Picture.why, peewee.fn.COUNT(Picture.id)).where(*_due()).group_by(Picture.why)
    return Counter(dict(rows.tuples()))


def follow_season() -> None:
    """Let what is kept for the season end when the plan says so now. Call it when a plan was loaded."""
    ends = season_ends()
    moved = (Picture.why == SEASON) & Picture.deleted_at.is_null() & (Picture.until != ends)
    with writing():
        Picture.update(until=ends).where(moved).execute()


def season_ends() -> datetime:
    """The moment from which nothing of the season is kept any more, as the plan has it that counts now."""
    now_is = season.current()
    assert now_is.plan.closes  # a season always has both dates
    return retention.season_ends(now_is.plan.closes, now_is.plan.zone, now_is.loaded_at)


def season_over() -> bool:
    """Whether that moment has come."""
    return season_ends() <= now()


def _due() -> tuple[peewee.Expression, ...]:
    kept = Picture.deleted_at.is_null()
    return (kept,) if season_over() else (kept, Picture.until <= now())


def _note_deleted(row: Picture, by: str) -> bool:
    """Say in row and audit trail that it is gone; False if another process has said so already."""
    with writing():
        still = (Picture.id == row.id) & Picture.deleted_at.is_null()
        if not Picture.update(deleted_at=now()).where(still).execute():
            return False
        record(by, "picture.deleted", row.graduate.number, {"kind": row.kind, "why": row.why})
    return True
