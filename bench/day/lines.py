"""The network between the tablets and the portal, real HTTP all of it, with cuts, lost answers, repeats and disorder.

Every answer is held against what the protocol's page says it must be, as far as that does not depend on who came first.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from bench.day import custody, pictures
from bench.day.college import Person
from bench.day.line import Line
from bench.day.signed import Made, moment, public_jwk
from bench.day.tablet import Tablet, noise

COUNTED = (
    "uploads", "entries", "duplicates", "conflicts", "quarantined", "lost answers", "cuts", "relayed", "snapshots", "rows", "beats",
    "photos", "asked",
)  # fmt: skip
A_FEW = 4
"""How often a used code is tried with another key: after ten in a minute the address must wait."""
CONFLICTS = {"collected-twice", "collected-while-held"}


@dataclass
class Traffic:
    """What went over the lines. `wrong` are answers that are not as they must be; `aside` tokens that must lie in quarantine
    without a place in the chain, by SHA-256 of their text, with the code."""

    wrong: list[str] = field(default_factory=list)
    aside: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str, more: int = 1) -> None:
        with self._turn:
            self.counts[what] += more


class Exchange:
    """One tablet's contact with the portal. Uploads and reads are called apart, so that all tablets upload, then all read."""

    def __init__(self, port: int, traffic: Traffic, account: custody.Custody) -> None:
        self.port, self.traffic, self.custody = port, traffic, account
        self.revoked: set[str] = set()
        self.moved: set[str] = set()
        self.tablets: dict[str, Tablet] = {}

    def enrol(self, tablet: Tablet, code: str) -> None:
        """Enrol, over a line that may lose the answer."""
        said = {"code": code, "name": tablet.name, "public_key": public_jwk(tablet.key)}
        with Line(self.port) as line:
            status, told = line.ask("POST", "enrolments", said)
            if tablet.dice.random() < 0.5:
                again = line.ask("POST", "enrolments", said)
                same = again[0] == 201 and again[1]["token"] == told["token"]
                self._must(same, f"{tablet.name}: the lost answer to its enrolment was not repeated")
            if len(self.tablets) < A_FEW:
                other = {**said, "public_key": public_jwk(ec.generate_private_key(ec.SECP256R1()))}
                refused = line.ask("POST", "enrolments", other)
                self._must(_code(refused) == "code-used", f"{tablet.name}: a used code enrolled another key: {refused}")
        self._must(status == 201, f"{tablet.name}: enrolment was answered with {status} {told}")
        tablet.device, tablet.token = told["device"], told["token"]
        self.tablets[tablet.device] = tablet

    def upload(self, tablet: Tablet, tick: int, calm: bool = False) -> None:
        """Send what is unanswered, in parts and out of order, and a heartbeat; `calm`: nothing is held back."""
        dice = tablet.dice
        with Line(self.port, tablet.token) as line:
            if not tablet.mute:
                for batch in self._batches(tablet, calm):
                    for _ in range(2 if dice.random() < 0.05 else 1):
                        answers = self.deliver(line, tablet, batch, self._forged(tablet, tick), f"direct, tick {tick}")
                        if dice.random() < 0.06 and not calm:
                            self.traffic.count("lost answers")
                        else:
                            self._heard(batch, answers)
                    if dice.random() < 0.04 and not calm:
                        self.traffic.count("cuts")
                        return
            if tablet.device not in self.revoked and not tablet.mute:
                self.traffic.count("photos", pictures.send(line, tablet, calm, self._must))
            if calm or dice.random() < 0.4:
                self.beat(line, tablet, calm)

    def deliver(
        self, line: Line, sender: Tablet, batch: Sequence[Made], forged: Sequence[tuple[str, str]], path: str
    ) -> list[dict[str, Any]]:
        """Upload the entries, and the forged tokens after them; the answers to the entries, which were all looked at."""
        tokens = [made.token for made in batch] + [token for token, _ in forged]
        body = {"entries": [{"jws": token} for token in tokens], "clock": moment(0), "pending": len(batch)}
        status, told = line.ask("POST", "entries", body)
        if status != 200 or len(told["answers"]) != len(tokens):
            self._must(False, f"{sender.name}: an upload of {len(tokens)} was answered with {status} {str(told)[:200]}")
            return []
        self.traffic.count("uploads")
        for made, answer in zip(batch, told["answers"], strict=False):
            self._look(made, answer, path)
        for (token, code), answer in zip(forged, told["answers"][len(batch) :], strict=True):
            self.traffic.aside[hashlib.sha256(token.encode()).hexdigest()] = code
            right = (answer["outcome"], answer.get("code")) == ("quarantined", code)
            self._must(right, f"{sender.name}: a token that is {code} was answered with {answer}")
        for made in batch:
            self.tablets[made.payload["device"]].taken.add(made.payload["seq"])
        right = told["contiguous"] == sender.contiguous
        self._must(right, f"{sender.name}: contiguous is {told['contiguous']}, must be {sender.contiguous}")
        return told["answers"][: len(batch)]

    def _look(self, made: Made, answer: dict[str, Any], path: str) -> None:
        outcome, code = answer["outcome"], answer.get("code")
        self._must(answer["id"] == made.payload["id"], f"{made.hash}: answered under the id {answer['id']}")
        self.traffic.count("entries")
        if made.reached is not None:
            self.traffic.count("duplicates")
            first = made.told or ("quarantined" if made.quarantined else code)
            self._must(outcome == "duplicate" and code == first, f"{made.hash}: sent again, answered {answer}, was {first} before")
            if code in ("accepted", "conflict"):
                made.told = code
            return
        made.reached = path
        made.quarantined = "device-revoked" if made.payload["device"] in self.revoked else made.trouble
        made.told = outcome
        if made.quarantined:
            self.traffic.count("quarantined")
            right = (outcome, code) == ("quarantined", made.quarantined)
            self._must(right, f"{made.hash}: must be quarantined as {made.quarantined}, answered {answer}")
        else:
            self.traffic.count("conflicts", outcome == "conflict")
            named = outcome == "accepted" or (outcome == "conflict" and (code in CONFLICTS or "-vs-" in str(code)))
            self._must(named, f"{made.hash}: an honest entry was answered {answer}")

    def _heard(self, batch: Sequence[Made], answers: Sequence[dict[str, Any]]) -> None:
        for made, _ in zip(batch, answers, strict=False):
            made.answered = True

    def beat(self, line: Line, tablet: Tablet, calm: bool = False) -> None:
        """A heartbeat: what the portal says is missing must be exactly what never arrived. What it asks back is let go of."""
        head = {"seq": len(tablet.journal), "hash": tablet.journal[-1].hash if tablet.journal else None}
        let_go = [id_ for id_ in tablet.recalled if id_ in tablet.let_go]
        said = {"clock": moment(0), "pending": len(tablet.pending), "head": head, "app": "day", "let_go": let_go}
        status, told = line.ask("POST", "heartbeats", said)
        self.traffic.count("beats")
        self.custody.let_go(tablet, let_go, len(tablet.journal))
        expected = (200, tablet.contiguous, tablet.missing())
        found = (status, told.get("contiguous"), told.get("missing"))
        self._must(found == expected, f"{tablet.name}: heartbeat says {found}, must say {expected}")
        recalled = custody.told_recalled(told["recalled"], tablet, self.custody, self._must)
        if not calm and tablet.dice.random() < 0.06:
            self.traffic.count("lost answers")
            return
        tablet.measure_clock()
        tablet.recalled, fresh = recalled, set(recalled) - tablet.let_go
        tablet.let_go |= fresh
        if fresh and (calm or tablet.dice.random() < 0.5):
            self.beat(line, tablet, calm)

    def ask(self, tablet: Tablet, person: Person) -> dict[str, Any] | None:
        """The portal's word about one graduate; None where none comes."""
        if not tablet.online:
            return None
        self.traffic.count("asked")
        with Line(self.port, tablet.token) as line:
            return custody.ask(line, tablet, person, self.custody, self._must)

    def close(self, line: Line, tablet: Tablet, date: str) -> None:
        """End the shift: complete when everything arrived, not otherwise, and never under a wrong hash."""
        seq, last = len(tablet.journal), tablet.journal[-1].hash if tablet.journal else None
        _, told = line.ask("POST", "closings", {"date": date, "seq": seq, "hash": last})
        expected = {"complete": not tablet.missing(), "missing": tablet.missing()}
        self._must(told == expected, f"{tablet.name}: the closing says {told}, must say {expected}")
        if seq:
            _, told = line.ask("POST", "closings", {"date": date, "seq": seq, "hash": "A" * 16})
            self._must(told["complete"] is False, f"{tablet.name}: a closing under a wrong hash is called complete")

    def sign_on(self, line: Line, tablet: Tablet, operator: str, password: str, may: bool) -> None:
        """Begin a shift with the password, after a slip of the finger; refused where the right has ended."""
        for typed in (password[:-1], password):
            status, told = line.ask("POST", "shifts", {"operator": operator, "password": typed})
            code = None if status == 201 else _code((status, told))
            wanted = "shift-sign-in-wrong" if typed != password else None if may else "not-at-this-station"
            self._must(code == wanted, f"{tablet.name}: signing on as {operator} was answered with {status} {told}")
            if status == 201:
                tablet.on_shift(operator, told["shift"])

    def end_shifts(self, line: Line, tablet: Tablet) -> None:
        """Everybody on shift goes; the portal is told twice."""
        for shift in tablet.shifts.values():
            first, again = (line.ask("POST", f"shifts/{shift}/ends", {}) for _ in range(2))
            same = first[0] == 200 and first == again
            self._must(same, f"{tablet.name}: the end of a shift was answered with {first}, then {again}")

    def read(self, tablet: Tablet, calm: bool = False) -> None:
        """Follow the changes, or begin with a snapshot; the line may break between two pages."""
        with Line(self.port, tablet.token) as line:
            if tablet.device in self.revoked:
                answer = line.ask("GET", f"changes?after={tablet.cursor or ''}")
                self._must(_code(answer) == "device-revoked", f"{tablet.name}: revoked, and may still read: {answer[0]}")
                return
            if tablet.cursor is None or (tablet.dice.random() < 0.01 and not calm):
                self.snapshot(line, tablet)
            more = True
            while more:
                status, told = line.ask("GET", f"changes?after={tablet.cursor}")
                if status == 410 and tablet.device in self.moved:
                    self.snapshot(line, tablet)
                    break
                if status != 200:
                    self._must(False, f"{tablet.name}: changes were answered with {status} {told}")
                    return
                self.traffic.count("rows", len(told["students"]))
                tablet.heard(told["students"], told["removed"], told["cursor"])
                more = told["more"]
                if not more:
                    tablet.custody = custody.told_list(told["custody"], tablet, self.custody, self._must)
                if more and tablet.dice.random() < 0.1 and not calm:
                    self.traffic.count("cuts")
                    return
            tablet.caught_up()

    def snapshot(self, line: Line, tablet: Tablet) -> None:
        status, told = line.ask("GET", "snapshot")
        self._must(status == 200, f"{tablet.name}: a snapshot was answered with {status} {told if status != 200 else ''}")
        self.moved.discard(tablet.device)
        self.traffic.count("snapshots")
        self.traffic.count("rows", len(told["students"]))
        tablet.fresh(told)
        tablet.custody = custody.told_list(told["custody"], tablet, self.custody, self._must)

    def _batches(self, tablet: Tablet, calm: bool) -> Iterator[Sequence[Made]]:
        dice, waiting = tablet.dice, tablet.pending
        chance = dice.random()
        if chance < 0.2:
            dice.shuffle(waiting)
        elif chance < 0.3:
            waiting.reverse()
        if dice.random() < 0.15 and not calm:
            waiting = [made for made in waiting if dice.random() < 0.7]
        while waiting:
            size = dice.choice((1, 2, 5, 20, 100, 480))
            yield waiting[:size]
            waiting = waiting[size:]

    def _forged(self, tablet: Tablet, tick: int) -> list[tuple[str, str]]:
        """Now and then something that no honest tablet sends, with the code it must be quarantined under."""
        known = [made for made in tablet.journal[-30:] if made.reached]
        if not known or tablet.dice.random() > 0.02:
            return []
        dice, like = tablet.dice, tablet.dice.choice(known)
        id_ = f"00000000-0000-4000-8000-{dice.getrandbits(48):012x}"
        another = {"id": id_, "reason": f"forged at tick {tick}"}
        beside = tablet.forge(like, **another)
        head, _, tail = beside.token.rpartition(".")
        changed = tail[:10] + ("A" if tail[10] != "A" else "B") + tail[11:]
        ahead = tablet.forge(like, **(another | {"id": like.payload["id"], "seq": 10**9 + dice.getrandbits(30), "prev": like.hash}))
        wrong_kid = tablet.forge(like, **(another | {"device": "dv_0000000000000000"}))
        return [
            (noise(dice), "malformed"),
            (f"{head}.{changed}", "bad-signature"),
            (wrong_kid.token, "bad-signature"),
            (ahead.token, "id-reused"),
            (tablet.forge(like, **(another | {"reason": f"the same seq twice, {id_}"})).token, "chain-broken"),
        ]

    def _must(self, holds: bool, what: str) -> None:
        if not holds:
            self.traffic.wrong.append(what)


def _code(answer: tuple[int, dict[str, Any]]) -> str | None:
    return answer[1].get("error", {}).get("code")
