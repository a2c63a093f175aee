"""What is odd but counts is said, entry by entry."""

import pytest

from db.rules.entry import Entry, parse_moment
from db.rules.findings import CardSpan, ProxySpan, Records, ShiftSpan, findings
from db.rules.fold import Facts
from db.rules.rights import Right, Rights

T = parse_moment("2023-06-26T01:00:00.000Z")
MINUTE = 60_000
FACTS = Facts(supervisors={"li": None, "zhou": T})
RIGHTS = Rights(
    {"wang": (Right("operator", "station", "library", 0, None),), "zhou": (Right("operator", "all", "", 0, T),), "qian": ()}
)
NOTHING = Records(rights=RIGHTS)


def entry(hash_, act="clear", at=T, **more):
    values = {"device": f"dv_{hash_}", "seq": 1, "operator": "wang", "station": "library", **more}
    return Entry(hash_, f"id-{hash_}", values.pop("device"), values.pop("seq"), act, values.pop("operator"), at, **values)


def found(*entries, facts=FACTS, records=NOTHING):
    return findings(entries, facts, records)


def test_an_ordinary_day_has_no_findings():
    assert found(entry("a"), entry("b", "hold", saw=("a",)), entry("c", "note")) == set()
    assert found() == set()


@pytest.mark.parametrize(
    ("offset", "odd"), [(600_000, False), (600_001, True), (-600_000, False), (-600_001, True), (172_800_000, True)]
)
def test_a_clock_more_than_ten_minutes_off(offset, odd):
    assert found(entry("a", offset=offset)) == ({("clock-off", "a")} if odd else set())


def test_an_entry_on_a_step_that_does_not_apply():
    facts = FACTS._replace(applies=False)
    assert found(entry("a"), entry("n", "note"), facts=facts) == {("step-not-applicable", "a")}


@pytest.mark.parametrize(
    ("undo", "vain"),
    [
        ({"target": "id-a"}, False),
        ({"target": "id-a", "at": T + 2 * MINUTE + 1}, True),
        ({"target": "id-a", "operator": "other"}, True),
        ({"target": "id-a", "operator": "li", "at": T + 999 * MINUTE}, False),
        ({"target": "id-a", "operator": "zhou", "at": T - 1}, False),
        ({"target": "id-a", "operator": "zhou"}, True),
        ({"target": "id-n"}, True),
        ({"target": "id-u"}, True),
        ({"target": "id-nowhere"}, True),
        ({}, True),
    ],
)
def test_an_undo_without_effect(undo, vain):
    records = Records()
    told = found(entry("a"), entry("n", "note"), entry("u", "undo", **undo), records=records)
    assert told == ({("undo-without-effect", "u")} if vain else set())


def test_undoing_twice_has_an_effect_both_times():
    undos = [entry(word, "undo", target="id-a") for word in "uv"]
    assert found(entry("a"), *undos) == set()


def test_a_hold_by_somebody_who_knew_that_it_was_handed_over():
    assert found(entry("a", "collect"), entry("b", "hold", saw=("a",))) == {("held-after-collected", "b")}
    assert found(entry("a", "collect"), entry("b", "hold")) == set()
    assert found(entry("a", "collect"), entry("b", "hold", saw=("a",)), entry("c", saw=("b",))) == set()


def test_a_conflict_settled_by_somebody_who_is_no_supervisor():
    two = (entry("a"), entry("b", "hold"))
    assert found(*two, entry("c", saw=("a", "b"))) == {("settled-without-supervisor", "c")}
    assert found(*two, entry("c", saw=("a", "b"), operator="li", station="library"), records=Records()) == set()
    assert found(*two, entry("c", saw=("a",))) == set()
    assert found(entry("a"), entry("b", saw=("a",)), entry("c", saw=("b",))) == set()


def test_a_conflict_was_settled_also_when_one_side_is_undone_later():
    made = (entry("a"), entry("b", "hold"), entry("c", saw=("a", "b")))
    undone = entry("u", "undo", T + 60 * MINUTE, operator="li", station="library", target="id-a")
    assert found(*made, undone, records=Records()) == {("settled-without-supervisor", "c")}


def test_who_sees_that_it_was_handed_over_twice_and_takes_nothing_back_has_settled_nothing():
    twice = (entry("a", "collect"), entry("b", "collect"))
    assert found(*twice, entry("c", saw=("a", "b"))) == set()
    held = (entry("a", "collect"), entry("b", "hold"))
    assert found(*held, entry("c", saw=("a", "b"))) == {("settled-without-supervisor", "c")}


def test_who_acts_after_a_conflict_was_settled_has_not_settled_it():
    settled = (entry("a"), entry("b", "hold"), entry("c", saw=("a", "b"), operator="li", at=T + 1))
    assert found(*settled, entry("d", "hold", T + 2, saw=("c",)), records=Records()) == set()


