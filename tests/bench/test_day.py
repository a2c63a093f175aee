"""A small clearance day with everything that goes wrong comes out as the oracle says; and it would be noticed if not."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bench.day.checks import Expected, differences
from bench.day.day import Setting
from bench.day.oracle import Facts, judge
from bench.day.report import report
from bench.day.run import passed, run
from bench.day.signed import Made, milliseconds, moment
from db.database import database

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "fold.json").read_text("utf-8"))
ODD_TIMES = ("no time", "never before 1970", "never after 9999")  # vectors about times that the simulated tablets never write
SMALL = Setting(tablets=6, graduates=60, hours=2, minutes=10, rough=8)


@pytest.mark.engine("sqlite")
def test_nothing_is_lost_and_no_state_is_wrong_on_sqlite(empty_database_url: str) -> None:
    text, right = run(replace(SMALL, seed=3), empty_database_url, "sqlite")
    assert right, text


@pytest.mark.engine("postgresql")
def test_nothing_is_lost_and_no_state_is_wrong_on_postgresql(empty_database_url: str) -> None:
    text, right = run(replace(SMALL, seed=2), empty_database_url, "postgresql")
    assert right, text


@pytest.mark.engine("sqlite")
def test_a_wrong_state_a_lost_entry_and_one_thing_handed_out_by_two_are_noticed_and_told(empty_database_url: str) -> None:
    with passed(replace(SMALL, seed=1), empty_database_url) as day:
        before = Expected(day)
        assert list(differences(before)) == []
        rights = Counter(entry.right for tablet in day.tablets for entry in tablet.journal)
        assert all((rights["custody"], rights["asked"], day.custody.moved)), "a day on which custody was never tried"
        came = [entry for tablet in day.tablets for entry in tablet.journal if entry.payload["proxy"]]
        acts = Counter(entry.payload["act"] for entry in came)
        assert all((acts["collect"], acts["refuse"], day.agents.issued, day.agents.ended)), "a day on which no proxy was tried"
        made = next(entry for tablet in day.tablets for entry in tablet.journal if entry.counts and entry.payload["act"] == "clear")
        made.reached = None  # as if the ledger had made it up
        thing = next(entry for verdict in before.verdicts.values() for entry in verdict.live if entry.right == "custody")
        other = next(tablet for tablet in day.tablets if tablet.device != thing.payload["device"])
        twin = other.act(0, "collect", *thing.key, "head-library", right="custody", saw=[])
        twin.reached = "direct"
        handed = next(entry for entry in came if entry.counts and entry.payload["act"] in ("clear", "collect"))
        day.place.proxies[handed.payload["proxy"]].ended = 0  # as if somebody had taken the approval back long ago
        database.execute_sql("UPDATE clearance SET state = 'waived' WHERE state = 'cleared' AND step = 'library'")
        expected = Expected(day)
        found = list(differences(expected))
        text = report(expected, found, "sqlite")
    places = {one.where for one in found}
    assert ("custody", thing.key) in {(one.where, one.key) for one in found}
    assert (f"finding on entry {handed.hash}", handed.key) in {(one.where, one.key) for one in found}
    assert {f"entry {made.hash} in the ledger", "projection", "snapshot of library", "clearance ledger verify"} <= places
    assert "The same day again: python -m bench.day --tablets 6 --graduates 60 --seed 1 --hours 2 --minutes 10 --rough 8" in text
    assert f"{made.hash} {made.payload['device']}#{made.payload['seq']} clear by" in text


@pytest.mark.parametrize("vector", [v for v in VECTORS if not any(odd in v["name"] for odd in ODD_TIMES)], ids=lambda v: v["name"])
def test_the_oracle_reads_the_rules_as_the_shared_vectors_do(vector: dict) -> None:
    supervisors = {staff: until and milliseconds(until) for staff, until in vector["facts"]["supervisors"].items()}
    facts = Facts(vector["facts"]["applies"], vector["facts"]["awaits_list"], supervisors)
    found = judge([_made(payload) for payload in vector["entries"]], facts)
    told = {"state": found.state, "as_of": found.as_of and moment(found.as_of), "by": found.by, "reason": found.reason,
            "conflict": found.conflict, "heads": list(found.heads)}  # fmt: skip
    assert {name: value for name, value in told.items() if value is not None} == vector["expect"]


def _made(payload: dict) -> Made:
    """A vector's entry; what may be left out stands as rules.md says it counts."""
    usual = {"offset": 0, "saw": [], "target": None, "reason": None, "operator": "", "proxy": None}
    return Made("", payload["hash"], usual | {name: value for name, value in payload.items() if value is not None})
