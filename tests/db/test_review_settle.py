"""Ending conflicts: one entry that has seen all, two reviewers with one outcome, and nothing that disappears."""

import threading

import pytest

from db import grants
from db.accounts import Account
from db.audit import AuditEvent
from db.clearance import Clearance, Finding
from db.database import close_database
from db.intake import receive
from db.keys import KeyStore
from db.ledger import Entry
from db.projection import verify
from db.refusals import Conflict, Forbidden, Invalid, NotFound
from db.review_case import case, find_graduate, find_step
from db.rules import jws
from db.season import current
from db.settling import settle
from tests.cast import ADMIN, CARD, DORM, LIBRARY, SUPERVISOR, TabletDouble


@pytest.fixture
def key(tmp_path):
    return KeyStore.create(tmp_path / "keys").entry_key


@pytest.fixture
def li(season):
    return Account.get_by_id(SUPERVISOR)


def cell(graduate, step=LIBRARY):
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == step)


def heads(graduate, step=LIBRARY):
    return cell(graduate, step).heads.split()


def look(graduate, step=LIBRARY):
    return case(find_graduate(graduate.number), find_step(current(), step))


def choice_for(graduate, step, *taken_back):
    """The name of the way out that takes back exactly these entries."""
    return ".".join(("undo", *sorted(entry.hash for entry in taken_back)))


@pytest.fixture
def torn(season):
    """One desk cleared An at the library, another held her; neither knew."""
    one, other = TabletDouble.enrol("library"), TabletDouble.enrol("hall")
    made = one.act("clear", season.an, LIBRARY), other.act("hold", season.an, LIBRARY, reason="book-lost", amount=3550)
    receive([each.token for each in made], "direct")
    assert cell(season.an).conflict == "clear-vs-hold"
    return made


@pytest.fixture
def twice(season):
    """Two desks handed An the same card."""
    one, other = TabletDouble.enrol("cards"), TabletDouble.enrol("hall")
    made = one.act("collect", season.an, CARD), other.act("collect", season.an, CARD)
    receive([each.token for each in made], "direct")
    assert cell(season.an, CARD).conflict == "collected-twice"
    return made


@pytest.fixture
def blind(season):
    """One desk held An's card, another handed it over; neither knew."""
    one, other = TabletDouble.enrol("cards"), TabletDouble.enrol("hall")
    made = one.act("hold", season.an, CARD, reason="blocked"), other.act("collect", season.an, CARD)
    receive([each.token for each in made], "direct")
    assert cell(season.an, CARD).conflict == "collected-while-held"
    return made


@pytest.mark.parametrize(
    ("act", "state"), [("clear", "cleared"), ("hold", "held"), ("waive", "waived"), ("reopen", "open")]
)
def test_people_who_disagree_are_settled_by_one_entry_that_has_seen_them_all(season, torn, key, li, act, state):
    before = heads(season.an)
    row = settle(key, li, season.an.number, LIBRARY, act, before, "looked into it")
    assert (row.state, row.conflict) == (state, None)
    made = jws.payload_of(Entry.get(Entry.hash == row.heads).jws)
    assert (made["device"], made["operator"], made["act"], sorted(made["saw"])) == ("portal", SUPERVISOR, act, sorted(before))
    assert Entry.select().count() == 3
    assert verify() == []


def test_each_choice_tells_beforehand_what_it_will_make(season, torn, blind, twice, key, li):
    for step in (LIBRARY, CARD):
        for choice in look(season.an, step).choices(SUPERVISOR):
            assert choice.cell.state in ("cleared", "held", "open", "waived", "collected")
    told = {choice.name: choice.cell.state for choice in look(season.an).choices(SUPERVISOR)}
    assert told == {"clear": "cleared", "hold": "held", "waive": "waived", "reopen": "open"}


def test_what_is_foretold_is_what_comes(season, twice, key, li):
    choice = look(season.an, CARD).choices(SUPERVISOR)[0]
    row = settle(key, li, season.an.number, CARD, choice.name, heads(season.an, CARD), "counted the cards")
    assert (row.state, row.conflict, tuple(row.heads.split())) == (choice.cell.state, None, choice.cell.heads)


def test_a_hold_that_is_let_stand_keeps_its_reason_and_amount(season, torn, key, li):
    row = settle(key, li, season.an.number, LIBRARY, "hold", heads(season.an))
    assert row.reason == "book-lost"
    assert jws.payload_of(Entry.get(Entry.hash == row.heads).jws)["amount"] == 3550


