"""Contradictions in a plan that holds together: dates that cannot all be kept. Pure; found by rule, for any plan.

A finding does not stop a season; somebody with a name decides what is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from db.rules.dated import Dated
from db.rules.message import Message, Names, _
from db.rules.season import Handover, Milestone, Plan
from db.rules.step import Step

Part = Plan | Step | Milestone


@dataclass(frozen=True)
class Lint:
    """One contradiction: a stable code, the key paths in the plan file that contradict one another, and a sentence."""

    code: str
    keys: tuple[str, ...]
    sentence: Message


def lint(plan: Plan) -> list[Lint]:
    """All contradictions, milestones first, in the plan's order. Absent dates contradict nothing."""
    parts: dict[str, tuple[str, Part]] = {"season": ("season", plan)}
    parts |= {step.code: (f"steps.{step.code}", step) for step in plan.steps}
    parts |= {milestone.code: (f"milestones.{milestone.code}", milestone) for milestone in plan.milestones}
    return [
        *(found for milestone in plan.milestones for found in _milestone(milestone, parts)),
        *(found for step in plan.steps for found in _step(plan, step)),
        *(found for handover in plan.handovers for found in _handover(handover, parts)),
        *_ceremony(plan),
    ]


def _milestone(milestone: Milestone, parts: Mapping[str, tuple[str, Part]]) -> Iterator[Lint]:
    key = f"milestones.{milestone.code}.closes"
    for code in milestone.needs:
        other_key, other = parts[code]
        if _closes_later(other, milestone):
            yield _lint(
                "complete-before-needed",
                (key, f"{other_key}.closes"),
                _("“%(name)s” is to be complete by %(closes)s, but needs “%(other)s”, which goes on until %(other_closes)s."),
                milestone,
                other,
            )
    for code in milestone.lasts:
        other_key, other = parts[code]
        if _closes_later(other, milestone):
            yield _lint(
                "ends-too-early",
                (key, f"{other_key}.closes"),
                _("“%(name)s” ends on %(closes)s, but “%(other)s” goes on until %(other_closes)s."),
                milestone,
                other,
            )


def _step(plan: Plan, step: Step) -> Iterator[Lint]:
    for code in step.blocked_by:
        before = plan.step(code)
        if before.opens and step.closes and before.opens > step.closes:
            yield _lint(
                "prerequisite-opens-too-late",
                (f"steps.{code}.opens", f"steps.{step.code}.closes"),
                _("“%(name)s” closes on %(closes)s, before its prerequisite “%(other)s” opens on %(other_opens)s."),
                step,
                before,
            )
        elif _closes_later(before, step):
            yield _lint(
                "prerequisite-closes-later",
                (f"steps.{code}.closes", f"steps.{step.code}.closes"),
                _("“%(name)s” closes on %(closes)s, but its prerequisite “%(other)s” may be settled until %(other_closes)s."),
                step,
                before,
            )


def _handover(handover: Handover, parts: Mapping[str, tuple[str, Part]]) -> Iterator[Lint]:
    key, source = parts[handover.of]
    if _closes_later(source, handover):
        yield _lint(
            "list-due-too-early",
            (f"handovers.{handover.code}.by", f"{key}.closes"),
            _("The list “%(name)s” is due on %(closes)s, but “%(other)s” goes on until %(other_closes)s."),
            handover,
            source,
        )


def _ceremony(plan: Plan) -> Iterator[Lint]:
    """Things collected on one day only, which is not the day people come for."""
    if plan.ceremony is None:
        return
    day = plan.ceremony.at.date()
    for step in plan.steps:
        if step.how == "collect" and step.opens and step.opens == step.closes != day:
            args: dict[str, str | int | date | Names] = {"name": step.name, "day": step.opens, "ceremony": day}
            sentence = _("“%(name)s” is handed over on %(day)s only, but the ceremony is on %(ceremony)s.")
            yield Lint("single-day-without-ceremony", (f"steps.{step.code}.opens", "season.ceremony.at"), Message(sentence, args))


def _closes_later(one: Dated, other: Dated) -> bool:
    return bool(one.closes and other.closes and one.closes > other.closes)


def _lint(code: str, keys: tuple[str, ...], sentence: str, part: Part | Handover, other: Part) -> Lint:
    args = {
        "name": part.name,
        "closes": part.closes or "",
        "other": other.name,
        "other_opens": other.opens or "",
        "other_closes": other.closes or "",
    }
    return Lint(code, keys, Message(sentence, args))
