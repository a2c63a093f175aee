"""The ledger's door: every outcome of the protocol, and nothing that gets lost or in the way."""

import sys

import pytest

from db import projection
from db.database import now
from db.intake import Answer, receive
from db.ledger import Entry, Quarantined
from db.people import Graduate
from db.season import load_plan
from db.stations import Device, Posting
from tests import cast
from tests.cast import CARD, CONDUCT, DIPLOMA, DORM, LIBRARY, SUPERVISOR, TabletDouble, make_season
from tests.db.ledgers import cell, cells, codes_aside, entries, open_findings, quarantine
from tests.engines import opened


@pytest.fixture
def desk(season):
    return TabletDouble.enrol("library")


@pytest.fixture
def other(season):
    return TabletDouble.enrol("library")


@pytest.fixture
def hall(season):
    return TabletDouble.enrol("hall")


def send(*signed, via="direct", uploader=None):
    return receive([getattr(one, "token", one) for one in signed], via, uploader)


def outcomes(*signed):
    return [(answer.outcome, answer.code) for answer in send(*signed)]


def contiguous(tablet):
    return Device.get_by_id(tablet.device).contiguous


def quarantined(code):
    return [("quarantined", code)]


def test_an_entry_is_accepted_stored_and_applied(season, desk):
    before = Graduate.get_by_id(season.an.id).change
    cleared = desk.act("clear", season.an, LIBRARY)
    assert send(cleared, via="journal", uploader="dv_hub") == [Answer(cleared.id, "accepted")]
    row = Entry.get_by_id(cleared.hash)
    assert (row.jws, row.outcome, row.via, row.seq, row.prev) == (cleared.token, "accepted", "journal", 1, None)
    standing = cell(season.an, LIBRARY)
    assert (standing.state, standing.by, standing.heads) == ("cleared", "wang", cleared.hash)
    assert standing.as_of == cast.at(cast.DAY)
    assert Graduate.get_by_id(season.an.id).change > before
    assert contiguous(desk) == 1


def test_nothing_at_all_is_answered_with_nothing(season):
    assert receive([], "direct") == []


def test_an_entry_that_changes_nothing_to_see_gives_no_change_number(season, desk):
    before = Graduate.get_by_id(season.an.id).change
    assert outcomes(desk.act("note", season.an, LIBRARY), desk.act("refuse", None, None)) == [("accepted", None)] * 2
    assert Graduate.get_by_id(season.an.id).change == before


def test_the_same_entry_again_is_a_duplicate_that_repeats_the_first_outcome(season, desk, other):
    cleared, held = desk.act("clear", season.an, LIBRARY), other.act("hold", season.an, LIBRARY)
    stranger = desk.act("clear", "gr_nobody0000", LIBRARY)
    assert outcomes(cleared, cleared) == [("accepted", None), ("duplicate", "accepted")]
    assert outcomes(held, stranger) == [("conflict", "clear-vs-hold"), ("quarantined", "unknown-student")]
    assert outcomes(stranger, held, cleared) == [("duplicate", "quarantined"), ("duplicate", "conflict"), ("duplicate", "accepted")]
    assert Entry.select().count() == 3


def test_the_same_entry_under_another_valid_signature_is_a_duplicate(season, desk):
    cleared = desk.act("clear", season.an, LIBRARY)
    assert cleared.resigned != cleared.token
    assert outcomes(cleared, cleared.resigned) == [("accepted", None), ("duplicate", "accepted")]
    assert outcomes(cleared.resigned) == [("duplicate", "accepted")]


def test_disagreeing_entries_are_both_applied_and_the_later_is_told(season, desk, other):
    assert outcomes(desk.act("clear", season.an, LIBRARY)) == [("accepted", None)]
    assert outcomes(other.act("hold", season.an, LIBRARY)) == [("conflict", "clear-vs-hold")]
    assert (cell(season.an, LIBRARY).state, cell(season.an, LIBRARY).conflict) == ("held", "clear-vs-hold")
    assert (season.an.ref, LIBRARY, "clear-vs-hold", "") in open_findings()