def test_of_two_holds_the_earlier_one_stands(season, torn, key, li):
    later = {"reason": "fee-open", "amount": 10, "at": "2023-06-26T05:00:00.000Z"}
    receive([TabletDouble.enrol("hall").act("hold", season.an, LIBRARY, **later).token], "direct")
    row = settle(key, li, season.an.number, LIBRARY, "hold", heads(season.an))
    assert (row.reason, jws.payload_of(Entry.get(Entry.hash == row.heads).jws)["amount"]) == ("book-lost", 3550)


def test_of_two_collections_all_but_one_are_taken_back(season, twice, key, li):
    first, second = twice
    row = settle(key, li, season.an.number, CARD, choice_for(season.an, CARD, second), heads(season.an, CARD), "only one card left")
    assert (row.state, row.conflict, row.heads) == ("collected", None, first.hash)
    assert Entry.select().where(Entry.act == "undo", Entry.operator == SUPERVISOR).count() == 1
    assert Entry.select().where(Entry.act == "collect").count() == 2
    assert verify() == []


def test_of_three_collections_two_are_taken_back_at_once(season, twice, key, li):
    third = TabletDouble.enrol("cards").act("collect", season.an, CARD)
    receive([third.token], "direct")
    row = settle(key, li, season.an.number, CARD, choice_for(season.an, CARD, *twice), heads(season.an, CARD), "sorted out")
    assert (row.conflict, row.heads) == (None, third.hash)
    assert verify() == []


@pytest.mark.parametrize(("way", "state"), [("both", "collected"), ("hold", "collected"), ("collect", "held")])
def test_what_was_handed_over_against_a_hold_is_settled_in_three_ways(season, blind, key, li, way, state):
    hold, collect = blind
    choice = {"both": "reopen", "hold": choice_for(season.an, CARD, hold), "collect": choice_for(season.an, CARD, collect)}[way]
    row = settle(key, li, season.an.number, CARD, choice, heads(season.an, CARD), "asked both")
    assert (row.state, row.conflict) == (state, None)
    assert verify() == []


def test_the_second_of_two_reviewers_learns_that_it_changed(season, torn, key, li):
    seen = heads(season.an)
    settle(key, li, season.an.number, LIBRARY, "clear", seen)
    with pytest.raises(Conflict) as refused:
        settle(key, Account.get_by_id(ADMIN), season.an.number, LIBRARY, "hold", seen, "no")
    assert refused.value.code == "heads-changed"
    assert (cell(season.an).state, Entry.select().count()) == ("cleared", 3)


@pytest.mark.parametrize("kind", ["torn", "twice"])
def test_the_same_settlement_sent_again_changes_nothing(season, request, key, li, kind):
    made = request.getfixturevalue(kind)
    step, choice = (LIBRARY, "clear") if kind == "torn" else (CARD, choice_for(season.an, CARD, made[1]))
    seen = heads(season.an, step)
    first, again = (settle(key, li, season.an.number, step, choice, seen, "as agreed") for _ in range(2))
    assert first.heads == again.heads
    assert Entry.select().count() == 3
    assert AuditEvent.select().where(AuditEvent.action == "review.settled").count() == 1


def test_the_same_settlement_with_other_words_is_another(season, torn, key, li):
    seen = heads(season.an)
    settle(key, li, season.an.number, LIBRARY, "waive", seen, "one reason")
    with pytest.raises(Conflict):
        settle(key, li, season.an.number, LIBRARY, "waive", seen, "another reason")


def test_a_conflict_that_comes_back_is_settled_once_more(season, torn, key, li):
    settle(key, li, season.an.number, LIBRARY, "clear", heads(season.an))
    receive([TabletDouble.enrol("hall").act("hold", season.an, LIBRARY).token], "direct")
    assert cell(season.an).conflict == "clear-vs-hold"
    assert settle(key, li, season.an.number, LIBRARY, "clear", heads(season.an)).conflict is None


def test_an_entry_that_came_meanwhile_stops_a_settlement(season, torn, key, li):
    seen = heads(season.an)
    receive([TabletDouble.enrol("library").act("clear", season.an, LIBRARY).token], "direct")
    with pytest.raises(Conflict):
        settle(key, li, season.an.number, LIBRARY, "clear", seen)


def test_a_collection_that_came_meanwhile_stops_the_taking_back(season, key, li):
    """It came late and was made first, so the heads are the same and yet there is more to take back."""
    one, other = TabletDouble.enrol("cards"), TabletDouble.enrol("hall")
    late, first = one.act("collect", season.an, CARD), one.act("collect", season.an, CARD)
    second = other.act("collect", season.an, CARD)
    receive([first.token, second.token], "direct")
    seen = heads(season.an, CARD)
    receive([late.token], "direct")
    assert heads(season.an, CARD) == seen
    with pytest.raises(Conflict) as refused:
        settle(key, li, season.an.number, CARD, choice_for(season.an, CARD, second), seen, "x")
    assert refused.value.code == "heads-changed"


