"""Who may call a view. Deny by default: a view that declares nothing answers 403 to everybody.

    @bp.get("/graduates/<number>")
    @roles("officer", "admin")
    def show(number): ...

`public` is for anybody, `signed_in` for whoever is signed in, `roles(…)` for those who hold one of the roles,
`device` for the station protocol: its caller shows a bearer token that `kiosk` checks, and has no session (hence no
CSRF token). The route decorator stands above the declaration.

A role opens the door; whose data lies behind it (own college, own classes, own steps) is the view's verb to check.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, request

from db.refusals import Forbidden, NotFound, Unauthenticated

ROLES = ("graduate", "operator", "supervisor", "counselor", "college", "officer", "leadership", "admin", "auditor")

View = TypeVar("View", bound=Callable[..., Any])
RolesOf = Callable[[], Collection[str] | None]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a view asks of its caller: `kind` is public, signed-in, roles or device."""

    kind: str
    roles: frozenset[str] = frozenset()


@dataclass(slots=True)
class Access:
    """The app's answer to "which roles has the caller?": a collection of names, None when nobody is signed in."""

    roles_of: RolesOf
    sign_in_path: str


def public(view: View) -> View:
    """Anybody may call this view."""
    return _declare(view, Declaration("public"))


def signed_in(view: View) -> View:
    """Anybody who is signed in may call this view, whatever the role."""
    return _declare(view, Declaration("signed-in"))


def device(view: View) -> View:
    """An enrolled device may call this view; `kiosk` checks its token."""
    return _declare(view, Declaration("device"))


def roles(*names: str) -> Callable[[View], View]:
    """Whoever holds one of these roles may call this view. A name that is no role is an error at import."""
    unknown = set(names) - set(ROLES)
    if unknown or not names:
        raise ValueError(f"roles() takes names of {ROLES}, not {sorted(unknown) or 'nothing'}")
    return lambda view: _declare(view, Declaration("roles", frozenset(names)))


def declaration_of(view: Callable[..., Any] | None) -> Declaration | None:
    """What the view declares, None if nothing."""
    return getattr(view, "access", None)


def init_app(app: Flask, roles_of: RolesOf, sign_in_path: str = "/sign-in") -> None:
    """Guard every request of the app. `roles_of` is asked once a request, and only for views that need to know."""
    app.extensions["access"] = Access(roles_of, sign_in_path)
    if "static" in app.view_functions:
        public(app.view_functions["static"])
    app.before_request(guard)
    app.jinja_env.globals["may_reach"] = may_reach


def guard() -> None:
    """Let the request pass or refuse it; a path that leads nowhere is left to the router's 404."""
    if request.endpoint is None:
        return
    if "\0" in request.path:
        raise NotFound  # nothing is called so, and PostgreSQL could not even be asked for it
    declared = declaration_of(current_app.view_functions.get(request.endpoint))
    if declared is None:
        current_app.logger.error("view %s declares no access and is closed", request.endpoint)
        raise Forbidden
    if declared.kind in ("public", "device"):
        return
    held = roles_held()
    if held is None:
        raise Unauthenticated
    if not _admits(declared, held):
        raise Forbidden("wrong-role")


def roles_held() -> frozenset[str] | None:
    """The caller's roles, None when nobody is signed in."""
    held = current_app.extensions["access"].roles_of()
    return None if held is None else frozenset(held)


def may_reach(endpoint: str) -> bool:
    """True if the caller's roles admit to this endpoint and it exists: for links that should not lead to a refusal."""
    declared = declaration_of(current_app.view_functions.get(endpoint))
    if declared is None:
        return False
    held = roles_held()
    return declared.kind == "public" or (held is not None and _admits(declared, held))


def undeclared(app: Flask) -> list[str]:
    """Endpoints that forgot to declare, for the test that walks the route table."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules()
                   if declaration_of(app.view_functions[rule.endpoint]) is None})


def safe_next(target: str | None, default: str = "/") -> str:
    """`target` if it is a path on this site, else `default`: a link must not lead people elsewhere after sign-in."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if "\\" in target or any(ord(sign) < 0x21 or ord(sign) == 0x7F for sign in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def _admits(declared: Declaration, held: Iterable[str]) -> bool:
    return declared.kind == "signed-in" or not declared.roles.isdisjoint(held)


def _declare(view: View, declaration: Declaration) -> View:
    view.access = declaration  # type: ignore[attr-defined]
    return view
