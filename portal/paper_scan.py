"""The picture of a desk sheet: looked at for what it is, kept beside photos and signatures under its SHA-256, never run."""

from __future__ import annotations

import io
import warnings

from flask import current_app, request
from PIL import Image

from db import attachments
from db.refusals import Invalid
from portal.audited import note

MOST_BYTES = 10 * 2**20
_BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}


def keep() -> str | None:
    """Keep the file of this request and return its name; None when none was sent.

    Raises Invalid({"scan": …}) with `scan-too-large` or `scan-unreadable` for anything but a JPEG, PNG or PDF file.
    """
    sent = request.files.get("scan")
    if sent is None or not sent.filename:
        return None
    content = sent.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Invalid({"scan": ("scan-too-large", {"most": MOST_BYTES // 2**20})})
    media_type = kind(content)
    if media_type is None:
        raise Invalid({"scan": "scan-unreadable"})
    sha256 = attachments.keep_scan(current_app.extensions["config"].attachments, content, media_type)
    note("paper.scan-kept", "", scan=sha256)
    return sha256


def kind(content: bytes) -> str | None:
    """The media type that the bytes themselves tell, None for anything that is not taken."""
    media_type = next((told for beginning, told in _BEGINNINGS.items() if content.startswith(beginning)), None)
    if media_type is None or media_type == "application/pdf":
        return media_type
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
                image.verify()
    except Exception:  # whatever Pillow finds wrong with it
        return None
    return media_type
