"""Custody of what is handed over: one tablet has a class, and it moves only when that tablet has let go."""

import peewee
import pytest

from db import custody, grants, tablets
from db.accounts import Account
from db.audit import AuditEvent
from db.custody import CustodyMove, Moves
from db.database import writing
from db.intake import receive
from db.people import ClassGroup
from db.refusals import Conflict, Forbidden, Invalid, NotFound
from db.stations import Device, revoke
from tests.cast import ADMIN, CARD, DIPLOMA, LIBRARY, OPERATOR, TabletDouble


@pytest.fixture
def left(season):
    return TabletDouble.enrol("hall")


@pytest.fixture
def right(season):
    return TabletDouble.enrol("hall")


def move(classes, to, by=ADMIN, step=DIPLOMA):
    return custody.move(Account.get_by_id(by), step, classes, to and to.device)


def class_of(graduate):
    return graduate.class_id


def held(tablet):
    return [one.class_name for one in custody.held_by(tablet.device)]


def recalled(tablet):
    return frozenset(one.id for one in custody.recalled_from(tablet.device))


def test_a_class_is_given_to_one_tablet_however_often_it_is_asked(season, left):
    assert [move([class_of(season.an)], left) for _ in range(2)] == [Moves(1, 0, 0), Moves(0, 0, 1)]
    assert held(left) == ["护理2001"]
    assert custody.holder_of(DIPLOMA, season.an.ref).id == left.device
    assert custody.holder_of(CARD, season.an.ref) is custody.holder_of(DIPLOMA, season.bai.ref) is None
    (event,) = AuditEvent.select().where(AuditEvent.action.startswith("custody."))
    assert (event.actor, event.detail["classes"]) == (ADMIN, ["护理2001"])


def test_what_another_has_is_asked_back_and_nobody_may_keep_it_meanwhile(season, left, right):
    move([class_of(season.an)], left)
    assert move([class_of(season.an), class_of(season.bai)], right) == Moves(1, 1, 0)
    assert (held(left), held(right)) == ([], ["护理2002"])
    assert custody.holder_of(DIPLOMA, season.an.ref).id == left.device


def test_it_moves_when_the_tablet_lets_go_and_all_it_signed_is_here(season, left, right):
    move([class_of(season.an)], left)
    signed = left.act("collect", season.an, DIPLOMA)
    move([class_of(season.an)], right)
    asked = recalled(left)
    assert custody.let_go(left.device, asked, 1) == 0  # its entry has not arrived
    receive([signed.token], "direct", left.device)
    assert custody.let_go(right.device, asked, 0) == 0  # not its own
    assert custody.let_go(left.device, {one + 100 for one in asked}, 1) == 0  # not what was asked for
    assert [custody.let_go(left.device, asked, 1) for _ in range(2)] == [1, 0]
    assert (held(left), held(right)) == ([], ["护理2001"])
    moves = reversed(custody.history(DIPLOMA, class_of(season.an)))
    assert [(row.kind, row.from_device_id, row.to_device_id, row.by) for row in moves] == [
        ("given", None, left.device, ADMIN),
        ("asked", left.device, right.device, ADMIN),
        ("moved", left.device, right.device, left.device),
    ]


def test_a_wish_can_be_changed_and_taken_back_and_an_answer_to_the_old_one_moves_nothing(season, left, right):
    classes = [class_of(season.an)]
    move(classes, left)
    (first,) = custody.held_by(left.device)
    move(classes, right)
    move(classes, None)
    assert recalled(left) == {first.id}
    assert move(classes, left) == Moves(1, 0, 0)
    (again,) = custody.held_by(left.device)
    assert again.id != first.id
    assert custody.let_go(left.device, {first.id}, 0) == 0
    assert held(left) == ["护理2001"]


