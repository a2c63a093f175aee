"""The ledger: signed entries, stored once, never changed. What becomes of them is decided by `db.rules`."""

import peewee

from db.database import Model, Moment


class Entry(Model):
    """A verified entry. `outcome` and `code` are the first answer given for it; a quarantined one is not folded unless admitted."""

    hash = peewee.TextField(primary_key=True)
    id = peewee.TextField(unique=True)
    device = peewee.TextField()
    seq = peewee.BigIntegerField(null=True)
    prev = peewee.TextField(null=True)
    student = peewee.TextField(null=True)
    step = peewee.TextField(null=True)
    act = peewee.TextField()
    operator = peewee.TextField()
    station = peewee.TextField(null=True)
    corrected = Moment()
    jws = peewee.TextField()
    outcome = peewee.TextField()
    code = peewee.TextField(null=True)
    via = peewee.TextField()
    received_at = Moment()
    admitted_at = Moment(null=True)
    admitted_by = peewee.TextField(null=True)

    class Meta:
        indexes = (
            (("device", "seq"), True),
            (("student", "step"), False),
            (("station", "corrected", "act", "outcome", "admitted_at"), False),  # all that `db.work` asks
            (("outcome", "received_at"), False),  # of quarantined ones only: few, and asked for often
        )
        constraints = (peewee.Check("outcome IN ('accepted','conflict','quarantined')"),)


class Quarantined(Model):
    """A token that may not take an id or a seq: malformed, badly signed, or contradicting the chain. Kept for a reviewer."""

    token_hash = peewee.TextField(unique=True)
    hash = peewee.TextField(null=True, index=True)
    device = peewee.TextField(null=True)
    jws = peewee.TextField()
    code = peewee.TextField()
    via = peewee.TextField()
    uploader = peewee.TextField(null=True)
    received_at = Moment()


class Attachment(Model):
    """A photo or a signature, named by its SHA-256. The bytes lie in a file of that name, outside the database."""

    sha256 = peewee.TextField(primary_key=True)
    size = peewee.IntegerField()
    media_type = peewee.TextField()
    device = peewee.TextField()
    received_at = Moment()
