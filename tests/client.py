"""A client of the portal as people use it: signed in or not, sending its forms with their tokens.

    client = portal(database_url, folder)             # an app of its own, a visitor
    client.sign_in_as("st_admin")                     # a session, without the cost of a password's hash
    client.send("/account/password", current=…)       # POST with the CSRF token of the session
"""

from __future__ import annotations

import html
import re
import secrets
import time
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from db.accounts import Account
from db.keys import KeyStore
from portal import create_app
from portal.config import Config

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Client(FlaskClient):
    """A browser without JavaScript."""

    _tokens: tuple[str | None, str] = (None, "")

    def sign_in_as(self, account_id: str) -> Client:
        """Begin a session of this account, as a right password would."""
        account = Account.get_by_id(account_id)
        with self.session_transaction() as session:
            session.clear()
            session["_user_id"] = f"{account.session_version}:{account.id}"
            session["_fresh"] = True
            session["since"], session["word"] = int(time.time()), secrets.token_urlsafe(16)
        return self

    def token(self) -> str:
        """The CSRF token of this session, read from a page that everybody may open, once for each session."""
        if self._secret() is None or self._secret() != self._tokens[0]:
            found = TOKEN.search(self.get("/activate").text)
            assert found, "the page has no form"
            self._tokens = self._secret(), html.unescape(found[1])
        return self._tokens[1]

    def _secret(self) -> str | None:
        with self.session_transaction() as session:
            secret: str | None = session.get("csrf_token")
        return secret

    def send(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """POST these fields with the token, as the page's form would."""
        return self.post(path, data={"csrf_token": self.token(), **fields}, headers=headers)


    def send_on(self, path: str, **fields: Any) -> TestResponse:
        """The same, and the page that it leads to."""
        return self.post(path, data={"csrf_token": self.token(), **fields}, follow_redirects=True)


def portal(database_url: str, folder: Path, **config: Any) -> Client:
    """A client of a new portal over this database, which must be migrated; keys are made in `folder`."""
    keys = folder / "keys"
    if not keys.exists():
        KeyStore.create(keys)
    app: Flask = create_app(Config(database_url, keys, **config))
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    return client
