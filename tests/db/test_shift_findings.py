"""An entry without a shift counts, and a reviewer is told so; the end of a shift looks at its tablet's entries again."""


from db import shifts
from db.clearance import Finding
from db.database import Counter, touch_season, writing
from db.intake import receive
from db.projection import rebuild
from tests.cast import LIBRARY, OPERATOR, TabletDouble, ms, shift_of
from tests.db.ledgers import cell, open_findings

WITHOUT = "operator-without-shift"


def test_an_entry_that_names_no_shift_is_accepted_and_a_finding(season):
    desk = TabletDouble.enrol("library")
    made = desk.act("clear", season.an, LIBRARY, shift=None)
    assert [answer.outcome for answer in receive([made.token], "direct")] == ["accepted"]
    assert cell(season.an, LIBRARY).state == "cleared"
    assert open_findings() == {(season.an.ref, LIBRARY, WITHOUT, made.hash)}


def test_the_end_of_a_shift_finds_what_was_made_after_it_and_nothing_else(season):
    desk = TabletDouble.enrol("library")
    before, after = desk.act("clear", season.an, LIBRARY), desk.act("clear", season.bai, LIBRARY, at="2099-01-01T00:00:00.000Z")
    receive([before.token, after.token], "direct")
    assert open_findings() == set()
    shifts.end(desk.device, shift_of(desk.device, OPERATOR))
    assert open_findings() == {(season.bai.ref, LIBRARY, WITHOUT, after.hash)}


def test_an_entry_that_arrives_after_the_end_but_was_made_before_is_nothing_odd(season):
    desk = TabletDouble.enrol("library")
    made = desk.act("clear", season.an, LIBRARY)
    shifts.end(desk.device, shift_of(desk.device, OPERATOR))
    receive([made.token], "direct")
    assert open_findings() == set()


def test_a_rebuild_comes_to_the_same(season):
    desk = TabletDouble.enrol("library")
    receive([desk.act("clear", season.an, LIBRARY, shift=None).token, desk.act("clear", season.bai, LIBRARY).token], "direct")
    told = open_findings()
    Finding.delete().execute()
    rebuild()
    assert open_findings() == told != set()


def test_an_installation_from_before_shifts_keeps_its_old_entries_as_they_were(season):
    desk = TabletDouble.enrol("library")
    with writing():
        Counter.update(value=ms("2023-06-26T02:00:00.000Z")).where(Counter.name == "shifts").execute()
        touch_season()
    old, new = desk.act("clear", season.an, LIBRARY, shift=None), desk.act(
        "clear", season.bai, LIBRARY, shift=None, at="2023-06-26T02:00:00.000Z"
    )
    receive([old.token, new.token], "direct")
    assert open_findings() == {(season.bai.ref, LIBRARY, WITHOUT, new.hash)}
