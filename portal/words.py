"""What acts, ways, conflicts and findings are called: the ledger's codes in plain words. Templates have these as functions."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import season as seasons
from db import tablets
from db.history import Event
from db.rules import reason as reasons
from db.rules.natural import natural
from db.rules.round import Damage
from db.rules.season import Plan
from db.rules.step import Step
from db.stations import Device
from web.i18n import language, yuan

ACTS: dict[str, Any] = {
    "clear": _l("Cleared"),
    "hold": _l("Held"),
    "collect": _l("Handed over"),
    "submit": _l("Submitted"),
    "return": _l("Returned"),
    "waive": _l("Waived"),
    "reopen": _l("Reopened"),
    "undo": _l("Taken back"),
    "note": _l("Note"),
    "refuse": _l("Card turned away"),
}

VIA: dict[str, Any] = {
    "hand": _l("by hand at the portal"),
    "list": _l("by the department's list"),
    "form": _l("by form"),
}

CONFLICTS: dict[str, Any] = {
    "collected-twice": _l("Handed over twice. All but one have to be taken back."),
    "collected-while-held": _l("Handed over although somebody held it; the one did not know of the other."),
}

FINDINGS: dict[str, Any] = {
    "step-not-applicable": _l("Signed off although this step does not apply to this graduate."),
    "clock-off": _l("The tablet's clock was more than 10 minutes off."),
    "undo-without-effect": _l("Somebody tried to take back what could not be taken back, or too late."),
    "held-after-collected": _l("Held although it had been handed over before."),
    "settled-without-supervisor": _l("A conflict was settled by somebody who is not a supervisor."),
    "collected-before-settled": _l("Handed over while a step that has to come before was not settled."),
    "card-replaced": _l("Signed off with a card that had been replaced."),
    "card-revoked": _l("Signed off with a card that had been revoked."),
    "proxy-unknown": _l("Handed to a proxy whom nobody had approved for this graduate and step."),
    "proxy-not-standing": _l("Handed to a proxy whose approval had been withdrawn or revoked, or was for other days."),
    "operator-without-right": _l("Signed off by somebody who had no right to work at that station."),
    "operator-without-shift": _l("Signed off without a shift of that person at that tablet, or outside its time."),
}

QUARANTINED: dict[str, Any] = {
    "malformed": _l("Not readable as an entry"),
    "bad-signature": _l("The signature does not fit the tablet"),
    "id-reused": _l("Another entry has this id"),
    "chain-broken": _l("Contradicts the tablet's other entries"),
    "device-revoked": _l("The tablet had been withdrawn"),
    "unknown-student": _l("No graduate has this reference"),
    "unknown-step": _l("The plan has no such step"),
    "unknown-operator": _l("No member of staff has this id"),
    "wrong-station": _l("The tablet never served this station and step"),
}


def init_app(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.globals.update(
        act_word=act_word, event_word=event_word, way_word=way_word, conflict_word=conflict_word, finding_word=finding_word,
        reason_words=reason_words,
        step_name=step_name, station_name=station_name, tablet_name=tablet_name, marked_name=marked_name, mark_of=tablets.mark_of,
        college_name=college_name, quarantine_word=quarantine_word,
        damage_words=damage_words, flag_words=flag_words,
    )  # fmt: skip
    app.jinja_env.filters["natural"] = lambda names: sorted(names, key=natural)


def act_word(act: str) -> str:
    """What was done, in one word."""
    return str(ACTS.get(act, act))


def event_word(event: Event) -> str:
    """What was done, in one word; at forms, who did it says which of two things it was."""
    if event.via == "form" and event.act == "reopen":
        return _("Withdrawn to be mended")
    if event.via == "form" and event.act == "submit" and not event.own:
        return _("Approved and handed on")
    return act_word(event.act)


def way_word(event: Event) -> str:
    """Where and how it was signed: at which station, by list, by hand."""
    if event.station is None:
        return str(VIA.get(event.via, event.via))
    place = station_name(event.station)
    if event.recorder:
        return on_paper(event.station, event.recorder)
    if event.card == "typed":
        return _("%(station)s, number typed", station=place)
    return _("%(station)s, from a journal file", station=place) if event.via == "journal" else place


def on_paper(station: str, recorder: str | None) -> str:
    """Where a paper sheet was signed, and who typed it in at the portal."""
    return _("%(station)s, on paper, typed in by %(who)s", station=station_name(station), who=recorder or "–")


def conflict_word(code: str) -> str:
    """What two people disagree about, in a sentence."""
    if code in CONFLICTS:
        return str(CONFLICTS[code])
    acts = _(", ").join(act_word(act) for act in code.split("-vs-"))
    return _("People decided differently without knowing of one another: %(acts)s.", acts=acts)


def finding_word(code: str) -> str:
    """What is odd, in a sentence."""
    return str(FINDINGS.get(code, code))


def quarantine_word(code: str) -> str:
    """Why an entry waits for a reviewer."""
    return str(QUARANTINED.get(code, code))


def reason_words(reason: str | None, step: str | None = None) -> str:
    """A reason as people read it, of a step named by its code: see `said`."""
    return said(the_plan().steps_by_code.get(step or ""), reason)


def said(step: Step | None, reason: str | None) -> str:
    """A reason as people read it: the plan's words for its code, with what was written beside it. Asks no database."""
    if reason == reasons.ON_PAPER:
        return _("Signed for on paper")
    if number := reasons.parcel(reason):
        return _("Posted under number %(number)s", number=number)
    found = reasons.read(reason, step)
    if found.listed is None:
        return found.words
    listed = found.listed.pick(language())
    return _("%(listed)s (%(words)s)", listed=listed, words=found.words) if found.words else listed


