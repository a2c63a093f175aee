"""Files that somebody uploaded and has yet to decide about, kept for a day between the dry run and the decision.

They lie in the database so that any process can answer the decision, whichever took the file.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

import peewee

from db.database import Model, Moment, now, writing
from db.refusals import NotFound

KEPT = timedelta(days=1)


class Upload(Model):
    """One file. `kind` says what it is for; nobody finds it as something else."""

    id = peewee.TextField(primary_key=True)
    kind = peewee.TextField()
    name = peewee.TextField()
    content = peewee.BlobField()
    by = peewee.TextField()
    at = Moment(index=True)


def keep(kind: str, name: str, content: bytes, by: str) -> Upload:
    """Keep a file for a day; those older than that are dropped on the way. `by` is the staff id of whoever brought it."""
    with writing():
        Upload.delete().where(Upload.at < now() - KEPT).execute()
        return Upload.create(id=secrets.token_urlsafe(12), kind=kind, name=name[:200], content=content, by=by, at=now())


def find(kind: str, id_: str) -> Upload:
    """The file; NotFound("unknown-upload") when there is none of that kind any more."""
    found = Upload.get_or_none(Upload.id == id_, Upload.kind == kind, Upload.at >= now() - KEPT)
    if found is None:
        raise NotFound("unknown-upload")
    return found


def drop(id_: str) -> None:
    """Forget the file. Safe to repeat."""
    Upload.delete().where(Upload.id == id_).execute()
