"""A demonstration's season: built whole or not at all, real in every entry, kept, and moved to today."""

import contextlib
import shlex
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from db import audit, projection, season, stations
from db.accounts import Account
from db.cards import Card
from db.clearance import Clearance, Finding
from db.database import close_database, from_ms, open_database
from db.forms import StepForm, about
from db.keys import KeyStore
from db.ledger import Entry, Quarantined
from db.people import Graduate
from db.plan import PlanVersion
from db.rules import form as rules
from db.rules.season import clearance_day
from db.signin import sign_in
from db.stations import Closing
from portal import create_app
from portal.config import Config
from portal.demo import custody, guide
from portal.demo import season as demo
from portal.demo.story import Teller
from tests.kiosk.conftest import enrolment

COUNT = 240


def quiet(*_what):
    """Progress that nobody looks at."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("demo") / "season"
    demo.build(place, COUNT, quiet)
    return place


@pytest.fixture
def built(folder) -> Iterator:
    with contextlib.closing(open_database(demo.url(folder))):
        yield folder


pytestmark = pytest.mark.usefixtures("built")


def states(step):
    return {row.state for row in Clearance.select(Clearance.state).where(Clearance.step == step).distinct()}


def test_everybody_is_there_with_a_card_and_an_account():
    assert Graduate.select().count() == COUNT
    assert Card.select().count() == COUNT
    assert Account.select().where(Account.graduate.is_null(False)).count() == COUNT


def test_today_is_a_clearance_day_and_the_plan_says_that_it_was_moved():
    plan = season.current().plan
    assert clearance_day(plan) == datetime.now(plan.zone).date()
    assert plan.shifted_days > 0
    assert PlanVersion.get().shifted_days == plan.shifted_days


def test_every_state_is_what_the_ledger_says_and_nothing_is_odd():
    assert projection.verify() == []
    assert not Quarantined.select().exists()
    assert not Finding.select().where(Finding.gone_at.is_null(), ~Finding.code.contains("-vs-")).exists()


def test_the_audit_trail_is_whole():
    assert audit.verify() == []


@pytest.mark.parametrize("step", ["conduct", "internship", "eligibility", "credits", "tuition"])
def test_lists_that_were_due_have_arrived(step):
    assert states(step) <= {"cleared", "held"}


@pytest.mark.parametrize("step", ["library", "dorm", "campus-card"])
def test_desks_have_begun_and_have_work_left(step):
    assert {"open"} < states(step)


@pytest.mark.parametrize("step", ["diploma", "meal-voucher"])
def test_what_is_handed_over_on_the_day_is_still_here(step):
    assert states(step) <= {"open", "not-applicable"}


def test_some_are_held_and_most_forms_are_done():
    assert "held" in states("dorm") | states("library") | states("tuition")
    done = Clearance.select().where(Clearance.step == "record-check", Clearance.state == "cleared").count()
    assert done > COUNT * 0.9


def test_tablets_sent_all_they_recorded():
    assert Closing.select().where(~Closing.complete).count() == 0
    assert Entry.select().where(Entry.via == "direct").count() > COUNT / 2


def test_everything_was_signed_in_working_hours_and_nothing_in_the_future():
    """Whenever the demonstration is built: also at night, when nobody has signed anything yet today."""
    plan = season.current().plan
    for hours in (0, 3, 12, 23):
        until = datetime.now(plan.zone).replace(hour=hours, minute=30)
        told = Teller(plan, until, Random(1)).tell(demo._people(plan))
        times = [deed.at for deed in told.deeds] + [act.at for acts in told.decisions.values() for act in acts]
        local = [from_ms(at).astimezone(plan.zone) for at in times]
        assert len(local) > COUNT
        assert max(local) <= until
        assert min(one.hour for one in local) >= 8
        assert max(one.hour for one in local) < 18
        assert any(one.date() == until.date() for one in local) == (hours > 3)


def test_every_role_is_there():
    rights = season.current().rights
    roles = {right.role for staff in rights.of.values() for right in staff}
    assert roles == {"operator", "supervisor", "college", "officer", "leadership", "admin", "auditor"}
    assert Account.get_by_id("c01").graduate is None


def test_the_accounts_in_the_file_sign_in(built):
    lines = (built / guide.ACCOUNTS).read_text("utf-8").partition("# 其他工作人员")[0].splitlines()
    accounts = [line.split()[:2] for line in lines if line and not line.startswith("#")]
    assert len(accounts) >= 12
    for account, password in accounts[:1] + accounts[-1:]:
        assert sign_in(account, password).id == account


@pytest.mark.parametrize("name", [guide.ACCOUNTS, demo.ACTIVATIONS])
def test_what_lets_people_in_is_for_the_owner_alone(built, name):
    assert stat.S_IMODE((built / name).stat().st_mode) == 0o600


def test_no_password_is_known_beforehand(built, tmp_path):
    other = tmp_path / "other"
    close_database()
    demo.build(other, 40, quiet)
    first, second = ((place / guide.ACCOUNTS).read_text("utf-8").splitlines()[2] for place in (built, other))
    assert first.split()[0] == second.split()[0] == "admin"
    assert first.split()[1] != second.split()[1]


def test_the_command_for_another_code_can_be_pasted_also_where_the_path_has_blanks(built, tmp_path, monkeypatch):
    spaced = tmp_path / "my season"
    spaced.symlink_to(built)
    monkeypatch.setattr("sys.argv", ["a b/.venv/bin/clearance", "demo"])
    line = next(line for line in guide.welcome(spaced, "http://127.0.0.1:8000", moved=False).splitlines() if "enrol-code" in line)
    assert shlex.split(line.partition("another code: ")[2]) == [
        f"CLEARANCE_DATABASE=sqlite:///{spaced}/clearance.sqlite", f"CLEARANCE_KEYS={spaced}/keys",
        "a b/.venv/bin/clearance", "enrol-code", "--station", "dorm-east",
    ]  # fmt: skip


def test_the_welcome_says_where_who_and_what_first(built):
    text = guide.welcome(built, "http://127.0.0.1:8000", moved=False)
    assert "http://127.0.0.1:8000/tablet" in text
    assert "admin" in text
    assert "Sign in as 2020" in text
    assert "held at the library" in text
    assert "diploma-accounting" in text


def test_the_first_tablet_at_the_diploma_desk_hands_out_with_no_network_what_nobody_else_can(built, tmp_path):
    app = create_app(Config(demo.url(built), built / demo.KEYS))
    custody.init_app(app)
    http, held = app.test_client(), []
    for name in ("left", "right"):
        code = stations.issue_code(guide.DIPLOMA_DESK, "admin")
        token = http.post("/station/v1/enrolments", json=enrolment(code, key=name)).json["token"]
        snapshot = http.get("/station/v1/snapshot", headers={"Authorization": f"Bearer {token}"}).json
        held.append({(one["step"], one["class"]) for one in snapshot["custody"]})
    assert held == [{("diploma", row["class"]) for row in snapshot["students"]}, set()]


def test_on_another_day_the_dates_move_again_and_nothing_else_changes(built, monkeypatch):
    before = {(row.graduate_id, row.step): row.state for row in Clearance.select()}
    expires = Card.get().expires_at
    plan = season.current().plan
    monkeypatch.setattr(demo, "_today", lambda _plan: datetime.now(plan.zone).date() + timedelta(days=3))
    assert demo.move_to_today(quiet) == 3
    assert demo.move_to_today(quiet) == 0
    assert season.current().plan.shifted_days == plan.shifted_days + 3
    assert Card.get().expires_at - expires == timedelta(days=3)
    assert {(row.graduate_id, row.step): row.state for row in Clearance.select()} == before
    monkeypatch.undo()
    assert demo.move_to_today(quiet) == -3


def test_a_crash_on_the_way_leaves_no_half_season(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "_write", lambda *_: (_ for _ in ()).throw(RuntimeError("power cut")))
    with pytest.raises(RuntimeError):
        demo.build(tmp_path / "season", 20, quiet)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_build_left_is_cleared_away(tmp_path):
    (tmp_path / ".season-being-built-x").mkdir()
    demo.build(tmp_path / "season", 20, quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["season"]


def test_its_keys_are_fit_for_use(built):
    assert KeyStore(built / demo.KEYS).jwks()["keys"]


def test_a_season_of_one_is_built(tmp_path):
    close_database()
    demo.build(tmp_path / "one", 1, quiet)
    with contextlib.closing(open_database(demo.url(tmp_path / "one"))):
        assert Graduate.select().count() == 1


def test_some_forms_wait_for_their_first_and_some_for_their_second_review_and_one_counselor_is_covered():
    waits = [form.waits for form in StepForm.select().where(StepForm.step == "archive-address")]
    assert len(waits) > COUNT * 0.9
    assert {"counselor", "college"} & set(waits)
    plan = season.current().plan
    for form in StepForm.select():
        read = rules.read(plan.step(form.step).form, form.sent, about("某人", plan))
        assert not read.faults, (form.step, form.sent, read.faults)
    assert StepForm.select().where(StepForm.step == "departure").count() > COUNT * 0.8
