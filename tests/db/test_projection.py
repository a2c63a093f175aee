"""The projection follows the ledger and the records, tells what changed, and can be made anew at any time."""

import pytest

from db import projection
from db.cards import Card
from db.clearance import Clearance, Finding
from db.database import database, now, writing
from db.intake import receive
from db.ledger import Entry
from db.lists import ListVersion
from db.people import Graduate
from db.season import load_plan, touch_season
from tests import cast
from tests.cast import CARD, CONDUCT, DIPLOMA, DORM, LIBRARY, TabletDouble, at
from tests.db.ledgers import cell, cells, open_findings


@pytest.fixture
def hall(season):
    return TabletDouble.enrol("hall")


def send(*signed):
    return receive([one.token for one in signed], "direct")


def codes(graduate, step):
    return {code for ref, of, code, _ in open_findings() if (ref, of) == (graduate.ref, step)}


def change_of(graduate):
    return Graduate.get_by_id(graduate.id).change


def test_a_season_begins_with_a_row_for_every_graduate_and_step(season):
    assert len(cells()) == 3 * 5
    assert [cell(season.an, step).state for step in (CONDUCT, LIBRARY, DORM)] == ["unknown", "open", "open"]
    assert cell(season.bai, DORM).state == "not-applicable"
    assert projection.verify() == []


def test_verify_names_what_is_wrong_and_rebuild_mends_it(season, hall):
    send(hall.act("clear", season.an, LIBRARY), hall.act("hold", season.bai, LIBRARY))
    right = cells()
    Clearance.update(state="held").where(Clearance.graduate == season.an, Clearance.step == LIBRARY).execute()
    Clearance.delete().where(Clearance.graduate == season.cheng, Clearance.step == DORM).execute()
    assert projection.verify() == [(season.an.ref, LIBRARY), (season.cheng.ref, DORM)]
    assert projection.rebuild() == 2
    assert cells() == right
    assert projection.verify() == []
    assert projection.rebuild() == 0


def test_rebuild_restores_what_the_cards_say(season):
    Card.create(graduate=season.an, gen=2, issued_at=now(), issued_by="admin", expires_at=now(), revoked_at=now())
    Card.update(revoked_at=now()).where(Card.graduate == season.bai, Card.gen == 1).execute()
    Graduate.update(gen=7, card_revoked=False).execute()
    projection.rebuild()
    rows = Graduate.select(Graduate.gen, Graduate.card_revoked).order_by(Graduate.number).tuples()
    assert [tuple(row) for row in rows] == [(2, True), (1, True), (1, False)]


def test_an_empty_season_verifies_and_rebuilds(db):
    load_plan(cast.plan_text(), "cast.toml", "admin")
    assert projection.verify() == []
    assert projection.rebuild() == 0


def test_only_what_changed_gets_a_change_number(season, hall):
    before = change_of(season.an), change_of(season.bai)
    cleared = hall.act("clear", season.an, LIBRARY)
    send(cleared)
    assert change_of(season.an) > before[0]
    assert change_of(season.bai) == before[1]
    standing = change_of(season.an)
    send(cleared)
    with writing():
        projection.refold_everybody()
    projection.rebuild()
    assert change_of(season.an) == standing


def test_graduates_touched_together_share_one_number(season, hall):
    send(*(hall.act("clear", graduate, LIBRARY) for graduate in season.everybody))
    assert len({change_of(graduate) for graduate in season.everybody}) == 1


def test_a_list_that_arrives_makes_the_unknown_open(season):
    with writing():
        ListVersion.create(step=CONDUCT, version=1, arrived_at=now(), by="admin", digest="d")
        touch_season()
        projection.refold_step(CONDUCT)
    assert {cell(graduate, CONDUCT).state for graduate in season.everybody} == {"open"}
    assert projection.verify() == []


def test_flags_decide_whether_a_step_applies_and_entries_stay(season, hall):
    send(hall.act("clear", season.an, DORM))
    cast.set_flags(season.an, "")
    assert cell(season.an, DORM).state == "not-applicable"
    assert codes(season.an, DORM) == {"step-not-applicable"}
    cast.set_flags(season.an, "resident")
    assert cell(season.an, DORM).state == "cleared"
    assert codes(season.an, DORM) == set()
    assert projection.verify() == []


def test_a_new_step_of_the_plan_gets_its_rows(season):
    load_plan(cast.plan_text(steps=[*cast.STEPS, ("alumni", "form", "all", ())]), "later.toml", "admin")
    assert cell(season.cheng, "alumni").state == "open"
    assert projection.verify() == []


def test_a_step_that_is_applied_to_others_by_a_new_plan_is_folded_anew(season, hall):
    send(hall.act("clear", season.bai, LIBRARY))
    steps = [(code, how, "resident" if code == LIBRARY else applies, blocked) for code, how, applies, blocked in cast.STEPS]
    load_plan(cast.plan_text(steps=steps), "later.toml", "admin")
    assert cell(season.bai, LIBRARY).state == "not-applicable"
    load_plan(cast.plan_text(), "again.toml", "admin")
    assert cell(season.bai, LIBRARY).state == "cleared"


