"""A named cast: a small season in an open database, and tablets that sign as real ones do.

    season = make_season()                       # plan, people, staff, rights, cards; nothing in the ledger
    desk = TabletDouble.enrol("library")         # its row, its posting, its key
    cleared = desk.act("clear", season.an, "library")
    receive([cleared.token], "direct")

Graduates: An (安然) lives in the dorm, Bai (白露) does not, Cheng (程远) is of another college. Staff: `wang` signs off at
every desk, `li` supervises every desk, `zhou` signed off until 20 June, `admin` administers. The day is 26 June 2023.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from db import season as seasons
from db.accounts import Account, Grant
from db.cards import Card
from db.database import from_ms, now, touch_season, writing
from db.people import ClassGroup, College, Graduate
from db.plan import PlanVersion
from db.projection import refold_everybody
from db.rules import jws
from db.rules.entry import TYPE, format_moment, hash_of, parse_moment
from db.shifts import Shift
from db.stations import Device, Posting

DAY = "2023-06-26T01:00:00.000Z"
BEGAN = "2023-05-16T00:00:00.000Z"
ZHOU_LEFT = "2023-06-20T00:00:00.000Z"
EXPIRES = "2023-07-15T00:00:00.000Z"

OPERATOR, SUPERVISOR, FORMER, ADMIN = "wang", "li", "zhou", "admin"
LIBRARY, DORM, CARD, DIPLOMA, CONDUCT = "library", "dorm", "campus-card", "diploma", "conduct"

# Code, how, applies, blocked by.
STEPS = (
    (CONDUCT, "list", "all", ()),
    (LIBRARY, "desk", "all", ()),
    (DORM, "desk", "resident", ()),
    (CARD, "collect", "all", ()),
    (DIPLOMA, "collect", "all", (LIBRARY, DORM)),
)
# Code, steps.
STATIONS = (
    ("library", (LIBRARY,)),
    ("dorm", (DORM,)),
    ("cards", (CARD,)),
    ("hall", (LIBRARY, DORM, CARD, DIPLOMA)),
)


def ms(moment: str) -> int:
    """Epoch milliseconds of a moment that is known to be one."""
    found = parse_moment(moment)
    assert found is not None
    return found


def plan_text(steps: Sequence[tuple] = STEPS, stations: Sequence[tuple] = STATIONS) -> str:
    """A plan file of these steps and stations, open to two colleges."""
    lines = [
        '[season]\ncode = "2023"\ntimezone = "Asia/Shanghai"\nopens = 2023-04-24\ncloses = 2023-07-14',
        *(f"{key} = {_names(key)}" for key in ("name", "institution")),
        '[[flags]]\ncode = "resident"\nzh = "住校生"\nen = "Resident"',
        '[[colleges]]\ncode = "nursing"\nzh = "护理学院"\nen = "Nursing"',
        '[[colleges]]\ncode = "trade"\nzh = "商学院"\nen = "Trade"',
        '[[departments]]\ncode = "office"\nphone = "8100"',
        *(f"{key} = {_names(key)}" for key in ("name", "place", "hours")),
    ]
    for code, how, applies, blocked_by in steps:
        lines += [
            f'[[steps]]\ncode = "{code}"\nname = {_names(code)}\ndepartment = "office"\nhow = "{how}"\napplies = "{applies}"',
            f"blocked_by = {json.dumps(blocked_by)}\nopens = 2023-05-19\ncloses = 2023-06-26\ninstructions = {_names('to do')}",
        ]
    for code, served in stations:
        lines.append(f'[[stations]]\ncode = "{code}"\nsteps = {json.dumps(served)}')
        lines += [f"{key} = {_names(key)}" for key in ("name", "place", "hours")]
    return "\n".join(lines)


def at_noon(plan: str) -> str:
    """The same plan at a place where it is about noon: there no day begins or ends in the middle of a test."""
    return plan.replace('"Asia/Shanghai"', f'"Etc/GMT{now().hour - 12:+}"')


def hours_after_loading(hours: int) -> None:
    """Move the clock on, as far as the plan can tell: it was loaded so many hours ago."""
    with writing():
        PlanVersion.update(loaded_at=now() - timedelta(hours=hours)).execute()
        touch_season()


def _names(text: str) -> str:
    return f'{{ zh = "{text}", en = "{text}" }}'


@dataclass
class Season:
    """The people of the season. `everybody` in order of their numbers."""

    everybody: list[Graduate]

    @property
    def an(self) -> Graduate:
        return self.everybody[0]

    @property
    def bai(self) -> Graduate:
        return self.everybody[1]

    @property
    def cheng(self) -> Graduate:
        return self.everybody[2]


def make_season(more: int = 0, plan: str | None = None) -> Season:
    """Fill an open, migrated, empty database; `more` graduates beside the three. Every card is of generation 1."""
    with writing():
        classes = _make_classes()
        rows = [_graduate(n, classes) for n in range(3 + more)]
        for start in range(0, len(rows), 500):
            Graduate.insert_many(rows[start : start + 500]).execute()
        _make_staff()
        everybody = list(Graduate.select().order_by(Graduate.number))
        cards = [
            {"graduate": one, "gen": 1, "issued_at": ms(BEGAN), "issued_by": ADMIN, "expires_at": ms(EXPIRES)} for one in everybody
        ]
        for start in range(0, len(cards), 500):
            Card.insert_many(cards[start : start + 500]).execute()
        seasons.load_plan(plan or plan_text(), "cast.toml", ADMIN)
    return Season(everybody)


def _make_classes() -> list[ClassGroup]:
    nursing, trade = College.create(name="护理学院"), College.create(name="商学院")
    return [
        ClassGroup.create(college=nursing, name="护理2001", counselor="lin"),
        ClassGroup.create(college=nursing, name="护理2002"),
        ClassGroup.create(college=trade, name="会计2001"),
    ]


def _graduate(n: int, classes: list[ClassGroup]) -> dict[str, Any]:
    name = ("安然", "白露", "程远")[n] if n < 3 else f"学生{n}"
    flags = "resident" if n % 2 == 0 else ""
    return {
        "ref": f"gr_{n:010}", "number": f"2020{n:06}", "name": name, "class_group": classes[n % 3], "flags": flags, "gen": 1,
    }  # fmt: skip


def _make_staff() -> None:
    for staff in (OPERATOR, SUPERVISOR, FORMER, ADMIN):
        Account.create(id=staff, name=staff)
    give_right(OPERATOR, "operator")
    give_right(SUPERVISOR, "operator")
    give_right(SUPERVISOR, "supervisor")
    give_right(FORMER, "operator", until=ZHOU_LEFT)
    give_right(FORMER, "supervisor", until=ZHOU_LEFT)
    give_right(ADMIN, "admin")


def give_right(staff: str, role: str, until: str | None = None) -> None:
    """A right that began with the season, everywhere; `until` a moment of the past or the future."""
    with writing():
        Grant.create(
            account=staff, role=role, scope_kind="all", granted_by=ADMIN, from_at=ms(BEGAN), until_at=until and ms(until)
        )
        touch_season()


def set_flags(graduate: Graduate, flags: str) -> None:
    """Change to which circles a graduate belongs, and fold everything anew."""
    with writing():
        Graduate.update(flags=flags).where(Graduate.id == graduate.id).execute()
        refold_everybody()


def begin_shifts(device: str) -> None:
    """The whole cast begins work at this tablet, on the season's first day, and never ends it."""
    usual = {"device": device, "role": "operator", "started_at": ms(BEGAN)}
    for who in (OPERATOR, SUPERVISOR, FORMER, ADMIN):
        Shift.create(id=shift_of(device, who), operator=who, **usual)


