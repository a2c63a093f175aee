"""What pages about requests for help share: states, acts and refusals in words, and the messages that answers send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db.help import HelpRequest
from portal import message_words
from portal.message_words import Told
from web import sentences

STATES: dict[str, tuple[Any, str, str]] = {
    "open": (_l("Waits for an answer"), "info", "clock"),
    "answered": (_l("Answered"), "good", "check"),
    "closed": (_l("Closed"), "plain", "minus"),
}
ACTS: dict[str, Any] = {
    "ask": _l("Asked"),
    "write": _l("Wrote more"),
    "answer": _l("Answered"),
    "hand-on": _l("Handed on"),
    "hand-back": _l("Handed back to the counselor"),
    "close": _l("Closed"),
    "reopen": _l("Opened again"),
}

_LOOK = _l("Look at what it says now, then decide again.")

sentences.add(
    {
        "unknown-help": (_l("There is no such request."), _l("Go back to the list and choose one.")),
        "help-changed": (_l("Somebody wrote meanwhile; nothing was changed by you."), _LOOK),
        "help-too-many": (
            _l("%(most)d of your requests are still going on."),
            _l("Write more to one of these, or close one that is settled."),
        ),
        "help-too-late": (_l("It was closed more than 7 days ago."), _l("Write a new request.")),
    }
)


def init_app(app: Flask) -> None:
    """Give templates these words, and answers their messages."""
    app.jinja_env.globals.update(help_state=help_state, help_act=lambda act: str(ACTS.get(act, act)))


def help_state(request: HelpRequest) -> tuple[Any, str, str]:
    """Word, tone and icon of how it stands now; whoever should have been answered by now is overdue."""
    return (_("Overdue"), "bad", "warning") if request.overdue else STATES[request.state]


def _answered(params: Mapping[str, Any]) -> Told:
    return Told(_("Your request for help was answered"), _("You can write more, or close it."), _about(params), "help.index")


def _closed(params: Mapping[str, Any]) -> Told:
    text = _("If it is not settled, you can open it again within 7 days.")
    return Told(_("Your request for help was closed"), text, _about(params), "help.index")


def _about(params: Mapping[str, Any]) -> str:
    return "\n".join(filter(None, (_("Topic: %(topic)s", topic=params["topic"]), params.get("words"))))


message_words.add("help.answer", _answered)
message_words.add("help.close", _closed)
