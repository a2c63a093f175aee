"""Tablets that worked in the days before: enrolled, signing and uploading as real ones do, through the same doors."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from db import stations
from db.database import from_ms, writing
from db.intake import receive
from db.rules import jws
from db.rules.entry import TYPE, format_moment, hash_of
from db.shifts import Shift

_AT_ONCE = 500


class Deed(NamedTuple):
    """Something done at a station's desk at an epoch millisecond."""

    at: int
    station: str
    act: str
    ref: str
    step: str
    reason: str | None = None
    amount: int | None = None


class Tablet:
    """One enrolled tablet with its key and its chain of entries."""

    def __init__(self, station: str, operator: str, by: str, secret: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        jwk = jws.public_key_to_jwk(self._key.public_key())
        self.id = stations.enrol(stations.issue_code(station, by), f"{station} · demo", jwk, secret, "127.0.0.1").device.id
        self._station, self._operator = station, operator
        self._seq = 0
        self._last: str | None = None
        self._shifts: dict[date, dict[str, Any]] = {}

    def upload(self, deeds: Iterable[Deed]) -> None:
        """Sign these deeds and send them."""
        signed = [self._sign(deed) for deed in deeds]
        with writing():
            usual = {"device": self.id, "operator": self._operator, "role": "operator"}
            rows = Shift.insert_many([usual | shift for shift in self._shifts.values()])
            rows.on_conflict(conflict_target=[Shift.id], preserve=[Shift.ended_at]).execute()
        receive(signed, "direct", self.id)

    def close(self, day: date) -> None:
        """Say that the shift of that day is over and everything was sent."""
        stations.beat(self.id, stations.Beat(None, 0, self._seq, self._last, None, None))
        stations.close_shift(self.id, day.isoformat(), self._seq, self._last)

    def _shift_at(self, at: int) -> str:
        """The shift of that day (UTC; nobody works at its turn), begun with its first deed and ended with its last."""
        day = from_ms(at).date()
        shift = self._shifts.setdefault(day, {"id": f"sh_{self.id}_{day:%m%d}", "started_at": at})
        shift["ended_at"] = at
        return str(shift["id"])

    def _sign(self, deed: Deed) -> str:
        self._seq += 1
        payload = {
            "id": str(uuid.uuid4()), "seq": self._seq, "prev": self._last, "device": self.id, "operator": self._operator,
            "shift": self._shift_at(deed.at), "station": self._station, "at": format_moment(deed.at), "offset": 0, "cursor": "",
            "saw": [], "act": deed.act, "student": deed.ref, "step": deed.step, "card": {"gen": 1, "via": "scan"}, "proxy": None,
            "target": None, "reason": deed.reason, "amount": deed.amount, "attachments": [],
        }  # fmt: skip
        token = jws.sign({"typ": TYPE, "kid": self.id}, payload, self._key)
        self._last = hash_of(token.rpartition(".")[0].encode())
        return token


def upload(tablets: Mapping[str, Tablet], deeds: Iterable[Deed]) -> Iterator[int]:
    """Send what each station's tablet did, in the order of time and 500 deeds a round; yields how many are done."""
    waiting = sorted(deeds, key=lambda deed: deed.at)
    for start in range(0, len(waiting), _AT_ONCE):
        round_ = waiting[start : start + _AT_ONCE]
        for station in {deed.station: None for deed in sorted(round_, key=lambda deed: deed.act == "collect")}:
            tablets[station].upload(deed for deed in round_ if deed.station == station)
        yield start + len(round_)
