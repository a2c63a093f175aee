"""What is shown to whoever made it and to nobody else: a code of which only the hash is kept, on a page with an address of its own.

    shown_once.keep(url_for(".shown", ...), {"code": word})        # after the change, which then leads there
    kept = shown_once.kept()                                       # in the view at that address; None where there is nothing

It lies sealed in the session's cookie: with the session it ends, and after a quarter of an hour in any case. So the page may be
loaded again and its language changed, without making another. Only the newest is kept.
"""

from __future__ import annotations

from typing import Any

from flask import request, session

from web.sealed import seal, unseal

SECONDS = 15 * 60
_PURPOSE = _PLACE = "shown once"


def keep(path: str, content: dict[str, Any]) -> None:
    """Let the page at this path of the portal show the content."""
    session[_PLACE] = seal(_PURPOSE, {"path": path, "content": content})


def kept() -> dict[str, Any] | None:
    """What was kept for the page that is asked for."""
    found = unseal(_PURPOSE, session.get(_PLACE, ""), SECONDS)
    return found["content"] if found and found["path"] == request.path else None
