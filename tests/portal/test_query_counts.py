"""No page of staff asks the database more often because there is more to show: pages whose own tests do not count that.

A small world grows threefold; each page is opened before and after.
"""

from datetime import timedelta

import pytest

from db import covers, custody, grants, lists, notices
from db import help as requests
from db.accounts import Account
from db.cards import reissue
from db.database import now
from db.intake import receive
from db.lists import Row
from db.messages import send
from db.people import ClassGroup, College, Graduate
from db.season import today
from db.stations import close_shift
from db.tablets import write_off
from tests.cast import ADMIN, CONDUCT, DAY, DIPLOMA, DORM, LIBRARY, TabletDouble, make_season, plan_text
from tests.client import portal
from tests.kiosk.test_reading import with_rounds
from tests.portal.graduate_case import open_today
from tests.portal.office_case import counted
from tests.portal.proxy_case import approved, submitted
from tests.portal.test_damages import share
from tests.portal.test_proxy_post import with_proxies

pytestmark = pytest.mark.engine("sqlite")

DEAN = "dean"
PAGES = (
    ("/custody", ADMIN), (f"/custody/{DIPLOMA}/1", ADMIN), ("/damages", ADMIN), ("/notices", ADMIN), ("/paper", ADMIN),
    (f"/paper/library/{LIBRARY}/1", ADMIN), ("/proxies", "lin"), ("/approvals", ADMIN), ("/day?date=2023-06-26", ADMIN),
    ("/class-desk/counselors", DEAN), ("/sent", DEAN), ("/help", "lin"), ("/lists", ADMIN), (f"/lists/{CONDUCT}", ADMIN),
    ("/register", ADMIN), (f"/register/{DIPLOMA}/uncollected", ADMIN), ("/graduates/2020000000/card", ADMIN),
    ("/accounts/wang", ADMIN), ("/classes", ADMIN), ("/classes/1", ADMIN), ("/tablets/dv_first", ADMIN), ("/plan", ADMIN),
)  # fmt: skip


class World:
    """Everything that a page may list, and more of it each time it grows."""

    def __init__(self, database_url, folder):
        self.season = open_today(make_season(more=21), with_proxies(with_rounds(plan_text())))
        self.college = College.get(College.name == "护理学院")
        self.first = ClassGroup.get(ClassGroup.name == "护理2001")
        Graduate.update(class_group=self.first, building="3栋", room="502", flags="resident").execute()
        for staff in ("lin", DEAN):
            Account.create(id=staff, name=staff)
        grants.grant(DEAN, "college", "college", self.college.name, ADMIN)
        self.tablet = TabletDouble.enrol("hall", "dv_first")
        self.client = portal(database_url, folder)
        self.size = 0

    def grow(self, by):
        """So many more of everything."""
        for n in range(self.size, self.size + by):
            one = self.season.everybody[n]
            staff, group = f"staff{n}", ClassGroup.create(college=self.college, name=f"护理30{n:02}", counselor=f"staff{n}")
            Account.create(id=staff, name=staff)
            desk = TabletDouble.enrol("hall", operator="wang")
            held = {"card": None, "reason": "damage", "amount": 100, "round": share(100, 1, "", "墙", f"{n}栋 {n}")}
            receive([desk.act("hold", one, DORM, **held).token, desk.act("clear", one, LIBRARY).token], "direct")
            close_shift(desk.device, DAY[:10], 2, desk.made[-1].hash)
            notices.notify(staff, f"字 {n}", f"words {n}", now() + timedelta(hours=1), device=desk.device)
            custody.move(Account.get_by_id(ADMIN), DIPLOMA, [group.id], desk.device)
            for to in (desk.device, None):
                custody.move(Account.get_by_id(ADMIN), DIPLOMA, [self.first.id], to)
            (approved if n % 2 else submitted)(one)
            covers.name(staff, "lin", today(), today(), staff)
            requests.ask(one, one.number, f"topic {n}", "words", LIBRARY, timedelta(hours=1))
            send(one.id, "open-steps", f"key {n}", {"steps": [LIBRARY]}, by=staff)
            lists.arrive(self.client.application.extensions["keys"].entry_key, CONDUCT, [Row(one.number, "x", None)], staff)
            reissue(self.season.an.id, staff, "lost")
            grants.grant("wang", "operator", "station", "hall", staff)
            if n:
                write_off(desk.device, staff, "lost")
        self.size += by


@pytest.fixture
def world(database_url, tmp_path, db):
    return World(database_url, tmp_path)


def counts_of(world, monkeypatch):
    found = {}
    for path, who in PAGES:
        world.client.sign_in_as(who).get(path)  # what each process keeps is read by the first
        with counted(monkeypatch) as asked:
            answer = world.client.get(path)
        assert answer.status_code == 200, path
        found[path] = len([sql for sql in asked if sql.startswith("SELECT")])
    return found


def test_no_page_asks_more_often_because_there_is_more(world, monkeypatch):
    world.grow(2)
    few = counts_of(world, monkeypatch)
    world.grow(6)
    many = counts_of(world, monkeypatch)
    assert {path: (few[path], many[path]) for path in few if many[path] > few[path]} == {}
    assert max(many.values()) <= 20
