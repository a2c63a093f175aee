"""The graduates on their way: who stands in front of which desk, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from bench.day.college import Person, Place
from bench.day.desk import DONE, LATER, Desk
from bench.day.tablet import Lot

ROUTE = ("internship", "tuition", "dorm", "library", "charges", "campus-card", "meal-voucher", "honour", "diploma")
"""The order in which most of them go."""

SEEN_TWICE = 0.03
"""The part of the visits that two desks deal with at once, neither knowing of the other."""

KNOWS_THE_WAY = 0.8
"""The part of the visits that go straight to the tablet that has what is handed over."""

PATIENCE = 3
"""How often somebody comes again for one step."""


class Visit(NamedTuple):
    """Somebody in front of one desk, or of two."""

    person: Person
    step: str
    desks: list[Desk]


class Crowd:
    """Everybody, with the tick at which they turn up next."""

    def __init__(self, place: Place, desks: list[Desk], ticks: int, rough: float, dice: Random) -> None:
        self._place, self._desks, self._dice, self._rough = place, desks, dice, rough
        self._due: dict[int, list[Person]] = defaultdict(list)
        for person in place.people.values():
            person.left = self._route(person)
            self._due[dice.randrange(max(1, ticks * 4 // 5))].append(person)

    def visits(self, tick: int) -> Iterator[Visit]:
        """Who comes now. Tell `went` how each of them fared."""
        for person in self._due.pop(tick, ()):
            while person.left:
                step = person.left[0]
                desks = [desk for desk in self._desks if self._open_to(person, desk, step)]
                if desks:
                    self._dice.shuffle(desks)
                    if self._dice.random() < KNOWS_THE_WAY:
                        lot = Lot(step, person.class_name)
                        desks.sort(key=lambda desk: lot not in desk.tablet.lots())
                    yield Visit(person, step, desks[: 2 if self._dice.random() < SEEN_TWICE * self._rough else 1])
                    break
                person.left.pop(0)

    def went(self, visit: Visit, tick: int, how: str) -> None:
        """Go on to the next step, come again for this one (always when two desks dealt with it), or give it up."""
        person = visit.person
        person.tries += 1
        if len(visit.desks) > 1 and person.tries < PATIENCE:
            how = LATER
        if how == DONE or person.tries > PATIENCE:
            person.left.pop(0)
            person.tries = 0
        if person.left:
            pause = self._dice.randint(1, 4) if person.tries == 0 else self._dice.randint(2, 8)
            self._due[tick + pause].append(person)

    def _open_to(self, person: Person, desk: Desk, step: str) -> bool:
        station = self._place.stations[desk.tablet.station]
        return not desk.tablet.gone and step in station.steps and station.serves(person)

    def _route(self, person: Person) -> list[str]:
        held, before = set(person.left), person.before
        route = [
            code
            for code in ROUTE
            if (code in held if code in ("internship", "tuition") else self._place.steps[code].concerns(person))
            and code not in before
        ]
        if person.proxy:  # who comes by an approval goes where it leads, and some to one place more
            route = [code for code in route if code in self._place.proxies[person.proxy].steps]
            return route + ["meal-voucher"] * (self._dice.random() < 0.2)
        if self._dice.random() < 0.03:  # somebody who need not have come
            route.insert(0, self._dice.choice(("dorm", "honour", "charges")))
        if self._dice.random() < 0.1:  # somebody who goes where they like
            self._dice.shuffle(route)
        return route
