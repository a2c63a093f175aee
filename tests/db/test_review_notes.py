"""A note says of findings that they were seen: of all that were ticked or of none, and of none that has ended."""

import pytest

from db.accounts import Account
from db.clearance import Finding
from db.intake import receive
from db.refusals import Conflict, NotFound
from db.review import Review
from db.settling import take_notes
from tests.cast import LIBRARY, OPERATOR, SUPERVISOR, TabletDouble


@pytest.fixture
def odd(season):
    """Two entries of clocks that were off, the findings of both, and who reviews them."""
    tablet = TabletDouble.enrol("library")
    for act in ("hold", "clear"):
        tablet.act(act, season.an, LIBRARY, offset=700_000, operator=OPERATOR)
    receive(tablet.tokens, "direct")
    return season.an.number, [row.id for row in Finding.select().order_by(Finding.id)], Account.get_by_id(SUPERVISOR)


def test_a_note_on_one_that_is_not_there_is_a_note_on_none(odd):
    number, ids, li = odd
    with pytest.raises(NotFound):
        take_notes(li, number, LIBRARY, [*ids, 999_999], "looked at it")
    assert not Review.select().exists()
    assert take_notes(li, number, LIBRARY, ids, "looked at it") == len(ids) == 2


def test_what_has_ended_is_not_noted_any_more(odd):
    number, ids, li = odd
    Finding.update(gone_at=1).where(Finding.id == ids[0]).execute()
    with pytest.raises(Conflict) as refused:
        take_notes(li, number, LIBRARY, ids, "looked at it")
    assert refused.value.code == "finding-gone"
    assert not Review.select().exists()
