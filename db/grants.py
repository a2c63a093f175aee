"""Roles and scopes as rows, and the one place that answers who may do what, where.

Scopes are named by what does not change when a roster is imported again: the college's name, the class's name, the code of a
step or a station. A counselor needs no grant for classes that name them, nor for those of a colleague whom they cover on that day
(`db.covers`); a graduate's account is a graduate and nothing else.
"""

from __future__ import annotations

import peewee

from db import audit
from db.accounts import Account, Grant, hold, holds_now, remembered
from db.covers import own_classes, standing_for
from db.database import lock, now, writing
from db.judged_anew import rights_changed
from db.people import ClassGroup, College, Graduate
from db.refusals import Conflict, Forbidden, Invalid, NotFound
from db.rules.powers import EVERY_GRADUATE, KINDS, Power, Powers
from db.rules.rights import AT_STATION
from db.stations import Station


def grant(account_id: str, role: str, scope_kind: str, scope: str, by: str) -> Grant:
    """Give a role in a scope from now on and return its row; an equal right that still holds is returned as it is.

    Raises NotFound for an unknown account, Invalid for a role, kind or scope that does not exist,
    Conflict for a graduate's account.
    """
    with writing():
        lock("change")
        account = hold(account_id)
        if account.graduate_id is not None:
            raise Conflict("graduate-has-no-roles")
        _check_scope(role, scope_kind, scope)
        same = (Grant.account == account, Grant.role == role, Grant.scope_kind == scope_kind, Grant.scope == scope)
        found = Grant.get_or_none(*same, Grant.until_at.is_null())
        if found is not None:
            return found
        row = Grant.create(
            account=account, role=role, scope_kind=scope_kind, scope=scope, granted_by=by, from_at=now()
        )
        rights_changed(account_id)
        audit.record(by, "grant.given", account_id, {"role": role, "kind": scope_kind, "scope": scope})
    return row


def end(grant_id: int, by: str) -> Grant:
    """End a right from now on and return its row; one that has ended stays as it ended.

    Raises NotFound, and Conflict for one's own administration: the last administrator must not be able to lock everybody out.
    """
    with writing():
        lock("change")
        row = Grant.get_or_none(Grant.id == grant_id)
        if row is None:
            raise NotFound("unknown-grant")
        if row.role == "admin" and row.account_id == by:
            raise Conflict("not-oneself")
        ended = Grant.update(until_at=now()).where(Grant.id == grant_id, Grant.until_at.is_null()).execute()
        if ended:
            rights_changed(row.account_id)
            detail = {"role": row.role, "kind": row.scope_kind, "scope": row.scope}
            audit.record(by, "grant.ended", row.account_id, detail)
    return Grant.get_by_id(grant_id)


def powers_of(account: Account) -> Powers:
    """What the account may do now. Two queries, for counselors a third, and two more while they cover for somebody.

    Remembered (`db.accounts.remembered`): load the account anew, or take a lock, to see changes.
    """
    return remembered(account, "_powers", lambda: _load_powers(account))


def may(
    account: Account,
    role: str,
    *,
    college: str | None = None,
    class_: str | None = None,
    step: str | None = None,
    station: str | None = None,
) -> bool:
    """Whether the account holds the role there, now. See `Powers.may`."""
    return powers_of(account).may(role, college=college, class_=class_, step=step, station=station)


def require(
    account: Account,
    role: str,
    *,
    college: str | None = None,
    class_: str | None = None,
    step: str | None = None,
    station: str | None = None,
) -> None:
    """Raise Forbidden("out-of-scope") unless the account holds the role there."""
    if not may(account, role, college=college, class_=class_, step=step, station=station):
        raise Forbidden("out-of-scope")


def require_step(account: Account, step: str) -> None:
    """Raise Forbidden("out-of-scope") unless the account may act on the step at the portal."""
    if not powers_of(account).settles(step):
        raise Forbidden("out-of-scope")


def graduates_in_scope(account: Account) -> peewee.ModelSelect:
    """The graduates whose data this account may open; those removed from the roster are among them.

    Administrators and officers: everybody (an officer acts on own steps only). Counselors: own classes. Colleges: own classes'
    graduates. A graduate: oneself. Operators work at tablets, leadership reads totals, auditors the log: nobody for them.
    """
    everybody = Graduate.select()
    if account.disabled_at is not None:
        return everybody.where(peewee.SQL("1 = 0"))
    if account.graduate_id is not None:
        return everybody.where(Graduate.id == account.graduate_id)
    powers = powers_of(account)
    if not powers.roles.isdisjoint(EVERY_GRADUATE):
        return everybody
    return everybody.where(Graduate.class_group.in_(classes_near(powers)))


def classes_near(powers: Powers) -> peewee.ModelSelect:
    """The ids of the classes whose counselor or college holds these powers: a subquery."""
    own = ClassGroup.name.in_(powers.scopes("counselor", "class"))
    return ClassGroup.select(ClassGroup.id).join(College).where(own | College.name.in_(powers.scopes("college", "college")))


def find_graduate(account: Account, number: str) -> Graduate:
    """The graduate of that number if this account may open their data; NotFound("unknown-graduate") alike if not."""
    found = graduates_in_scope(account).where(Graduate.number == number).first()
    if found is None:
        raise NotFound("unknown-graduate")
    return found


def operators_of(station: str) -> list[tuple[str, str, str]]:
    """Who may work at the station now: (staff id, name, operator or supervisor), by id; the higher role counts."""
    rows = (
        Grant.select(Account.id, Account.name, peewee.fn.MAX(Grant.role))  # "supervisor" sorts after "operator"
        .join(Account)
        .where(
            Grant.role.in_(AT_STATION),
            holds_now(),
            Account.disabled_at.is_null(),
            (Grant.scope_kind == "all") | ((Grant.scope_kind == "station") & (Grant.scope == station)),
        )
        .group_by(Account.id, Account.name)
        .order_by(Account.id)
    )
    return [tuple(row) for row in rows.tuples()]


def grants_of(account_id: str) -> list[Grant]:
    """Every right the account has or had, newest first."""
    return list(Grant.select().where(Grant.account == account_id).order_by(Grant.from_at.desc(), Grant.id.desc()))


def _load_powers(account: Account) -> Powers:
    if account.disabled_at is not None:
        return Powers(frozenset())
    if account.graduate_id is not None:
        return Powers(frozenset({Power("graduate", "self")}))
    rows = Grant.select(Grant.role, Grant.scope_kind, Grant.scope).where(Grant.account == account.id, holds_now())
    held = {Power(*row) for row in rows.tuples()}
    classes = own_classes([account.id])
    if classes and (covers := standing_for(account)):
        classes |= own_classes([cover.absent_id for cover in covers])
    return Powers(frozenset(held | {Power("counselor", "class", name) for name in classes}))


def _check_scope(role: str, kind: str, scope: str) -> None:
    if role not in KINDS:
        raise Invalid({"role": "unknown-role"})
    if kind not in KINDS[role]:
        raise Invalid({"scope_kind": "wrong-scope-kind"})
    column = {"college": College.name, "class": ClassGroup.name, "station": Station.code}.get(kind)
    if (kind == "all") != (scope == ""):
        raise Invalid({"scope": "wrong-scope"})
    if column is not None and not column.model.select().where(column == scope).exists():
        raise Invalid({"scope": "unknown-scope"})
