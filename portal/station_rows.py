"""The rows a station's tablets hold: only what that station needs, in the protocol's shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from db.database import database, mark, marks, to_ms
from db.proxy_cards import Authorized, standing_for, until_ms
from db.rules.entry import format_moment
from db.rules.fold import SETTLED
from db.rules.step import Rounds
from db.season import Season

Place = tuple[int, int]
"""Change number and graduate id: where a row stands in the order of changes."""

After = tuple[int, int, int, int]
"""Change and graduate to start after, the newest change to read up to, and the most rows."""


class Scope(NamedTuple):
    """What a station may see: its own steps, those that block them, whose graduates (None: all); `fast`: its fast lane is open."""

    own: tuple[str, ...]
    blocking: tuple[str, ...]
    colleges: tuple[str, ...] | None
    rooms: bool
    fast: bool

    @classmethod
    def of(cls, season: Season, station: str) -> Scope:
        plan = season.plan
        found = plan.station(station)
        blocking = {code for own in found.steps for code in plan.step(own).blocked_by} - set(found.steps)
        colleges = tuple(plan.college(code).name.zh for code in found.colleges) or None
        ordered = tuple(step.code for step in plan.steps if step.code in blocking)
        return cls(found.steps, ordered, colleges, any(plan.step(code).rooms for code in found.steps), station in season.fast_lanes)

    def steps(self, season: Season) -> list[dict[str, Any]]:
        """The definitions of the scope's steps, the station's own first."""
        known = set(self.own) | set(self.blocking)
        return [self._step(season, code, known) for code in (*self.own, *self.blocking)]

    def _step(self, season: Season, code: str, known: set[str]) -> dict[str, Any]:
        step = season.plan.step(code)
        opens, closes = step.opens_at, step.closes_at
        rounds = {"rounds": _rounds(step.rounds)} if step.rounds and code in self.own else {}
        return {
            "code": code,
            "name": {"zh": step.name.zh, "en": step.name.en},
            "how": step.how,
            "own": code in self.own,
            "opens": format_moment(to_ms(opens)) if opens else None,
            "closes": format_moment(to_ms(closes)) if closes else None,
            "blocked_by": [code for code in step.blocked_by if code in known],
            "reasons": [{"code": r.code, "zh": r.name.zh, "en": r.name.en} for r in step.reasons],
            "fast": step.fast and self.fast,
            "fresh_minutes": step.fresh_minutes,
            "signed": step.signed,
            "money": step.money,
            **rounds,
        }


def _rounds(rounds: Rounds) -> dict[str, Any]:
    """What a tablet needs to go from room to room."""
    return {
        "inspection": [{"code": one.code, "zh": one.name.zh, "en": one.name.en, "reason": one.reason} for one in rounds.inspection],
        "prices": [{"code": one.code, "zh": one.name.zh, "en": one.name.en, "amount": one.fen} for one in rounds.prices],
        "damage": rounds.damage,
        "key": rounds.key or None,
    }


def read_rows(
    season: Season, scope: Scope, after: After | None = None, ref: str | None = None
) -> list[tuple[Place, dict[str, Any]]]:
    """Rows of the scope, in the order of changes; with `after`, also bare refs of graduates who have left the scope since.

    With `ref` that graduate's alone. Three queries, however many rows.
    """
    found = list(_graduates(scope, after, ref))
    proxies = standing_for([id_ for id_, *_ in found] if after or ref else None)
    cells = _cells(scope, [id_ for id_, *_ in found] if after or ref else None)
    rows = []
    for id_, change, ref, number, name, college, class_, room, gen, revoked, inside in found:
        if not inside:
            rows.append(((change, id_), {"ref": ref}))
            continue
        row: dict[str, Any] = {"ref": ref, "number": number, "name": name, "college": college, "class": class_}
        if scope.rooms and room.strip():
            row["room"] = room.strip()
        row |= {"gen": gen, "card": "revoked" if revoked else "valid", "steps": cells.get(id_, {})}
        row["proxies"] = [_proxy(scope, one) for one in proxies.get(id_, ())]
        rows.append(((change, id_), row))
    return rows


def read_row(season: Season, scope: Scope, ref: str) -> dict[str, Any] | None:
    """The row of one graduate as it stands at this moment; None where the scope has none. Three queries."""
    return next((row for _, row in read_rows(season, scope, ref=ref)), None)


def _proxy(scope: Scope, authorized: Authorized) -> dict[str, Any]:
    """A proxy as tablets know one: the name and the end of the ID number to compare, and only this station's steps.

    `also`: the names of the other graduates in the scope for whom the same proxy comes. A station where this proxy may settle
    nothing learns of nobody: it only has to say that the card is not for here.
    """
    one, others = authorized
    steps = [code for code in one.step_codes if code in scope.own]
    inside = [other.name for other in others if steps and (scope.colleges is None or other.college in scope.colleges)]
    return {
        "id": one.id,
        "gen": 1,
        "name": one.name if steps else "",
        "id_tail": one.id_number[-4:] if steps else "",
        "steps": steps,
        "until": format_moment(until_ms(one.until_day)),
        **({"also": inside} if inside else {}),
    }


def _graduates(scope: Scope, after: After | None, ref: str | None) -> Iterable[tuple]:
    inside = "g.removed_at IS NULL"
    values: list[object] = []
    if scope.colleges is not None:
        inside += f" AND college.name IN ({marks(len(scope.colleges))})"
        values += scope.colleges
    sql = (
        "SELECT g.id, g.change, g.ref, g.number, g.name, college.name, class_group.name, "
        f"g.building || ' ' || g.room, g.gen, g.card_revoked, CASE WHEN {inside} THEN 1 ELSE 0 END "
        "FROM graduate g JOIN class_group ON class_group.id = g.class_id JOIN college ON college.id = class_group.college_id "
    )
    if ref is not None:
        return database.execute_sql(f"{sql} WHERE {inside} AND g.ref = {mark()}", (*values, *values, ref)).fetchall()
    if after is None:
        return database.execute_sql(f"{sql} WHERE {inside} ORDER BY g.id", (*values, *values)).fetchall()
    change, graduate, newest, most = after
    sql += (
        f"WHERE (g.change > {mark()} OR (g.change = {mark()} AND g.id > {mark()} AND {mark()} > 0)) AND g.change <= {mark()} "
        f"AND (({inside}) OR g.rescoped > {mark()}) ORDER BY g.change, g.id LIMIT {mark()}"
    )
    bounds = (change, change, graduate, graduate, newest)
    return database.execute_sql(sql, (*values, *bounds, *values, change - 1, most)).fetchall()


def _cells(scope: Scope, ids: list[int] | None) -> dict[int, dict[str, Any]]:
    """The cells of the scope's steps by graduate; of all graduates, or of these."""
    if ids is not None and not ids:
        return {}
    steps = (*scope.own, *scope.blocking)
    sql = (
        'SELECT c.graduate_id, c.step, c.state, c.as_of, c."by", account.name, c.reason, c.conflict, c.heads '
        f'FROM clearance c LEFT JOIN account ON account.id = c."by" WHERE c.step IN ({marks(len(steps))})'
    )
    values: list[object] = [*steps]
    if ids is not None:
        sql += f" AND c.graduate_id IN ({marks(len(ids))})"
        values += ids
    own = set(scope.own)
    found: dict[int, dict[str, Any]] = {}
    for id_, step, state, as_of, by, by_name, reason, conflict, heads in database.execute_sql(sql, values):
        since = None if as_of is None else format_moment(as_of)
        if step in own:
            cell = {"state": state, "as_of": since, "heads": heads.split()}
            for name, value in (("by", by), ("by_name", by_name), ("reason", reason), ("conflict", conflict)):
                if value is not None:
                    cell[name] = value
        else:
            cell = {"settled": state in SETTLED, "as_of": since}
        found.setdefault(id_, {})[step] = cell
    return found
