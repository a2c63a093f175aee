"""What the protocol says to people, by code; programs go by the code."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from kiosk.store import Answer
from web import sentences

sentences.add(
    {
        "malformed-request": (_l("The request is not readable as JSON."), _l("Send a JSON object in UTF-8.")),
        "token-unknown": (_l("This tablet is not enrolled here."), _l("Enrol it with a code from the administrator.")),
        "device-revoked": (
            _l("This tablet has been withdrawn. What it recorded can still be sent."),
            _l("Let it send its entries, then ask the administrator."),
        ),
        "station-closed": (
            _l("This station is closed in the plan. What the tablet recorded can still be sent."),
            _l("Ask the administrator to move the tablet to another station."),
        ),
        "shift-sign-in-wrong": (_l("Staff ID or password is wrong."), _l("Type both once more.")),
        "not-at-this-station": (
            _l("You are not named for this station."),
            _l("Ask the administrator to give you this station, or use a tablet of your own station."),
        ),
        "unknown-shift": (_l("This tablet has no such shift."), _l("Begin a new shift.")),
        "unknown-student": (
            _l("No graduate of this station has this reference."),
            _l("The graduate may belong to another station, or have left the season."),
        ),
        "code-unknown": (_l("This enrolment code does not exist."), _l("Check it letter by letter, or ask for a new one.")),
        "code-expired": (_l("This enrolment code has expired."), _l("Ask the administrator for a new one.")),
        "code-used": (_l("This enrolment code was used by another tablet."), _l("Ask the administrator for a new one.")),
        "cursor-expired": (_l("This copy cannot be continued."), _l("Take a new snapshot.")),
        "not-its-hash": (_l("These bytes are not the ones that the name says."), _l("Send the attachment once more.")),
        "wrong-offset": (
            _l("This part does not begin where the last one ended."),
            _l("Ask how much is here, and go on from there."),
        ),
        "too-many-entries": (_l("At most %(most)s entries at once."), _l("Send them in smaller parts.")),
        "upload-too-large": (_l("At most %(most)s bytes at once."), _l("Send it in smaller parts.")),
        "unknown-station": (_l("The plan has no such station."), _l("Choose one of the plan's stations.")),
        "no-plan": (_l("No plan has been loaded yet."), _l("The administrator loads one with: clearance init")),
    }
)

_QUARANTINED = {
    "malformed": _l("This is not a readable entry. It is kept for a reviewer."),
    "bad-signature": _l("The signature does not fit the tablet. It is kept for a reviewer."),
    "id-reused": _l("Another entry has this id. It is kept for a reviewer."),
    "chain-broken": _l("It contradicts the tablet's other entries. It is kept for a reviewer."),
    "device-revoked": _l("The tablet was withdrawn. The entry is kept for a reviewer."),
    "unknown-student": _l("No graduate has this reference. It is kept for a reviewer."),
    "unknown-step": _l("The plan has no such step. It is kept for a reviewer."),
    "unknown-operator": _l("No member of staff has this id. It is kept for a reviewer."),
    "wrong-station": _l("The tablet never served this station and step. It is kept for a reviewer."),
}
_CONFLICT = _l("Recorded. Somebody else decided otherwise; a reviewer will settle it.")


def answer(given: Answer) -> dict[str, Any]:
    """One answer as the protocol writes it."""
    told: dict[str, Any] = {"id": given.id, "outcome": given.outcome}
    if given.code:
        told["code"] = given.code
    if given.outcome == "conflict":
        told["message"] = str(_CONFLICT)
    elif given.outcome == "quarantined":
        told["message"] = str(_QUARANTINED.get(given.code or "", ""))
    return told
