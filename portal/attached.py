"""Photos and signatures on pages. That one was opened is recorded; whatever a tablet sent, it runs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from mimetypes import guess_extension

from flask import Response, current_app
from flask_babel import lazy_gettext as _l

from db.attachments import path_of
from db.refusals import NotFound
from portal.audited import note
from web import sentences

sentences.add(
    {
        "unknown-attachment": (
            _l("This file has not arrived yet."),
            _l("It comes once its tablet has a network. Try again later."),
        ),
    }
)


def attached(pairs: Iterable[tuple[str, str | None]], sha256: str, number: str, step: str) -> Response:
    """The bytes of one of these (name and media type, None where it has not come), for whoever may see that step."""
    media_type = next((kind for name, kind in pairs if name == sha256), None)
    if media_type is None:
        raise NotFound("unknown-attachment")
    note("attachment.viewed", number, step=step)
    content = path_of(current_app.extensions["config"].attachments, sha256).read_bytes()
    response = Response(content, mimetype=media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    way = "attachment" if media_type == "application/pdf" else "inline"  # a browser shows no PDF in a sandbox
    response.headers["Content-Disposition"] = f"{way}; filename={sha256[:12]}{guess_extension(media_type) or ''}"
    return response
