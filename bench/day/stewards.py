"""Who decides at the portal which tablet has which class: in the morning, over the day, when one is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from random import Random

from bench.day.custody import Custody
from bench.day.lines import Exchange
from bench.day.tablet import Lot, Tablet
from db import custody as custodies
from db import tablets
from db.accounts import Account
from db.people import ClassGroup
from db.refusals import Conflict
from portal.demo.staff import ADMIN

GIVEN_AT_ONCE = 0.85
"""The part of the classes that some tablet has in the morning; of the others every desk has to ask."""


class Stewards:
    """They work through the verb that the custody page calls. `wrong` is what should not have happened."""

    def __init__(self, custody: Custody, dice: Random) -> None:
        self._custody, self._dice = custody, dice
        self._admin = Account.get_by_id(ADMIN)
        self._classes = {name: id_ for id_, name in ClassGroup.select(ClassGroup.id, ClassGroup.name).tuples()}
        things = [code for code, step in custody.place.steps.items() if step.how == "collect"]
        self._lots = [lot for code in things for name in sorted(custody.college_of) if self._serving(lot := Lot(code, name))]
        self.wrong: list[str] = []

    def morning(self) -> None:
        wishes: dict[tuple[str, Tablet], list[Lot]] = defaultdict(list)
        for lot in self._lots:
            serving = self._serving(lot)
            if serving and self._dice.random() < GIVEN_AT_ONCE:
                wishes[lot.step, self._dice.choice(serving)].append(lot)
        for (_, tablet), lots in wishes.items():
            self._wish(lots, tablet)

    def during(self, share: float) -> None:
        """A few classes shall go to another tablet, or to nobody, or stay after all; whether their tablets hear of it or not."""
        for _ in range(max(1, round(len(self._lots) * share))):
            lot = self._dice.choice(self._lots)
            serving = self._serving(lot)
            if serving:
                self._wish([lot], None if self._dice.random() < 0.1 else self._dice.choice(serving))

    def move(self, tablet: Tablet, station: str, exchange: Exchange) -> bool:
        """To another station, while it may be away: until it hears of it, it goes on where it was. Not with classes it has."""
        has_any = any(holder is tablet for holder in self._custody.holder.values())
        try:
            tablets.move(tablet.device, station, ADMIN)
        except Conflict as refused:
            if not has_any or refused.code != "tablet-has-classes":
                self.wrong.append(f"{tablet.name} could not be moved to {station}: {refused.code}")
            return False
        if has_any:
            self.wrong.append(f"{tablet.name} was moved to {station} with classes that nobody can hand out there")
        self._custody.posting[tablet] = station
        exchange.moved.add(tablet.device)
        return True

    def write_off(self, tablet: Tablet, exchange: Exchange) -> None:
        """It will not come back; most of what it had is given to others."""
        tablets.write_off(tablet.device, ADMIN, "找不到了")
        exchange.revoked.add(tablet.device)
        tablet.revoked = True
        for lot in self._custody.give_up(tablet):
            serving = self._serving(lot)
            if serving and self._dice.random() < GIVEN_AT_ONCE:
                self._wish([lot], self._dice.choice(serving))

    def _wish(self, lots: Iterable[Lot], to: Tablet | None) -> None:
        """All of one step."""
        wanted = sorted(lots, key=lambda lot: self._classes[lot.class_name])
        ids = [self._classes[lot.class_name] for lot in wanted]
        done = custodies.move(self._admin, wanted[0].step, ids, to.device if to else None)
        expected = tuple(map(sum, zip(*(self._custody.wish(lot, to) for lot in wanted), strict=True)))
        if done != expected:
            self.wrong.append(f"{wanted} for {to.name if to else 'nobody'}: the portal said {done}, must say {expected}")

    def _serving(self, lot: Lot) -> list[Tablet]:
        return [tablet for tablet in self._custody.posting if not tablet.revoked and self._custody.serves(tablet, lot)]