def test_findings_end_and_come_back_with_their_history(season, hall):
    cast.set_flags(season.an, "")
    send(hall.act("clear", season.an, DORM))
    first = Finding.get(Finding.code == "step-not-applicable")
    cast.set_flags(season.an, "resident")
    assert Finding.get_by_id(first.id).gone_at is not None
    cast.set_flags(season.an, "")
    back = Finding.get_by_id(first.id)
    assert (back.gone_at, back.found_at) == (None, first.found_at)
    assert Finding.select().count() == 1


def test_a_thing_handed_over_too_early_is_looked_at_again_when_a_late_entry_tells_otherwise(season, hall):
    desk, dorm = TabletDouble.enrol("library"), TabletDouble.enrol("dorm")
    books, room = desk.act("clear", season.an, LIBRARY), dorm.act("clear", season.an, DORM)
    hall.clock += 3_600_000
    send(hall.act("collect", season.an, DIPLOMA))
    assert codes(season.an, DIPLOMA) == {"collected-before-settled"}
    send(books)
    assert codes(season.an, DIPLOMA) == {"collected-before-settled"}
    send(room)
    assert codes(season.an, DIPLOMA) == set()
    send(desk.undo(books))
    assert codes(season.an, DIPLOMA) == {"collected-before-settled"}


def test_all_of_it_in_one_upload_comes_out_the_same(season, hall):
    made = [hall.act("clear", season.an, LIBRARY), hall.act("clear", season.an, DORM), hall.act("collect", season.an, DIPLOMA)]
    send(*reversed(made))
    assert codes(season.an, DIPLOMA) == set()


def test_a_blocking_step_with_a_history_is_judged_by_the_hour(season, hall):
    desk = TabletDouble.enrol("library")
    cleared = desk.act("clear", season.bai, LIBRARY)
    hall.clock += 60_000
    handed = hall.act("collect", season.bai, DIPLOMA)
    desk.clock += 3_600_000
    held = desk.act("hold", season.bai, LIBRARY)
    send(held, handed, cleared)
    assert codes(season.bai, DIPLOMA) == set()
    assert cell(season.bai, LIBRARY).state == "held"
    send(TabletDouble.enrol("hall", clock=hall.clock + 9_999_999).act("collect", season.bai, DIPLOMA))
    assert codes(season.bai, DIPLOMA) == {"collected-before-settled", "collected-twice"}


def test_where_a_blocking_step_does_not_apply_nothing_is_missing(season, hall):
    send(hall.act("clear", season.bai, LIBRARY), hall.act("collect", season.bai, DIPLOMA))
    assert codes(season.bai, DIPLOMA) == set()


def test_what_is_quarantined_does_not_count_until_it_is_admitted(season, hall):
    odd = hall.act("clear", season.an, LIBRARY, operator="nobody")
    send(odd)
    assert cell(season.an, LIBRARY).state == "open"
    with writing():
        Entry.update(admitted_at=now(), admitted_by="admin").where(Entry.hash == odd.hash).execute()
        projection.refold([(season.an.ref, LIBRARY)])
    assert cell(season.an, LIBRARY).by == "nobody"
    assert projection.verify() == []


def test_cards_that_were_replaced_or_revoked_when_they_were_read(season, hall):
    Card.create(graduate=season.an, gen=2, issued_at=at("2023-06-26T00:30:00.000Z"), issued_by="admin", expires_at=now())
    Card.update(revoked_at=at("2023-06-26T00:30:00.000Z")).where(Card.graduate == season.bai).execute()
    projection.rebuild()
    send(hall.act("clear", season.an, LIBRARY), hall.act("clear", season.bai, LIBRARY), hall.act("clear", season.cheng, LIBRARY))
    assert [codes(one, LIBRARY) for one in season.everybody] == [{"card-replaced"}, {"card-revoked"}, set()]


def test_refolding_what_does_not_exist_does_nothing(season):
    with writing():
        assert projection.refold([("gr_nobody0000", LIBRARY), (season.an.ref, "laundry")]).cells == {}
        assert projection.refold([]).changed == 0


def test_an_upload_takes_as_many_statements_for_two_hundred_entries_as_for_two(season):
    def counted(tablet, size):
        made = [tablet.act("clear", season.everybody[n % 3], (LIBRARY, DORM)[n % 2]) for n in range(size)]
        made.append(tablet.act("collect", season.an, CARD))
        statements = []
        database.obj.query_hooks.append(statements.append)
        try:
            send(*made)
        finally:
            database.obj.query_hooks.pop()
        return len(statements)

    first = TabletDouble.enrol("hall")
    send(first.act("note", season.an, LIBRARY))
    few = counted(first, 2)
    assert counted(first, 200) <= few + 1
    assert few <= 20
