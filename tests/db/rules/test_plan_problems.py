"""A plan that does not hold together is refused, with the file, the key and a sentence; all of it at once."""

import datetime
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.rules.plan import PlanError, load
from tests.db.rules.planfile import FILE, both, dorm, made, problems, small, station, step, toml

BEFORE = datetime.date(2023, 4, 30)
AFTER = datetime.date(2023, 7, 1)


def proxy(**more):
    reasons = [{"code": "away", "zh": "外地", "en": "Away"}]
    whole = {"steps": [], "most_days": 14, "most_graduates": 3, "reasons": reasons} | more
    return {key: value for key, value in whole.items() if value is not None}


def test_the_small_plan_itself_is_sound():
    assert made().code == "small"


@pytest.mark.parametrize(
    ("change", "key", "sentence"),
    [
        # what is said of a list or beside a form where there is none
        (lambda v: v["steps"][0].update(list_says=both("Those whose books are out")), "steps.books.list_says",
         "only a step that a list settles says what its list holds."),
        (lambda v: v["steps"][0].update(shows_record=True), "steps.books.shows_record",
         "only beside the questions of a form there is something to compare."),
        # what nobody could store, name or reckon with
        (lambda v: v["steps"][0]["name"].update(zh="图书\x80归还"), "steps.books.name.zh", "has a character that cannot be shown."),
        (lambda v: v["steps"].append(step("x" * 65)), f"steps.{'x' * 65}.code",
         "is longer than a code may be: at most 64 characters."),
        (lambda v: v["season"].update(closes=datetime.date(9999, 12, 31)), "season.closes",
         "must lie in the years 2000 to 2999."),
        (lambda v: v["season"].update(opens=datetime.date(1, 1, 1)), "season.opens", "must lie in the years 2000 to 2999."),
        (lambda v: v["colleges"].append({**v["colleges"][0], "code": "twin"}), "colleges.twin.zh",
         "another college has this name: a roster could not say which is meant."),
        # named things that do not exist
        (lambda v: v["steps"][2].update(blocked_by=["book"]), "steps.diploma.blocked_by", "there is no step “book”."),
        (lambda v: v["steps"][0].update(department="ofice"), "steps.books.department", "there is no department “ofice”."),
        (lambda v: v["steps"][0].update(applies="reader"), "steps.books.applies",
         "“reader” is not among the flags of this plan."),
        (lambda v: v["stations"][0]["steps"].append("key"), "stations.library.steps", "there is no step “key”."),
        (lambda v: v["stations"].append(station("x", "books", colleges=["law"])), "stations.x.colleges",
         "there is no college “law”."),
        (lambda v: v["milestones"][0].update(needs=["ink"]), "milestones.printing.needs",
         "there is no step or milestone “ink”."),
        (lambda v: v["milestones"][0].update(lasts=["ink"]), "milestones.printing.lasts",
         "there is no step or milestone “ink”."),
        (lambda v: v["handovers"][0].update(sender="x"), "handovers.left-over.sender", "there is no department “x”."),
        (lambda v: v["handovers"][0].update(receivers=["x"]), "handovers.left-over.receivers",
         "there is no department “x”."),
        (lambda v: v["handovers"][0].update(of="x"), "handovers.left-over.of", "there is no step or milestone “x”."),
        # proxies
        (lambda v: v.update(proxy=proxy(steps=["x"])), "proxy.steps", "there is no step “x”."),
        (lambda v: v.update(proxy=proxy(steps=[], post=["books"])), "proxy.post",
         "“books” hands nothing over that could be posted."),
        (lambda v: v.update(proxy=proxy(most_days=0)), "proxy.most_days", "must be a whole number from 1 to 366."),
        (lambda v: v.update(proxy=proxy(most_graduates=None)), "proxy.most_graduates", "is missing."),
        (lambda v: v.update(proxy=proxy(reasons=[])), "proxy.reasons", "is empty."),
        # circles
        (lambda v: v["steps"][0].update(applies="party &"), "steps.books.applies",
         "“party &” cannot be read: write “all”, a flag or “!flag”, joined by “&” and “|”."),
        (lambda v: v["steps"][0].update(applies="!all"), "steps.books.applies",
         "“!all” cannot be read: write “all”, a flag or “!flag”, joined by “&” and “|”."),
        (lambda v: v["steps"][0].update(applies="party & !party"), "steps.books.applies",
         "applies to nobody: it asks for a flag and its opposite."),
        # dates
        (lambda v: v["steps"][0].update(opens=BEFORE), "steps.books.opens",
         "2023-04-30 lies outside the season, 2023-05-01 to 2023-06-30."),
        (lambda v: v["steps"][0].update(closes=AFTER), "steps.books.closes",
         "2023-07-01 lies outside the season, 2023-05-01 to 2023-06-30."),
        (lambda v: v["milestones"][0].update(closes=AFTER), "milestones.printing.closes",
         "2023-07-01 lies outside the season, 2023-05-01 to 2023-06-30."),
        (lambda v: v["handovers"][0].update(by=AFTER), "handovers.left-over.by",
         "2023-07-01 lies outside the season, 2023-05-01 to 2023-06-30."),
        (lambda v: v["season"]["ceremony"].update(at=datetime.datetime(2023, 7, 1, 10)), "season.ceremony.at",
         "2023-07-01 lies outside the season, 2023-05-01 to 2023-06-30."),
        (lambda v: v["steps"][0].update(closes=datetime.date(2023, 5, 18)), "steps.books.closes",
         "closes on 2023-05-18, before it opens on 2023-05-19."),
        (lambda v: v["steps"][0].update(opens="2023-05-19"), "steps.books.opens",
         "must be a date such as 2023-06-26, without a time."),
        (lambda v: v["steps"][0].update(opens=datetime.datetime(2023, 5, 19, 8)), "steps.books.opens",
         "must be a date such as 2023-06-26, without a time."),
        (lambda v: v["season"]["ceremony"].update(at=datetime.date(2023, 6, 26)), "season.ceremony.at",
         "must be a local date and time such as 2023-06-26T10:00:00, without an offset."),
        (lambda v: v["season"]["ceremony"].update(at=datetime.datetime(2023, 6, 26, 10, tzinfo=datetime.UTC)), "season.ceremony.at",
         "must be a local date and time such as 2023-06-26T10:00:00, without an offset."),
        (lambda v: v["season"].pop("opens"), "season.opens", "is missing."),
        (lambda v: v["season"].update(timezone="Asia/Chongching"), "season.timezone",
         "“Asia/Chongching” is no time zone; write one such as Asia/Shanghai."),
        (lambda v: v["season"].update(timezone="../etc"), "season.timezone",
         "“../etc” is no time zone; write one such as Asia/Shanghai."),
        # the blocking relation
        (lambda v: v["steps"][0].update(blocked_by=["diploma"]), "steps.books.blocked_by",
         "steps wait for one another (each for the next): books → diploma → books."),
        (lambda v: v["steps"][0].update(blocked_by=["books"]), "steps.books.blocked_by",
         "steps wait for one another (each for the next): books → books."),
        (lambda v: v["steps"][2].update(blocked_by=["books", "books"]), "steps.diploma.blocked_by",
         "names “books” twice."),
        # steps that nobody could settle
        (lambda v: v["stations"].pop(0), "steps.books",
         "cannot be reached: it is settled at a station, and no station offers it."),
        (lambda v: v["steps"][1].update(also=["desk"]), "steps.transfer",
         "cannot be reached: it is settled at a station, and no station offers it."),
        (lambda v: v["stations"][1].update(colleges=["arts"]), "steps.diploma",
         "cannot be reached from Trade: no station offers it to that college."),
        (lambda v: v["steps"][1].pop("department"), "steps.transfer.department", "is missing."),
        # how a step is settled
        (lambda v: v["steps"][0].update(how="magic"), "steps.books.how",
         "“magic” is none of: list, form, desk, collect."),
        (lambda v: v["steps"][0].update(also=["desk"]), "steps.books.also", "“desk” is already the step's main way."),
        (lambda v: v["steps"][0].update(fast=False, also=["collect"]), "steps.books.also",
         "handing over is a step's main way or none."),
        (lambda v: v["steps"][2].update(also=["list"]), "steps.diploma.also",
         "a thing that is handed over once has no second way."),
        (lambda v: v["steps"][0].update(reviews=["college"]), "steps.books.reviews", "only a form is reviewed."),
        (lambda v: v["steps"][1].update(reviews=["dean"]), "steps.transfer.reviews",
         "“dean” is none of: counselor, college, department."),
        (lambda v: v["steps"][2].update(fast=True), "steps.diploma.fast",
         "a thing that is handed over once is never in the fast lane."),
        (lambda v: v["steps"][0].update(money=True), "steps.books.fast",
         "a step that moves money is never in the fast lane."),
        (lambda v: v["steps"][1].update(fast=True), "steps.transfer.fast",
         "the fast lane is for steps settled at a station."),
        # rounds
        (lambda v: v["steps"][0].update(dorm() | {"rooms": False}), "steps.books.rounds",
         "rounds go from room to room: the step needs “rooms = true”."),
        (lambda v: v["steps"][1].update(dorm()), "steps.transfer.rounds", "rounds are for steps signed off at a desk."),
        (lambda v: v["steps"][0].update(dorm() | {"fast": True}), "steps.books.fast",
         "a step with an inspection is never in the fast lane."),
        (lambda v: v["steps"][0].update(dorm(damage="x")), "steps.books.rounds.damage", "the step has no reason “x”."),
        (lambda v: v["steps"][0].update(dorm(damage=None)), "steps.books.rounds.damage", "is missing."),
        (lambda v: v["steps"][0].update(dorm(key="x")), "steps.books.rounds.key", "the step has no reason “x”."),
        (lambda v: v["steps"][0].update(dorm(pay=None)), "steps.books.rounds.pay", "is missing."),
        (lambda v: v["steps"][0].update(dorm(inspection=[])), "steps.books.rounds.inspection", "is empty."),
        (lambda v: v["steps"][0].update(dorm(inspection=[{"code": "clean", **both("Clean"), "reason": "x"}])),
         "steps.books.rounds.inspection.clean.reason", "the step has no reason “x”."),
        (lambda v: v["steps"][0].update(dorm(inspection=[{"code": "clean", **both("x"), "reason": "dirty"}] * 2)),
         "steps.books.rounds.inspection.clean", "the code is used twice."),
        (lambda v: v["steps"][0].update(dorm(prices=[{"code": "chair", **both("x"), "price": "1"}] * 2)),
         "steps.books.rounds.prices.chair", "the code is used twice."),
        (lambda v: v["steps"][0].update(dorm(prices=[{"code": "chair", **both("x"), "price": "0"}])),
         "steps.books.rounds.prices.chair.price", "“0” is no price in yuan; write one such as \"35.00\"."),
        (lambda v: v["steps"][0].update(dorm(prices=[{"code": "chair", **both("x"), "price": "1.005"}])),
         "steps.books.rounds.prices.chair.price", "“1.005” is no price in yuan; write one such as \"35.00\"."),
        (lambda v: v["steps"][0].update(dorm(prices=[{"code": "chair", **both("x"), "price": 65}])),
         "steps.books.rounds.prices.chair.price", "must be a text."),
        (lambda v: v["steps"][0].update(dorm(prices=[{"code": "chair", "zh": "x", "price": "1"}])),
         "steps.books.rounds.prices.chair.en", "is missing."),
        (lambda v: v["steps"][0].update(dorm(charge="x")), "steps.books.rounds.charge", "is not a key that belongs here."),
        # codes
        (lambda v: v["flags"].append({"code": "party", **both("x")}), "flags.party", "the code is used twice."),
        (lambda v: v["colleges"].append({"code": "arts", **both("x")}), "colleges.arts", "the code is used twice."),
        (lambda v: v["departments"].append(v["departments"][0]), "departments.office", "the code is used twice."),
        (lambda v: v["steps"].append(step("books", how="desk")), "steps.books", "the code is used twice."),
        (lambda v: v["steps"][2]["reasons"].append({"code": "withheld", **both("x")}), "steps.diploma.reasons.withheld",
         "the code is used twice."),
        (lambda v: v["stations"].append(station("hall", "books")), "stations.hall", "the code is used twice."),
        (lambda v: v["milestones"].append(v["milestones"][0]), "milestones.printing", "the code is used twice."),
        (lambda v: v["milestones"][0].update(code="books"), "milestones.books", "the code is used twice."),
        (lambda v: v["handovers"].append(v["handovers"][0]), "handovers.left-over", "the code is used twice."),
        (lambda v: v["stations"][0].update(code="Main Library"), "stations.Main Library.code",
         "“Main Library” is no code: use small letters, digits and single hyphens."),
        (lambda v: v["stations"].append({k: x for k, x in station("x", "books").items() if k != "code"}), "stations[3].code",
         "is missing."),
        # names in both languages
        (lambda v: v["steps"][0]["name"].pop("en"), "steps.books.name.en", "is missing."),
        (lambda v: v["steps"][0]["name"].update(zh="  "), "steps.books.name.zh", "is empty."),
        (lambda v: v["flags"][0].pop("zh"), "flags.party.zh", "is missing."),
        (lambda v: v["steps"][2]["reasons"][0].pop("en"), "steps.diploma.reasons.withheld.en", "is missing."),
        (lambda v: v["stations"][0].update(place="Hall"), "stations.library.place", "must be a table."),
        (lambda v: v["steps"][0].pop("instructions"), "steps.books.instructions", "is missing."),
        # kinds, and keys that do not belong
        (lambda v: v["steps"][0].update(required="yes"), "steps.books.required", "must be true or false."),
        (lambda v: v["steps"][2].update(blocked_by="books"), "steps.diploma.blocked_by", "must be a list."),
        (lambda v: v["steps"][2].update(blocked_by=["books", 3]), "steps.diploma.blocked_by", "must be a list of texts."),
        (lambda v: v["departments"][0].update(phone=8001), "departments.office.phone", "must be a text."),
        (lambda v: v["stations"].append(7), "stations", "must be a list of tables."),
        (lambda v: v["steps"][0].update(blockedby=["diploma"]), "steps.books.blockedby",
         "is not a key that belongs here."),
        (lambda v: v["season"].update(year=2023), "season.year", "is not a key that belongs here."),
        (lambda v: v["steps"][0]["name"].update(fr="Livres"), "steps.books.name.fr", "is not a key that belongs here."),
        (lambda v: v.update(holidays=[]), "holidays", "is not a key that belongs here."),
    ],
)  # fmt: skip
def test_it_names_the_key_and_says_what_is_wrong(change, key, sentence):
    assert problems(change) == [(key, sentence)]


