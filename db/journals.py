"""Journal files: what a tablet exported because it could not send. They come through the ledger's door like any upload."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from db import attachments, audit
from db.intake import Answer, receive
from db.refusals import Invalid, Refusal, TooLarge
from db.rules.attachment import is_name

FORMAT = "clearance-journal/1"
MOST_BYTES = 64 * 2**20
_AT_ONCE = 500
_SENDER = "journal"


class Journal(NamedTuple):
    """What a journal file holds, not yet looked at: entries' tokens, and pictures as `{"sha256", "type", "data": base64}`."""

    entries: list[object]
    pictures: list[object]


class Taken(NamedTuple):
    """What became of it: the answer to each token, in order, and how many pictures were `kept` and how many are `unusable`."""

    answers: list[Answer]
    pictures: Counter[str]

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(answer.outcome for answer in self.answers)


def read_journal(content: bytes) -> Journal:
    """The tokens and pictures of a journal file. Raises Invalid for another kind of file, TooLarge above 64 MiB."""
    if len(content) > MOST_BYTES:
        raise TooLarge("journal-too-large", most=MOST_BYTES // 2**20)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Invalid(code="journal-unreadable") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT or not isinstance(document.get("entries"), list):
        raise Invalid(code="journal-unreadable")
    pictures = document.get("attachments")
    return Journal(document["entries"], pictures if isinstance(pictures, list) else [])


def take_in(journal: Journal, by: str, folder: Path) -> Taken:
    """Bring a journal into the ledger and its pictures into the folder of attachments. Safe to repeat.

    Signatures decide about entries, their own bytes about pictures; `by` is the staff id of whoever brought the file, for the
    audit trail.
    """
    answers: list[Answer] = []
    for start in range(0, len(journal.entries), _AT_ONCE):
        answers += receive(journal.entries[start : start + _AT_ONCE], "journal")
    taken = Taken(answers, Counter("kept" if _keep(folder, one) else "unusable" for one in journal.pictures))
    pictures = {"pictures": taken.pictures["kept"]} if journal.pictures else {}
    audit.record(by, "journal.imported", "", {**taken.outcomes, **pictures})
    return taken


def _keep(folder: Path, picture: object) -> bool:
    """Keep one picture, if it is one and its bytes are those of its name."""
    if not isinstance(picture, dict):
        return False
    sha256, media_type, data = (str(picture.get(field)) for field in ("sha256", "type", "data"))
    if not is_name(sha256):
        return False
    try:
        attachments.keep(folder, sha256, base64.b64decode(data, validate=True), media_type, _SENDER)
    except (Refusal, binascii.Error, ValueError):
        return False
    return True
