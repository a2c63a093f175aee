"""The station protocol's store over the portal's tables."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from db import attachments, custody, intake, notices, season, shifts, stations
from db.audit import origin
from db.database import database, mark, now, reading, to_ms
from db.grants import operators_of
from db.keys import KeyStore
from db.refusals import Forbidden, Gone, NotFound
from db.rules.contact import Beat
from db.rules.entry import format_moment
from db.rules.season import Station
from db.season import Season, scope_digest
from kiosk.store import Answer, Caller
from portal.station_rows import Scope, read_row, read_rows

PAGE = 500
"""Most rows in one answer to `changes`."""

NOTICE = timedelta(hours=12)


def init_app(app: Flask) -> None:
    """Serve the protocol from this portal's database and keys."""
    app.extensions["stations"] = PortalStore(app.extensions["keys"], app.extensions["config"].attachments)


@dataclass(frozen=True)
class PortalStore:
    """The protocol's verbs over `db`. `attachments` is the directory of photos and signatures."""

    keys: KeyStore
    attachments: Path

    def enrol(self, code: str, name: str, public_key: object, address: str) -> dict[str, Any]:
        origin.set(address)
        enrolled = stations.enrol(code, name, public_key, self.keys.secret, address)
        station = season.current().plan.station(enrolled.device.station_id)
        return {
            "device": enrolled.device.id,
            "token": enrolled.token,
            "station": _station(station),
        }

    def caller(self, token: str) -> Caller | None:
        found = stations.by_token(token)
        return found and Caller(*found)

    def begin_shift(self, caller: Caller, operator: str, password: str, address: str) -> dict[str, Any]:
        origin.set(address)
        _season_of(caller)
        shift, name = shifts.begin(caller.id, operator, password)
        return {"shift": shift.id, "operator": {"id": shift.operator, "name": name, "role": shift.role}}

    def end_shift(self, caller: Caller, shift: str) -> dict[str, Any]:
        ended = shifts.end(caller.id, shift)
        return {"shift": ended.id, "ended_at": format_moment(to_ms(ended.ended_at))}

    def snapshot(self, caller: Caller) -> dict[str, Any]:
        with reading():
            current = _season_of(caller)
            scope = Scope.of(current, caller.station)
            cursor = _cursor(current, caller.station, _newest(), 0)
            rows = read_rows(current, scope)
            operators = operators_of(caller.station)
            held = custody.held_by(caller.id)
        station = current.plan.station(caller.station)
        return {
            "cursor": cursor,
            "expires": _expires(current),
            "station": _station(station),
            "steps": scope.steps(current),
            "students": [row for _, row in rows],
            "operators": [{"id": id_, "name": name, "role": role} for id_, name, role in operators],
            "keys": self.keys.jwks(),
            "custody": _custody(held),
        }

    def changes(self, caller: Caller, cursor: str) -> dict[str, Any]:
        with reading():
            current = _season_of(caller)
            change, graduate = _open_cursor(current, caller.station, cursor)
            newest = _newest()
            scope = Scope.of(current, caller.station)
            rows = read_rows(current, scope, (change, graduate, newest, PAGE + 1))
            held = custody.held_by(caller.id)
        more = len(rows) > PAGE
        rows = rows[:PAGE]
        place = rows[-1][0] if more else (newest, 0)
        return {
            "cursor": _cursor(current, caller.station, *place),
            "students": [row for _, row in rows if "number" in row],
            "removed": [row["ref"] for _, row in rows if "number" not in row],
            "more": more,
            "custody": _custody(held),
        }

    def student(self, caller: Caller, ref: str) -> dict[str, Any]:
        with reading():
            current = _season_of(caller)
            scope = Scope.of(current, caller.station)
            row = read_row(current, scope, ref)
            handed_out = [step.code for step in custody.collect_steps(current.plan) if step.code in scope.own]
            holders = {code: custody.holder_of(code, ref) for code in handed_out}
        if row is None:
            raise NotFound("unknown-student")
        elsewhere = {
            code: {"tablet": holder.name, "station": holder.station_id}
            for code, holder in holders.items()
            if holder is not None and holder.id != caller.id
        }
        return {"student": row, "elsewhere": elsewhere}

    def receive(self, caller: Caller, tokens: Sequence[object]) -> tuple[list[Answer], int]:
        answers, contiguous = intake.receive_from(caller.id, tokens, "direct")
        return [Answer(*answer) for answer in answers], contiguous

    def beat(self, caller: Caller, beat: Beat) -> dict[str, Any]:
        contiguous, gaps = stations.beat(caller.id, beat)
        if beat.let_go:
            custody.let_go(caller.id, beat.let_go, beat.head_seq)
        return {
            "contiguous": contiguous,
            "missing": [list(gap) for gap in gaps],
            "notices": notices.standing_for(caller.id),
            "recalled": [str(held.id) for held in custody.recalled_from(caller.id)],
        }

    def close(self, caller: Caller, date: str, seq: int, hash_: str | None) -> dict[str, Any]:
        complete, gaps = stations.close_shift(caller.id, date, seq, hash_)
        return {"complete": complete, "missing": [list(gap) for gap in gaps]}

    def attach(self, caller: Caller, sha256: str, content: bytes, media_type: str) -> None:
        attachments.keep(self.attachments, sha256, content, media_type, caller.id)

    def attached(self, caller: Caller, sha256: str) -> tuple[int, bool]:
        return attachments.held(self.attachments, sha256, caller.id)

    def attach_part(self, caller: Caller, sha256: str, part: bytes, start: int, total: int, media_type: str) -> int:
        return attachments.add_part(self.attachments, sha256, part, start, total, media_type, caller.id)


