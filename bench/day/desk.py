"""What staff do when somebody stands at their desk: mostly the right thing, now and then something odd."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from bench.day.college import Person, Place
from bench.day.signed import Made, milliseconds
from bench.day.tablet import Lot, Shown, Tablet

MINUTE = 60_000
DONE, LATER = "done", "later"
REASONS = ("book-lost", "damage: 门框", "unpaid", "书脊破损", None)


Ask = Callable[[Tablet, Person], dict[str, Any] | None]
"""Ask the portal about somebody: its word, or None where none comes."""


class Desk:
    """One tablet with the person who works on it. `free` is the true moment (epoch ms) at which it is free again."""

    def __init__(self, tablet: Tablet, place: Place, rough: float, ask: Ask) -> None:
        self.tablet, self.place, self._rough, self._ask = tablet, place, rough, ask
        self.free = 0

    def serve(self, person: Person, step: str, not_before: int, dice: Random, contrary: bool = False) -> str:
        """Serve somebody; whether this step is done or they must come again. `contrary`: of two ways to decide, the unusual one."""
        now = self.free = max(self.free, not_before) + dice.randint(4_000, 15_000)
        tablet, ref = self.tablet, person.ref
        shown = tablet.shown(ref, step)
        came = self._who_came(person, dice)
        if shown is None:
            tablet.act(now, "refuse", ref, step, self._operator(dice), **came, reason="not-in-data")
            return LATER
        doubt = self._of_proxy_card(came["proxy"], ref, step, now) if came["proxy"] else self._of_own_card(came["card"], ref)
        if doubt and dice.random() < (0.8 if came["proxy"] else 0.9):
            tablet.act(now, "refuse", ref, step, self._operator(dice), **came, reason=doubt)
            return LATER
        if dice.random() < 0.01:
            tablet.act(now, "note", ref, step, self._operator(dice), **came, reason="有同学陪同")
        return self._decide(person, step, shown, came, now, dice, contrary)

    def _of_own_card(self, card: dict, ref: str) -> str | None:
        """Why the screen is violet; None where it is not."""
        return "card-replaced" if card["gen"] is not None and card["gen"] < self.tablet.rows[ref]["gen"] else None

    def _of_proxy_card(self, id_: str, ref: str, step: str, now: int) -> str | None:
        """The same for a proxy's card, by what this tablet has heard and the time that it believes it is."""
        known = next((one for one in self.tablet.rows[ref]["proxies"] if one["id"] == id_), None)
        if known is None:
            return "proxy-unknown"
        if now + self.tablet.error + self.tablet.offset >= milliseconds(known["until"]):
            return "proxy-expired"
        return None if step in known["steps"] else "proxy-not-for-step"

    def _decide(self, person: Person, step: str, shown: Shown, came: dict, now: int, dice: Random, contrary: bool) -> str:
        thing = self.place.steps[step].how == "collect"
        usual = "collect" if thing else "clear"
        if shown.conflict:
            return self._settle(person, step, shown, usual, now, dice)
        match shown.state:
            case "not-applicable":
                odd = dice.random() < 0.3
                self._act(now, usual if odd else "refuse", person, step, came, dice)
                return DONE
            case "collected" | "cleared" | "waived":
                if dice.random() < (0.5 if contrary else 0.02 * self._rough):
                    self._act(now, dice.choice(("hold", usual)), person, step, came, dice)
                else:
                    self._act(now, "refuse", person, step, came, dice)
                return DONE
            case "held" if thing and dice.random() < 0.8:
                self._act(now, "refuse", person, step, came, dice)
                return LATER
        blocked = [code for code in self.place.steps[step].blocked_by if not self.tablet.settled(person.ref, code)]
        if blocked and dice.random() < 0.96:
            self._act(now, "refuse", person, step, came, dice)
            return LATER
        hold = dice.random() < (0.6 if contrary else 0.04)
        if not thing or hold:
            made = self._act(now, "hold" if hold else usual, person, step, came, dice)
            return self._second_thoughts(made, now, dice) or (LATER if hold else DONE)
        right = self._right(person, step)
        if self.tablet.shown(person.ref, step) != shown:  # the portal knew more
            return self._decide(person, step, self.tablet.shown(person.ref, step) or shown, came, now, dice, contrary)
        if right in ("ask-portal", "custody-elsewhere"):
            if dice.random() > 0.02 * self._rough:
                self.tablet.act(now, "refuse", person.ref, step, self._operator(dice), **came, reason=right)
                return LATER
            right = "forced"
        made = self._act(now, usual, person, step, came, dice, right=right)
        return self._second_thoughts(made, now, dice) or DONE

    def _right(self, person: Person, step: str) -> str:
        """By what right this is handed over here, or why it is not: custody, or else the portal's word at this moment."""
        if Lot(step, person.class_name) in self.tablet.lots():
            return "custody"
        told = self._ask(self.tablet, person)
        if told is None or step not in told["student"]["steps"]:  # no answer, or that of another station: it was moved
            return "ask-portal"
        if step in told["elsewhere"]:
            return "custody-elsewhere"
        self.tablet.rows[person.ref] = told["student"]
        return "asked"

    def _act(self, now: int, act: str, person: Person, step: str, came: dict, dice: Random, **fields: Any) -> Made:
        fields |= came
        if act == "hold":
            fields |= {"reason": dice.choice(REASONS), "amount": dice.choice((None, 0, 4_550, 120_00))}
        if act == "refuse":
            fields |= {"reason": "refused"}
        if act in ("hold", "collect") and dice.random() < 0.1:
            fields |= {"attachments": [self.tablet.photo()]}
        return self.tablet.act(now, act, person.ref, step, self._operator(dice), **fields)

    def _settle(self, person: Person, step: str, shown: Shown, usual: str, now: int, dice: Random) -> str:
        """A conflict on the screen: a supervisor settles it, or somebody who may not; else they are sent to wait."""
        chance = dice.random()
        if chance > 0.7:
            self.tablet.act(now, "refuse", person.ref, step, self._operator(dice), reason="conflict")
            return LATER
        who = self._operator(dice) if chance < 0.15 else self._supervisor(dice)
        own = [made for made in self.tablet.own(person.ref, step) if made.payload["act"] == "collect"]
        if shown.state == "collected" and own:
            self.tablet.act(now, "undo", person.ref, step, who, target=dice.choice(own).payload["id"])
        else:
            self.tablet.act(now, "hold" if dice.random() < 0.2 else usual, person.ref, step, who, reason="已核实")
        return DONE

    def _second_thoughts(self, made: Made, now: int, dice: Random) -> str | None:
        """Take it back: at once, too late, by a supervisor, or wrongly."""
        ref, step = made.key
        operator, target = made.payload["operator"], made.payload["id"]
        chance = dice.random() / self._rough
        if chance < 0.03:
            undone = self.tablet.act(now + dice.randint(3_000, 2 * MINUTE), "undo", ref, step, operator, target=target)
            if dice.random() < 0.1:  # an undo cannot be undone
                self.tablet.act(now + 2 * MINUTE, "undo", ref, step, operator, target=undone.payload["id"])
            return LATER
        if chance < 0.04:
            self.tablet.act(now + dice.randint(2 * MINUTE - 500, 5 * MINUTE), "undo", ref, step, operator, target=target)
            return LATER
        if chance < 0.05:
            later = now + dice.randint(0, 60 * MINUTE)
            self.tablet.act(later, "undo", ref, step, self._supervisor(dice), target=target)
            return LATER
        if chance < 0.055:
            another = dice.choice(self.tablet.journal).payload["id"]
            self.tablet.act(now + 9_000, "undo", ref, step, operator, target=another)
        return None

    def misbehave(self, now: int, dice: Random) -> None:
        """A tablet that signs what no honest one can: its entries keep their place in the chain and wait for a reviewer."""
        person = dice.choice(list(self.place.people.values()))
        step = dice.choice(self.place.stations[self.tablet.station].steps)
        elsewhere = next(code for code in self.place.stations if code != self.tablet.station)
        operator = self._operator(dice)
        wrong = (
            ("unknown-student", {"ref": "gr_nobody_xx"}),
            ("unknown-step", {"step": "swimming"}),
            ("unknown-operator", {"operator": "nobody-here"}),
            ("wrong-station", {"station": elsewhere}),
        )
        for trouble, fields in wrong:
            said = {"ref": person.ref, "step": step, "operator": operator} | fields
            self.tablet.act(now, "clear", said.pop("ref"), said.pop("step"), said.pop("operator"), trouble=trouble, **said)

    def _who_came(self, person: Person, dice: Random) -> dict[str, Any]:
        """What an entry says of it: which card was read, and whose."""
        if person.proxy:
            return {"card": {"gen": 1, "via": "scan"}, "proxy": person.proxy}
        return {"card": self._card(person, dice), "proxy": None}

    def _card(self, person: Person, dice: Random) -> dict:
        chance = dice.random()
        if chance < 0.05:
            return {"gen": None, "via": "typed"}
        if chance < 0.055:
            return {"gen": None, "via": "paper"}
        old = person.gen > 1 and dice.random() < 0.3
        return {"gen": person.gen - 1 if old else person.gen, "via": "scan"}

    def _operator(self, dice: Random) -> str:
        return dice.choice([id_ for id_, role in self.tablet.operators if role == "operator"] or [f"aide-{self.tablet.station}"])

    def _supervisor(self, dice: Random) -> str:
        return dice.choice([id_ for id_, role in self.tablet.operators if role == "supervisor"] or [f"head-{self.tablet.station}"])