@pytest.mark.parametrize("table", ["season", "colleges", "departments", "steps"])
def test_a_plan_without_one_of_its_main_parts_is_refused(table):
    assert (table, "is missing.") in problems(lambda values: values.pop(table))


@pytest.mark.parametrize("table", ["colleges", "departments", "steps"])
def test_a_main_part_may_not_be_empty(table):
    assert (table, "is empty.") in problems(lambda values: values.update({table: []}))


def test_all_problems_are_told_at_once():
    def change(values):
        values["steps"][0]["name"].pop("en")
        values["steps"][1].update(applies="nobody-knows")
        values["steps"][2].update(blocked_by=["book"])
        values["stations"].pop()
        values["season"].update(oepns=1)

    assert [key for key, _ in problems(change)] == [
        "steps.books.name.en",
        "season.oepns",
        "steps.transfer.applies",
        "steps.diploma.blocked_by",
        "steps.diploma",
    ]


def test_every_circle_of_waiting_steps_is_reported():
    def change(values):
        values["steps"] = [
            step("a", blocked_by=["b"]),
            step("b", blocked_by=["a"]),
            step("c", blocked_by=["d"]),
            step("d", blocked_by=["c"]),
        ]
        values.update(stations=[], milestones=[], handovers=[])

    assert [key for key, _ in problems(change)] == ["steps.a.blocked_by", "steps.c.blocked_by"]


