"""The tablet app as files: its one page, its modules, its service worker and its manifest, all below /tablet.

The page is the same for everybody and speaks both languages, so that the service worker can keep it and the tablet can
switch languages with no network. Every file is named to the service worker with its hash; their sum is the version.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request, send_from_directory, url_for
from flask_babel import force_locale

from web import headers
from web.access import public
from web.i18n import LANGUAGES

STATIC = Path(__file__).resolve().parent.parent / "static"
APP = STATIC / "tablet"
VENDOR = STATIC / "vendor"
VENDORED = ("idb", "barcode-detector", "zxing-wasm")
SERVED = (".js", ".css", ".svg", ".png", ".wasm")
WORKER = "sw.js"

blueprint = Blueprint("shell", __name__, url_prefix="/tablet")


class Build(NamedTuple):
    """One version of the app. `files` maps an address to the `integrity` of what is served there."""

    version: str
    page: str
    files: dict[str, str]


@blueprint.get("/")
@public
def page() -> Response:
    """The app's only page."""
    response = _kept(build().page, "text/html")
    headers.allow("script-src", "'wasm-unsafe-eval'")  # the QR decoder is WebAssembly
    return response


@blueprint.get("/sw.js")
@public
def worker() -> Response:
    """The service worker, with what it has to keep in its first line: another version is another script."""
    known = build()
    files = [{"url": url, "integrity": integrity} for url, integrity in known.files.items()]
    facts = json.dumps({"version": known.version, "page": url_for("shell.page"), "files": files})
    response = _kept(f"self.BUILD = {facts};\n{(APP / WORKER).read_text('utf-8')}", "text/javascript")
    response.headers["Service-Worker-Allowed"] = request.path.removesuffix(f"/{WORKER}")
    return response


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """What an installed app is called and looks like."""
    return _kept(render_template("tablet/manifest.json"), "application/manifest+json")


@blueprint.get("/app/<path:path>")
@public
def app_file(path: str) -> Response:
    """A module, style sheet or picture of the app."""
    return _file(APP, path)


@blueprint.get("/vendor/<any(idb, 'barcode-detector', 'zxing-wasm'):package>/<path:path>")
@public
def vendor_file(package: str, path: str) -> Response:
    """A file that others wrote and the app uses."""
    return _file(VENDOR / package, path)


def build() -> Build:
    """The version that is served. Files are read once, in debug mode each time."""
    marked = bool(current_app.extensions.get("rehearsal"))
    return _build.__wrapped__(marked) if current_app.debug else _build(marked)


@lru_cache(maxsize=2)
def _build(rehearsal: bool) -> Build:
    files = {url_for("shell.app_file", path=name): _integrity((APP / name).read_bytes()) for name in _names(APP) if name != WORKER}
    for package in VENDORED:
        for name in _names(VENDOR / package):
            files[url_for("shell.vendor_file", package=package, path=name)] = _integrity((VENDOR / package / name).read_bytes())
    files[url_for("shell.manifest")] = _integrity(render_template("tablet/manifest.json").encode())
    modules = [url_for("shell.app_file", path=name) for name in _names(APP) if name.endswith(".js") and name != WORKER]
    modules.append(url_for("shell.vendor_file", package="idb", path="index.js"))
    drafted = _page(modules, "", rehearsal)
    version = hashlib.sha256(json.dumps([files, drafted, (APP / WORKER).read_text("utf-8")]).encode()).hexdigest()[:12]
    finished = _page(modules, version, rehearsal)
    return Build(version, finished, {url_for("shell.page"): _integrity(finished.encode()), **files})


def _page(modules: list[str], version: str, rehearsal: bool) -> str:
    texts = {}
    for language in LANGUAGES:
        with force_locale(language):
            texts[language] = render_template("tablet/_strings.html", rehearsal=rehearsal)
    with force_locale("zh"):
        return render_template("tablet/shell.html", modules=modules, version=version, texts=texts, rehearsal=rehearsal)


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in SERVED)


def _integrity(content: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def _kept(content: str, kind: str) -> Response:
    """Asked for again each time, and sent again only if it has changed."""
    response = make_response(content)
    response.content_type = f"{kind}; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _file(folder: Path, path: str) -> Response:
    if Path(path).suffix not in SERVED:
        abort(404)
    return send_from_directory(folder, path)
