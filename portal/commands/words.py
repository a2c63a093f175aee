"""Refusals in English for the command line: as the portal words them, and those that so far only commands can cause."""

from __future__ import annotations

from importlib import import_module

from db.refusals import Invalid, Refusal
from portal.blueprints import PARTS
from web import sentences
from web.refusals import field_sentence

_OWN = {
    "kept-staff-id": "The system itself goes by this name in the records; choose another one.",
    "wrong-staff-id": "2 to 32 small letters, digits, hyphens and underscores, a letter first.",
    "wrong-name": "1 to 100 characters.",
    "wrong-scope-kind": "This role cannot be held there: counselors need class:NAME, colleges college:NAME, officers step:CODE, "
    "operators and supervisors station:CODE or all, every other role all.",
    "wrong-scope": "Write all, or KIND:NAME.",
    "unknown-scope": "There is no such station, college or class.",
    "account-taken": "There is such an account already.",
    "journal-unreadable": "This is no journal file of a tablet.",
    "journal-too-large": "This file is too large for a journal.",
}


def sentence(refusal: Refusal) -> str:
    """What to say about a refusal. The portal's rooms bring their sentences along when they are imported."""
    for part in PARTS:
        import_module(part)
    fields = refusal.errors if isinstance(refusal, Invalid) else {}
    if fields:
        return " ".join(f"{name}: {_OWN.get(str(error)) or field_sentence(error)}" for name, error in fields.items())
    if refusal.code in _OWN:
        return _OWN[refusal.code]
    return " ".join(filter(None, sentences.say(refusal.code, refusal.status, refusal.params)))
