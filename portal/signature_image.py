"""A signature or photo that a tablet sent, made fit for documents. What comes from outside is decoded small, and never trusted."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from db.attachments import path_of

SIZE = (540, 200)
_READ = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_MOST_PIXELS = 20_000_000


def signature(folder: Path, sha256: str, media_type: str | None) -> Image.Image | None:
    """The picture on white, at most SIZE; None where it is not here or cannot be shown."""
    kind = _READ.get(media_type or "")
    if kind is None:
        return None
    try:
        found = Image.open(io.BytesIO(path_of(folder, sha256).read_bytes()), formats=[kind])
        if found.width * found.height > _MOST_PIXELS:
            return None
        found.thumbnail(SIZE)
        drawn = found.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    return paper.convert("RGB")