def test_a_thing_handed_over_twice_is_a_conflict_even_knowingly(season, hall):
    first, again = hall.act("collect", season.an, CARD), hall.act("collect", season.an, CARD)
    assert outcomes(first) == [("accepted", None)]
    assert outcomes(again) == [("conflict", "collected-twice")]
    assert outcomes(hall.undo(again)) == [("accepted", None)]
    assert cell(season.an, CARD).conflict is None


def test_a_conflict_that_was_settled_is_over(season, desk, other):
    cleared, held = desk.act("clear", season.an, LIBRARY), other.act("hold", season.an, LIBRARY)
    send(cleared, held)
    settled = desk.act("clear", season.an, LIBRARY, saw=[cleared, held], operator="li")
    assert outcomes(settled) == [("accepted", None)]
    assert cell(season.an, LIBRARY).heads == settled.hash
    assert open_findings() == set()


def test_an_undo_that_brings_a_conflict_back_is_told_so(season, desk, other):
    supervisor = TabletDouble.enrol("library", operator=SUPERVISOR)
    clear, hold = desk.act("clear", season.an, LIBRARY), other.act("hold", season.an, LIBRARY)
    settled = supervisor.act("clear", season.an, LIBRARY, saw=[clear, hold])
    send(clear, hold, settled)
    assert cell(season.an, LIBRARY).conflict is None
    undo = supervisor.act("undo", season.an, LIBRARY, target=settled.payload["id"])
    assert outcomes(undo) == [("conflict", "clear-vs-hold")]
    assert outcomes(undo) == [("duplicate", "conflict")]


def test_an_undo_that_ends_a_conflict_is_accepted(season, desk, other):
    clear, hold = desk.act("clear", season.an, LIBRARY), other.act("hold", season.an, LIBRARY)
    send(clear, hold)
    assert outcomes(desk.act("undo", season.an, LIBRARY, target=clear.payload["id"])) == [("accepted", None)]
    assert cell(season.an, LIBRARY).state == "held"


def test_an_undo_may_come_before_its_target(season, desk):
    cleared = desk.act("clear", season.an, LIBRARY)
    undo = desk.undo(cleared)
    assert outcomes(undo) == [("accepted", None)]
    assert ("undo-without-effect", undo.hash) in {found[2:] for found in open_findings()}
    assert outcomes(cleared) == [("accepted", None)]
    assert cell(season.an, LIBRARY).state == "open"
    assert open_findings() == set()


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        ({"student": "gr_nobody0000"}, "unknown-student"),
        ({"step": "laundry"}, "unknown-step"),
        ({"operator": "nobody"}, "unknown-operator"),
        ({"operator": "2020000000"}, "unknown-operator"),
        ({"station": "hall"}, "wrong-station"),
        ({"station": "nowhere"}, "wrong-station"),
        ({"step": DORM}, "wrong-station"),
    ],
)
def test_what_the_records_do_not_know_waits_for_a_reviewer_and_keeps_its_place(season, desk, odd, code):
    odd = dict(odd)
    step = odd.pop("step", LIBRARY)
    strange = desk.act("clear", season.an, step, **odd)
    assert outcomes(strange) == quarantined(code)
    assert Entry.get_by_id(strange.hash).code == code
    assert cell(season.an, LIBRARY).state == "open"
    assert contiguous(desk) == 1
    assert outcomes(desk.act("clear", season.an, LIBRARY)) == [("accepted", None)]
    assert contiguous(desk) == 2


def test_a_revoked_device_is_quarantined_not_lost(season, desk):
    before, after = desk.act("clear", season.an, LIBRARY), desk.act("clear", season.bai, LIBRARY)
    send(before)
    Device.update(revoked_at=now()).where(Device.id == desk.device).execute()
    assert outcomes(before, after) == [("duplicate", "accepted"), ("quarantined", "device-revoked")]
    assert contiguous(desk) == 2


def test_a_device_that_moved_is_honest_at_both_stations(season, desk):
    Posting.create(device=desk.device, station="dorm", from_at=now())
    here = desk.act("clear", season.an, LIBRARY)
    there = desk.act("clear", season.an, DORM, station="dorm")
    assert outcomes(here, there) == [("accepted", None)] * 2


