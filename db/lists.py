"""Department lists: their versions, their rows, and what they settle."""

import peewee

from db.database import Model, Moment


class ListVersion(Model):
    """One arrival of a step's list. Until the first one, nobody's state of that step is known."""

    step = peewee.TextField()
    version = peewee.IntegerField()
    arrived_at = Moment()
    by = peewee.TextField()
    digest = peewee.TextField()

    class Meta:
        indexes = ((("step", "version"), True),)


class ListRow(Model):
    """Somebody who stands on a list: not cleared, with a reason and an amount in fen where money is owed."""

    list_version = peewee.ForeignKeyField(ListVersion, backref="rows", on_delete="CASCADE")
    number = peewee.TextField()
    reason = peewee.TextField(default="")
    amount = peewee.BigIntegerField(null=True)

    class Meta:
        indexes = ((("list_version", "number"), True),)
