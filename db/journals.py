"""Journal files: what a tablet exported because it could not send. They come through the ledger's door like any upload."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from db import audit
from db.intake import Answer, receive
from db.refusals import Invalid, TooLarge

FORMAT = "clearance-journal/1"
MOST_BYTES = 64 * 2**20
_AT_ONCE = 500


def read_journal(content: bytes) -> list[object]:
    """The tokens of a journal file, not yet looked at. Raises Invalid for another kind of file, TooLarge above 64 MiB."""
    if len(content) > MOST_BYTES:
        raise TooLarge("journal-too-large", most=MOST_BYTES // 2**20)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Invalid(code="journal-unreadable") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT or not isinstance(document.get("entries"), list):
        raise Invalid(code="journal-unreadable")
    return document["entries"]


def take_in(tokens: Sequence[object], by: str) -> Counter[str]:
    """Bring the tokens into the ledger and count what became of them, by outcome. Safe to repeat: then all are duplicates.

    The signatures alone decide; `by` is the staff id of whoever brought the file, for the audit trail.
    """
    return Counter(answer.outcome for answer in bring_in(tokens, by))


def bring_in(tokens: Sequence[object], by: str) -> list[Answer]:
    """The same, with the answer to each token, in order."""
    answers: list[Answer] = []
    for start in range(0, len(tokens), _AT_ONCE):
        answers += receive(tokens[start : start + _AT_ONCE], "journal")
    audit.record(by, "journal.imported", "", dict(Counter(answer.outcome for answer in answers)))
    return answers