def test_a_written_off_tablet_loses_its_classes_and_a_withdrawn_one_only_then(season, left, right):
    move([class_of(season.an), class_of(season.bai)], left)
    move([class_of(season.an)], right)
    revoke(left.device, ADMIN)
    assert custody.let_go(left.device, recalled(left), 0) == 0
    assert custody.holder_of(DIPLOMA, season.bai.ref).id == left.device
    tablets.write_off(left.device, ADMIN, "fell into the lake")
    assert held(right) == ["护理2001"]
    assert custody.holder_of(DIPLOMA, season.bai.ref) is None
    assert move([class_of(season.bai)], right) == Moves(1, 0, 0)


def test_a_class_goes_to_nobody_where_the_tablet_it_was_asked_for_has_gone(season, left, right):
    move([class_of(season.an)], left)
    move([class_of(season.an)], right)
    revoke(right.device, ADMIN)
    assert custody.let_go(left.device, recalled(left), 0) == 1
    assert custody.holder_of(DIPLOMA, season.an.ref) is None


def test_what_a_lost_tablet_had_goes_to_nobody_where_the_one_it_was_asked_for_has_gone_too(season, left, right):
    move([class_of(season.an)], left)
    move([class_of(season.an)], right)
    for tablet in (right, left):
        revoke(tablet.device, ADMIN)
    tablets.write_off(left.device, ADMIN, "fell into the lake")
    assert custody.holder_of(DIPLOMA, season.an.ref) is None


def test_a_tablet_with_classes_stays_at_its_station(season, left):
    move([class_of(season.an)], left)
    with pytest.raises(Conflict) as refused:
        tablets.move(left.device, "library", ADMIN)
    assert refused.value.code == "tablet-has-classes"
    assert Device.get_by_id(left.device).station_id == "hall"


def test_supervisors_move_between_tablets_of_their_stations(season, left):
    cards = TabletDouble.enrol("cards")
    with writing():
        Account.create(id="ma", name="ma")
    grants.grant("ma", "supervisor", "station", "cards", ADMIN)
    classes = [class_of(season.an)]
    with pytest.raises(Forbidden):
        move(classes, None, OPERATOR, CARD)  # nobody has it, and still it is not theirs to ask back
    assert move(classes, cards, "ma", CARD).given == 1
    for by, to in (("ma", left), (OPERATOR, cards), (OPERATOR, None)):
        with pytest.raises(Forbidden):
            move(classes, to, by, CARD)
    move([class_of(season.bai)], left, ADMIN, CARD)
    with pytest.raises(Forbidden):
        move([class_of(season.bai)], cards, "ma", CARD)  # from a station that is not theirs


def test_what_makes_no_sense_is_refused_and_changes_nothing(season, left):
    desk, gone = TabletDouble.enrol("library"), TabletDouble.enrol("hall")
    revoke(gone.device, ADMIN)
    known = [class_of(season.an)]
    for classes, to, step, kind in (
        (known, desk, DIPLOMA, Conflict),
        (known, gone, DIPLOMA, Conflict),
        (known, left, LIBRARY, NotFound),
        (known, left, "moon", NotFound),
        ([*known, 999_999], left, DIPLOMA, NotFound),
        ([], left, DIPLOMA, Invalid),
        (known, TabletDouble("dv_x", "hall"), DIPLOMA, NotFound),
    ):
        with pytest.raises(kind):
            move(classes, to, ADMIN, step)
    assert not CustodyMove.select().exists()


def test_the_history_cannot_be_changed_and_a_number_is_taken_once(season, left, db):
    move([class_of(season.an)], left)
    for statement in ("UPDATE custody_move SET at = 0", "DELETE FROM custody_move"):
        with pytest.raises(peewee.DatabaseError, match="append-only"), writing():
            db.execute_sql(statement)
    row = {"step": DIPLOMA, "class_group": ClassGroup.get_by_id(class_of(season.an)), "by": ADMIN, "at": 0}
    for wrong in ({"no": 1, "kind": "given", "to_device": left.device}, {"no": 2, "kind": "given"}, {"no": 2, "kind": "lost"}):
        with pytest.raises(peewee.IntegrityError), writing():
            CustodyMove.create(**row, **wrong)