def test_a_station_that_offered_the_step_under_an_earlier_plan_is_honest(season, desk):
    fewer = [station for station in cast.STATIONS if station[0] != "library"]
    load_plan(cast.plan_text(stations=fewer), "later.toml", "admin")
    assert outcomes(desk.act("clear", season.an, LIBRARY)) == [("accepted", None)]


def test_a_step_that_a_later_plan_dropped_is_honest_and_counts_again_when_it_comes_back(season, desk):
    """Whether an entry came before the plan changed or after: its tablet signed what the plan of its time asked for."""
    before, after = desk.act("clear", season.an, LIBRARY), desk.act("clear", season.bai, LIBRARY)
    send(before)
    steps = [(code, how, who, tuple(set(blocks) - {LIBRARY})) for code, how, who, blocks in cast.STEPS if code != LIBRARY]
    stations = [("library", (DORM,)), ("hall", (DORM, CARD, DIPLOMA))]
    load_plan(cast.plan_text(steps, stations), "without.toml", "admin")
    assert outcomes(after) == [("accepted", None)]
    assert (open_findings(), quarantine(), projection.verify()) == (set(), set(), [])
    load_plan(cast.plan_text(), "again.toml", "admin")
    assert [cell(one, LIBRARY).state for one in (season.an, season.bai)] == ["cleared", "cleared"]
    assert outcomes(before, after) == [("duplicate", "accepted")] * 2


def test_an_operator_whose_right_had_ended_counts_and_is_a_finding(season, desk):
    late = desk.act("clear", season.an, LIBRARY, operator="zhou")
    assert outcomes(late) == [("accepted", None)]
    assert open_findings() == {(season.an.ref, LIBRARY, "operator-without-right", late.hash)}


@pytest.mark.parametrize("forged", ["another key", "another kid", "an unknown device", "a changed payload"])
def test_a_bad_signature_takes_nobodys_place(season, desk, other, forged):
    true = desk.act("clear", season.an, LIBRARY)
    bad = {
        "another key": lambda: desk.sign(true.payload, key=other.device).token,
        "another kid": lambda: desk.sign(true.payload, {"kid": other.device}).token,
        "an unknown device": lambda: desk.sign({**true.payload, "device": "dv_x"}, {"kid": "dv_x"}).token,
        "a changed payload": lambda: true.token.split(".")[0] + "." + other.act("hold", season.an, LIBRARY).token.split(".", 1)[1],
    }[forged]()
    assert outcomes(bad, bad) == [*quarantined("bad-signature"), ("duplicate", "quarantined")]
    assert contiguous(desk) == 0
    assert outcomes(true) == [("accepted", None)]
    assert outcomes(bad) == [("duplicate", "quarantined")]
    assert codes_aside() == ["bad-signature"]


def test_the_true_entry_counts_beside_its_forgery_in_one_upload(season, desk, other):
    true = desk.act("clear", season.an, LIBRARY)
    bad = desk.sign(true.payload, key=other.device)
    assert outcomes(bad, true, bad) == [*quarantined("bad-signature"), ("accepted", None), ("duplicate", "quarantined")]


def test_an_id_is_taken_once(season, desk, other):
    first = desk.act("clear", season.an, LIBRARY)
    thief = other.act("hold", season.an, LIBRARY, id=first.id)
    assert outcomes(first, thief) == [("accepted", None), ("quarantined", "id-reused")]
    assert outcomes(thief) == [("duplicate", "quarantined")]
    assert contiguous(other) == 0
    assert outcomes(other.sign({**thief.payload, "id": str(cast.uuid.uuid4())})) == [("conflict", "clear-vs-hold")]


def test_a_seq_is_taken_once(season, desk):
    first, second = desk.act("clear", season.an, LIBRARY), desk.act("clear", season.bai, LIBRARY)
    forked = desk.sign({**second.payload, "id": str(cast.uuid.uuid4()), "act": "hold"})
    assert outcomes(first, second, forked) == [("accepted", None)] * 2 + quarantined("chain-broken")
    assert contiguous(desk) == 2
    assert outcomes(forked) == [("duplicate", "quarantined")]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("forward", [True, False])
