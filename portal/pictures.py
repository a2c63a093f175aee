"""Uploaded pictures on pages: viewer and time across them, in a sandbox, kept by no browser, each opening recorded.

Whether somebody may look is decided by the view that calls `show`.
"""

from __future__ import annotations

import io

from flask import Response, current_app
from flask_babel import lazy_gettext as _l
from PIL import Image, ImageDraw

from db import pictures, season
from db.database import now
from db.pictures import Picture
from db.vault import Vault
from portal import rehearsal
from portal.audited import note
from portal.caller import me
from portal.cardart.lettering import screen_font
from web import sentences

ACCEPT = "image/*,application/pdf"
"""For the file field of a form. Phones then offer the camera, and an iPhone turns HEIC into JPEG by itself."""

_ANEW = _l("Take a new photo of the paper and upload that; nothing was kept.")
sentences.add({
    "picture-too-large": (
        _l("The file is larger than the %(most)d MB that are taken."),
        _l("Take a photo of the paper instead, or save it smaller."),
    ),
    "picture-unknown-kind": (_l("The file is neither a JPEG or PNG picture nor a PDF."), _ANEW),
    "picture-heic": (
        _l("HEIC pictures cannot be read here."),
        _l("Choose the photo as JPEG: on an iPhone, Settings → Camera → Formats → Most Compatible; or take a screenshot of it."),
    ),
    "picture-damaged": (_l("The file is damaged and cannot be read."), _ANEW),
    "picture-too-many-pixels": (
        _l("The picture has too many pixels: up to %(most)d million are taken, of PNG and HEIC fewer."),
        _l("Take it with the usual setting of the camera, or save it as a smaller JPEG."),
    ),
    "picture-too-many-pages": (_l("The PDF has more than %(most)d pages."), _l("Upload only the pages that are asked for.")),
    "picture-encrypted": (
        _l("The PDF is locked with a password."),
        _l("Save it without a password, or upload a photo of the paper."),
    ),
    "picture-too-heavy": (_l("The file takes more time or memory than a picture should."), _ANEW),
    "pictures-busy": (_l("Too many pictures are being received just now."), _l("Nothing was lost. Try again in some seconds.")),
    "unknown-picture": (_l("There is no such picture."), _l("Load the page again.")),
    "picture-gone": (
        _l("This picture has been deleted."),
        _l("Pictures are deleted when their time is over or when they are withdrawn."),
    ),
})  # fmt: skip


def vault() -> Vault:
    """Where this installation's pictures lie."""
    config = current_app.extensions["config"]
    return Vault(config.pictures, config.picture_keys)


def show(picture: Picture) -> Response:
    """The answer that shows it. Raises Gone("picture-gone"). The bytes leave only after the opening was recorded."""
    content = pictures.content(vault(), picture)
    moment = now().astimezone(season.current().plan.zone)
    drawn = _marked(content, " ".join(rehearsal.mark_row((me().name, me().id, f"{moment:%Y-%m-%d %H:%M}"))))
    note("picture.viewed", picture.graduate.number, kind=picture.kind)
    response = Response(drawn, mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = "inline; filename=picture.jpg"
    return response


def _marked(content: bytes, words: str) -> bytes:
    """The JPEG with the words all over it: lightly, so that the paper can be read, and too often to be cut away."""
    image = Image.open(io.BytesIO(content), formats=("JPEG",)).convert("RGB")
    size = max(16, image.width // 50)
    font = screen_font(size)
    left, top, right, bottom = map(int, font.getbbox(words))
    tile = Image.new("L", (right - left + 2 * size, bottom - top + 2 * size))
    ImageDraw.Draw(tile).text((size - left, size - top), words, fill=90, font=font)
    tile = tile.rotate(20, Image.Resampling.BILINEAR, expand=True)
    for down in range(0, image.height, tile.height):
        for across in range(0, image.width, tile.width):
            image.paste((128, 128, 128), (across, down), tile)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()