def _season_of(caller: Caller) -> Season:
    """The season, for a tablet whose station the plan has. Raises Forbidden (`station-closed`) for any other."""
    current = season.current()
    if caller.station not in current.plan.stations_by_code:
        raise Forbidden("station-closed")
    return current


def _station(station: Station) -> dict[str, Any]:
    return {"code": station.code, "name": station.name.zh, "names": {"zh": station.name.zh, "en": station.name.en}}


def _custody(held: Sequence[custody.Held]) -> list[dict[str, str]]:
    return [{"id": str(one.id), "step": one.step, "class": one.class_name} for one in held]


def _newest() -> int:
    return database.execute_sql("SELECT value FROM counter WHERE name = 'change'").fetchone()[0]


def _word(change: int) -> str | None:
    found = database.execute_sql(f"SELECT word FROM tick WHERE change = {mark()}", (change,)).fetchone()
    return found and found[0]


def _cursor(current: Season, station: str, change: int, graduate: int) -> str:
    """Where a reader stands: after the rows of `change` up to the graduate of that id (0: after all of them)."""
    text = f"{change} {graduate} {_word(change)} {scope_digest(current, station)}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _open_cursor(current: Season, station: str, cursor: str) -> tuple[int, int]:
    """The change and graduate of a cursor of this database and scope. Raises Gone for any other."""
    try:
        text = base64.urlsafe_b64decode(cursor + "==").decode()
        change, graduate, word, scope = text.split(" ")
        place = int(change), int(graduate)
    except (ValueError, binascii.Error):
        raise Gone("cursor-expired") from None
    if not (0 <= place[0] < 2**62 and 0 <= place[1] < 2**62) or scope != scope_digest(current, station) or word != _word(place[0]):
        raise Gone("cursor-expired")
    return place


def _expires(current: Season) -> str:
    """The end of the local day that it will be in twelve hours: an evening's snapshot lasts through the next day."""
    local = (now() + NOTICE).astimezone(current.plan.zone)
    return format_moment(to_ms(datetime.combine(local.date(), time(23, 59, 59, 999000), current.plan.zone)))