def test_a_file_that_is_not_toml_is_refused_with_its_line():
    with pytest.raises(PlanError) as refused:
        load("[season]\ncode = 2023\ncode = 2024\n", FILE)
    (problem,) = refused.value.problems
    assert (problem.file, problem.key) == (FILE, "line 3")
    assert str(problem.sentence).startswith("is not TOML: ")


def test_an_empty_file_is_refused():
    with pytest.raises(PlanError) as refused:
        load("", FILE)
    assert [problem.key for problem in refused.value.problems] == ["season", "colleges", "departments", "steps"]


def test_the_refusal_reads_as_file_key_sentence():
    with pytest.raises(PlanError, match=r"^plans/small\.toml: steps: is missing\.") as refused:
        load(
            toml({key: value for key, value in small().items() if key not in ("steps", "stations", "milestones", "handovers")}),
            FILE,
        )
    assert str(refused.value.problems[0]) == "plans/small.toml: steps: is missing."


def paths(value, path=()):
    """Every place in the small plan that could hold something else."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*path, key)
        yield from paths(item, (*path, key))


ODD = st.one_of(
    st.none(),  # stands for: leave it out
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.text(st.characters(exclude_categories=["C"]), max_size=12),
    st.dates(),
    st.datetimes(),
    st.lists(st.sampled_from(["books", "diploma", "x", "%(x)s", "!all"]), max_size=3),
    st.just({}),
    st.just([{}]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(paths(small()), key=repr)), ODD), min_size=1, max_size=3))
def test_whatever_stands_at_a_key_the_plan_loads_or_is_refused_with_sentences(changes):
    values = small()
    for path, odd in changes:
        place = values
        try:
            for key in path[:-1]:
                place = place[key]
            if odd is None:
                del place[path[-1]]
            else:
                place[path[-1]] = deepcopy(odd)  # a later change may go into it
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change has taken that place away
    found = []
    try:
        load(toml(values), FILE)
    except PlanError as refused:
        found = refused.problems
    assert all(str(problem.sentence) and problem.key for problem in found)
