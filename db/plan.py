"""The season's plan as it stands in the database: every loaded version is kept, the newest counts."""

import peewee

from db.database import Model, Moment


class PlanVersion(Model):
    """A plan file as it was loaded. `shifted_days` moves its dates as a whole (demonstration and rehearsal only)."""

    source = peewee.TextField()
    name = peewee.TextField()
    digest = peewee.TextField()
    shifted_days = peewee.IntegerField(default=0)
    loaded_at = Moment()
    loaded_by = peewee.TextField()
