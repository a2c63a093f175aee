"""Fold, overlay and verdict say what the vectors say that Python and JavaScript share."""

import json
from pathlib import Path

import pytest

from db.rules.entry import from_payload, parse_moment
from db.rules.fold import Facts, fold
from db.rules.money import split
from db.rules.overlay import overlay, to_wire
from db.rules.rooms import place
from db.rules.verdict import verdict

FOLDER = Path(__file__).parents[2] / "vectors"


def vectors(name):
    found = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(vector, id=vector["name"]) for vector in found]


def facts_of(written):
    supervisors = {staff: end and parse_moment(end) for staff, end in written["supervisors"].items()}
    return Facts(written["applies"], written["awaits_list"], supervisors)


@pytest.mark.parametrize("vector", vectors("fold"))
def test_fold(vector):
    entries = [from_payload(payload, payload["hash"]) for payload in vector["entries"]]
    facts = facts_of(vector["facts"])
    assert to_wire(fold(entries, facts)) == vector["expect"]
    assert to_wire(fold(reversed(entries * 2), facts)) == vector["expect"]


@pytest.mark.parametrize("vector", vectors("overlay"))
def test_overlay(vector):
    assert overlay(vector["input"]["cell"], vector["input"]["own"]) == vector["expect"]


@pytest.mark.parametrize("vector", vectors("split"))
def test_split(vector):
    shares = split(**vector["input"])
    assert list(shares) == vector["expect"]
    assert sum(shares) == vector["input"]["amount"]
    assert max(shares) - min(shares) <= 1


@pytest.mark.parametrize("vector", vectors("rooms"))
def test_rooms(vector):
    assert place(vector["input"])._asdict() == vector["expect"]


@pytest.mark.parametrize("vector", vectors("verdict"))
def test_verdict(vector):
    assert verdict(vector["input"]) == vector["expect"]
