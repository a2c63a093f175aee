"""The eight states of a step, as people read them: a word and an icon; the colour is the stylesheet's."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

STATES: dict[str, tuple[Any, str]] = {
    "not-applicable": (_l("Does not apply"), "minus"),
    "unknown": (_l("Waiting for the list"), "question"),
    "open": (_l("To do"), "circle"),
    "submitted": (_l("Waiting for review"), "clock"),
    "held": (_l("Held"), "stop"),
    "cleared": (_l("Cleared"), "check"),
    "collected": (_l("Collected"), "hand"),
    "waived": (_l("Waived"), "waive"),
}


def state_word(state: str) -> str:
    """The word for a state in the language of the request; an unknown code is shown as it is."""
    return str(STATES[state][0]) if state in STATES else state


def state_icon(state: str) -> str:
    """The icon's name in `templates/_icons.html`."""
    return STATES[state][1] if state in STATES else "question"
