"""Whatever tablets make, and however it travels: the rows say what a naive reading of the entries says."""

import itertools
import random
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import projection
from db.intake import receive
from db.ledger import Entry
from db.people import Graduate
from tests.cast import ADMIN, CARD, DIPLOMA, DORM, FORMER, LIBRARY, OPERATOR, SUPERVISOR, ZHOU_LEFT, TabletDouble
from tests.db.ledgers import cells, open_findings
from tests.db.rules.naive import naive_fold

SUPERVISORS = {SUPERVISOR: None, ADMIN: None, FORMER: ZHOU_LEFT}
STEPS = (LIBRARY, DORM, CARD, DIPLOMA)
ACTS = ("clear", "hold", "collect", "undo", "refuse", "note")

numbers = itertools.count(1)
deeds = st.lists(
    st.tuples(
        st.integers(0, 2),  # which tablet
        st.sampled_from(ACTS),
        st.sampled_from(STEPS),
        st.sampled_from((OPERATOR, OPERATOR, SUPERVISOR, FORMER)),
        st.lists(st.integers(0, 30), max_size=2),  # which earlier entries it has seen, or undoes
        st.sampled_from((0, 0, 0, 90_000, -700_000, 172_800_000)),  # offset
    ),
    max_size=14,
)
many = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def fresh(season):
    """A graduate and three tablets of their own, in a database that is used again and again."""
    n = next(numbers)
    graduate = Graduate.create(
        ref=f"gr_x{n:09}", number=f"x{n}", name="学生", class_group=season.an.class_group, flags="resident" if n % 2 else "", gen=1
    )
    projection.refold_graduates([graduate.id])
    return graduate, [TabletDouble.enrol("hall", f"dv_x{n}_{m}") for m in range(3)]


def work(graduate, tablets, todo):
    made = []
    for which, act, step, operator, seen, offset in todo:
        earlier = [made[n] for n in seen if n < len(made)]
        fields = {"operator": operator, "offset": offset, "saw": earlier}
        if act == "undo":
            fields["target"] = earlier[0].id if earlier else "nothing"
        made.append(tablets[which].act(act, graduate, step, **fields))
    return made


def expected(graduate, made):
    found = {}
    for step in STEPS:
        payloads = [{**one.payload, "hash": one.hash} for one in made if one.payload["step"] == step]
        facts = {"applies": step != DORM or bool(graduate.flags), "awaits_list": False, "supervisors": SUPERVISORS}
        found[step] = naive_fold(payloads, facts)
    return found


def stands(graduate):
    rows = {}
    for (ref, step), (state, as_of, by, reason, conflict, heads) in cells().items():
        if ref == graduate.ref and step in STEPS:
            told = as_of and as_of.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            full = {"state": state, "heads": heads.split(), "as_of": told, "by": by, "reason": reason, "conflict": conflict}
            rows[step] = {name: value for name, value in full.items() if value is not None}
    return rows


def deliver(made, dice):
    """All entries at least once, in any order, in batches of any size, over any path."""
    tokens = [one.token for one in made] + [dice.choice(made).token for _ in range(dice.randrange(4)) if made]
    dice.shuffle(tokens)
    while tokens:
        size = dice.randint(1, 6)
        outcomes = [answer.outcome for answer in receive(tokens[:size], dice.choice(["direct", "journal"]))]
        assert set(outcomes) <= {"accepted", "conflict", "duplicate"}
        tokens = tokens[size:]


@many
@given(todo=deeds, dice=st.randoms(use_true_random=False))
def test_rows_say_what_a_naive_reading_says_however_the_entries_came(season, todo, dice):
    graduate, tablets = fresh(season)
    made = work(graduate, tablets, todo)
    deliver(made, dice)
    assert stands(graduate) == expected(graduate, made)
    assert projection.verify() == []
    before = cells(), open_findings()
    assert projection.rebuild() == 0
    assert (cells(), open_findings()) == before


@settings(many, max_examples=15)
@given(todo=deeds, dice=st.randoms(use_true_random=False))
def test_two_deliveries_find_the_same_odd_things(season, todo, dice):
    told = []
    for _ in range(2):
        graduate, tablets = fresh(season)
        Graduate.update(flags="resident").where(Graduate.id == graduate.id).execute()
        projection.refold_graduates([graduate.id])
        made = work(graduate, tablets, todo)
        deliver(made, dice)
        place = {one.hash: n for n, one in enumerate(made)}
        told.append({(step, code, place.get(hash_)) for ref, step, code, hash_ in open_findings() if ref == graduate.ref})
    assert told[0] == told[1]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@many
@given(odd=st.lists(st.tuples(st.sampled_from(("id", "seq", "prev", "saw", "act", "student", "step", "target", "at", "offset",
                                               "operator", "station", "card", "reason", "extra")), json_values), max_size=6),
       loose=st.lists(json_values, max_size=3), dice=st.randoms(use_true_random=False))  # fmt: skip
def test_hostile_entries_are_answered_one_by_one_and_break_nothing(season, odd, loose, dice):
    graduate, tablets = fresh(season)
    honest = [tablets[0].act("clear", graduate, LIBRARY), tablets[1].act("hold", graduate, LIBRARY)]
    broken = []
    for field, value in odd:
        payload = {**tablets[2].act("clear", graduate, LIBRARY).payload, field: value}
        tablets[2].made.pop()
        broken.append(tablets[2].sign(payload).token)
    tokens = [*loose, *broken, *(one.token for one in honest)]
    dice.shuffle(tokens)
    answers = receive(tokens, "direct")
    assert len(answers) == len(tokens)
    assert {answer.outcome for token, answer in zip(tokens, answers, strict=True) if token in loose} <= {"quarantined", "duplicate"}
    assert Entry.select().where(Entry.hash.in_([one.hash for one in honest])).count() == 2
    assert projection.verify() == []


@pytest.mark.parametrize("seed", range(3))
def test_tablets_that_fork_their_chain_lose_nothing_and_break_nothing(season, seed):
    dice = random.Random(seed)
    graduate, (one, two, _) = fresh(season)
    for _ in range(30):
        one.act("clear", graduate, LIBRARY)
    forked = [one.sign({**entry.payload, "id": str(uuid.uuid4()), "act": "hold"}) for entry in one.made[10:20]]
    forked += [one.sign({**entry.payload, "id": one.made[0].id}) for entry in one.made[20:25]]
    tokens = [entry.token for entry in [*one.made, *forked, two.act("clear", graduate, LIBRARY)]]
    dice.shuffle(tokens)
    first, again = receive(tokens, "direct"), receive(tokens, "direct")
    assert {answer.code for answer in first if answer.outcome == "quarantined"} <= {"id-reused", "chain-broken"}
    assert [answer.outcome for answer in again] == ["duplicate"] * len(tokens)
    assert projection.verify() == []
