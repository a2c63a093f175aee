"""What is written beside an event of the audit trail, for people: names for its fields, and words for the codes in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db.audit import AuditEvent
from db.refusals import Unavailable
from db.rules.season import Station
from db.rules.step import Step
from portal.care import MARKS
from portal.proxy_forms import SLOTS
from portal.proxy_words import KINDS, proxy_act
from portal.role_words import ROLES, scope_name
from portal.words import act_word, conflict_word, finding_word, quarantine_word, reason_words, station_name, step_name, the_plan
from web import sentences
from web.i18n import dayname, yuan
from web.states import state_word

NAMES: dict[str, Any] = {
    "absent": _l("who is away"),
    "accepted": _l("taken in"),
    "accounts": _l("accounts"),
    "act": _l("decision"),
    "amount": _l("amount"),
    "application": _l("application no."),
    "before": _l("before"),
    "cards": _l("cards"),
    "changed": _l("changed"),
    "claims": _l("claims"),
    "class": _l("class"),
    "classes": _l("classes"),
    "cleared": _l("cleared"),
    "code": _l("why it waited"),
    "college": _l("college"),
    "conflict": _l("conflict"),
    "count": _l("number"),
    "device": _l("tablet no."),
    "draft": _l("drafts"),
    "duplicate": _l("known already"),
    "entry": _l("entry no."),
    "erased": _l("applications"),
    "filter": _l("filter"),
    "findings": _l("findings"),
    "first": _l("first"),
    "format": _l("format"),
    "forms": _l("forms"),
    "gen": _l("card no."),
    "graduates": _l("graduates"),
    "held": _l("held"),
    "kept": _l("left as they were"),
    "kind": _l("kind"),
    "last": _l("last"),
    "late": _l("late"),
    "left_out": _l("left out"),
    "mark": _l("mark"),
    "name": _l("name"),
    "new": _l("new"),
    "note": _l("note no."),
    "operator": _l("signed by"),
    "orphans": _l("unfinished uploads"),
    "pictures": _l("photos"),
    "problems": _l("problems"),
    "quarantined": _l("set aside"),
    "reason": _l("reason"),
    "rejected": _l("rejected"),
    "removed": _l("removed"),
    "replaced": _l("replaced"),
    "request": _l("request no."),
    "reset": _l("password forgotten"),
    "role": _l("role"),
    "rows": _l("rows"),
    "scan": _l("picture"),
    "scope": _l("where"),
    "season": _l("season closed"),
    "sheets": _l("sheets"),
    "shift": _l("shift no."),
    "state": _l("after"),
    "station": _l("station"),
    "step": _l("step"),
    "tablet": _l("tablet"),
    "targets": _l("entries"),
    "text": _l("words"),
    "upto": _l("up to no."),
    "version": _l("version"),
    "waits": _l("has to wait now"),
    "why": _l("reason"),
    "withdrawn": _l("withdrawn"),
    "wrong": _l("wrong states"),
}

_SUBJECTS: Mapping[str, Callable[[str], str]] = {
    "list": step_name, "register": step_name, "forms": step_name, "custody": step_name, "damages": step_name,
    "fast-lane": station_name, "enrol-code": station_name,
}  # fmt: skip
_SCOPES = {"all": _l("everywhere"), "station": _l("station"), "step": _l("step"), "college": _l("college"), "class": _l("class")}
# By field, or by action and field where a field means different things.
_VALUES: Mapping[str, Callable[[str], str]] = {
    "step": step_name,
    "station": station_name,
    "state": state_word,
    "before": state_word,
    "act": act_word,
    "mark": lambda code: str(MARKS.get(code, code)),
    "role": lambda code: str(ROLES.get(code, code)),
    "conflict": conflict_word,
    "code": quarantine_word,
    "findings": finding_word,
    "tablet.moved before": station_name,
    "tablet.renamed before": str,
    "proxy.refused act": proxy_act,
    "proxy kind": lambda code: str(KINDS.get(code, code)),
    "picture kind": lambda code: str(SLOTS[code][0]) if code in SLOTS else code,
    "grant kind": lambda code: str(_SCOPES.get(code, code)),
    "proxy.cover-named first": dayname,
    "proxy.cover-named last": dayname,
}


def details(event: AuditEvent) -> list[tuple[Any, Any]]:
    """What is written beside an event: names with values, None where the name says it all. What is empty or false is left out."""
    shown = []
    for name, value in event.detail.items():
        if value in ("", None, False, []):
            continue
        shown.append((NAMES.get(name, name), None if value is True else _told(event, name, value)))
    return shown


def subject_word(event: AuditEvent) -> str:
    """What an event is about: the step or station by its name, anything else as it is."""
    known = _SUBJECTS.get(event.action.partition(".")[0])
    return _in_words(known, event.subject) if known and event.subject else event.subject


def codes_named(text: str) -> list[str]:
    """The codes of the plan's steps and stations that are called so, in either language."""
    try:
        plan = the_plan()
    except Unavailable:
        return []
    parts: tuple[Step | Station, ...] = (*plan.steps, *plan.stations)
    return [part.code for part in parts if text in (part.name.zh, part.name.en)]


def _told(event: AuditEvent, name: str, value: Any) -> Any:
    if isinstance(value, list):
        return _(", ").join(str(_told(event, name, each)) for each in value)
    if name == "amount" and isinstance(value, int):
        return yuan(value)
    if not isinstance(value, str):
        return value
    if name == "reason":
        return _in_words(lambda reason: reason_words(reason, _text(event, "step")), value)
    if name == "scope":
        return _in_words(lambda scope: scope_name(_text(event, "kind"), scope), value)
    if event.action == "proxy.refused" and name == "why":
        return sentences.say(value, 409)[0]
    of_action, of_kind = f"{event.action} {name}", f"{event.action.partition('.')[0]} {name}"
    known = _VALUES.get(of_action) or _VALUES.get(of_kind) or _VALUES.get(name)
    return _in_words(known, value) if known else value


def _text(event: AuditEvent, name: str) -> str:
    value = event.detail.get(name)
    return value if isinstance(value, str) else ""


def _in_words(word: Callable[[str], str], code: str) -> str:
    """The code's word; the code itself while there is no plan to ask."""
    try:
        return word(code)
    except Unavailable:
        return code
