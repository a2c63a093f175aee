"""The picture of a desk sheet: drawn anew as every upload, then kept beside photos and signatures under its SHA-256."""

from __future__ import annotations

from flask import current_app, request

from db import attachments
from db.redraw import redraw
from db.refusals import Invalid, Refusal
from portal.audited import note


def keep() -> str | None:
    """Keep the file of this request and return its name; None when none was sent.

    Raises Invalid({"scan": ...}) with the code of `db.redraw` for whatever cannot be taken, so that nothing typed is lost.
    """
    sent = request.files.get("scan")
    if sent is None or not sent.filename:
        return None
    try:
        drawn = redraw(sent.read())
    except Refusal as refusal:
        raise Invalid({"scan": (refusal.code, refusal.params)}) from None
    sha256 = attachments.keep_scan(current_app.extensions["config"].attachments, drawn, "image/jpeg")
    note("paper.scan-kept", "", scan=sha256)
    return sha256
