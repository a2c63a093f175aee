"""Build the demonstration's season: a directory with a database, keys, accounts and the roster it was made from.

It is built beside its place and moved there when it is whole, so that there is never half a season.
"""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from db import cards, lists, season
from db import roster as rosters
from db.activations import issue_activations
from db.cards import Card
from db.database import close_database, mark_rehearsal, now, open_database, writing
from db.keys import KeyStore
from db.migrations import migrate
from db.people import ClassGroup, College, Graduate
from db.plan import PlanVersion
from db.rules.plan import Plan, clearance_day, load, recall
from db.signoffs import record_all
from db.tables import read_table
from portal.demo import care, forms, guide, people, staff, tablets
from portal.demo.story import Someone, Story, Teller
from web.catalogue import ROOT

PLAN = ROOT / "plans" / "2023.toml"
CLASSES = ROOT / "plans" / "classes-2023.csv"
DATABASE, KEYS, ROSTER, ACTIVATIONS = "clearance.sqlite", "keys", "roster.csv", "activations.csv"
Told = Callable[..., None]


def url(directory: Path) -> str:
    """The URL of the season's database in its directory."""
    return f"sqlite:///{directory / DATABASE}"


def built(directory: Path) -> bool:
    """Whether a whole season is there."""
    return (directory / DATABASE).exists()


def build(directory: Path, graduates: int, told: Told, rehearsal: bool = False) -> None:
    """Build a season with that many graduates in the directory, which must be missing or empty. The database is closed after.

    `rehearsal`: database and keys say that they are one.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    beside = f".{directory.name}-being-built-"
    for left in directory.parent.glob(f"{beside}*"):
        shutil.rmtree(left)
    place = Path(tempfile.mkdtemp(prefix=beside, dir=directory.parent))
    try:
        opened = open_database(url(place))
        opened.execute_sql("PRAGMA synchronous = OFF")  # until it is whole there is nothing to lose
        _fill(place, graduates, told, rehearsal)
        close_database()
        _flush(place / DATABASE)
        os.replace(place, directory)
    finally:
        close_database()
        shutil.rmtree(place, ignore_errors=True)


def _flush(file: Path) -> None:
    """Return when the file is on the disk."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fill(place: Path, graduates: int, told: Told, rehearsal: bool) -> None:
    random = Random(people.SEED)  # noqa: S311 - chance for a demonstration, not a secret
    told("Keys and database")
    keys = KeyStore.create(place / KEYS, rehearsal)
    migrate()
    if rehearsal:
        mark_rehearsal()
    plan = _load_plan(PLAN.read_text("utf-8"), PLAN.name)
    classes = people.cut(people.read_classes(CLASSES.read_text("utf-8")), graduates)
    crew = staff.members(plan, classes)
    assert plan.opens_at is not None
    staff.hire(crew, plan.opens_at, random)
    _take_in_roster(place, plan, classes, told)
    told("Cards", cards.issue(staff.ADMIN))
    story = Teller(plan, now() - timedelta(minutes=5), random).tell(_people(plan))
    _write(story, keys, plan, told)
    told("Online forms")
    forms.write(keys.entry_key, people.SEED)
    care.write_down(random)
    care.name_cover()
    told("Accounts")
    guide.write_accounts(place, crew)
    _write_activations(place)


def _load_plan(text: str, name: str) -> Plan:
    plan = load(text, name)
    return season.load_plan(text, name, staff.ADMIN, (_today(plan) - clearance_day(plan)).days)


def _today(plan: Plan) -> date:
    return datetime.now(plan.zone).date()


def _take_in_roster(place: Path, plan: Plan, classes: list[people.SchoolClass], told: Told) -> None:
    made = people.graduates(classes)
    told("Roster", 0, len(made))
    content = people.roster_csv(made, classes, plan).encode("utf-8-sig")
    (place / ROSTER).write_bytes(content)
    done = rosters.apply(rosters.dry_run(read_table(content), plan), plan, staff.ADMIN)
    told("Roster", done.new, len(made))


def _people(plan: Plan) -> list[Someone]:
    codes = {college.name.zh: college.code for college in plan.colleges}
    columns = (Graduate.ref, Graduate.number, College.name, ClassGroup.counselor, Graduate.flags)
    query = Graduate.select(*columns).join(ClassGroup).join(College).order_by(Graduate.number).tuples()
    return [Someone(ref, number, codes[name], counselor or "", frozenset(flags.split())) for ref, number, name, counselor, flags
            in query]  # fmt: skip


def _write(story: Story, keys: KeyStore, plan: Plan, told: Told) -> None:
    for done, (step, rows) in enumerate(story.lists.items(), start=1):
        lists.arrive(keys.entry_key, step, rows, staff.officer_of(plan.step(step).department))
        told("Lists", done, len(story.lists))
    total, done = sum(map(len, story.decisions.values())), 0
    for operator, acts in story.decisions.items():
        done += record_all(keys.entry_key, operator, acts, "form")
        told("Forms and reviews", done, total)
    stations = sorted({deed.station for deed in story.deeds})
    desks = {code: tablets.Tablet(code, staff.operator_of(code), staff.ADMIN, keys.secret) for code in stations}
    for done in tablets.upload(desks, story.deeds):
        told("Sign-offs at stations", done, len(story.deeds))
    for desk in desks.values():
        desk.close(_today(plan))


def _write_activations(place: Path) -> None:
    """One-time codes of all graduates without a password, as slips would carry them."""
    graduates = list(Graduate.select(Graduate.number, Graduate.name, ClassGroup.name.alias("group")).join(ClassGroup).tuples())
    codes = issue_activations([number for number, _, _ in graduates], staff.ADMIN)
    private = os.open(place / ACTIVATIONS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(private, "w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("学号 number", "姓名 name", "班级 class", "激活码 one-time code"))
        rows.writerows((number, name, group, codes[number]) for number, name, group in graduates if number in codes)


def move_to_today(told: Told) -> int:
    """Move the open season's plan so that today is its clearance day again; how many days it was moved, 0 when it was right."""
    newest = PlanVersion.select().order_by(PlanVersion.id.desc()).get()
    plan = recall(newest.source, newest.name)
    days = (_today(plan) - clearance_day(plan)).days - newest.shifted_days
    if days:
        told("Moving the plan's dates")
        with writing():
            season.load_plan(newest.source, newest.name, staff.ADMIN, newest.shifted_days + days)
            Card.update(expires_at=Card.expires_at + days * 86_400_000).execute()
    return days