def test_neighbours_must_name_one_another(season, desk, forward, together):
    first = desk.act("clear", season.an, LIBRARY)
    liar = desk.act("clear", season.bai, LIBRARY, prev="A" * 16)
    pair = [first, liar] if forward else [liar, first]
    told = outcomes(*pair) if together else outcomes(pair[0]) + outcomes(pair[1])
    assert told == [("accepted", None), ("quarantined", "chain-broken")]


def test_a_quarantined_chain_break_can_be_repaired_by_the_true_entry(season, desk):
    first = desk.act("clear", season.an, LIBRARY)
    true = desk.act("clear", season.bai, LIBRARY)
    liar = desk.sign({**true.payload, "id": str(cast.uuid.uuid4()), "prev": "A" * 16})
    assert outcomes(first, liar, true) == [("accepted", None), ("quarantined", "chain-broken"), ("accepted", None)]
    assert contiguous(desk) == 2


def test_a_gap_holds_nothing_back_but_contiguous(season, desk):
    made = [desk.act("clear", season.an, LIBRARY), desk.act("hold", season.an, LIBRARY), desk.act("clear", season.bai, LIBRARY)]
    assert outcomes(made[2]) == [("accepted", None)]
    assert contiguous(desk) == 0
    assert outcomes(made[0]) == [("accepted", None)]
    assert (contiguous(desk), cell(season.bai, LIBRARY).state) == (1, "cleared")
    assert outcomes(made[1]) == [("accepted", None)]
    assert contiguous(desk) == 3


def test_contiguous_leaps_over_thousands_that_were_here_already(season, desk):
    made = [desk.act("note", season.an, LIBRARY) for _ in range(2_300)]
    for start in range(1, 2_300, 500):
        send(*made[start : start + 500])
    assert contiguous(desk) == 0
    send(made[0])
    assert contiguous(desk) == 2_300


def hostile(desk, season):
    """Tokens that are no entries, by the reason why."""
    good = desk.sign({"id": str(cast.uuid.uuid4()), "seq": 99}).token
    head, body, tail = good.split(".")
    half_named = cast.jws.encode(b'{"alg":"ES256","kid":"\\ud800"}')
    deep = []
    for _ in range(sys.getrecursionlimit() - 100):
        deep = [deep]
    payload = desk.act("clear", season.an, LIBRARY).payload
    desk.made.pop()
    return [
        None, 5, 1.5, True, {}, {"jws": good}, [], [good], deep, "", ".", "..", "a.b.c", "\0", f"{good}\0", "\ud800",
        f"{good}\udfff", f"{good}.", good[:-3], f"{head}.{body}.", f"{head}..{tail}", "x" * 3_000_000,
        "漢字" * 9_000, "é" * 17_000, good,
        *(desk.sign(odd).token for odd in ([], "text", None, 5, {}, {"id": ["x"]}, {**payload, "student": "a\0b"})),
        *(desk.sign({**payload, **odd}).token for odd in ({"seq": 0}, {"seq": 10**400}, {"seq": 1e300}, {"act": "submit"})),
        *(desk.sign(payload, header).token for header in ({"typ": "card+jwt"}, {"alg": "none"}, {"crit": ["exp"]})),
        *(desk.sign(["nothing"], {"kid": kid}).token for kid in ("\0", "dv_\0", "名", "x" * 9_000, None, 7, ["dv"])),
        f"{half_named}.{body}.{tail}",
    ]  # fmt: skip


def test_one_bad_token_never_fails_the_others(season, desk):
    first = desk.act("clear", season.an, LIBRARY)
    bad = hostile(desk, season)
    last = desk.act("clear", season.bai, LIBRARY)
    told = receive([first.token, *bad, last.token], "direct")
    assert [answer.outcome for answer in (told[0], told[-1])] == ["accepted", "accepted"]
    assert {(answer.outcome, answer.code) for answer in told[1:-1]} == {("quarantined", "malformed")}
    assert len(told) == len(bad) + 2
    assert {answer.outcome for answer in receive(bad, "direct")} == {"duplicate"}
    assert codes_aside() == ["malformed"] * len(bad)
    assert projection.verify() == []


