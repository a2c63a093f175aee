"""Accounts, what they may do and where, and how a first sign-in happens."""

import peewee

from db.database import Model, Moment, on_sqlite
from db.people import Graduate
from db.refusals import NotFound


class Account(Model):
    """Somebody who can sign in: staff by staff id, graduates by student number. Raising `session_version` ends every session."""

    id = peewee.TextField(primary_key=True)
    name = peewee.TextField()
    graduate = peewee.ForeignKeyField(Graduate, null=True, unique=True)
    password_hash = peewee.TextField(null=True)
    password_changed_at = Moment(null=True)
    session_version = peewee.IntegerField(default=1)
    language = peewee.TextField(null=True)
    email = peewee.TextField(default="")
    disabled_at = Moment(null=True)


class Activation(Model):
    """A one-time code with which an account gets its first password. Only its hash is kept."""

    account = peewee.ForeignKeyField(Account, backref="activations")
    code_hash = peewee.TextField(unique=True)
    created_by = peewee.TextField()
    created_at = Moment()
    expires_at = Moment()
    used_at = Moment(null=True)


class Grant(Model):
    """A role with its scope. `scope_kind` is all, college, class, step or station; `scope` names which (empty with all)."""

    account = peewee.ForeignKeyField(Account, backref="grants")
    role = peewee.TextField()
    scope_kind = peewee.TextField()
    scope = peewee.TextField(default="")
    granted_by = peewee.TextField()
    from_at = Moment()
    until_at = Moment(null=True)

    class Meta:
        table_name = "role_grant"
        indexes = ((("account", "role", "scope_kind", "scope"), False),)
        constraints = (
            peewee.Check(
                "role IN ('operator','supervisor','counselor','college','officer','leadership','admin','auditor')"
            ),
            peewee.Check("scope_kind IN ('all','college','class','step','station')"),
        )


class Attempt(Model):
    """One failed try (a sign-in, an enrolment code), kept to slow down the next."""

    kind = peewee.TextField()
    key = peewee.TextField()
    at = Moment()

    class Meta:
        indexes = ((("kind", "key", "at"), False),)


def hold(account_id: str) -> Account:
    """The account, locked until the transaction ends. Must be called inside `writing()`; raises NotFound."""
    query = Account.select().where(Account.id == account_id)
    found = (query if on_sqlite() else query.for_update()).first()
    if found is None:
        raise NotFound("unknown-account")
    return found
