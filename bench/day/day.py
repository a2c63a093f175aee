"""Let the day pass: tick by tick people decide, then all tablets upload at once, then the office acts, then all tablets read.

What a tablet reads never depends on which of two uploads came first: a seed makes the same decisions again, on any machine.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from bench.day import college
from bench.day.command import clearance
from bench.day.crowd import Crowd
from bench.day.custody import Custody, shared
from bench.day.desk import DONE, MINUTE, Desk
from bench.day.line import Line
from bench.day.lines import Exchange, Traffic
from bench.day.office import Office
from bench.day.proxies import Agents
from bench.day.stewards import Stewards
from bench.day.tablet import Tablet
from db import journals, stations
from db.database import now, to_ms
from portal.demo.staff import ADMIN
from tests.live import LiveServer

DAY = 24 * 60 * MINUTE
AT_ONCE = 8
"""Connections at once."""


@dataclass(frozen=True)
class Setting:
    """How large a day. `minutes` is the length of one tick; `rough` multiplies how often people meet trouble."""

    tablets: int = 40
    graduates: int = 4_883
    seed: int = 1
    hours: float = 9
    minutes: int = 5
    rough: float = 1

    @property
    def ticks(self) -> int:
        return max(8, round(self.hours * 60 / self.minutes))


@dataclass
class Day:
    """A day in a place, over a running portal. `story` are the large events, by tick."""

    setting: Setting
    place: college.Place
    server: LiveServer
    folder: Path
    traffic: Traffic = field(default_factory=Traffic)
    story: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self._dice = self._chance("day")
        codes = list(self.place.stations)
        self.tablets = [
            Tablet(f"{code} {number}", code, self._chance(f"tablet {number}"))
            for number, code in zip(range(1, self.setting.tablets + 1), itertools.cycle(codes), strict=False)
        ]
        self.custody = Custody(self.place, self.tablets)
        self.exchange = Exchange(self.server.port, self.traffic, self.custody)
        self.desks = [Desk(tablet, self.place, self.setting.rough, self.exchange.ask) for tablet in self.tablets]
        self.office = Office(self.place, self._chance("office"))
        self.agents = Agents(self.place, self._chance("agents"))
        self.agents.before()
        self.stewards = Stewards(self.custody, self._chance("stewards"))
        self.crowd = Crowd(self.place, self.desks, self.setting.ticks, self.setting.rough, self._chance("crowd"))
        # The records keep the real time. With the middle of the day at this moment, decisions lie before and after them.
        self._began = to_ms(now()) - round(self.setting.hours * 60 * MINUTE / 2)
        self._down: dict[str, int] = {}
        self._fates = self._draw_fates()

    def pass_(self, told: Callable[[str], None] = lambda _: None) -> None:
        """From the doors opening to the last closing."""
        began = time.perf_counter()
        for tablet in self.tablets:
            self.exchange.enrol(tablet, stations.issue_code(tablet.station, ADMIN))
            self.office.begin_shifts(tablet)
        self.stewards.morning()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._all(pool, self.exchange.read, self.tablets)
            for tick in range(self.setting.ticks):
                self._tick(pool, tick)
                if tick % 12 == 11:
                    told(f"{tick + 1} of {self.setting.ticks} ticks, {self.traffic.counts['entries']:,} entries sent")
            self._evening(pool)
        self.wrong += self.traffic.wrong + self.office.wrong + self.stewards.wrong
        self.seconds = time.perf_counter() - began

    def _tick(self, pool: ThreadPoolExecutor, tick: int) -> None:
        start = self._began + tick * self.setting.minutes * MINUTE
        for fate in self._fates.pop(tick, ()):
            fate(tick, start)
        online = [tablet for tablet in self.tablets if self._online(tablet, tick)]
        for tablet in self.tablets:
            tablet.online = tablet in online and not tablet.mute
        for visit in self.crowd.visits(tick):
            how = [desk.serve(visit.person, visit.step, start, self._dice, place > 0) for place, desk in enumerate(visit.desks)]
            self.crowd.went(visit, tick, DONE if DONE in how else how[0])
        uploads = [pool.submit(self.exchange.upload, tablet, tick) for tablet in online]
        self.office.clerks(0.01 * self.setting.rough)
        self.agents.take_back(0.002 * self.setting.rough)
        for upload in uploads:
            upload.result()
        self._relay(online, tick)
        self.office.desk_steps(0.01 * self.setting.rough)
        self.agents.send_somebody(0.0002 * self.setting.rough)
        if tick % 6 == 5:
            self.office.review(self.tablets, 0.2)
        self.stewards.during(0.01 * self.setting.rough)
        self._all(pool, self.exchange.read, online)
        self.wrong += [f"tick {tick}: {what}" for what in shared(self.tablets)]

    def _online(self, tablet: Tablet, tick: int) -> bool:
        """Whether it has a network now; cuts last from one tick to an hour."""
        if self._down.get(tablet.name, 0) <= tick and tablet.dice.random() < 0.03:
            self._down[tablet.name] = tick + tablet.dice.choice((1, 1, 2, 3, 12))
            self.traffic.count("cuts")
        return self._down.get(tablet.name, 0) <= tick

    def _relay(self, online: list[Tablet], tick: int) -> None:
        """One tablet hands over what another could not send; that one hears nothing of it."""
        others = [t for t in self.tablets if t not in online and t.pending and t.fate not in ("lost", "journal")]
        if online and others and self._dice.random() < 0.3:
            sender, batch = self._dice.choice(online), self._dice.choice(others).pending[:200]
            with Line(self.server.port, sender.token) as line:
                self.exchange.deliver(line, sender, batch, (), f"relayed by {sender.name}, tick {tick}")
            self.traffic.count("relayed", len(batch))

    def _draw_fates(self) -> dict[int, list[Callable[[int, int], None]]]:
        """Which tablet meets what, and when. Wrong clocks are drawn for one in three."""
        ticks, dice = self.setting.ticks, self._dice
        for tablet in self.tablets:
            if dice.random() < 0.35:
                tablet.error = dice.choice((dice.randint(-2 * DAY, 2 * DAY), dice.randint(-30 * MINUTE, 30 * MINUTE)))
                tablet.knows_clock = dice.random() < 0.6
        fates: dict[int, list[Callable[[int, int], None]]] = {}

        def at(part: float, event: Callable[[int, int], None]) -> None:
            fates.setdefault(min(ticks - 1, int(ticks * part)), []).append(event)

        chosen = dice.sample(self.tablets, min(4, len(self.tablets) // 2 + 1))
        events = (
            ("lost", 0.6, self._lost),
            ("journal", 0.3, self._journal),
            ("revoked", 0.5, self._revoked),
            ("faulty", 0.4, self._faulty),
        )
        for (fate, part, event), tablet in zip(events, chosen, strict=False):
            tablet.fate = fate
            at(part, partial(event, tablet))
        for _ in range(len(self.tablets) // 6 + 1):
            at(dice.uniform(0.1, 0.95), partial(self._killed, dice.choice(self.tablets)))
            at(dice.uniform(0.2, 0.8), partial(self._relieved, dice.choice(self.tablets)))
            at(dice.uniform(0.3, 0.7), partial(self._moved, dice.choice(self.tablets)))
        at(0.7, lambda tick, start: self._power_cut(tick))
        at(0.45, lambda tick, start: self._end_rights(f"aide-{self.tablets[0].station}", tick))
        at(0.55, lambda tick, start: self._end_rights(f"head-{self.tablets[-1].station}", tick))
        return fates

    def _lost(self, tablet: Tablet, tick: int, _start: int) -> None:
        """From here on only its heartbeats get through; two ticks later nobody sees it again."""
        tablet.mute = True
        self._tell(tick, f"{tablet.name} sends no entries any more")
        self._fates.setdefault(tick + 2, []).append(lambda later, _: self._gone(tablet, later))

    def _gone(self, tablet: Tablet, tick: int) -> None:
        with Line(self.server.port, tablet.token) as line:
            self.exchange.beat(line, tablet)
        tablet.gone = True
        self._down[tablet.name] = self.setting.ticks + 1
        self._fates.setdefault(tick + 2, []).append(lambda later, _: self._written_off(tablet, later))
        self._tell(tick, f"{tablet.name} is lost, with {len(tablet.journal) - len(tablet.taken)} entries")

    def _written_off(self, tablet: Tablet, tick: int) -> None:
        self.stewards.write_off(tablet, self.exchange)
        tablet.gone = True
        self._tell(tick, f"{tablet.name} is written off")

    def _journal(self, tablet: Tablet, tick: int, _start: int) -> None:
        self._down[tablet.name] = self.setting.ticks + 1
        self._tell(tick, f"{tablet.name} has no network any more; its journal file comes in the evening")

    def _revoked(self, tablet: Tablet, tick: int, _start: int) -> None:
        """Cut off for a while first, so that it has something left when it is withdrawn."""
        back = tick + max(2, self.setting.ticks // 20)
        self._down[tablet.name] = back
        self._fates.setdefault(back, []).append(lambda later, _: self._withdraw(tablet, later))

    def _withdraw(self, tablet: Tablet, tick: int) -> None:
        self.office.withdraw(tablet, self.exchange)
        self._fates.setdefault(tick + 2, []).append(lambda later, _: self._written_off(tablet, later))
        self._tell(tick, f"{tablet.name} is withdrawn, with {len(tablet.pending)} entries unsent")

    def _faulty(self, tablet: Tablet, tick: int, start: int) -> None:
        next(desk for desk in self.desks if desk.tablet is tablet).misbehave(start, self._dice)
        self._tell(tick, f"{tablet.name} signs what no tablet should")

    def _killed(self, tablet: Tablet, tick: int, _start: int) -> None:
        if not tablet.gone:
            tablet.kill()
            tablet.error += self._dice.choice((0, 0, -DAY, 90_000))
            self._tell(tick, f"{tablet.name} is killed and starts again")

    def _relieved(self, tablet: Tablet, tick: int, _start: int) -> None:
        """Who was on shift there goes home; somebody signs on again, if they still may. Entries go on naming either shift."""
        if tablet.fate == "revoked" or self._down.get(tablet.name, 0) > tick or tablet.device in self.exchange.moved:
            return
        operator = self._dice.choice(sorted(tablet.shifts))
        may = any(r.staff == operator and r.scope == tablet.station and r.until is None for r in self.place.rights)
        with Line(self.server.port, tablet.token) as line:
            self.exchange.end_shifts(line, tablet)
            self.exchange.sign_on(line, tablet, operator, self.office.password_for(operator), may)
        self._tell(tick, f"{tablet.name}: all shifts end, {operator} signs on again")

    def _moved(self, tablet: Tablet, tick: int, _start: int) -> None:
        if tablet.fate:  # who is moved may serve both places, and what a faulty one signs would be honest then
            return
        station = self._dice.choice(sorted(self.place.stations.keys() - {tablet.station}))
        moved = self.stewards.move(tablet, station, self.exchange)
        self._tell(tick, f"{tablet.name} " + (f"is moved to {station}" if moved else "stays for the classes it has"))

    def _power_cut(self, tick: int) -> None:
        self.server.kill()
        self.server.start()
        self._tell(tick, "the portal is killed and starts again")

    def _end_rights(self, staff: str, tick: int) -> None:
        self.office.end_rights(staff)
        self._tell(tick, f"the rights of {staff} end")

    def _evening(self, pool: ThreadPoolExecutor) -> None:
        """Everybody sends until nothing is left, the journal file is brought, shifts are closed."""
        present = [tablet for tablet in self.tablets if tablet.fate not in ("lost", "journal")]
        for round_ in range(20):
            if waiting := [tablet for tablet in present if tablet.pending or (tablet.unsent and tablet.fate != "revoked")]:
                self._all(pool, partial(self.exchange.upload, tick=self.setting.ticks + round_, calm=True), waiting)
        for tablet in self.tablets:
            if tablet.fate == "journal":
                self._bring_journal(tablet)
        date = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
        for tablet in self.tablets:
            if tablet.fate != "lost":
                self.wrong += [f"{tablet.name}: {len(tablet.pending)} entries were never answered"] if tablet.pending else []
                with Line(self.server.port, tablet.token) as line:
                    self.exchange.beat(line, tablet, calm=True)
                    self.exchange.close(line, tablet, date)
        self._all(pool, lambda tablet: self.exchange.read(tablet, calm=True), [t for t in self.tablets if t.fate != "lost"])

    def _bring_journal(self, tablet: Tablet) -> None:
        file = self.folder / "journal.json"
        file.write_text(json.dumps(tablet.file()), "utf-8")
        new = sum(made.reached is None for made in tablet.journal)
        tablet.held |= {name: len(tablet.pictures[name]) for name in tablet.unsent}
        for made in tablet.journal:
            made.answered, made.reached = True, made.reached or "journal file"
            tablet.taken.add(made.payload["seq"])
        done = clearance("journal", "import", str(file))
        again = journals.take_in(journals.read_journal(file.read_bytes()), ADMIN, self.folder / "attachments").outcomes
        if done.returncode or again.keys() - {"duplicate"}:
            self.wrong.append(f"{tablet.name}: its journal file was answered {done.stdout}{done.stderr}, then {again}")
        self._tell(self.setting.ticks, f"{tablet.name}: journal file of {len(tablet.journal)} entries, {new} of them new")

    def _tell(self, tick: int, what: str) -> None:
        self.story.append(f"tick {tick}: {what}")

    def _chance(self, of: str) -> Random:
        return Random(f"{self.setting.seed} {of}")

    @staticmethod
    def _all(pool: ThreadPoolExecutor, do: Callable[[Tablet], None], tablets: Iterable[Tablet]) -> None:
        for done in [pool.submit(do, tablet) for tablet in tablets]:
            done.result()
