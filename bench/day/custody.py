"""Which tablet may hand out which class's things: an account kept from what people wished and tablets said, by the protocol's page
alone. The portal is never asked; what it answers, and what it keeps, is held against this."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from bench.day.college import Person, Place
from bench.day.line import Line
from bench.day.signed import Made
from bench.day.tablet import Lot, Tablet

Must = Callable[[bool, str], None]


class Custody:
    """`holder` has a lot; `asked` says for whom a lot shall leave its holder (None: for nobody), the oldest wish first. `posting`
    is where each tablet stands, as the portal has it. An id is heard for one holding of one lot, never for another."""

    def __init__(self, place: Place, tablets: Sequence[Tablet]) -> None:
        self.place = place
        self.posting = {tablet: tablet.station for tablet in tablets}
        self.college_of = {person.class_name: person.college for person in place.people.values()}
        self.holder: dict[Lot, Tablet] = {}
        self.asked: dict[Lot, Tablet | None] = {}
        self.given = self.moved = self.written_off = 0
        self._named: dict[str, tuple[Lot, int]] = {}
        self._holding: dict[Lot, int] = {}
        self._turn = threading.RLock()

    def wish(self, lot: Lot, to: Tablet | None) -> tuple[int, int, int]:
        """Somebody wants `to`, or nobody, to have it; how many the portal must call handed out, asked for, as wished already."""
        holder = self.holder.get(lot)
        if to is self.asked.get(lot, holder):
            return 0, 0, 1
        self.asked.pop(lot, None)
        if holder is None or holder is to:
            self.given += 1
            self._place(lot, to)
            return 1, 0, 0
        self.asked[lot] = to
        return 0, 1, 0

    def let_go(self, tablet: Tablet, ids: Collection[str], seq: int) -> None:
        """A tablet said so, with its head: what was asked for leaves it if everything up to there has arrived."""
        with self._turn:
            if tablet.revoked or tablet.contiguous < seq:
                return
            said = {self._named[id_] for id_ in ids}
            for lot in self.recalled_from(tablet):
                if (lot, self._holding[lot]) in said:
                    self.moved += 1
                    self._pass_on(lot)

    def give_up(self, tablet: Tablet) -> list[Lot]:
        """A person wrote the tablet off; what it had."""
        had = [lot for lot, holder in self.holder.items() if holder is tablet]
        for lot in had:
            self.written_off += 1
            self._pass_on(lot)
        return had

    def held_by(self, tablet: Tablet) -> list[Lot]:
        """What it has and may keep."""
        with self._turn:
            return sorted(lot for lot, holder in self.holder.items() if holder is tablet and lot not in self.asked)

    def recalled_from(self, tablet: Tablet) -> list[Lot]:
        """What it shall let go of, in the order in which it was asked for."""
        with self._turn:
            return [lot for lot in self.asked if self.holder[lot] is tablet]

    def elsewhere(self, tablet: Tablet, person: Person) -> dict[str, dict[str, str]] | None:
        """What the portal must say of somebody at this tablet; None where its station does not serve them."""
        station = self.place.stations[self.posting[tablet]]
        if not station.serves(person):
            return None
        holders = {code: self.holder.get(Lot(code, person.class_name)) for code in station.steps}
        return {
            code: {"tablet": holder.name, "station": self.posting[holder]}
            for code, holder in holders.items()
            if holder is not None and holder is not tablet
        }

    def serves(self, tablet: Tablet, lot: Lot) -> bool:
        """Whether it stands where that is handed out."""
        station = self.place.stations[self.posting[tablet]]
        return lot.step in station.steps and (not station.colleges or self.college_of[lot.class_name] in station.colleges)

    def means(self, id_: str, lot: Lot) -> bool:
        """Whether an id may stand for this lot's present holding: it was never heard before, or always for this."""
        with self._turn:
            here = (lot, self._holding[lot])
            return self._named.setdefault(id_, here) == here

    def _pass_on(self, lot: Lot) -> None:
        to = self.asked.pop(lot, None)
        self._place(lot, to if to is not None and not to.revoked and self.serves(to, lot) else None)

    def _place(self, lot: Lot, to: Tablet | None) -> None:
        self._holding[lot] = self._holding.get(lot, 0) + 1
        if to is None:
            self.holder.pop(lot, None)
        else:
            self.holder[lot] = to


def ask(line: Line, tablet: Tablet, person: Person, custody: Custody, must: Must) -> dict[str, Any] | None:
    """The portal's word about one graduate at this moment; None where it gives none."""
    status, told = line.ask("GET", f"students/{person.ref}")
    wanted = custody.elsewhere(tablet, person)
    expected = 403 if tablet.revoked else 404 if wanted is None else 200
    must(status == expected, f"{tablet.name}: asked about {person.ref}, the portal said {status}, must say {expected}")
    if status != 200:
        return None
    must(told["elsewhere"] == wanted, f"{tablet.name}: of {person.ref} is elsewhere {told['elsewhere']}, must be {wanted}")
    return told


def told_list(told: Sequence[Mapping[str, str]], tablet: Tablet, custody: Custody, must: Must) -> dict[str, Lot]:
    """What a snapshot or changes say that the tablet has, by id: exactly that, under ids of its own that it never let go of."""
    found = {one["id"]: Lot(one["step"], one["class"]) for one in told}
    wanted = custody.held_by(tablet)
    must(sorted(found.values()) == wanted, f"{tablet.name}: custody is {sorted(found.values())}, must be {wanted}")
    for id_, lot in found.items():
        again = id_ in tablet.let_go or lot not in wanted or not custody.means(id_, lot)
        must(not again, f"{tablet.name}: custody of {lot} is told under the id {id_} of another holding")
    return found


def told_recalled(told: Sequence[str], tablet: Tablet, custody: Custody, must: Must) -> list[str]:
    """What a heartbeat's answer asks back, as ids: exactly what people asked for."""
    wanted = custody.recalled_from(tablet)
    right = len(told) == len(wanted) and all(custody.means(id_, lot) for id_, lot in zip(told, wanted, strict=True))
    must(right, f"{tablet.name}: the ids {told} are asked back, must be {wanted}")
    return list(told) if right else []


def shared(tablets: Sequence[Tablet]) -> Iterator[str]:
    """What two tablets believe to have at this moment: there must be none. Nobody works with one that was withdrawn."""
    seen: dict[Lot, Tablet] = {}
    for tablet in tablets:
        for lot in () if tablet.revoked else tablet.lots():
            other = seen.setdefault(lot, tablet)
            if other is not tablet:
                yield f"{other.name} and {tablet.name} both have custody of {lot.step} for {lot.class_name}"


def both(collects: Sequence[Made], seen: Mapping[str, set[str]]) -> Iterator[tuple[Made, Made]]:
    """Pairs that two tablets handed out by custody, neither having seen the other: there must be none. What was quarantined is left
    out: somebody else was given the class of a tablet that was withdrawn."""
    mine = [made for made in collects if made.right == "custody" and not made.quarantined]
    for place, first in enumerate(mine):
        for second in mine[place + 1 :]:
            apart = first.payload["device"] != second.payload["device"]
            if apart and first.hash not in seen[second.hash] and second.hash not in seen[first.hash]:
                yield first, second
