"""The audit trail as the web fills it: who asked and from where."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_login import current_user

from db import audit


def init_app(app: Flask) -> None:
    """Let every event that a request causes say the address it came from. Proxies are trusted as the config says."""
    app.before_request(_remember_origin)
    app.teardown_request(_forget_origin)


def note(action: str, subject: str = "", **detail: Any) -> None:
    """Record that the caller did or saw something. Never give it a password, a code or a whole ID number."""
    actor = current_user.id if current_user.is_authenticated else ""
    audit.record(actor, action, subject, detail)


def _remember_origin() -> None:
    audit.origin.set(request.remote_addr or "")


def _forget_origin(_fault: BaseException | None) -> None:
    audit.origin.set("")
