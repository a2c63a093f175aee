"""The one tree of refusals: what the system says when it will not do what was asked.

A refusal carries a stable `code` for programs, an HTTP `status` for answers, and `params` that fill the sentence
people read. The sentence itself lives in `web/refusals.py`, by code and translated, so that `db` stays free of words.

    raise NotFound("unknown-graduate", number=number)
    raise Conflict("heads-changed")
    raise Invalid({"number": "required", "amount": ("too-large", {"most": 100_000})})

New refusals are mostly a new code of one of the classes below; a subclass is worth its lines only when somebody
catches it by type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """Base of all refusals: not a fault in the program, an answer.

    `code` (kebab-case) may be given per raise; `params` are named values for the sentence and must be safe to show
    to the person who asked.
    """

    status: int = 400
    code: str = "refused"

    def __init__(self, code: str | None = None, **params: Any) -> None:
        if code is not None:
            self.code = code
        self.params: dict[str, Any] = params
        super().__init__(self.code)


class Unauthenticated(Refusal):
    """Nobody known is asking: sign in (or present a device token) and ask again."""

    status = 401
    code = "sign-in-needed"


class Forbidden(Refusal):
    """The one who asks is known and has no right to this."""

    status = 403
    code = "forbidden"


class NotFound(Refusal):
    """There is no such thing, or none that the one who asks may know of."""

    status = 404
    code = "not-found"


class Conflict(Refusal):
    """The thing has changed, or was done before in another way; look again, then decide."""

    status = 409
    code = "conflict"


class Gone(Refusal):
    """It was there and will not come back: an expired link, a cursor from before a restore."""

    status = 410
    code = "gone"


class TooLarge(Refusal):
    """More was sent than is taken in one request."""

    status = 413
    code = "too-large"


class Invalid(Refusal):
    """What was sent cannot be used; `errors` says why, field by field, all of it at once.

    `errors` maps a field's name to a code, to `(code, params)`, or to a sentence that is already translated.
    """

    status = 422
    code = "invalid"

    def __init__(self, errors: Mapping[str, Any] | None = None, code: str | None = None, **params: Any) -> None:
        super().__init__(code, **params)
        self.errors: dict[str, Any] = dict(errors or {})


class TooMany(Refusal):
    """Asked too often; `retry_after` is in whole seconds."""

    status = 429
    code = "too-many"

    def __init__(self, code: str | None = None, retry_after: int = 60, **params: Any) -> None:
        super().__init__(code, retry_after=retry_after, **params)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """Not now: maintenance, read-only mode, a full disk. Nothing was changed."""

    status = 503
    code = "unavailable"
