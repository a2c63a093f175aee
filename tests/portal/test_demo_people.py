"""The synthetic graduates: always the same, plausible, and nobody."""

from collections import Counter

import pytest

from db.rules import id_number
from db.rules.plan import load
from db.rules.roster import Known, plan_import
from db.rules.table import folded
from db.tables import read_table
from portal.demo import people
from portal.demo.season import CLASSES, PLAN


@pytest.fixture(scope="module")
def plan():
    return load(PLAN.read_text("utf-8"), PLAN.name)


@pytest.fixture(scope="module")
def classes():
    return people.read_classes(CLASSES.read_text("utf-8"))


@pytest.fixture(scope="module")
def everybody(classes):
    return people.graduates(classes)


def test_there_are_as_many_as_the_class_list_says(everybody, classes):
    assert len(everybody) == 4883
    assert Counter(person.class_name for person in everybody) == {each.name: each.size for each in classes}


def test_they_are_the_same_every_time(everybody, classes):
    assert people.graduates(classes) == everybody


@pytest.mark.parametrize("what", ["number", "phone", "email", "id_number"])
def test_no_two_share_a_number(everybody, what):
    assert len({getattr(person, what) for person in everybody}) == len(everybody)


def test_identity_numbers_are_right_in_form_and_given_to_nobody(everybody):
    assert all(id_number.valid(person.id_number) and person.id_number.startswith("99") for person in everybody)


def test_telephones_reach_nobody(everybody):
    assert all(person.phone.startswith("100") and len(person.phone) == 11 for person in everybody)


def test_a_room_has_at_most_six_beds_and_one_class(everybody):
    rooms = {}
    for person in everybody:
        if person.room:
            rooms.setdefault((person.building, person.room), []).append(person.class_name)
    assert all(len(names) <= 6 and len(set(names)) == 1 for names in rooms.values())


def test_residents_and_only_residents_have_a_room(everybody):
    assert all(bool(person.room) == ("resident" in person.flags) for person in everybody)


@pytest.mark.parametrize(
    ("flag", "share"),
    [("party", 0.08), ("league", 0.70), ("borrower", 0.25), ("honoured", 0.05), ("resident", 0.94), ("delayed", 0.01)],
)
def test_flags_have_about_their_shares(everybody, flag, share):
    found = sum(flag in person.flags for person in everybody) / len(everybody)
    assert abs(found - share) < 0.02


def test_names_try_what_software_gets_wrong(everybody):
    names = [person.name for person in everybody]
    assert max(map(len, names)) >= 12
    assert any(ord(sign) > 0xFFFF for name in names for sign in name)
    assert any("·" in name for name in names)
    assert any(name.startswith("欧阳") for name in names)
    assert min(map(len, names)) == 2


@pytest.mark.parametrize("count", [1, 40, 300, 4882, 4883])
def test_a_smaller_season_has_whole_classes_of_every_college(classes, count):
    some = people.cut(classes, count)
    assert sum(each.size for each in some) == count
    whole = {each.name: each.size for each in classes}
    assert sum(each.size != whole[each.name] for each in some) <= 1


def test_they_make_a_roster_without_a_single_problem(everybody, classes, plan):
    colleges = {folded(college.name.zh): college.name.zh for college in plan.colleges}
    flags = {folded(flag.name.zh): flag.code for flag in plan.flags}
    table = read_table(people.roster_csv(everybody, classes, plan).encode("gb18030"))
    planned = plan_import(table, Known({}, frozenset(), {}, colleges, flags))
    assert planned.problems == ()
    assert [new.person for new in planned.new] == everybody
