"""Every right that staff have or had, with its history: by it the ledger judges who was allowed to sign what."""

from __future__ import annotations

from db.accounts import Grant
from db.rules.rights import Right, Rights


def load_rights() -> Rights:
    """Every right of all staff with its history, in one query. A disabled account's rights end when it was disabled."""
    sql = """SELECT a.id, a.disabled_at, g.role, g.scope_kind, g.scope, g.from_at, g.until_at
             FROM account a LEFT JOIN role_grant g ON g.account_id = a.id WHERE a.graduate_id IS NULL ORDER BY g.id"""
    of: dict[str, tuple[Right, ...]] = {}
    for staff, disabled, role, kind, scope, since, until in Grant._meta.database.execute_sql(sql):
        ends = [moment for moment in (disabled, until) if moment is not None]
        rights = () if role is None else (Right(role, kind, scope, since, min(ends, default=None)),)
        of[staff] = of.get(staff, ()) + rights
    return Rights(of)
