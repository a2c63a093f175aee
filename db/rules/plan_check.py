"""What must hold over the whole of a plan, beyond each value's kind. Pure: a plan in, problems out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from graphlib import CycleError, TopologicalSorter

from db.rules.dated import Dated
from db.rules.message import Message, _
from db.rules.plan_form import check_form
from db.rules.season import Plan, Proxy
from db.rules.step import Rounds, Step

Found = Iterator[tuple[str, Message]]


def check(plan: Plan) -> Found:
    """Yield (key path, sentence) for every breach. Works on plans with holes in them: what is absent is not judged."""
    yield from _codes_are_unique(plan)
    yield from _colleges_can_be_told_apart(plan)
    yield from _named_things_exist(plan)
    yield from _dates_fit(plan)
    for step in plan.steps:
        if step.how:
            yield from _step_is_sound(step)
        if step.rounds:
            yield from _rounds_are_sound(step, step.rounds)
        yield from check_form(step)
        yield from _step_can_be_reached(plan, step)
    if plan.proxy:
        yield from _proxies_are_sound(plan, plan.proxy)
    yield from _nothing_waits_for_itself(plan)


def _codes_are_unique(plan: Plan) -> Found:
    groups: list[tuple[str, Iterable[str]]] = [
        ("flags", [flag.code for flag in plan.flags]),
        ("colleges", [college.code for college in plan.colleges]),
        ("departments", [department.code for department in plan.departments]),
        ("stations", [station.code for station in plan.stations]),
        ("handovers", [handover.code for handover in plan.handovers]),
        # Milestones and hand-overs name steps and milestones alike, so these two share their codes.
        ("steps", [step.code for step in plan.steps]),
        ("milestones", [*{step.code for step in plan.steps}, *(milestone.code for milestone in plan.milestones)]),
        ("proxy.reasons", [reason.code for reason in plan.proxy.reasons] if plan.proxy else []),
        *((f"steps.{step.code}.reasons", [reason.code for reason in step.reasons]) for step in plan.steps),
        *((f"steps.{step.code}.form", [question.code for question in step.form]) for step in plan.steps),
        *((f"steps.{s.code}.form.{q.code}.options", [one.code for one in q.options]) for s in plan.steps for q in s.form),
        *((f"steps.{s.code}.rounds.inspection", [check.code for check in s.rounds.inspection]) for s in plan.steps if s.rounds),
        *((f"steps.{s.code}.rounds.prices", [price.code for price in s.rounds.prices]) for s in plan.steps if s.rounds),
    ]
    for key, codes in groups:
        for code, times in Counter(codes).items():
            if code and times > 1:
                yield f"{key}.{code}", Message(_("the code is used twice."))


def _colleges_can_be_told_apart(plan: Plan) -> Found:
    """A roster names a college by its Chinese name alone."""
    known: set[str] = set()
    for college in plan.colleges:
        if college.name.zh and college.name.zh in known:
            yield f"colleges.{college.code}.zh", Message(_("another college has this name: a roster could not say which is meant."))
        known.add(college.name.zh)


def _named_things_exist(plan: Plan) -> Found:
    flags = {flag.code for flag in plan.flags}
    steps = {step.code for step in plan.steps}
    dated = steps | {milestone.code for milestone in plan.milestones} | {"season"}
    departments = {department.code for department in plan.departments}
    colleges = {college.code for college in plan.colleges}
    for step in plan.steps:
        key = f"steps.{step.code}"
        yield from _known(f"{key}.department", [step.department], departments, _("there is no department “%(code)s”."))
        yield from _known(f"{key}.blocked_by", step.blocked_by, steps, _("there is no step “%(code)s”."))
        yield from _known(f"{key}.applies", sorted(step.circle.flags), flags, _("“%(code)s” is not among the flags of this plan."))
    for station in plan.stations:
        key = f"stations.{station.code}"
        yield from _known(f"{key}.steps", station.steps, steps, _("there is no step “%(code)s”."))
        yield from _known(f"{key}.colleges", station.colleges, colleges, _("there is no college “%(code)s”."))
    for milestone in plan.milestones:
        key = f"milestones.{milestone.code}"
        yield from _known(f"{key}.needs", milestone.needs, dated, _("there is no step or milestone “%(code)s”."))
        yield from _known(f"{key}.lasts", milestone.lasts, dated, _("there is no step or milestone “%(code)s”."))
    for handover in plan.handovers:
        key = f"handovers.{handover.code}"
        yield from _known(f"{key}.sender", [handover.sender], departments, _("there is no department “%(code)s”."))
        yield from _known(f"{key}.receivers", handover.receivers, departments, _("there is no department “%(code)s”."))
        yield from _known(f"{key}.of", [handover.of], dated, _("there is no step or milestone “%(code)s”."))


def _known(key: str, codes: Iterable[str], among: set[str], message: str) -> Found:
    for code in codes:
        if code and code not in among:
            yield key, Message(message, {"code": code})


def _dates_fit(plan: Plan) -> Found:
    yield from _in_order("season", plan)
    for kind, parts in (("steps", plan.steps), ("milestones", plan.milestones)):
        for part in parts:
            key = f"{kind}.{part.code}"
            yield from _in_order(key, part)
            yield from _within(plan, f"{key}.opens", part.opens)
            yield from _within(plan, f"{key}.closes", part.closes)
    for handover in plan.handovers:
        yield from _within(plan, f"handovers.{handover.code}.by", handover.closes)
    if plan.ceremony and plan.ceremony.at.year > 1:  # year 1 stands for a moment that could not be read
        yield from _within(plan, "season.ceremony.at", plan.ceremony.at.date())


def _in_order(key: str, part: Dated) -> Found:
    if part.opens and part.closes and part.closes < part.opens:
        yield f"{key}.closes", Message(_("closes on %(closes)s, before it opens on %(opens)s."), _dates(part))


def _within(plan: Plan, key: str, day: date | None) -> Found:
    if day and plan.opens and plan.closes and not plan.opens <= day <= plan.closes:
        args = {"day": day, **_dates(plan)}
        yield key, Message(_("%(day)s lies outside the season, %(opens)s to %(closes)s."), args)


def _dates(part: Dated) -> dict[str, str | int | date]:
    return {"opens": part.opens or "", "closes": part.closes or ""}


def _step_is_sound(step: Step) -> Found:
    key = f"steps.{step.code}"
    if step.fast and "collect" in step.ways:
        yield f"{key}.fast", Message(_("a thing that is handed over once is never in the fast lane."))
    if step.fast and step.money:
        yield f"{key}.fast", Message(_("a step that moves money is never in the fast lane."))
    if step.fast and not step.at_station:
        yield f"{key}.fast", Message(_("the fast lane is for steps settled at a station."))
    if step.fresh_minutes and not step.at_station:
        yield f"{key}.fresh_minutes", Message(_("only what a tablet knows grows old: this is for steps settled at a station."))
    if step.list_says and step.how != "list":
        yield f"{key}.list_says", Message(_("only a step that a list settles says what its list holds."))
    if step.shows_record and not step.form:
        yield f"{key}.shows_record", Message(_("only beside the questions of a form there is something to compare."))
    if step.signed and step.how != "collect":
        yield f"{key}.signed", Message(_("only a thing that is handed over is signed for."))
    if step.how in step.also:
        yield f"{key}.also", Message(_("“%(how)s” is already the step's main way."), {"how": step.how})
    if "collect" in step.also:
        yield f"{key}.also", Message(_("handing over is a step's main way or none."))
    if step.how == "collect" and step.also:
        yield f"{key}.also", Message(_("a thing that is handed over once has no second way."))
    if step.reviews and "form" not in step.ways:
        yield f"{key}.reviews", Message(_("only a form is reviewed."))


def _rounds_are_sound(step: Step, rounds: Rounds) -> Found:
    key = f"steps.{step.code}"
    if not step.rooms:
        yield f"{key}.rounds", Message(_("rounds go from room to room: the step needs “rooms = true”."))
    if step.how and step.how != "desk":
        yield f"{key}.rounds", Message(_("rounds are for steps signed off at a desk."))
    if step.fast:
        yield f"{key}.fast", Message(_("a step with an inspection is never in the fast lane."))
    reasons = {reason.code for reason in step.reasons}
    unknown = _("the step has no reason “%(code)s”.")
    yield from _known(f"{key}.rounds.damage", [rounds.damage], reasons, unknown)
    yield from _known(f"{key}.rounds.key", [rounds.key], reasons, unknown)
    for check in rounds.inspection:
        yield from _known(f"{key}.rounds.inspection.{check.code}.reason", [check.reason], reasons, unknown)


def _proxies_are_sound(plan: Plan, proxy: Proxy) -> Found:
    steps = {step.code: step for step in plan.steps}
    for key, codes in (("proxy.steps", proxy.steps), ("proxy.post", proxy.post)):
        yield from _known(key, codes, set(steps), _("there is no step “%(code)s”."))
    for code in proxy.steps:
        if code in steps and steps[code].how and not steps[code].at_station:
            yield "proxy.steps", Message(_("“%(code)s” is not settled at a station: nobody can come for it."), {"code": code})
    for code in proxy.post:
        if code in steps and steps[code].how and steps[code].how != "collect":
            yield "proxy.post", Message(_("“%(code)s” hands nothing over that could be posted."), {"code": code})


def _step_can_be_reached(plan: Plan, step: Step) -> Found:
    key = f"steps.{step.code}"
    if step.circle.nobody:
        yield f"{key}.applies", Message(_("applies to nobody: it asks for a flag and its opposite."))
    if not step.at_station:
        return
    if not plan.stations_for(step.code):
        yield key, Message(_("cannot be reached: it is settled at a station, and no station offers it."))
        return
    for college in plan.colleges:
        if not plan.stations_for(step.code, college.code):
            args = {"college": college.name}
            yield key, Message(_("cannot be reached from %(college)s: no station offers it to that college."), args)


def _nothing_waits_for_itself(plan: Plan) -> Found:
    """Report each circle once, at its first step in the plan, then open it there and look for the next."""
    waits = {step.code: set(step.blocked_by) for step in plan.steps}
    order = list(waits)
    while True:
        try:
            TopologicalSorter(waits).prepare()
            return
        except CycleError as error:
            circle: list[str] = error.args[1][:-1]  # each is a prerequisite of the next; the last repeats the first
            first = min(circle, key=order.index)
            at = circle.index(first)
            before = circle[at - 1]
            path = " → ".join([first, *reversed(circle[at + 1 :] + circle[:at]), first])
            yield (
                f"steps.{first}.blocked_by",
                Message(_("steps wait for one another (each for the next): %(path)s."), {"path": path}),
            )
            waits[first].discard(before)