@pytest.mark.parametrize(
    ("moments", "odd"),
    [
        ([(0, True)], False),
        ([], True),
        ([(T - 1, True)], False),
        ([(T, True)], False),
        ([(T + 1, True)], True),
        ([(T - 9, True), (T - 1, False)], True),
        ([(T - 9, True), (T - 5, False), (T - 1, True)], False),
        ([(T - 9, True), (T + 1, False)], False),
    ],
)
def test_handed_over_before_a_blocking_step_was_settled(moments, odd):
    records = Records(blocking={"library": [(0, True)], "dorm": moments}, rights=RIGHTS)
    assert found(entry("a", "collect"), records=records) == ({("collected-before-settled", "a")} if odd else set())


def test_only_what_is_still_handed_over_is_looked_at():
    records = Records(blocking={"dorm": []})
    assert found(entry("a", "collect"), entry("u", "undo", target="id-a"), records=records) == set()


CARDS = [CardSpan(1, T - 9 * MINUTE, T), CardSpan(2, T, T + 5 * MINUTE)]


@pytest.mark.parametrize(
    ("gen", "at", "via", "code"),
    [
        (1, T - 1, "scan", None),
        (1, T, "scan", "card-replaced"),
        (1, T - 1, "typed", None),
        (1, T, "typed", None),
        (1, T, "paper", None),
        (2, T, "scan", None),
        (2, T + 5 * MINUTE - 1, "scan", None),
        (2, T + 5 * MINUTE, "scan", "card-revoked"),
        (3, T + 9 * MINUTE, "scan", None),
        (None, T, "scan", None),
    ],
)
def test_a_card_that_was_no_longer_the_newest_or_revoked(gen, at, via, code):
    told = found(entry("a", at=at, gen=gen, via=via), records=Records(cards=CARDS))
    assert told == ({(code, "a")} if code else set())


def test_a_proxys_card_and_a_refusal_are_not_judged_by_the_graduates_cards():
    assert found(entry("a", gen=1, via="scan", proxy="px_1"), records=Records(cards=CARDS)) == set()
    assert found(entry("a", "refuse", gen=1, via="scan"), records=Records(cards=CARDS)) == set()


@pytest.mark.parametrize(
    ("who", "odd"),
    [
        ({}, False),
        ({"station": "dorm"}, True),
        ({"operator": "qian"}, True),
        ({"operator": "nobody"}, True),
        ({"operator": "zhou", "at": T - 1}, False),
        ({"operator": "zhou"}, True),
        ({"operator": "nobody", "device": "portal", "station": None}, False),
    ],
)
def test_an_operator_without_a_right_there(who, odd):
    assert found(entry("a", **who)) == ({("operator-without-right", "a")} if odd else set())


def test_several_things_can_be_odd_at_once():
    told = found(entry("a", offset=999_999, station="dorm"), facts=FACTS._replace(applies=False))
    assert told == {("clock-off", "a"), ("operator-without-right", "a"), ("step-not-applicable", "a")}


SHIFTS = {"open": ShiftSpan("dv_a", "wang", T), "over": ShiftSpan("dv_a", "wang", T, T + 60 * MINUTE)}


@pytest.mark.parametrize(
    ("made", "odd"),
    [
        ({"shift": "open"}, False),
        ({"shift": "over"}, False),
        ({}, True),
        ({"shift": "never-begun"}, True),
        ({"shift": "open", "operator": "zhou"}, True),
        ({"shift": "open", "device": "dv_other"}, True),
        ({"shift": "open", "at": T - 10 * MINUTE}, False),
        ({"shift": "open", "at": T - 10 * MINUTE - 1}, True),
        ({"shift": "open", "at": T + 9_999 * MINUTE}, False),
        ({"shift": "over", "at": T + 70 * MINUTE}, False),
        ({"shift": "over", "at": T + 70 * MINUTE + 1}, True),
        ({"shift": "over", "at": T + 70 * MINUTE + 1, "act": "note"}, True),
        ({"device": "portal", "seq": None}, False),
        ({"device": "portal", "seq": None, "via": "paper"}, False),
    ],
)
def test_an_entry_outside_a_shift_of_that_person_at_that_tablet(made, odd):
    told = found(entry("a", **made), records=Records(shifts=SHIFTS))
    assert told == ({("operator-without-shift", "a")} if odd else set())


@pytest.mark.parametrize(("at", "odd"), [(T - 1, False), (T, True)])
def test_what_was_made_before_tablets_had_shifts_stays_right(at, odd):
    told = found(entry("a", at=at), records=Records(shifts={}, shifts_since=T))
    assert told == ({("operator-without-shift", "a")} if odd else set())


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (T - 10 * MINUTE - 1, "proxy-not-standing"),
        (T - 10 * MINUTE, None),
        (T + 60 * MINUTE - 1, None),
        (T + 60 * MINUTE, "proxy-not-standing"),
    ],
)
def test_a_proxy_outside_the_approvals_time(at, code):
    records = Records(proxies={"px_1": ProxySpan(frozenset(["library"]), T, T + 60 * MINUTE)})
    told = found(entry("a", at=at, proxy="px_1", step="library"), records=records)
    assert told == ({(code, "a")} if code else set())
