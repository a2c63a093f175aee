"""The central web app: `create_app(config)` builds it, `wsgi.py` serves it."""

from __future__ import annotations

from importlib import import_module

import peewee
from flask import Flask, current_app, got_request_exception, request
from flask_htmx import HTMX
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from db import database
from db.accounts import Account
from db.keys import KeyStore
from portal import rehearsal, tablet_host
from portal.blueprints import PARTS
from portal.config import Config, ConfigError
from portal.frame import PlanFacts, person
from web import access, assets, headers, i18n, refusals
from web.catalogue import ROOT
from web.request import SoundRequest

LARGEST_UPLOAD = 16 * 1024 * 1024

csrf = CSRFProtect()


def create_app(config: Config) -> Flask:
    """The portal over the config's database and keys, ready to serve.

    Raises ConfigError or `db.keys.KeysUnusable`, which say what to do, when either cannot be used.
    """
    app = Flask("portal", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.request_class = SoundRequest
    keys = KeyStore(config.keys)
    app.extensions["config"] = config
    app.extensions["keys"] = keys
    app.config.update(_settings(config, keys))
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    if config.proxies:
        count = config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    _open_database(app, config)
    rehearsal.check_apart(keys)
    rehearsal.init_app(app, config)
    if app.extensions["rehearsal"]:
        app.config["SESSION_COOKIE_NAME"] += "-rehearsal"  # cookies do not know ports: nobody is signed out of the real portal
    app.extensions["plan_facts"] = PlanFacts()
    i18n.init_app(app, zone_of=app.extensions["plan_facts"].zone)
    refusals.init_app(app)
    headers.init_app(app)
    assets.init_app(app)
    tablet_host.init_app(app)
    access.init_app(app, roles_of=_roles_of_caller)
    csrf.init_app(app)
    app.before_request(_protect_forms)
    HTMX(app)
    for name in PARTS:
        _start(app, name)
    return app


def _settings(config: Config, keys: KeyStore) -> dict[str, object]:
    return {
        "SECRET_KEY": keys.secret,
        "SESSION_COOKIE_NAME": "__Host-clearance" if config.https else "clearance",
        "SESSION_COOKIE_SECURE": config.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": LARGEST_UPLOAD,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a page may lie open all day
        "WTF_CSRF_CHECK_DEFAULT": False,  # `_protect_forms` decides, by what the view declares
    }


def _open_database(app: Flask, config: Config) -> None:
    """Connections open by themselves, one a thread, and stay open; one that failed is closed, so the next is fresh."""
    database.open_database(config.database)
    try:
        ready = Account.table_exists()
    except peewee.OperationalError as error:
        raise ConfigError(f"The database of CLEARANCE_DATABASE does not answer: {error}".strip()) from error
    finally:
        database.close_database()
    if not ready:
        raise ConfigError("The database of CLEARANCE_DATABASE has no tables yet. To make them, run: clearance init")

    def close_if_broken(_app: Flask, exception: BaseException, **_more: object) -> None:
        if isinstance(exception, (peewee.OperationalError, peewee.InterfaceError)):
            database.close_database()

    got_request_exception.connect(close_if_broken, app, weak=False)


def _roles_of_caller() -> frozenset[str] | None:
    caller = person()
    return None if caller is None else frozenset(caller.roles)


def _protect_forms() -> None:
    """Every change needs the form's token, except from devices, which have no session to be misused."""
    view = current_app.view_functions.get(request.endpoint or "")
    declared = access.declaration_of(view)
    if declared is not None and declared.kind != "device" and current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


def _start(app: Flask, name: str) -> None:
    part = import_module(name)
    if hasattr(part, "init_app"):
        part.init_app(app)
    if hasattr(part, "blueprint"):
        app.register_blueprint(part.blueprint)
