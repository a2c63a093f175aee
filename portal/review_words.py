"""What a reviewer reads about cases: ways out, and where and how an entry was made."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db.review_case import Record, StepCase
from db.rules.entry import PORTAL
from db.rules.settlement import UNDO, Choice
from portal.words import CONFLICTS, FINDINGS, QUARANTINED, VIA, marked_name, on_paper, station_name
from web import sentences

CLOCK_SHOWN_MS = 60_000
"""From when on a device's clock is worth a word: a minute."""

ACTS: dict[str, Any] = {
    "clear": _l("It is cleared: nothing is missing any more"),
    "hold": _l("It stays held"),
    "waive": _l("It is waived: this graduate need not do it"),
    "reopen": _l("It is open again: neither counts"),
}

VERDICTS: dict[str, Any] = {
    "admitted": _l("Admitted"),
    "adopted": _l("Adopted"),
    "dismissed": _l("Dismissed"),
}

TROUBLES: dict[str, Any] = {
    "student-still-unknown": _l("The graduate is not on the roster. Once the roster has them, this can be admitted."),
    "step-still-unknown": _l("The plan has no such step. Once a plan has it, this can be admitted."),
    "not-genuine": _l("No tablet known here signed this. It can only be dismissed."),
    "nothing-to-adopt": _l("It decides nothing about a step. It can only be dismissed."),
    "step-not-applicable": _l("The step does not apply to this graduate. It can only be dismissed."),
}

sentences.add(
    {
        "unknown-clearance": (_l("There is no such step of such a graduate."), _l("Go back to the list.")),
        "unknown-quarantined": (_l("There is no such entry in quarantine."), _l("Go back to the list.")),
        "unknown-finding": (_l("There is no such finding."), _l("Go back to the list.")),
        "unknown-choice": (_l("This is not among the choices."), ""),
        "nothing-to-settle": (_l("There is no conflict here any more; nothing was changed."), _l("Look at what it says now.")),
        "noted-already": (_l("Somebody else has noted this finding meanwhile."), _l("Read that note first.")),
        "finding-gone": (_l("This finding has ended meanwhile."), _l("Nothing has to be noted.")),
        "settled-already": (_l("This was settled in another way meanwhile; nothing was changed."), _l("Read what was decided.")),
        **{code: (said, "") for code, said in TROUBLES.items() if code != "step-not-applicable"},
    }
)


def kinds(tab: str) -> list[tuple[str, Any]]:
    """What a list can be narrowed to."""
    if tab == "conflicts":
        return [("-vs-", _l("People decided differently")), *CONFLICTS.items()]
    return list((FINDINGS if tab == "findings" else QUARANTINED).items())


def choice_word(case: StepCase, choice: Choice) -> str:
    """A way out, in a sentence."""
    if choice.act != UNDO:
        if case.cell.conflict == "collected-while-held":
            return _("Both are known: it stays handed over, and the hold ends")
        return str(ACTS[choice.act])
    back = _(", ").join(_("no. %(no)d", no=no) for no in sorted(case.numbers[hash_].no for hash_ in choice.targets))
    if case.cell.conflict == "collected-twice":
        kept = next(record.no for record in case.sides if record.hash not in choice.targets)
        return _("No. %(kept)d counts; take back %(back)s", kept=kept, back=back)
    if case.numbers[choice.targets[0]].entry.act == "hold":
        return _("The hold was a mistake: take back %(back)s", back=back)
    return _("It was not handed over, or was given back: take back %(back)s; the hold counts", back=back)


def place_word(record: Record) -> str:
    """At which station, on which tablet; or how at the portal."""
    if record.entry.device == PORTAL and record.entry.station:
        return on_paper(record.entry.station, record.recorder)
    if record.entry.device == PORTAL:
        return str(VIA.get(record.path, record.path))
    station, device = record.entry.station or "", record.entry.device
    tablet = marked_name(device, station, record.tablet) if record.tablet else device
    return _("%(station)s, tablet %(tablet)s", station=station_name(station), tablet=tablet)


def card_word(record: Record) -> str:
    """How the graduate was found; nothing where no card comes into it."""
    entry = record.entry
    said = {
        "scan": _("card scanned") if entry.gen is None else _("card no. %(gen)d scanned", gen=entry.gen),
        "typed": _("number typed by hand"),
        "paper": _("from a paper sheet"),
    }.get(entry.via or "", "")
    return _("%(card)s, by proxy", card=said) if said and entry.proxy else said


def clock_word(record: Record) -> str:
    """By how much the tablet's clock was off; nothing where it hardly was."""
    minutes = round(abs(record.entry.offset) / 60_000)
    if abs(record.entry.offset) < CLOCK_SHOWN_MS:
        return ""
    behind = record.entry.offset > 0
    return _("%(minutes)d minutes slow", minutes=minutes) if behind else _("%(minutes)d minutes fast", minutes=minutes)