def damage_words(damage: Damage, step: str) -> str:
    """One damage as people read it: what, its price, and which part of it one of several pays."""
    rounds = the_plan().steps_by_code[step].rounds if step in the_plan().steps_by_code else None
    listed = next((price.name.pick(language()) for price in rounds.prices if price.code == damage.code), None) if rounds else None
    what = " ".join(filter(None, (listed or damage.code, damage.words)))
    if damage.among == 1:
        return _("%(what)s: %(share)s", what=what, share=yuan(damage.share))
    parts = {"what": what, "amount": yuan(damage.amount), "among": damage.among, "share": yuan(damage.share)}
    return _("%(what)s: %(share)s, a share of %(amount)s among %(among)d", **parts)


def step_name(code: str) -> str:
    """The step's name in the language spoken; its code where the plan no longer has it."""
    step = the_plan().steps_by_code.get(code)
    return step.name.pick(language()) if step else code


def flag_words(codes: str) -> list[str]:
    """Flags, as a graduate's row holds them, by the names that the plan gives them; a code where it no longer has one."""
    names = {flag.code: flag.name.pick(language()) for flag in the_plan().flags}
    return [names.get(code, code) for code in codes.split()]


def station_name(code: str) -> str:
    """The station's name in the language spoken; its code where the plan no longer has it."""
    station = the_plan().stations_by_code.get(code)
    return station.name.pick(language()) if station else code


def tablet_name(device: Device) -> str:
    """What a tablet is called, with its mark where another one at its station is called the same."""
    return marked_name(device.id, device.station_id, device.name)


def marked_name(device_id: str, station: str, name: str) -> str:
    """The same from a tablet's id, station and name."""
    if "shared_names" not in g:
        g.shared_names = tablets.shared_names()
    if (station, name) not in g.shared_names:
        return name
    return _("%(name)s (%(mark)s)", name=name, mark=tablets.mark_of(device_id))


def college_name(name: str) -> str:
    """A college named as rosters name it, in the language spoken; as it is where the plan does not have it."""
    return next((college.name.pick(language()) for college in the_plan().colleges if college.name.zh == name), name)


def the_plan() -> Plan:
    """The plan, asked for once a request: a page names many steps."""
    if "plan_in_words" not in g:
        g.plan_in_words = seasons.current().plan
    return g.plan_in_words
