"""Security headers on every answer: a strict content policy, and nothing kept in a cache that does not ask for it.

The policy has no inline script or style and no eval. A view that needs more says so for its own answer,
`headers.allow("script-src", "'wasm-unsafe-eval'")`; a folder of static files (a worker's policy comes with its script)
is given more once, `headers.allow_below(app, "/static/tablet/", "script-src", "'wasm-unsafe-eval'")`.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request

POLICY: dict[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:", "blob:"),
    "font-src": ("'self'",),
    "media-src": ("'self'", "blob:"),
    "connect-src": ("'self'",),
    "worker-src": ("'self'",),
    "manifest-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'none'",),
}

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), screen-wake-lock=(self), fullscreen=(self), geolocation=(), microphone=(), "
                          "payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

YEAR = 365 * 24 * 3600

Additions = dict[str, tuple[str, ...]]


def init_app(app: Flask) -> None:
    """Put the headers on every answer of the app."""
    app.extensions["headers"] = {}
    app.after_request(apply)


def allow(directive: str, *sources: str) -> None:
    """Widen the content policy of the answer being made."""
    _add(g.setdefault("policy_additions", {}), directive, sources)


def allow_below(app: Flask, prefix: str, directive: str, *sources: str) -> None:
    """Widen the content policy of every answer whose path starts with `prefix`."""
    _add(app.extensions["headers"].setdefault(prefix, {}), directive, sources)


def apply(response: Response) -> Response:
    """Set what the view has not set itself; the view's own Cache-Control stands."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _policy())
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
    if request.endpoint == "static" or (request.endpoint or "").endswith(".static"):
        _cache_static(response)
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _cache_static(response: Response) -> None:
    """A file asked for by the hash of its content never changes; any other is asked for again each time."""
    if response.status_code == 200 and request.args.get("v"):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"


def _policy() -> str:
    below = [more for prefix, more in current_app.extensions["headers"].items() if request.path.startswith(prefix)]
    policy = dict(POLICY)
    for more in [*below, g.get("policy_additions", {})]:
        for directive, sources in more.items():
            _add(policy, directive, sources)
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())


def _add(policy: Additions, directive: str, sources: tuple[str, ...]) -> None:
    if directive not in POLICY:
        raise ValueError(f"{directive} is not part of the policy")
    had = policy.get(directive, ())
    policy[directive] = had + tuple(source for source in sources if source not in had)
