"""What a refusal says to people: by code, a sentence and what to do next.

A room with codes of its own adds its table once at import:

    sentences.add({"cursor-expired": (_l("This copy is too old to be continued."), _l("Take a new snapshot."))})

`%(name)s` in a sentence is filled from the refusal's params. A code without an entry speaks with its status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

Text = Any  # a str or a lazy translation
Said = tuple[Text, Text]

BY_CODE: dict[str, Said] = {
    "sign-in-needed": (_l("You are not signed in."), _l("Sign in and try again.")),
    "signed-out-meanwhile": (
        _l("You have been signed out; what you typed last is not kept yet."),
        _l("It stays on this page. Go on and send it: after you have signed in, it is here again."),
    ),
    "wrong-role": (
        _l("Your account may not open this page."),
        _l("Go back to your start page. If your work needs this page, ask the administrator for the role."),
    ),
    "form-expired": (
        _l("What you sent was not taken."),
        _l(
            "Somebody signed in or out in this browser after the page was opened. "
            "Go back and send it once more; if this comes again, allow this site its cookies."
        ),
    ),
    "heads-changed": (
        _l("Somebody else changed this meanwhile; nothing was changed by you."),
        _l("Look at what it says now, then decide again."),
    ),
    "disk-full": (
        _l("The server has no space left to store anything; nothing was changed."),
        _l("Tell the administrator. Try again in some minutes: once there is space, everything works as before."),
    ),
    "database-away": (
        _l("The database does not answer just now; nothing was changed."),
        _l("Try again in some minutes. If it lasts, tell the administrator."),
    ),
    "read-only": (
        _l("The system is being looked after and takes no changes just now."),
        _l("Reading works. Try again when the announced time is over."),
    ),
}

BY_STATUS: dict[int, Said] = {
    400: (_l("The request could not be understood."), _l("Go back, load the page again and try once more.")),
    401: BY_CODE["sign-in-needed"],
    403: (
        _l("You have no right to do this."),
        _l("Go back to your start page, or ask the administrator if your work needs it."),
    ),
    404: (
        _l("There is nothing at this address."),
        _l("Check the address, or go on from one of these pages."),
    ),
    405: (_l("There is no page at this address."), _l("It only takes what a form sends: go back to the page with the form.")),
    409: (_l("This was changed meanwhile; nothing was done."), _l("Load the page again and look at what it says now.")),
    410: (_l("This is no longer available."), _l("Ask for a new one, or start again from your start page.")),
    413: (
        _l("Too much was sent at once."),
        _l("At most 16 MB are taken at once. Choose a smaller file, or take a new photo; a long list goes in parts."),
    ),
    415: (_l("This kind of data is not taken here."), _l("Check the kind of file and send it again.")),
    422: (_l("Some of what was entered cannot be used."), _l("Correct the fields that are marked and send it again.")),
    429: (_l("Too many attempts."), _l("Wait a minute, then try again.")),
    500: (
        _l("Something went wrong on our side; it has been recorded."),
        _l("Try again in a minute. If it happens again, tell the administrator the reference below."),
    ),
    503: (_l("The system cannot do this just now; nothing was changed."), _l("Try again in a few minutes.")),
}

CODE_OF_STATUS = {
    400: "bad-request", 401: "sign-in-needed", 403: "forbidden", 404: "not-found", 405: "method-not-allowed",
    409: "conflict", 410: "gone", 413: "too-large", 415: "unsupported-media-type", 422: "invalid", 429: "too-many",
    500: "fault", 503: "unavailable",
}


class _Params(dict[str, Any]):
    """A parameter that a refusal did not give reads as nothing: a refusal must never fail while it is being told."""

    def __missing__(self, name: str) -> str:
        return ""


def add(table: Mapping[str, Said]) -> None:
    """Take over a room's sentences. A code told twice in different rooms is an error at import."""
    twice = BY_CODE.keys() & table.keys()
    if twice:
        raise ValueError(f"these refusals have sentences already: {sorted(twice)}")
    BY_CODE.update(table)


def say(code: str, status: int, params: Mapping[str, Any] | None = None) -> tuple[str, str]:
    """The sentence and the way on for this refusal, in the language of the request."""
    said = BY_CODE.get(code) or BY_STATUS.get(status) or BY_STATUS[500 if status >= 500 else 400]
    sentence, way = (fill(text, params) for text in said)
    return sentence, way


def fill(text: Text, params: Mapping[str, Any] | None) -> str:
    """The text in the language of the request, with its params in place."""
    return str(text) % _Params(params) if params else str(text)
