"""What the audit trail's actions are called. An action without a word of its own is shown as it is."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

_WORDS: dict[str, Any] = {
    "sign-in": _l("Signed in"),
    "sign-in.failed": _l("Sign-in failed"),
    "sign-in.refused": _l("Sign-in refused"),
    "sign-out": _l("Signed out"),
    "activation.issued": _l("Activation code issued"),
    "activation.failed": _l("Wrong activation code"),
    "account.added": _l("Account opened"),
    "account.activated": _l("Account activated"),
    "account.disabled": _l("Account closed"),
    "account.enabled": _l("Account opened again"),
    "account.sessions-ended": _l("Signed out everywhere else"),
    "password.changed": _l("Password changed"),
    "password.refused": _l("Password change refused"),
    "grant.given": _l("Right given"),
    "grant.ended": _l("Right ended"),
    "roster.imported": _l("Roster imported"),
    "journal.imported": _l("Journal file brought in"),
    "ledger.rebuilt": _l("States rebuilt from the ledger"),
    "cards.printed": _l("Card sheets printed"),
    "keys.rotated": _l("Card key renewed"),
    "audit.verified": _l("Audit trail checked"),
}


def word_of(action: str) -> Any:
    """The action's name for people."""
    return _WORDS.get(action, action)


def words() -> list[tuple[str, Any]]:
    """Every known action with its name."""
    return list(_WORDS.items())
