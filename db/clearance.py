"""The projection: one row for each graduate and step, folded from the ledger and the records."""

import peewee

from db.database import Model, Moment
from db.people import Graduate
from db.rules.fold import SETTLED

STATES = ("not-applicable", "unknown", "open", "submitted", "held", "cleared", "collected", "waived")


class Clearance(Model):
    """Where one graduate stands with one step. Written by `db.projection` only; can be rebuilt at any time."""

    graduate = peewee.ForeignKeyField(Graduate, backref="clearances")
    step = peewee.TextField()
    state = peewee.TextField()
    as_of = Moment(null=True)
    by = peewee.TextField(null=True)
    reason = peewee.TextField(null=True)
    conflict = peewee.TextField(null=True)
    heads = peewee.TextField(default="")

    class Meta:
        primary_key = peewee.CompositeKey("graduate", "step")
        indexes = ((("step", "state"), False),)
        constraints = (peewee.Check("state IN ({})".format(",".join(f"'{state}'" for state in STATES))),)

    @property
    def settled(self) -> bool:
        return self.state in SETTLED


class Finding(Model):
    """Something odd that counts all the same, or a conflict (`entry` empty). Rows stay: `gone_at` says when it ended.

    `noted_at`: when a reviewer had seen it (`db.review.Review` has who and why); empty again when the finding comes back.
    """

    student = peewee.TextField()
    step = peewee.TextField()
    code = peewee.TextField()
    entry = peewee.TextField(default="")
    found_at = Moment()
    gone_at = Moment(null=True)
    noted_at = Moment(null=True)

    class Meta:
        indexes = ((("student", "step", "code", "entry"), True),)
