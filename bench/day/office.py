"""What happens on the portal meanwhile: forms, decisions, cards replaced and revoked, rights that end, a tablet withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from random import Random

from bench.day.college import BY_FORM, Person, Place
from bench.day.lines import Exchange
from bench.day.tablet import Tablet
from db import admitting, cards, decisions, grants, settling, stations
from db.accounts import Account, Grant
from db.clearance import Clearance
from db.database import database, now, to_ms
from db.passwords import make_hash
from db.people import Graduate
from db.refusals import Conflict
from db.review_case import counting, picture_of
from db.rules.settlement import choices
from db.shifts import Shift
from db.signoffs import Act
from portal.demo.staff import ADMIN

REASON = "已核实"
PASSWORD = "quiet-desk-7-lamp"
ADMISSIBLE = ("device-revoked", "unknown-operator", "wrong-station")

Asked = tuple[str, str, str, tuple[str, ...], str | None]
"""A decision that was asked for: graduate, step, act, what was seen, reason."""


class Office:
    """Staff at the portal, working through the same verbs as its pages. `decided` are decisions that the ledger must hold;
    `wrong` what should not have happened."""

    def __init__(self, place: Place, dice: Random) -> None:
        self._place, self._dice = place, dice
        self._everybody = list(place.people.values())
        self._admin = Account.get_by_id(ADMIN)
        self._ids = dict(Graduate.select(Graduate.ref, Graduate.id).tuples())
        self.decided: list[Asked] = []
        self.wrong: list[str] = []
        self.replaced = 0

    def begin_shifts(self, tablet: Tablet) -> None:
        """Whoever may work there begins a shift, days ago: clocks are wrong by up to two of them, and nobody goes home."""
        staff = sorted({right.staff for right in self._place.rights if (right.kind, right.scope) == ("station", tablet.station)})
        for who in staff:
            tablet.on_shift(who, f"sh_{tablet.device}_{who}"[:64])
        began = now() - timedelta(days=7)
        rows = [{"id": id_, "device": tablet.device, "operator": who, "role": "operator", "started_at": began}
                for who, id_ in tablet.shifts.items()]  # fmt: skip
        Shift.insert_many(rows).execute()

    def password_for(self, staff: str) -> str:
        """Lets somebody sign on at tablets, and tells with which password."""
        Account.update(password_hash=make_hash(PASSWORD)).where(Account.id == staff).execute()
        return PASSWORD

    def clerks(self, share: float) -> None:
        """Forms and cards, while tablets upload: nothing here touches what tablets decide. `share` of everybody is looked at."""
        for _ in range(max(1, round(len(self._everybody) * share))):
            person = self._dice.choice(self._everybody)
            chance = self._dice.random()
            if chance < 0.4:
                self._form(person, self._dice.choice(BY_FORM))
            elif chance < 0.9:
                self._replace(person)
            else:
                self._revoke(person)

    def desk_steps(self, share: float) -> None:
        """Decisions by hand about steps that tablets work on, between two rounds of uploads."""
        for _ in range(max(1, round(len(self._everybody) * share))):
            person = self._dice.choice(self._everybody)
            step = self._dice.choice(("library", "dorm", "charges", "campus-card", "diploma", "tuition"))
            cell = self._cell(person, step)
            if cell.state == "not-applicable":
                continue
            if cell.state == "collected" and cell.conflict == "collected-while-held":
                act = "reopen"
            elif cell.state == "held" or (cell.conflict and cell.state != "collected"):
                act = self._dice.choice(("waive", "reopen"))
            elif cell.state == "open" and self._dice.random() < 0.3:
                act = self._dice.choice(("hold", "waive"))
            else:
                continue
            self._decide(person, step, act, cell)

    def review(self, tablets: Iterable[Tablet], part: float) -> None:
        """An administrator settles this part of the conflicts that wait, and admits this part of what may be admitted."""
        waiting = Clearance.select(Clearance, Graduate).join(Graduate).where(Clearance.conflict.is_null(False))
        for cell in waiting.order_by(Graduate.number, Clearance.step):
            if self._dice.random() < part:
                self._settle(cell)
        for made in [made for tablet in tablets for made in tablet.journal]:
            if made.quarantined in ADMISSIBLE and not made.admitted and self._dice.random() < part:
                admitting.admit(self._admin, made.hash, REASON)
                made.admitted = True

    def _settle(self, cell: Clearance) -> None:
        graduate, step = cell.graduate, cell.step
        entries = counting(graduate.ref, step)
        ids = {entry.hash: entry.id for entry in entries}
        how = self._place.steps[step].how
        offered = choices(picture_of(graduate, step, entries), how, ADMIN, to_ms(now()))
        # By ids, because these come out the same again; hashes do not.
        chosen = self._dice.choice(sorted(offered, key=lambda one: (one.act, sorted(ids[target] for target in one.targets))))
        heads = tuple(sorted(cell.heads.split()))
        settling.settle(self._place.keys.entry_key, self._admin, graduate.number, step, chosen.name, heads, REASON)
        self.decided += [(graduate.ref, step, chosen.act, heads, REASON)] * max(1, len(chosen.targets))

    def end_rights(self, staff: str) -> None:
        """This member of staff works nowhere any more."""
        for row in Grant.select().where(Grant.account == staff, Grant.until_at.is_null()):
            ended = grants.end(row.id, ADMIN)
            for right in self._place.rights:
                if (right.staff, right.role, right.kind, right.scope) == (staff, row.role, row.scope_kind, row.scope):
                    right.until = to_ms(ended.until_at)

    def withdraw(self, tablet: Tablet, exchange: Exchange) -> None:
        stations.revoke(tablet.device, ADMIN)
        exchange.revoked.add(tablet.device)
        tablet.revoked = True

    def _form(self, person: Person, step: str) -> None:
        if not self._place.steps[step].concerns(person):
            return
        cell = self._cell(person, step)
        if cell.state in ("open", "held"):
            self._decide(person, step, self._dice.choice(("clear", "clear", "hold")), cell)

    def _replace(self, person: Person) -> None:
        card = cards.reissue(self._ids[person.ref], ADMIN, "lost", person.gen)
        person.gen, person.revoked = card.gen, False
        self._place.cards[person.ref].append((card.gen, to_ms(card.issued_at), None))
        self.replaced += 1

    def _revoke(self, person: Person) -> None:
        card = cards.revoke(self._ids[person.ref], ADMIN, "found", person.gen)
        person.revoked = True
        issued = self._place.cards[person.ref]
        issued[-1] = (*issued[-1][:2], to_ms(card.revoked_at))

    def _decide(self, person: Person, step: str, act: str, cell: Clearance) -> None:
        """Decide on what the page shows; now and then on a page that is out of date, which must not count."""
        heads, reason = tuple(sorted(cell.heads.split())), REASON if act in ("hold", "waive") else None
        if self._dice.random() < 0.1:
            try:
                decisions.decide(self._place.keys.entry_key, ADMIN, Act(person.ref, step, act, reason, None, (*heads, "A" * 16)))
                self.wrong.append(f"{person.ref} {step}: a decision on heads that never were was recorded")
            except Conflict:
                pass
        decisions.decide(self._place.keys.entry_key, ADMIN, Act(person.ref, step, act, reason, None, heads))
        self.decided.append((person.ref, step, act, heads, reason))

    def _cell(self, person: Person, step: str) -> Clearance:
        return Clearance.get(Clearance.graduate == self._ids[person.ref], Clearance.step == step)


def portal_entries() -> list[tuple[str, str]]:
    """What the ledger holds of the portal's own hand: token and way (list, form, hand)."""
    return database.execute_sql("SELECT jws, via FROM entry WHERE device = 'portal'").fetchall()
