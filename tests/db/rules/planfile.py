"""A small plan that holds together, to be broken one key at a time: `problems(change)` tells what `load` makes of it."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.rules.plan import Plan, PlanError, load

SHIPPED = Path(__file__).parents[3] / "plans" / "2023.toml"
FILE = "plans/small.toml"

Values = dict[str, Any]


def both(text: str) -> dict[str, str]:
    return {"zh": f"{text}（中文）", "en": text}


def step(code: str, **more: Any) -> Values:
    return {
        "code": code,
        "name": both(code),
        "department": "office",
        "how": "list",
        "applies": "all",
        "instructions": both("Do it."),
    } | more


def dorm(**more: Any) -> Values:
    """The small plan's books as rooms to be gone through. `more` are keys of `rounds`; None leaves one out."""
    rounds = {
        "damage": "damage",
        "key": "key-missing",
        "pay": both("At the desk"),
        "inspection": [{"code": "clean", **both("Clean"), "reason": "dirty"}],
        "prices": [{"code": "chair", **both("Chair"), "price": "65.50"}],
    } | more
    reasons = [{"code": code, **both(code)} for code in ("damage", "key-missing", "dirty")]
    return {"fast": False, "rooms": True, "reasons": reasons, "rounds": {k: v for k, v in rounds.items() if v is not None}}


def station(code: str, *steps: str, **more: Any) -> Values:
    return {"code": code, "name": both(code), "place": both("Hall"), "hours": both("9–17"), "steps": list(steps)} | more


def small() -> Values:
    """Two colleges, one department; books are returned, then the certificate is collected."""
    return {
        "season": {
            "code": "small",
            "name": both("Small season"),
            "institution": both("Small college"),
            "timezone": "Asia/Shanghai",
            "opens": datetime.date(2023, 5, 1),
            "closes": datetime.date(2023, 6, 30),
            "ceremony": {"name": both("Ceremony"), "place": both("Hall"), "at": datetime.datetime(2023, 6, 26, 10, 0)},
        },
        "flags": [{"code": "party", **both("Party member")}, {"code": "delayed", **both("Delayed")}],
        "colleges": [{"code": "arts", **both("Arts")}, {"code": "trade", **both("Trade")}],
        "departments": [{"code": "office", "name": both("Office"), "place": both("Hall"), "phone": "8001", "hours": both("9–17")}],
        "steps": [
            step("books", how="desk", fast=True, opens=datetime.date(2023, 5, 19), closes=datetime.date(2023, 6, 26)),
            step("transfer", how="form", applies="party & !delayed", reviews=["counselor", "college"]),
            step("diploma", how="collect", blocked_by=["books", "transfer"], reasons=[{"code": "withheld", **both("Withheld")}]),
        ],
        "stations": [station("library", "books"), station("hall", "diploma")],
        "milestones": [{"code": "printing", "name": both("Printing"), "closes": datetime.date(2023, 6, 20), "needs": ["transfer"]}],
        "handovers": [
            {"code": "left-over", "name": both("Left over"), "sender": "office", "receivers": ["office"], "of": "diploma",
             "by": datetime.date(2023, 6, 28)},
        ],
    }  # fmt: skip


def toml(values: Values) -> str:
    """Plain data as TOML: only what plans are made of."""
    return "\n".join(f"{key} = {_value(value)}" for key, value in values.items())


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + "}"
        case datetime.date():
            return value.isoformat()
    return str(value)


def made(change: Callable[[Values], object] = lambda values: None) -> Plan:
    """The small plan, changed, as loaded."""
    values = copy.deepcopy(small())
    change(values)
    return load(toml(values), FILE)


def problems(change: Callable[[Values], object]) -> list[tuple[str, str]]:
    """(key path, English sentence) for everything wrong with the changed plan; every one must name the file."""
    with pytest.raises(PlanError) as refused:
        made(change)
    assert {problem.file for problem in refused.value.problems} == {FILE}
    return [(problem.key, str(problem.sentence)) for problem in refused.value.problems]


def shipped() -> Plan:
    """The plan that comes with the product."""
    return load(SHIPPED.read_text("utf-8"), str(SHIPPED))
