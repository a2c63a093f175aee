"""Carrying out a roster import, on both engines."""

from pathlib import Path

import pytest

from db import roster, season
from db.accounts import Account
from db.audit import AuditEvent
from db.clearance import Clearance
from db.people import ClassGroup, College, Graduate
from db.refusals import Conflict, Invalid
from db.tables import read_table

PLAN = Path(__file__).resolve().parents[2] / "plans" / "2023.toml"
HEADINGS = "学号,姓名,学院,班级,辅导员,校区,寝室,标记\n"
ANNA = "2020010101,安娜·买买提,会计学院,2020级会计1班,C01,,101,住校生\n"
BO = "2020010102,薄一,会计学院,2020级会计1班,C01,,102,住校生\n"

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def plan(db):
    return season.load_plan(PLAN.read_text("utf-8"), "2023.toml", "admin")


def dry_run(plan, *rows):
    return roster.dry_run(read_table((HEADINGS + "".join(rows)).encode()), plan)


def take_in(plan, *rows, **how):
    return roster.apply(dry_run(plan, *rows), plan, "admin", **how)


def test_a_dry_run_changes_nothing(plan):
    assert len(dry_run(plan, ANNA, BO).new) == 2
    assert not Graduate.select().exists()
    assert not College.select().exists()


def test_new_graduates_get_a_reference_a_class_and_their_steps(plan):
    take_in(plan, ANNA, BO)
    anna = Graduate.get(number="2020010101")
    group = anna.class_group
    assert (group.name, group.college.name, group.counselor) == ("2020级会计1班", "会计学院", "c01")
    assert len(anna.ref) == 12
    assert anna.change >= anna.rescoped > 0
    assert Clearance.select().where(Clearance.graduate == anna).count() == len(plan.steps)


def test_every_graduate_gets_an_account_that_follows_the_name(plan):
    take_in(plan, ANNA)
    assert Account.get().id == "2020010101"
    take_in(plan, ANNA.replace("安娜", "安妮"))
    assert Account.get().name == "安妮·买买提"


def test_the_same_file_again_changes_nothing(plan):
    take_in(plan, ANNA, BO)
    before = list(Graduate.select().tuples())
    done = take_in(plan, ANNA, BO)
    assert (done.new, done.changed, done.unchanged) == (0, 0, 2)
    assert list(Graduate.select().tuples()) == before


def test_one_dry_run_may_be_carried_out_twice(plan):
    planned = dry_run(plan, ANNA)
    roster.apply(planned, plan, "admin")
    assert roster.apply(planned, plan, "admin").unchanged == 1
    assert Graduate.select().count() == 1


def test_it_refuses_when_people_changed_since_the_dry_run(plan):
    take_in(plan, ANNA)
    planned = dry_run(plan, ANNA, BO)
    Graduate.update(room="999").execute()
    with pytest.raises(Conflict) as refused:
        roster.apply(planned, plan, "admin")
    assert refused.value.code == "roster-moved"
    assert Graduate.select().count() == 1


def test_another_room_is_a_change_that_tablets_fetch_without_a_new_scope(plan):
    take_in(plan, ANNA, BO)
    before = Graduate.get(number="2020010101")
    take_in(plan, ANNA.replace(",101,", ",305,"), BO)
    after = Graduate.get(number="2020010101")
    assert (after.room, after.ref, after.rescoped) == ("305", before.ref, before.rescoped)
    assert after.change > before.change
    assert Graduate.get(number="2020010102").change == before.change


def test_another_class_is_a_new_scope(plan):
    take_in(plan, ANNA)
    before = Graduate.get()
    take_in(plan, ANNA.replace("会计1班", "会计2班"))
    assert Graduate.get().rescoped > before.rescoped
    assert ClassGroup.select().count() == 2


def test_another_flag_opens_and_closes_steps(plan):
    take_in(plan, ANNA)
    assert Clearance.get(Clearance.step == "party").state == "not-applicable"
    take_in(plan, ANNA.replace("住校生", "中共党员"))
    states = dict(Clearance.select(Clearance.step, Clearance.state).tuples())
    assert (states["party"], states["dorm"]) == ("open", "not-applicable")


def test_a_class_gets_a_new_counselor(plan):
    take_in(plan, ANNA)
    take_in(plan, ANNA.replace("C01", "C09"))
    assert ClassGroup.get().counselor == "c09"


def test_whom_the_file_does_not_name_stays(plan):
    take_in(plan, ANNA, BO)
    take_in(plan, ANNA)
    assert Graduate.get(number="2020010102").removed_at is None


def test_missing_people_are_marked_as_removed_only_when_asked_and_may_return(plan):
    take_in(plan, ANNA, BO)
    assert take_in(plan, ANNA, remove_missing=True).removed == 1
    bo = Graduate.get(number="2020010102")
    assert bo.removed_at is not None
    assert bo.rescoped == bo.change
    assert take_in(plan, ANNA, remove_missing=True).removed == 0
    assert take_in(plan, ANNA, BO).changed == 1
    assert Graduate.get(number="2020010102").removed_at is None


def test_rows_with_errors_stop_the_import_unless_they_are_left_out(plan):
    wrong = BO.replace("2020010102", "?")
    with pytest.raises(Invalid) as refused:
        take_in(plan, ANNA, wrong)
    assert refused.value.code == "roster-has-errors"
    done = take_in(plan, ANNA, wrong, leave_out_errors=True)
    assert (done.new, done.left_out) == (1, 1)


def test_nobody_is_removed_by_a_file_with_errors(plan):
    take_in(plan, ANNA, BO)
    with pytest.raises(Invalid):
        take_in(plan, ANNA, "?,某,会计学院,2020级会计1班,,,,\n", leave_out_errors=True, remove_missing=True)


def test_the_import_is_in_the_audit_trail(plan):
    take_in(plan, ANNA, BO)
    event = AuditEvent.select().order_by(AuditEvent.seq.desc()).first()
    assert (event.actor, event.action, event.detail["new"]) == ("admin", "roster.imported", 2)


def test_removing_many_can_be_repeated_and_asks_for_their_number(plan):
    take_in(plan, ANNA, *(f"20200102{at:02},某,会计学院,2020级会计1班,C01,,,\n" for at in range(30)))
    planned = dry_run(plan, ANNA)
    with pytest.raises(Invalid) as refused:
        roster.apply(planned, plan, "admin", remove_missing=True, counted=3)
    assert (refused.value.code, refused.value.params["count"]) == ("roster-count-removed", 30)
    assert roster.apply(planned, plan, "admin", remove_missing=True, counted=30).removed == 30
    assert roster.apply(planned, plan, "admin", remove_missing=True, counted=30).removed == 0


def test_a_file_without_rows_removes_nobody(plan):
    take_in(plan, ANNA, BO)
    with pytest.raises(Invalid) as refused:
        take_in(plan, remove_missing=True, counted=2)
    assert refused.value.code == "roster-without-rows"


def test_unknown_classes_are_refused_where_nobody_agreed(plan):
    with pytest.raises(Invalid) as refused:
        take_in(plan, ANNA, new_classes=False)
    assert refused.value.code == "roster-new-classes"
    take_in(plan, ANNA)
    assert take_in(plan, ANNA, BO, new_classes=False).new == 1
