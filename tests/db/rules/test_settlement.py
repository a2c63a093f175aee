"""Ways out of a conflict: whatever people did, every way offered ends it, or says that it does not."""

from hypothesis import given
from hypothesis import strategies as st

from db.rules.entry import ACTING, PORTAL, Entry
from db.rules.fold import Facts, Picture
from db.rules.settlement import UNDO, choices, made_already, sides

REVIEWER = "st_9"
FACTS = Facts(supervisors={REVIEWER: None})
AT = 10_000_000


@st.composite
def pictures(draw):
    """Up to six entries of three tablets that saw some of the ones before them."""
    made: list[Entry] = []
    for n in range(draw(st.integers(0, 6))):
        act = draw(st.sampled_from(sorted(ACTING - {"submit", "return"})))
        saw = tuple(one.hash for one in made if draw(st.booleans()))
        device = draw(st.sampled_from(("dv_1", "dv_2", "dv_3")))
        made.append(Entry(f"h{n}", f"id{n}", device, n + 1, act, "st_1", n * 200_000, saw))
    return Picture(made, FACTS)


@given(pictures())
def test_there_are_ways_out_exactly_where_there_is_a_conflict(picture):
    assert bool(choices(picture, "desk", REVIEWER, AT)) == bool(picture.cell.conflict) == bool(sides(picture))


@given(pictures())
def test_no_way_out_leaves_the_same_conflict(picture):
    for way in choices(picture, "desk", REVIEWER, AT):
        assert way.cell.conflict != picture.cell.conflict


@given(pictures(), st.integers(0, 5))
def test_a_way_that_was_taken_is_known_as_taken_and_no_other_is(picture, which):
    offered = choices(picture, "desk", REVIEWER, AT)
    if not offered:
        return
    way, saw = offered[which % len(offered)], tuple(picture.heads)
    targets = [picture.entries[hash_].id for hash_ in way.targets] or [None]
    after = [*picture.entries.values()]
    after += [Entry(f"n{n}", f"n{n}", PORTAL, None, way.act, REVIEWER, AT, saw, target, "why") for n, target in enumerate(targets)]
    assert made_already(after, REVIEWER, way.name, saw, "why", None)
    assert not made_already(after, REVIEWER, way.name, saw, "other words", None)
    assert not made_already(after, "st_8", way.name, saw, "why", None)
    others = [other.name for other in offered if other != way and other.act != UNDO]
    assert not any(made_already(after, REVIEWER, other, saw, "why", None) for other in others)
    assert not made_already(picture.entries.values(), REVIEWER, way.name, saw, "why", None)


def test_a_thing_is_never_cleared_by_hand():
    torn = Picture([Entry("a", "a", "dv_1", 1, "clear", "x", 0), Entry("b", "b", "dv_2", 1, "hold", "y", 0)], FACTS)
    assert [way.act for way in choices(torn, "collect", REVIEWER, AT)] == ["hold", "waive", "reopen"]


def test_what_is_handed_over_against_two_holds_names_only_those_that_did_not_know():
    collect = Entry("c", "c", "dv_1", 1, "collect", "x", 0)
    knew = Entry("k", "k", "dv_2", 1, "hold", "y", 1, saw=("c",))
    blind = Entry("b", "b", "dv_3", 1, "hold", "z", 2)
    picture = Picture([collect, knew, blind], FACTS)
    assert sides(picture) == {"c", "b"}
    assert [way.name for way in choices(picture, "collect", REVIEWER, AT)] == ["reopen", "undo.b", "undo.c"]


def test_a_hold_that_comes_back_when_a_later_one_is_taken_back_is_taken_back_with_it():
    first = Entry("h0", "i0", "dv_1", 1, "hold", "x", 0)
    later = Entry("h1", "i1", "dv_2", 1, "hold", "y", 200_000, saw=("h0",))
    handed = Entry("h2", "i2", "dv_3", 1, "collect", "z", 400_000)
    ways = {way.targets: way.cell for way in choices(Picture([first, later, handed], FACTS), "collect", REVIEWER, AT)}
    assert (ways["h0", "h1"].state, ways["h0", "h1"].conflict) == ("collected", None)
