"""Colleges, classes and the graduates of the season. All people in the product's own data are synthetic."""

from collections.abc import Iterable

import peewee

from db.database import Model, Moment
from db.rules.natural import natural


class College(Model):
    name = peewee.TextField(unique=True)


class ClassGroup(Model):
    """A class of graduates (班级), with the staff id of its counselor where one is named."""

    college = peewee.ForeignKeyField(College, backref="classes")
    name = peewee.TextField(unique=True)
    campus = peewee.TextField(default="")
    counselor = peewee.TextField(null=True, index=True)


def in_order(groups: Iterable[ClassGroup]) -> list[ClassGroup]:
    """Classes as people expect them: college by college, class 2 before class 10. Asks nothing, unless `groups` is a query."""
    return sorted(groups, key=lambda group: (group.college_id, natural(group.name)))


class Graduate(Model):
    """One graduate. `ref` is what cards and tablets carry; it tells nothing about the person.

    `gen` is the newest generation of the card (0: none issued yet). `change` is the change number at which anything a station may
    see of this graduate last changed, `rescoped` the one at which college, class or presence did.
    `email` is the roster's, `own_email` what the graduate gave instead.
    """

    ref = peewee.TextField(unique=True)
    number = peewee.TextField(unique=True)
    name = peewee.TextField()
    class_group = peewee.ForeignKeyField(ClassGroup, backref="graduates", column_name="class_id")
    flags = peewee.TextField(default="")
    building = peewee.TextField(default="")
    room = peewee.TextField(default="")
    phone = peewee.TextField(default="")
    email = peewee.TextField(default="")
    own_email = peewee.TextField(default="")
    id_number = peewee.TextField(default="")
    gen = peewee.IntegerField(default=0)
    card_revoked = peewee.BooleanField(default=False)
    change = peewee.BigIntegerField(default=0, index=True)
    rescoped = peewee.BigIntegerField(default=0, index=True)
    removed_at = Moment(null=True)

    @property
    def circle(self) -> frozenset[str]:
        """The flags that say which steps apply (party, borrower, resident …)."""
        return frozenset(self.flags.split())

    @property
    def dorm(self) -> str:
        """Building and room as people say them, empty for those who live elsewhere."""
        return f"{self.building} {self.room}".strip()


def anybody(class_id: int | None = None) -> bool:
    """Whether there is a graduate at all, or in this class. One query."""
    query = Graduate.select().where(Graduate.removed_at.is_null())
    return (query if class_id is None else query.where(Graduate.class_group == class_id)).exists()
