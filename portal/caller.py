"""Who is asking: the account behind a session, and how sessions begin and end.

A session is a signed cookie with the account's id and `session_version`: raising that number ends every session of the account,
everywhere, at once. Each session has a random word of its own, too; signing out ends that one, also for who copied the cookie.
Staff are signed in for 10 hours, a working day, and no longer than the browser stays open, because desks
are shared. Graduates stay signed in for 30 days on their own phones: the season is six weeks, and a forgotten password on
clearance day is a queue. Neither is prolonged by use.
"""

from __future__ import annotations

import secrets
import time
from datetime import timedelta
from typing import cast

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from db import grants, sessions
from db.accounts import Account
from db.messages import unread_of
from db.refusals import Unauthenticated
from db.rules.powers import Powers

STAFF_SESSION = timedelta(hours=10)
GRADUATE_SESSION = timedelta(days=30)


class Caller(UserMixin):
    """Somebody who is signed in, as Flask-Login's `current_user`. `unread`: messages that a graduate has not read."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.id: str = account.id
        self.name: str = account.name
        self.unread: int = getattr(account, "unread", 0)

    def get_id(self) -> str:
        return f"{self.account.session_version}:{self.id}"

    @property
    def powers(self) -> Powers:
        """What the account may do, where."""
        return grants.powers_of(self.account)

    @property
    def roles(self) -> frozenset[str]:
        return self.powers.roles


def init_app(app: Flask) -> None:
    """Load the caller of each request that asks who it is."""
    app.permanent_session_lifetime = max(STAFF_SESSION, GRADUATE_SESSION)
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    manager = LoginManager(app)
    manager.session_protection = None  # phones change their address all day
    manager.user_loader(_load)


def me() -> Account:
    """The account that is asking. Raises Unauthenticated when nobody is signed in."""
    if not current_user.is_authenticated:
        raise Unauthenticated
    return cast(Caller, current_user).account


def begin_session(account: Account) -> None:
    """Sign the account in here. Whatever the session held before, its CSRF token included, is gone."""
    _end()
    session["since"] = int(time.time())
    session["word"] = secrets.token_urlsafe(16)
    session.permanent = account.graduate_id is not None
    login_user(Caller(account))


def continue_session(account: Account) -> None:
    """Let this session go on after `session_version` was raised to end the others."""
    login_user(Caller(account))


def end_session() -> None:
    """Sign out of this session."""
    logout_user()
    _end()


def _end() -> None:
    """Whatever the session held is gone here, and worth nothing elsewhere."""
    word = session.get("word")
    session.clear()
    if isinstance(word, str):
        sessions.end(word, max(STAFF_SESSION, GRADUATE_SESSION))


def _load(word: str) -> Caller | None:
    version, _, account_id = word.partition(":")
    own = session.get("word")
    if not isinstance(own, str):
        return None
    # With how many messages wait, so that no page has to ask for what stands in every page's head.
    query = Account.select(Account, unread_of(Account.graduate).alias("unread"))
    account = query.where(Account.id == account_id, sessions.goes_on(own)).first()
    if account is None or account.disabled_at is not None or str(account.session_version) != version:
        return None
    lifetime = STAFF_SESSION if account.graduate_id is None else GRADUATE_SESSION
    since = session.get("since")
    if not isinstance(since, int) or time.time() - since > lifetime.total_seconds():
        return None
    return Caller(account)
