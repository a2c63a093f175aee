"""A step of a season's plan, with what it may be held for and what is looked at in rooms. All are frozen."""

from __future__ import annotations

from dataclasses import dataclass

from db.rules.circle import Circle
from db.rules.dated import Dated
from db.rules.form import Question
from db.rules.message import Names

HOWS = ("list", "form", "desk", "collect")
REVIEWERS = ("counselor", "college", "department")


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A reason for which a step may be held."""

    code: str
    name: Names


@dataclass(frozen=True, kw_only=True)
class Check:
    """Something looked at in every room. `reason` is the code of the hold where it is not in order."""

    code: str
    name: Names
    reason: str


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a damaged thing costs, in fen."""

    code: str
    name: Names
    fen: int


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """How a step is settled room by room. `damage` and `key` are the reasons of a hold for damage and for a key still out.

    Without `key` no key is returned; with it nobody is cleared before the key is back. `pay` tells where compensation is paid.
    """

    inspection: tuple[Check, ...]
    prices: tuple[Price, ...]
    damage: str
    key: str
    pay: Names


@dataclass(frozen=True, kw_only=True)
class Step(Dated):
    """One step of the clearance. `how` is its main way, `also` are further ones; with `rooms` its stations see rooms.

    With `rounds` it is settled room by room, by an inspection.
    `fresh_minutes`: how old what a tablet knows may be when it decides; None: any age.
    With `signed` whoever takes the thing signs for it.
    `form`: the questions of its online form; none: an officer records by hand what graduates bring.
    `list_says`: what its list holds, where that is not those who failed. With `shows_record` the form shows whose it is.
    """

    code: str
    name: Names
    department: str
    how: str
    also: tuple[str, ...]
    reviews: tuple[str, ...]
    circle: Circle
    required: bool
    late: bool
    fast: bool
    money: bool
    rooms: bool
    fresh_minutes: int | None
    signed: bool
    blocked_by: tuple[str, ...]
    reasons: tuple[Reason, ...]
    rounds: Rounds | None
    form: tuple[Question, ...]
    instructions: Names
    bring: Names | None
    list_says: Names | None
    shows_record: bool

    @property
    def ways(self) -> tuple[str, ...]:
        """Every way to settle it, the main one first."""
        return (self.how, *self.also)

    @property
    def dated(self) -> Question | None:
        """The question whose answers are shown as a calendar list."""
        return next((question for question in self.form if question.calendar), None)

    @property
    def by_list(self) -> bool:
        """Settled by a list first of all: unknown until that list has arrived."""
        return self.how == "list"

    @property
    def at_station(self) -> bool:
        """Something happens at a desk: it must have a station."""
        return bool({"desk", "collect"} & set(self.ways))
