"""Clearance cards: issued, replaced, revoked. Every generation is a row and stays one."""

import peewee

from db.database import Model, Moment
from db.people import Graduate


class Card(Model):
    """One generation of a graduate's card. The token itself is made when it is shown; the row is what makes it count."""

    graduate = peewee.ForeignKeyField(Graduate, backref="cards")
    gen = peewee.IntegerField()
    issued_at = Moment()
    issued_by = peewee.TextField()
    reason = peewee.TextField(default="")
    expires_at = Moment()
    revoked_at = Moment(null=True)
    revoked_by = peewee.TextField(null=True)

    class Meta:
        indexes = ((("graduate", "gen"), True),)
        constraints = (peewee.Check("gen >= 1"),)
