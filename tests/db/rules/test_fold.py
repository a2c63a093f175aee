"""The fold depends on the set of entries alone, agrees with a second, naive reading of the rules, and never fails."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.rules.entry import Entry, from_payload
from db.rules.findings import CardSpan, Records, findings
from db.rules.fold import Cell, Facts, Picture, fold, settled_times
from db.rules.overlay import overlay, to_wire
from db.rules.rights import Right, Rights
from tests.db.rules.naive import naive_fold
from tests.db.rules.sets import STAFF, facts, payload_sets
from tests.db.rules.test_vectors import facts_of

RIGHTS = Rights({staff: (Right("operator", "all", "", 0, None),) for staff in STAFF[:2]})
RECORDS = Records([CardSpan(1, 0, 1_687_741_200_000), CardSpan(2, 1_687_741_260_000)], {"dorm": [(0, False)]}, RIGHTS)


def entries_of(payloads):
    return [from_payload(payload, payload["hash"]) for payload in payloads]


@given(payload_sets(), facts)
def test_it_agrees_with_the_naive_reading(payloads, written):
    assert to_wire(fold(entries_of(payloads), facts_of(written))) == naive_fold(payloads, written)


@given(payload_sets(), facts, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(payloads, written, dice):
    entries, known = entries_of(payloads), facts_of(written)
    mixed = entries + [entry for entry in entries if dice.random() < 0.5]
    dice.shuffle(mixed)
    assert fold(mixed, known) == fold(entries, known)
    assert findings(mixed, known, RECORDS) == findings(entries, known, RECORDS)
    assert settled_times(mixed, known) == settled_times(entries, known)


@given(payload_sets(), facts)
def test_looking_at_findings_does_not_change_the_cell(payloads, written):
    entries, known = entries_of(payloads), facts_of(written)
    before = fold(entries, known)
    picture = Picture(entries, known)
    findings(entries, known, RECORDS)
    assert picture.cell == fold(entries, known) == before


@given(payload_sets(), facts)
def test_every_finding_names_an_entry_of_the_set(payloads, written):
    found = findings(entries_of(payloads), facts_of(written), RECORDS)
    assert {hash_ for _, hash_ in found} <= {payload["hash"] for payload in payloads}


@given(payload_sets(), payload_sets(), facts)
def test_the_overlay_takes_whatever_a_tablet_made(stored, made, written):
    shown = to_wire(fold(entries_of(stored), facts_of(written)))
    before = {"state": "open", "heads": []}
    own = [{**payload, "before": before, "undone": (payload["target"] or "id-x")[3:].ljust(16, "_")} for payload in made]
    found = overlay(shown, own)
    assert set(found) >= {"state", "heads"}


@given(payload_sets(), facts)
def test_the_last_settled_time_is_the_present_state(payloads, written):
    entries, known = entries_of(payloads), facts_of(written)
    times = settled_times(entries, known)
    assert times == sorted(times)
    if times:
        assert times[-1][1] == fold(entries, known).settled


def test_a_thousand_entries_of_one_tablet_fold_at_once():
    entries = [Entry(f"{n:016}", f"id-{n}", "dv_1", n, "clear", "st_1", n, (f"{n - 1:016}",)) for n in range(1, 1001)]
    random.Random(7).shuffle(entries)
    assert fold(entries, Facts()).heads == (f"{1000:016}",)


def test_a_long_ring_folds_at_once():
    entries = [Entry(f"{n:016}", f"id-{n}", "portal", None, "clear", "st_1", n, (f"{(n + 1) % 300:016}",)) for n in range(300)]
    assert fold(entries, Facts()) == Cell("open")


def test_two_that_claim_one_id_and_one_moment_are_told_apart_in_any_order():
    first = Entry("a" * 16, "id-1", "dv_1", 1, "collect", "li", 5, reason="first")
    second = Entry("b" * 16, "id-1", "dv_2", 1, "collect", "wang", 5, reason="second")
    assert fold([second, first], Facts()) == fold([first, second], Facts())
    assert fold([second, first], Facts()).by == "li"


def test_no_moment_is_so_early_that_anybody_supervises():
    clear = Entry("a" * 16, "id-1", "dv_1", 1, "clear", "li", -5)
    undo = Entry("b" * 16, "id-2", "dv_1", 2, "undo", "wang", -5, target="id-1")
    assert fold([clear, undo], Facts()).state == "cleared"


@pytest.mark.parametrize(("until", "at", "holds"), [(None, 5, True), (10, 9, True), (10, 10, False), (10, 11, False)])
def test_a_supervisor_counts_for_what_was_made_before_the_right_ended(until, at, holds):
    assert Facts(supervisors={"li": until}).supervises("li", at) is holds
    assert not Facts(supervisors={"li": until}).supervises("wang", at)
