"""The flow picture: nothing overlaps, arrows lead forwards, and what is left out follows from what is drawn."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.rules.flow import layout
from db.rules.flow_parts import wrap
from tests.db.rules.planfile import made, shipped, step

PLAN = shipped()


def pictures(flow):
    return (flow.wide, flow.narrow)


def overlaps(nodes):
    return [
        (a.step.code, b.step.code)
        for at, a in enumerate(nodes)
        for b in nodes[at + 1 :]
        if a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
    ]


def check(plan, lang):
    flow = layout(plan, lang=lang)
    for picture in pictures(flow):
        places = {node.step.code: node for node in picture.nodes}
        assert sorted(places) == sorted(step.code for step in plan.steps)
        assert overlaps(picture.nodes) == []
        for node in picture.nodes:
            assert node.x >= 0
            assert node.y >= 0
            assert node.x + node.width <= picture.width
            assert node.y + node.height <= picture.height
    for edge in flow.wide.edges:
        places = {node.step.code: node for node in flow.wide.nodes}
        assert places[edge.before].x + places[edge.before].width < places[edge.after].x
    for edge in flow.narrow.edges:
        places = {node.step.code: node for node in flow.narrow.nodes}
        assert places[edge.before].y + places[edge.before].height < places[edge.after].y
    order = [item.step.code for item in flow.items]
    for item in flow.items:
        assert all(order.index(before.code) < order.index(item.step.code) for before in item.waits_for)
    return flow


@st.composite
def relations(draw):
    """A plan of up to 16 steps in which later ones wait for some earlier ones, told in any order."""
    count = draw(st.integers(1, 16))
    names = st.text(st.sampled_from("毕业证书领取 ABCWMdiploma-return·（），"), min_size=1, max_size=30).filter(str.strip)
    steps = []
    for at in range(count):
        before = draw(st.lists(st.integers(0, at - 1), unique=True, max_size=4)) if at else []
        name = draw(names)
        steps.append(step(f"s{at}", name={"zh": name, "en": name}, blocked_by=[f"s{one}" for one in before]))
    return draw(st.permutations(steps))


def of(steps):
    return made(lambda values: values.update(steps=steps, stations=[], milestones=[], handovers=[]))


@settings(max_examples=60, deadline=None)
@given(relations())
def test_any_plan_lays_out_without_overlap_and_with_arrows_leading_forwards(steps):
    check(of(steps), "zh")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_shipped_plan_does_in_both_languages(lang):
    check(PLAN, lang)


def test_the_narrow_picture_fits_a_small_phone():
    assert layout(PLAN, lang="en").narrow.width <= 328


def test_thirty_steps_in_a_row_still_lay_out():
    steps = [step(f"s{at}", blocked_by=[f"s{at - 1}"] if at else []) for at in range(30)]
    flow = check(of(steps), "en")
    assert len(flow.wide.edges) == 29


def reach(edges):
    found = set(edges)
    while True:
        more = {(a, d) for a, b in found for c, d in found if b == c} - found
        if not more:
            return found
        found |= more


@settings(max_examples=60, deadline=None)
@given(relations())
def test_arrows_left_out_follow_from_those_drawn_and_none_drawn_follows_from_others(steps):
    plan = of(steps)
    drawn = {(edge.before, edge.after) for edge in layout(plan).wide.edges}
    said = {(before, one.code) for one in plan.steps for before in one.blocked_by}
    assert drawn <= said
    assert reach(drawn) == reach(said)
    assert all(edge not in reach(drawn - {edge}) for edge in drawn)


def test_the_same_plan_is_drawn_the_same_every_time():
    assert layout(PLAN) == layout(shipped())


def test_the_list_tells_every_prerequisite_the_plan_has():
    (diploma,) = [item for item in layout(PLAN).items if item.step.code == "diploma"]
    assert [step.code for step in diploma.waits_for] == [
        step.code for step in PLAN.steps if step.code in PLAN.step("diploma").blocked_by
    ]


def test_without_states_nothing_is_anybodys_own():
    flow = layout(PLAN)
    assert not flow.own
    assert {node.state for node in flow.wide.nodes} == {None}


def test_own_states_are_drawn_and_a_missing_one_is_never_taken_for_settled():
    flow = layout(PLAN, {"library": "cleared", "dorm": "held"})
    state = {node.step.code: node.state for node in flow.narrow.nodes}
    assert flow.own
    assert (state["library"], state["dorm"], state["tuition"]) == ("cleared", "held", "unknown")
    assert {(edge.before, edge.settled) for edge in flow.wide.edges if edge.after == "charges"} == {
        ("library", True),
        ("dorm", False),
    }


def test_steps_that_nothing_connects_stand_apart_below():
    flow = layout(PLAN)
    for picture in pictures(flow):
        apart = {node.step.code for node in picture.nodes if node.y > picture.free_y}
        assert apart == {"destination", "alumni", "meal-voucher"}


def test_no_arrow_passes_through_a_box_on_a_phone():
    """Lanes run to the right of all boxes, and no two that are under way at the same place share one."""
    picture = layout(PLAN).narrow
    right = max(node.x + node.width for node in picture.nodes)
    spans = {}
    for edge in picture.edges:
        lane, start, end = map(float, re.search(r"Q([\d.]+) [\d.]+ [\d.]+ ([\d.]+)V([\d.]+)", edge.path).groups())
        assert lane > right
        first, last = spans.get((lane, edge.after), (start, end))
        spans[lane, edge.after] = (min(first, start), max(last, end))
    for (lane, after), (first, last) in spans.items():
        for (other_lane, other_after), (other_first, other_last) in spans.items():
            assert lane != other_lane or after == other_after or last < other_first or other_last < first


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("毕业证书", 100, ["毕业证书"]),
        ("生源地助学贷款确认", 70, ["生源地助学", "贷款确认"]),
        ("公物、图书", 42, ["公物、", "图书"]),
        ("Home-region loan confirmation", 140, ["Home-region loan", "confirmation"]),
        ("Donaudampfschiff", 60, ["Donaud", "ampfsch", "iff"]),
        ("", 60, [""]),
    ],
)
def test_names_break_between_characters_or_words(text, width, lines):
    assert wrap(text, width) == lines
