"""Addresses of static files that carry the hash of their content, so that browsers keep them until they change.

Templates say `{{ asset("app.css") }}`. In debug mode a changed file is noticed at once, otherwise at the next start.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, url_for


def init_app(app: Flask) -> None:
    """Give templates `asset(path)`."""
    app.jinja_env.globals["asset"] = asset


def asset(path: str) -> str:
    """The address of a file below `static/`. A file that is not there fails the page: a wrong name shows in any test."""
    file = Path(current_app.static_folder or "", path)
    version = _hash.__wrapped__(file) if current_app.debug else _hash(file)
    return url_for("static", filename=path, v=version)


@cache
def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
