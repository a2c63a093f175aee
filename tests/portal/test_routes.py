"""Every route of the portal declares who may call it, and what it declares holds."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from db.database import close_database
from db.keys import KeyStore
from portal import create_app
from portal.config import Config
from tests.engines import Sqlite
from web.access import ROLES, declaration_of, undeclared
from web.ways import is_page, page_above

# What anybody may see without signing in, by path: adding to it is a decision.
PUBLIC = (
    "/.well-known/", "/activate", "/healthz", "/language", "/proxy-card", "/sign-in", "/static/", "/station/v1/enrolments",
    "/station/v1/openapi.json", "/tablet", "/theme",
)


@pytest.fixture(scope="module")
def app(sqlite_engine: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    url = sqlite_engine.create()
    folder = tmp_path_factory.mktemp("routes") / "keys"
    KeyStore.create(folder)
    yield create_app(Config(url, folder))
    close_database()
    sqlite_engine.drop(url)


def rules(app: Flask, kind: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if declaration_of(app.view_functions[rule.endpoint]).kind == kind]


def path_of(rule: Rule) -> str:
    """A path that the rule takes, with something for each of its variables."""
    values = {name: 1 if "Integer" in type(converter).__name__ else "x" for name, converter in rule._converters.items()}
    _domain, path = rule.build(values) or ("", rule.rule)
    return path


def asked(app: Flask, rule: Rule):
    """The answer to a visitor who asks for the rule by its own method."""
    method = next(iter(rule.methods - {"HEAD", "OPTIONS"}), "HEAD")
    return app.test_client().open(path_of(rule), method=method)


def test_every_route_declares_who_may_call_it(app):
    assert undeclared(app) == []


def test_only_the_named_paths_are_public(app):
    assert [rule.rule for rule in rules(app, "public") if not rule.rule.startswith(PUBLIC)] == []


def test_no_visitor_gets_past_a_view_that_needs_a_role_or_a_sign_in(app):
    for rule in rules(app, "roles") + rules(app, "signed-in"):
        answer = asked(app, rule)
        if rule.rule.startswith("/station/v1"):
            assert answer.status_code == 401, rule.rule
        else:
            assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in"), rule.rule


def test_no_device_gets_in_without_its_token(app):
    for rule in rules(app, "device"):
        if rule.rule != "/station/v1/enrolments":  # where a device that has a code gets its token
            assert asked(app, rule).status_code == 401, rule.rule


def test_every_form_is_sent_to_an_address_on_or_below_its_page(app):
    """So that whoever asks for it gets that page, and the language can be changed there: see `web/ways.py`."""
    alone = {"/language", "/theme", "/sign-out"}
    with app.test_request_context("/"):
        table = app.url_map.bind("")
        for rule in app.url_map.iter_rules():
            if "POST" in rule.methods and not rule.rule.startswith(("/station/v1", "/tablet")) and rule.rule not in alone:
                path = path_of(rule)
                page, _values = table.match(path if is_page(path) else page_above(path), method="GET", return_rule=True)
                assert rule.rule == page.rule or rule.rule.startswith(f"{page.rule}/"), f"{rule.rule} is answered by {page.rule}"
                assert page.rule != "/", rule.rule


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_a_refusal_from_every_view_that_does_not_name_it(app, role, monkeypatch):
    monkeypatch.setattr(app.extensions["access"], "roles_of", lambda: {role})
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    for rule in rules(app, "roles"):
        if role not in declaration_of(app.view_functions[rule.endpoint]).roles:
            assert asked(app, rule).status_code == 403, f"{role} at {rule.rule}"


def test_nothing_changes_by_get(app):
    """A link or a picture must not be able to change anything: paths that change take no GET on the same view."""
    for rule in app.url_map.iter_rules():
        changing = rule.methods & {"POST", "PUT", "PATCH", "DELETE"}
        assert not (changing and "GET" in rule.methods), f"{rule.rule}: give GET and {changing} a view each"
