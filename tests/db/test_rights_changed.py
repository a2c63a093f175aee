"""When somebody's rights change, what they recorded before is judged anew, and the projection stays what the ledger says."""

import pytest

from db import accounts, grants, projection
from db import season as seasons
from db.clearance import Clearance
from db.database import database
from db.intake import receive
from tests import cast


@pytest.fixture
def late_undo(db):
    """Wang cleared An's library step and took it back ten minutes later: too late for anybody but a supervisor."""
    season = cast.make_season()
    tablet = cast.TabletDouble.enrol("library")
    cleared = tablet.act("clear", season.an, cast.LIBRARY)
    tablet.clock += 600_000
    tablet.undo(cleared)
    receive(tablet.tokens, "direct")
    return season.an


def state(graduate):
    return Clearance.get(Clearance.graduate == graduate, Clearance.step == cast.LIBRARY).state


def test_a_new_supervisors_earlier_undo_counts_from_now_on(late_undo):
    assert state(late_undo) == "cleared"
    grants.grant(cast.OPERATOR, "supervisor", "station", "library", cast.ADMIN)
    assert state(late_undo) == "open"
    assert projection.verify() == []


def test_every_process_learns_that_a_right_has_ended(late_undo):
    right = grants.grant(cast.OPERATOR, "supervisor", "station", "library", cast.ADMIN)
    assert seasons.current().rights.supervisors(["library"], cast.LIBRARY)[cast.OPERATOR] is None
    grants.end(right.id, cast.ADMIN)
    assert seasons.current().rights.supervisors(["library"], cast.LIBRARY)[cast.OPERATOR] is not None


def test_a_right_that_ends_leaves_what_was_done_with_it(late_undo):
    right = grants.grant(cast.OPERATOR, "supervisor", "station", "library", cast.ADMIN)
    grants.end(right.id, cast.ADMIN)
    assert state(late_undo) == "open"
    assert projection.verify() == []


def test_closing_and_opening_an_account_keeps_the_projection_right(late_undo):
    grants.grant(cast.OPERATOR, "supervisor", "station", "library", cast.ADMIN)
    for verb in (accounts.disable, accounts.enable):
        verb(cast.OPERATOR, cast.ADMIN)
        assert projection.verify() == []


def test_new_staff_are_known_to_the_ledger_at_once(late_undo):
    assert not seasons.current().rights.operator_known("st_new")
    accounts.add_staff("st_new", "新同事", cast.ADMIN)
    assert seasons.current().rights.operator_known("st_new")


def test_a_change_that_is_taken_back_changes_nothing(late_undo):
    with database.atomic() as whole:
        grants.grant(cast.OPERATOR, "supervisor", "station", "library", cast.ADMIN)
        whole.rollback()
    assert state(late_undo) == "cleared"
    assert projection.verify() == []
