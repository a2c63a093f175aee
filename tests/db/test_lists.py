"""Department lists: whoever is on one is held, everybody else is cleared, and nobody is overruled."""

import pytest

from db import list_files, lists
from db import season as seasons
from db.clearance import Clearance
from db.ledger import Entry
from db.lists import Row
from db.refusals import Conflict, Invalid, NotFound
from db.rules import jws
from db.rules.table import Table
from db.signoffs import Act, sign_off
from tests.cast import ADMIN, CONDUCT, DORM, LIBRARY, make_season, plan_text, set_flags
from tests.portal.cardcase import KEY


def arrive(*rows, step=CONDUCT, **more):
    return lists.arrive(KEY, step, rows, "officer", **more)


def cell(graduate, step=CONDUCT):
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == step)


def last_payload(graduate):
    return jws.payload_of(Entry.get(Entry.hash == cell(graduate).heads).jws)


def table(*rows):
    return Table((("学号", "姓名", "原因", "金额"), *rows))


def test_what_is_foreseen_is_what_happens_and_foreseeing_changes_nothing(season):
    effect = lists.foresee(CONDUCT, [Row(season.an.number)])
    assert {cell(one).state for one in season.everybody} == {"unknown"}
    report = arrive(Row(season.an.number))
    assert (effect.held, effect.cleared, effect.unchanged, effect.kept) == report[1:] == (1, 2, 0, [])


def test_a_new_version_changes_what_the_one_before_did(season):
    arrive(Row(season.an.number))
    assert arrive(Row(season.bai.number))[1:3] == (1, 1)
    assert [cell(one).state for one in season.everybody] == ["cleared", "held", "cleared"]


def test_another_amount_or_reason_is_taken_over(season):
    arrive(Row(season.an.number, "debt", 5000))
    for row in (Row(season.an.number, "debt", 2000), Row(season.an.number, "late", 2000)):
        assert arrive(row).held == 1
        assert (last_payload(season.an)["reason"], last_payload(season.an)["amount"]) == row[1:]
    before = cell(season.an).heads
    assert arrive(row)[1:3] == (0, 0)
    assert cell(season.an).heads == before


def test_nobody_is_overruled_and_each_is_named(season):
    sign_off(KEY, ADMIN, Act(season.an.ref, CONDUCT, "clear", saw=()))
    sign_off(KEY, ADMIN, Act(season.bai.ref, CONDUCT, "hold", "late", saw=()))
    report = arrive(Row(season.an.number))
    assert [(kept.number, kept.state, kept.act) for kept in report.kept] == [
        (season.an.number, "cleared", "hold"), (season.bai.number, "held", "clear")]  # fmt: skip
    assert (cell(season.an).state, cell(season.bai).state) == ("cleared", "held")


def test_it_refuses_a_version_that_was_not_seen(season):
    arrive(seen=0)
    with pytest.raises(Conflict, match="list-moved"):
        arrive(seen=0)
    assert arrive(seen=1).version == 2


def test_unknown_numbers_and_numbers_that_stand_twice_are_all_told(season):
    with pytest.raises(Invalid) as refused:
        arrive(Row("2020999999"), Row(season.an.number), Row(season.an.number))
    assert refused.value.errors == {"2020999999": "unknown-number", season.an.number: "number-twice"}


@pytest.mark.parametrize("step", [LIBRARY, "nothing"])
def test_a_step_that_no_list_settles_takes_none(season, step):
    with pytest.raises(NotFound):
        arrive(step=step)
    with pytest.raises(NotFound):
        list_files.dry_run(step, table())


def test_rows_are_read_as_people_write_them(season):
    file = list_files.dry_run(CONDUCT, table((" ２０２０000000 ", "安然", " 旷课  过多", "¥1,200.5元"))).file
    [row] = file.rows
    assert (row.number, row.reason, row.amount, file.errors) == (season.an.number, "旷课 过多", 120_050, ())


def test_whom_the_step_does_not_concern_is_a_warning_and_stays_as_it_was(db):
    season = make_season(plan=plan_text(((DORM, "list", "resident", ()),), ()))
    planned = list_files.dry_run(DORM, table((season.bai.number, "", "", "")))
    assert (len(planned.file.warnings), planned.effect.held, planned.held) == (1, 0, ())
    list_files.take_in(KEY, planned, "officer")
    assert cell(season.bai, DORM).state == "not-applicable"
    set_flags(season.bai, "resident")
    assert cell(season.bai, DORM).state == "open"


def test_a_reason_of_the_plan_is_known_by_name_or_code(season):
    reasons = 'reasons = [{ code = "absent", zh = "旷课", en = "Absent" }]'
    seasons.load_plan(plan_text().replace('code = "conduct"', f'code = "conduct"\n{reasons}', 1), "p", ADMIN)
    rows = [(one.number, "", word, "") for one, word in zip(season.everybody, ("旷课", "ABSENT", "别的"), strict=True)]
    assert [row.reason for row in list_files.dry_run(CONDUCT, table(*rows)).file.rows] == ["absent", "absent", "别的"]


def test_two_columns_of_one_meaning_and_no_number_are_unreadable(season):
    for headings in (("学号", "Number"), ("姓名", "原因")):
        planned = list_files.dry_run(CONDUCT, Table((headings, ("2020000000", "2020000001"))))
        assert (planned.file.readable, planned.effect, len(planned.file.errors)) == (False, None, 1)
        with pytest.raises(Invalid, match="list-has-errors"):
            list_files.take_in(KEY, planned, "officer")
