"""A browser remembers, sealed, that an account signed in there. Its wrong passwords are then counted apart from everybody else's
(`db/signin.py`), so that no stranger keeps the owner out. It opens nothing, and says nothing to who looks at it."""

from __future__ import annotations

import secrets

from flask import Response, current_app, request

from db.accounts import Account
from db.signin import Browser
from web.sealed import seal, unseal

SECONDS = 180 * 24 * 3600
_PURPOSE = "known browser"


def known() -> Browser | None:
    """Whose browser is asking; None for one that nobody signed in with."""
    content = unseal(_PURPOSE, request.cookies.get(_cookie(), ""), SECONDS)
    return content and Browser(*content)


def remember(response: Response, account: Account) -> None:
    """This account signed in here; whoever did before is forgotten."""
    response.set_cookie(
        _cookie(), seal(_PURPOSE, [account.id, secrets.token_urlsafe(12)]), max_age=SECONDS,
        httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip


def _cookie() -> str:
    return current_app.config["SESSION_COOKIE_NAME"] + "-known"