@pytest.mark.parametrize(
    ("step", "choice", "reason", "refusal", "code"),
    [
        (LIBRARY, "waive", None, Invalid, "invalid"),
        (LIBRARY, "collect", "x", Invalid, "invalid"),
        (LIBRARY, "undo.nothing", "x", Conflict, "heads-changed"),
        (LIBRARY, "", "x", Invalid, "invalid"),
        (CARD, "clear", None, Conflict, "nothing-to-settle"),
        ("moon", "clear", None, NotFound, "unknown-clearance"),
    ],
)
def test_what_cannot_be_settled_is_refused_and_nothing_recorded(season, torn, key, li, step, choice, reason, refusal, code):
    seen = heads(season.an, step) if step != "moon" else []
    with pytest.raises(refusal) as refused:
        settle(key, li, season.an.number, step, choice, seen, reason)
    assert refused.value.code == code
    assert Entry.select().count() == 2


def test_a_graduate_who_has_left_is_nobodys_case(season, torn, key, li):
    with pytest.raises(NotFound):
        settle(key, li, "999", LIBRARY, "clear", heads(season.an))


def test_only_reviewers_of_the_step_settle_it(season, torn, key):
    others = (("sun", "supervisor", "station", "dorm"), ("he", "officer", "step", CARD), ("gao", "operator", "all", ""))
    for staff, role, kind, scope in others:
        Account.create(id=staff, name=staff)
        grants.grant(staff, role, kind, scope, ADMIN)
        with pytest.raises(Forbidden):
            settle(key, Account.get_by_id(staff), season.an.number, LIBRARY, "clear", heads(season.an))
    Account.create(id="shu", name="shu")
    grants.grant("shu", "supervisor", "station", "hall", ADMIN)
    assert settle(key, Account.get_by_id("shu"), season.an.number, LIBRARY, "clear", heads(season.an)).state == "cleared"


def test_the_conflict_is_kept_in_the_history_of_findings(season, torn, key, li):
    settle(key, li, season.an.number, LIBRARY, "clear", heads(season.an))
    finding = Finding.get(Finding.code == "clear-vs-hold")
    assert finding.gone_at is not None


def test_a_case_tells_what_each_had_seen(season):
    one, other = TabletDouble.enrol("library"), TabletDouble.enrol("hall", offset=1_200_000)
    first = one.act("hold", season.an, LIBRARY)
    second = one.act("clear", season.an, LIBRARY, saw=[first])
    far = other.act("hold", season.an, LIBRARY, saw=[first])
    receive([each.token for each in (first, second, far)], "direct")
    told = look(season.an)
    assert [(r.no, r.entry.act, r.saw, r.head, r.side) for r in told.records] == [
        (1, "hold", (), False, False), (2, "clear", (1,), True, True), (3, "hold", (1,), True, True)
    ]  # fmt: skip
    assert [r.tablet for r in told.sides] == [one.device, other.device]
    assert told.records[2].entry.corrected - told.records[2].clock == 1_200_000


def test_a_case_marks_what_was_taken_back_and_what_waits_in_quarantine(season):
    desk = TabletDouble.enrol("library")
    first = desk.act("clear", season.an, LIBRARY)
    undo = desk.undo(first)
    stray = TabletDouble.enrol("dorm").act("clear", season.an, LIBRARY)
    receive([first.token, undo.token, stray.token], "direct")
    told = {record.hash: record for record in look(season.an).records}
    assert (told[first.hash].gone, told[first.hash].head) == (True, False)
    assert (told[stray.hash].counts, told[stray.hash].code) == (False, "wrong-station")


def test_a_step_without_conflict_offers_nothing(season):
    assert look(season.an, DORM).choices(SUPERVISOR) == ()


def test_of_two_reviewers_at_the_same_moment_exactly_one_decides(season, torn, key, li):
    seen, outcomes, gate = heads(season.an), [], threading.Barrier(2)

    def decide(staff, act):
        account = Account.get_by_id(staff)
        gate.wait()
        try:
            outcomes.append(settle(key, account, season.an.number, LIBRARY, act, seen, "at once").state)
        except Conflict as refused:
            outcomes.append(refused.code)
        finally:
            close_database()

    both = [threading.Thread(target=decide, args=pair) for pair in ((SUPERVISOR, "clear"), (ADMIN, "hold"))]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    row = cell(season.an)
    assert sorted(outcomes) == sorted([row.state, "heads-changed"])
    assert (row.conflict, Entry.select().count()) == (None, 3)
    assert verify() == []
