"""Accounts: who can sign in. What they may do is in `db.grants`, how they sign in in `db.signin` and `db.activations`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

import peewee

from db import audit
from db.database import Model, Moment, lock, now, on_sqlite, to_ms, touch_season, turn, writing
from db.judged_anew import rights_changed
from db.people import Graduate
from db.refusals import Conflict, Invalid, NotFound

STAFF_ID = re.compile(r"[a-z][a-z0-9_-]{1,31}")
NOBODYS = frozenset({"portal", "console", "journal"})
"""Who acts, in the audit trail, where no person does: no person may be taken for them."""
BATCH = 500

Kept = TypeVar("Kept")


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

    @property
    def numbers(self) -> tuple[str, ...]:
        """The owner's numbers, which a password must not contain."""
        owner = self.graduate
        return (self.id,) if owner is None else (self.id, owner.number, owner.phone, owner.id_number)


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


def find(typed: str) -> Account | None:
    """The account that somebody means: spaces around, full-width and capital letters do not matter, an exact match comes first."""
    text = unicodedata.normalize("NFKC", typed).strip()
    if len(text) > 64 or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        return None
    found = {account.id: account for account in Account.select().where(Account.id.in_([text, text.lower(), text.upper()]))}
    return found.get(text) or found.get(text.lower()) or found.get(text.upper())


def hold(account_id: str) -> Account:
    """The account, locked until the transaction ends. Must be called inside `writing()`; raises NotFound."""
    query = Account.select().where(Account.id == account_id)
    found = (query if on_sqlite() else query.for_update()).first()
    if found is None:
        raise NotFound("unknown-account")
    return found


def put(account: Account, **values: object) -> None:
    """Set these columns and store them. Must be called inside `writing()`, with the account held."""
    for name, value in values.items():
        setattr(account, name, value)
    account.save(only=list(values))


def add_staff(staff_id: str, name: str, by: str, email: str = "") -> Account:
    """Open an account for a member of staff, without a password: `db.activations` gives the way in.

    Raises Invalid for an id of `NOBODYS`, or one that is not 2 to 32 lower-case letters, digits, `-` and `_` beginning with a
    letter (students' numbers begin with digits), or for a name that is empty or over 100 characters; Conflict when the id is taken.
    """
    errors = {}
    if staff_id in NOBODYS:
        errors["id"] = "kept-staff-id"
    elif not STAFF_ID.fullmatch(staff_id):
        errors["id"] = "wrong-staff-id"
    if not name.strip() or len(name) > 100:
        errors["name"] = "wrong-name"
    if errors:
        raise Invalid(errors)
    with writing():
        fresh = {"id": staff_id, "name": name.strip(), "email": email.strip()}
        if not Account.insert(**fresh).on_conflict_ignore().as_rowcount().execute():
            raise Conflict("account-taken")
        touch_season()  # the ledger knows who is on the staff
        audit.record(by, "account.added", staff_id)
    return Account.get_by_id(staff_id)


def add_graduates(graduates: Iterable[Graduate], by: str) -> int:
    """Open an account for each graduate who has none, named by the student number; returns how many were opened.

    Raises Conflict, and opens none, when a member of staff has one of these numbers as id.
    """
    people = list(graduates)
    opened = 0
    with writing():
        for start in range(0, len(people), BATCH):
            part = people[start : start + BATCH]
            owned = {row.graduate_id for row in Account.select().where(Account.graduate.in_(part))}
            rows = [{"id": one.number, "name": one.name, "graduate": one} for one in part if one.id not in owned]
            added = Account.insert_many(rows).on_conflict_ignore().as_rowcount().execute() if rows else 0
            if added != len(rows):
                raise Conflict("account-taken")
            opened += added
        if opened:
            audit.record(by, "account.added", detail={"graduates": opened})
    return opened


def disable(account_id: str, by: str, reason: str = "") -> Account:
    """Let nobody in on this account any more and end its sessions. A graduate's clearance goes on without it.

    Raises NotFound, and Conflict for one's own account.
    """
    if account_id == by:
        raise Conflict("not-oneself")
    with writing():
        lock("change")
        account = hold(account_id)
        if account.disabled_at is None:
            put(account, disabled_at=now(), session_version=account.session_version + 1)
            rights_changed(account_id)
            audit.record(by, "account.disabled", account_id, {"reason": reason})
    return account


def enable(account_id: str, by: str) -> Account:
    """Open a disabled account again."""
    with writing():
        lock("change")
        account = hold(account_id)
        if account.disabled_at is not None:
            put(account, disabled_at=None)
            rights_changed(account_id)
            audit.record(by, "account.enabled", account_id)
    return account


def end_sessions(account_id: str, by: str) -> Account:
    """End every session of the account. The one that asks goes on with the new `session_version`."""
    with writing():
        account = hold(account_id)
        put(account, session_version=account.session_version + 1)
        audit.record(by, "account.sessions-ended", account_id)
    return account


def speak(account_id: str, language: str) -> None:
    """Remember the language its owner reads."""
    Account.update(language=language).where(Account.id == account_id).execute()


def remembered(account: Account, name: str, load: Callable[[], Kept]) -> Kept:
    """What `load` answers, kept on this very object; asked anew once this thread has taken a lock since (`db.database.turn`).

    So what an account may do is decided by what holds while nobody else can change it, not by what held while it waited.
    """
    kept = account.__dict__.get(name)
    if kept is None or kept[0] != turn():
        if kept is not None:
            account.disabled_at = Account.select(Account.disabled_at).where(Account.id == account.id).scalar()
        kept = account.__dict__[name] = (turn(), load())
    return kept[1]


def holds_now() -> peewee.Expression:
    """The condition on `Grant` that a right holds at this moment."""
    moment = to_ms(now())
    return (Grant.from_at <= moment) & (Grant.until_at.is_null() | (Grant.until_at > moment))
