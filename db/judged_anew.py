"""What follows when somebody's rights change: what they recorded may count differently from now on."""

from __future__ import annotations

from db.database import database, mark, touch_season


def rights_changed(staff_id: str) -> None:
    """Let every process know, and fold anew what this person recorded: undos, settled conflicts, findings.

    Must be called inside `writing()`, after `lock("change")`.
    """
    from db.projection import refold  # the projection folds with a season, the season holds the rights

    touch_season()
    sql = f"SELECT DISTINCT student, step FROM entry WHERE operator = {mark()} AND student IS NOT NULL AND step IS NOT NULL"
    keys = database.execute_sql(sql, (staff_id,)).fetchall()
    if keys:
        refold([(student, step) for student, step in keys])