def test_half_a_character_in_a_payload_is_malformed(season, desk):
    token = desk.sign({**desk.act("note", season.an, LIBRARY).payload, "reason": "x"}).token
    head, _, _ = token.split(".")
    body = cast.jws.encode(b'{"id":"\\ud800"}')
    assert outcomes(f"{head}.{body}.{'A' * 86}") == quarantined("malformed")


def test_a_full_upload_goes_through_in_one(season, desk):
    made = [desk.act("clear" if n % 2 else "hold", season.everybody[n % 3], LIBRARY) for n in range(500)]
    assert outcomes(*made) == [("accepted", None)] * 500
    assert contiguous(desk) == 500
    assert projection.verify() == []


def test_the_same_entries_in_another_order_other_batches_and_over_other_paths_come_out_the_same(engine):
    results = []
    for order in ("as made", "backwards", "dealt"):
        url = engine.create()
        with opened(url):
            season = make_season()
            made = busy_day(season)
            if order == "backwards":
                made.reverse()
            if order == "dealt":
                made = [*made[::3], *made[1::3], *made[::2], *made[2::3]]
            size = {"as made": 500, "backwards": 1, "dealt": 7}[order]
            for n, start in enumerate(range(0, len(made), size)):
                receive(made[start : start + size], "direct" if n % 2 else "journal")
            results.append((cells(), open_findings(), entries(), quarantine()))
            assert projection.verify() == []
        engine.drop(url)
    assert results[0][0]
    assert len(results[0][1]) > 5
    for part in range(4):
        assert results[0][part] == results[1][part] == results[2][part]


def busy_day(season):
    """Tokens of three tablets that agree, disagree, undo, settle, hand over too early and are refused; always the same."""
    ids = cast.ids()
    desk, dorm, hall = (TabletDouble.enrol(station, f"dv_{station}") for station in ("library", "dorm", "hall"))
    hall.offset = 700_000

    def act(tablet, *args, **fields):
        return tablet.act(*args, id=next(ids), **fields)

    cleared = act(desk, "clear", season.an, LIBRARY)
    held = act(hall, "hold", season.an, LIBRARY, reason="book-lost")
    act(hall, "collect", season.an, DIPLOMA)
    act(dorm, "clear", season.an, DORM)
    act(dorm, "clear", season.bai, DORM)
    act(desk, "clear", season.an, LIBRARY, saw=[cleared, held], operator="li")
    twice = [act(hall, "collect", season.bai, CARD), act(hall, "collect", season.bai, CARD)]
    hall.undo(twice[0], id=next(ids))
    desk.undo(cleared, id=next(ids), operator="zhou")
    act(hall, "hold", season.bai, CARD)
    act(desk, "hold", season.cheng, LIBRARY, card={"gen": 3, "via": "scan"})
    act(hall, "clear", season.cheng, LIBRARY)
    act(hall, "clear", season.cheng, DORM, operator="zhou")
    act(hall, "collect", season.cheng, DIPLOMA)
    act(desk, "clear", season.cheng, CONDUCT)
    act(desk, "refuse", None, None, reason="forged")
    act(desk, "clear", "gr_nobody0000", LIBRARY)
    forged = [dorm.sign({**entry.payload, "device": "dv_dorm"}, key="dv_hall").token for entry in hall.made[:2]]
    return [*cast.tokens([*desk.made, *dorm.made, *hall.made]), *forged, "no token"]


def test_every_quarantined_token_is_kept_as_it_came(season, desk, other):
    bad = desk.sign(desk.act("note", season.an, LIBRARY).payload, key=other.device).token
    send(bad, "some\0thing", uploader="dv_hub")
    rows = list(Quarantined.select().order_by(Quarantined.id))
    assert [(row.jws, row.code, row.uploader) for row in rows] == [
        (bad, "bad-signature", "dv_hub"), ("some\ufffdthing", "malformed", "dv_hub"),
    ]  # fmt: skip
    assert [row.device for row in rows] == [desk.device, None]
