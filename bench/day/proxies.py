"""Somebody else comes: approvals from the weeks before, new ones over the day, and those that are taken back meanwhile."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bench.day.college import Person, Place, Proxy
from db import proxies, proxy_desk, proxy_drafts
from db.accounts import Account
from db.database import now, to_ms, writing
from db.people import ClassGroup, Graduate
from db.proxies import ProxyApplication, ProxyEvent
from db.rules.id_number import check_character
from db.rules.proxy import APPROVED, CHECKS, PROXY, SLOTS
from db.season import today

ZONE = ZoneInfo("Asia/Shanghai")
STEPS = ("library", "campus-card", "honour", "diploma")
"""What the plan lets a proxy settle."""
REPRESENTED = 0.06
"""The part of the graduates who are represented in the morning."""
WITHOUT_DAYS_LEFT = 0.15
"""The part of these whose last day has passed."""
FAR = timedelta(days=5)
"""The end of the others lies so far ahead, and that of these almost as far back, that no wrong clock makes a tablet decide
otherwise when the same seed is tried at another hour."""
SAME_PERSON = 0.3
"""How often one proxy comes for another graduate as well: two at most, so that the plan's three are never too many."""


class Agents:
    """Graduates who send somebody, and the counselors who decide about it. `wrong` is what should not have happened."""

    def __init__(self, place: Place, dice: Random) -> None:
        self._place, self._dice = place, dice
        self._graduates = {one.ref: one for one in Graduate.select(Graduate, ClassGroup).join(ClassGroup)}
        self._count = 0
        self.issued = self.ended = 0

    def before(self) -> None:
        """Approvals of some days ago, as rows: over the verbs of the pages all would count from now."""
        moment, day, last = now() - 2 * FAR, today(), None
        rows = []
        for person in self._place.people.values():
            steps = self._steps(person, person.before)
            if not steps or self._dice.random() >= REPRESENTED:
                continue
            over = self._dice.random() < WITHOUT_DAYS_LEFT
            first = day - (2 * FAR if over else timedelta(days=self._dice.randint(0, 1)))
            until = day + (timedelta(days=1) - FAR if over else FAR)
            who = last if last and self._dice.random() < SAME_PERSON else self._somebody()
            last = None if who is last else who
            rows.append((person, steps, first, until, who))
        with writing():
            for person, steps, first, until, (name, number) in rows:
                made = ProxyApplication.create(
                    id=self._id(), graduate=self._graduates[person.ref].id, kind=PROXY, running=True, state=APPROVED, version=2,
                    reason="abroad", steps=" ".join(steps), name=name, id_number=number, phone="13900139000", from_day=first,
                    until_day=until, changed_at=moment,
                )  # fmt: skip
                for no, (act, by) in enumerate((("submit", person.number), ("approve", "lin")), 1):
                    ProxyEvent.create(application=made.id, no=no, act=act, by=by, at=moment)
                self._represent(person, made, to_ms(moment))

    def take_back(self, share: float) -> None:
        """A few approvals are withdrawn or revoked, whether tablets hear of it or not. Half of these graduates come themselves."""
        for _ in range(round(len(self._place.proxies) * share + self._dice.random())):
            standing = [one for one in self._place.proxies.values() if one.ended is None]
            if not standing:
                return
            one = self._dice.choice(standing)
            graduate = self._graduates[one.ref]
            if self._dice.random() < 0.5:
                done = proxies.withdraw(graduate, one.id, graduate.number)
            else:
                seen = ProxyApplication.get_by_id(one.id).version
                done = proxy_desk.decide(self._counselor(graduate), one.id, seen, "revoke", "本人已返校")
            one.ended = to_ms(done.changed_at)
            self.ended += 1
            if self._dice.random() < 0.5:
                self._place.people[one.ref].proxy = ""

    def send_somebody(self, share: float) -> None:
        """A few apply on the day itself, and most are approved at once: from here on the proxy comes for what is left."""
        represented = {one.ref for one in self._place.proxies.values() if one.ended is None}
        waiting = [one for one in self._place.people.values() if one.ref not in represented and self._steps(one) and one.left]
        for person in self._dice.sample(waiting, min(len(waiting), round(len(waiting) * share + self._dice.random()))):
            graduate = self._graduates[person.ref]
            steps = [code for code in proxy_drafts.left_for(graduate, PROXY) if code in self._steps(person)]
            if not steps:
                continue
            approved = self._apply(graduate, steps)
            if approved is not None:
                self._represent(person, approved, to_ms(approved.changed_at))
                person.left = [code for code in person.left if code in steps] or person.left
                self.issued += 1

    def _apply(self, graduate: Graduate, steps: list[str]) -> ProxyApplication | None:
        """The whole way over the verbs of the pages; None where the counselor sends it back, and the graduate gives it up."""
        made = proxy_drafts.begin(graduate, PROXY, graduate.number)
        name, number = self._somebody()
        typed = {"reason": "abroad", "steps": " ".join(steps), "name": name, "id_number": number, "phone": "13900139000",
                 "own_phone": "13800138000", "from_day": today(), "until_day": today() + FAR}  # fmt: skip
        proxy_drafts.save(graduate, made.id, typed)
        for slot in SLOTS:
            proxy_drafts.put_picture(graduate, made.id, slot, secrets.token_hex(16), graduate.number)
        sent = proxy_drafts.submit(graduate, made.id, graduate.number)
        counselor = self._counselor(graduate)
        if self._dice.random() < 0.2:
            proxy_desk.decide(counselor, made.id, sent.version, "return", "看不清")
            proxies.withdraw(graduate, made.id, graduate.number)
            return None
        return proxy_desk.decide(counselor, made.id, sent.version, "approve", checks=CHECKS)

    def _represent(self, person: Person, made: ProxyApplication, approved: int) -> None:
        began, until = max(_midnight(made.from_day), approved), _midnight(made.until_day, after=1)
        self._place.proxies[made.id] = Proxy(made.id, person.ref, made.name, made.id_number, tuple(made.step_codes), began, until)
        person.proxy = made.id

    def _steps(self, person: Person, before: frozenset[str] = frozenset()) -> list[str]:
        return [code for code in STEPS if self._place.steps[code].concerns(person) and code not in before]

    def _somebody(self) -> tuple[str, str]:
        """A name and an ID number that nobody else has here."""
        self._count += 1
        body = f"310101199001{self._count % 28 + 1:02}{self._count // 28:03}"
        return f"代领{chr(0x4E00 + self._count)}", body + check_character(body)

    def _counselor(self, graduate: Graduate) -> Account:
        return Account.get_by_id(graduate.class_group.counselor)

    def _id(self) -> str:
        return f"px_{self._dice.getrandbits(60):015x}"


def _midnight(day: date, after: int = 0) -> int:
    return to_ms(datetime.combine(day + timedelta(days=after), time(), ZONE))