def shift_of(device: str, operator: str) -> str:
    """The shift that somebody of the cast has at a tablet."""
    return f"sh_{device}_{operator}"


@cache
def key_of(name: str) -> ec.EllipticCurvePrivateKey:
    """A key of its own for every name; the same for the same name."""
    return ec.derive_private_key(int.from_bytes(hashlib.sha256(name.encode()).digest()[:31], "big") + 1, ec.SECP256R1())


@dataclass(frozen=True)
class Signed:
    """An entry as it was made."""

    token: str
    payload: dict[str, Any]

    @property
    def hash(self) -> str:
        return hash_of(self.token.rpartition(".")[0].encode())

    @property
    def id(self) -> str:
        return self.payload["id"]

    @property
    def resigned(self) -> str:
        """The same entry under another, equally valid signature (s becomes n - s)."""
        head, _, tail = self.token.rpartition(".")
        raw = jws.decode(tail)
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
        s = order - int.from_bytes(raw[32:], "big")
        return f"{head}.{jws.encode(raw[:32] + s.to_bytes(32, 'big'))}"


@dataclass
class TabletDouble:
    """A tablet without a screen: every entry takes the next seq, names the one before it and moves the clock on by a second."""

    device: str
    station: str
    operator: str = OPERATOR
    offset: int = 0
    clock: int = ms(DAY)
    made: list[Signed] = field(default_factory=list)

    @classmethod
    def enrol(cls, station: str, device: str | None = None, **kept: Any) -> TabletDouble:
        """A tablet that the portal knows: with its row and its posting."""
        device = device or f"dv_{station}_{Device.select().count() + 1}"
        with writing():
            Device.create(
                id=device,
                station=station,
                name=device,
                public_key=jws.public_key_to_jwk(key_of(device).public_key()),
                token_hash=f"hash of {device}",
                enrolled_at=ms(BEGAN),
            )
            Posting.create(device=device, station=station, from_at=ms(BEGAN))
            begin_shifts(device)
        return cls(device, station, **kept)

    def act(
        self, act: str, graduate: Graduate | str | None, step: str | None, saw: Iterable[Signed | str] = (), **fields: Any
    ) -> Signed:
        """Make the next entry. `saw`: entries or hashes; `fields` replace any member of the payload."""
        student = graduate.ref if isinstance(graduate, Graduate) else graduate
        payload = {
            "id": str(uuid.uuid4()),
            "seq": len(self.made) + 1,
            "prev": self.made[-1].hash if self.made else None,
            "device": self.device,
            "operator": self.operator,
            "shift": shift_of(self.device, fields.get("operator", self.operator)),
            "station": self.station,
            "at": format_moment(self.clock),
            "offset": self.offset,
            "cursor": "",
            "saw": [seen if isinstance(seen, str) else seen.hash for seen in saw],
            "act": act,
            "student": student,
            "step": step,
            "card": {"gen": 1, "via": "scan"},
            "proxy": None,
            "target": None,
            "reason": None,
            "amount": None,
            "attachments": [],
            **fields,
        }
        self.clock += 1000
        signed = self.sign(payload)
        self.made.append(signed)
        return signed

    def undo(self, target: Signed, **fields: Any) -> Signed:
        """Take back an entry, of this tablet or another."""
        return self.act("undo", target.payload["student"], target.payload["step"], target=target.id, **fields)

    def sign(self, payload: Any, header: dict[str, Any] | None = None, key: str | None = None) -> Signed:
        """A token over any payload, with this tablet's key unless another name is given; not part of its chain."""
        head = {"kid": self.device, "typ": TYPE, **(header or {})}
        return Signed(jws.sign(head, payload, key_of(key or self.device)), payload)

    @property
    def tokens(self) -> list[str]:
        return [signed.token for signed in self.made]


def tokens(made: Iterable[Signed]) -> list[str]:
    return [signed.token for signed in made]


def ids() -> Iterator[str]:
    """Entry ids in rising order, for tests in which the order of ids decides."""
    return (f"00000000-0000-4000-8000-{n:012}" for n in itertools.count(1))


def at(text: str) -> Any:
    """The aware UTC datetime of a moment in text."""
    return from_ms(ms(text))
