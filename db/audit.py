"""The audit trail: who did or saw what, when, from where. Rows are chained by hash, so that a change or a gap shows."""

import peewee

from db.database import Json, Model, Moment


class AuditEvent(Model):
    """One event. `hash` covers the row and the hash before it."""

    seq = peewee.BigIntegerField(primary_key=True)
    at = Moment()
    actor = peewee.TextField(index=True)
    action = peewee.TextField(index=True)
    subject = peewee.TextField(default="", index=True)
    detail = Json(default=dict)
    address = peewee.TextField(default="")
    prev = peewee.TextField()
    hash = peewee.TextField(unique=True)
