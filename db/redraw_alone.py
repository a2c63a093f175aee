"""Draws one untrusted file anew, in a process that may do nothing else. Run by `db.redraw`, imported for its numbers.

Standard input is the file, standard output the new JPEG; see `db/confined.py`. The arguments name the folders from which packages
are imported. Once the decoder is loaded, before it sees the first byte, the door is shut.
"""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = sys.argv[1:]  # nothing else says where packages are

from db import confined
from db.confined import Refused

MEMORY = 200 * 2**20
SECONDS = 15
MOST_BYTES = 10 * 2**20
MOST_PIXELS = 50_000_000
MOST_PAGES = 4
LONGEST = 2400
"""Pixels along the longer side of a page: 205 dots an inch on A4, enough to read an ID card that fills a quarter of it."""
ROOM = 110_000_000
"""Bytes that a decoded picture may take of MEMORY; the rest is for Python, the libraries, the file and the new picture."""

_BYTES_A_PIXEL = {"1": 2, "L": 1, "P": 5, "I;16": 5, "I;16B": 5, "I": 9, "LA": 8, "PA": 8, "RGBA": 8}
_HEIF = 7  # planes, their conversion and the copy for Pillow
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1")


def main() -> int:
    """Redraw standard input to standard output."""
    return confined.serve(redraw, MOST_BYTES, MEMORY, SECONDS, "picture")


def kind_of(content: bytes) -> str:
    """What the bytes themselves say they are; no name or media type is ever asked. Refused for anything that is not taken."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return "HEIF"
    if b"%PDF-" in content[:1024]:
        return "PDF"
    raise Refused("picture-unknown-kind")


def redraw(content: bytes) -> bytes:
    """The file as one plain JPEG without metadata, pages below each other, upright, none longer than LONGEST."""
    if len(content) > MOST_BYTES:
        raise Refused("picture-too-large")
    kind = kind_of(content)
    from PIL import Image, MpoImagePlugin, TiffImagePlugin  # noqa: F401 - loaded now, since nothing can be loaded later

    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # `_picture` counts for itself
    if kind == "PDF":
        import pypdfium2

        confined.shut()
        pages = _pages(content, pypdfium2)
    else:
        if kind == "HEIF":
            try:
                import pillow_heif
            except ImportError:
                raise Refused("picture-heic") from None
            pillow_heif.options.DECODE_THREADS = 1  # each thread's stack would count
            pillow_heif.register_heif_opener(thumbnails=False)
        confined.shut(threads=kind == "HEIF")
        pages = [_picture(content, kind)]
    return _below_each_other(pages)


def _picture(content: bytes, kind: str) -> Any:
    """The first frame, no larger than needed, upright, its alpha still there."""
    from PIL import Image, ImageOps

    image: Any = Image.open(io.BytesIO(content), formats=(kind,))
    if image.width * image.height > MOST_PIXELS or _needed(image, kind) > ROOM:
        raise Refused("picture-too-many-pixels")
    if kind == "JPEG":
        image.draft(None, _within(image.size))
    image.load()
    if image.mode in ("P", "PA", "1") or image.mode.startswith("I"):
        image = _plain(image)
    image.thumbnail((LONGEST, LONGEST), reducing_gap=2.0)
    with contextlib.suppress(Exception):  # a hostile orientation is none
        image = ImageOps.exif_transpose(image)
    return image


def _needed(image: Any, kind: str) -> int:
    """Bytes that decoding it takes, told by its header alone."""
    pixels = image.width * image.height
    if kind == "HEIF":
        return pixels * _HEIF
    if kind == "PNG":
        return pixels * _BYTES_A_PIXEL.get(image.mode, 4)
    width, height = _within(image.size)
    scale = min(8, max(1, min(image.width // width, image.height // height)))
    decoded = pixels * 4 // 2 ** (2 * (scale.bit_length() - 1))
    if not image.info.get("progressive"):
        return decoded
    # All coefficients are held until the last scan.
    across, down = (max(layer[side] for layer in image.layer) for side in (1, 2))
    return decoded + sum(pixels * 2 * layer[1] * layer[2] // (across * down) for layer in image.layer)


def _plain(image: Any) -> Any:
    """A palette with its colours, 16 bits as 8."""
    if image.mode in ("P", "PA"):
        return image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256)  # convert would only cut
    return image.convert("L")


def _pages(content: bytes, pdfium: Any) -> list[Any]:
    """Every page of a PDF as a picture. Forms, scripts and actions are never set up, so there is nothing that could run."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        encrypted = getattr(error, "err_code", None) == pdfium.raw.FPDF_ERR_PASSWORD
        raise Refused("picture-encrypted" if encrypted else "picture-damaged") from error
    if len(document) > MOST_PAGES:
        raise Refused("picture-too-many-pages")
    pages = []
    for page in document:
        longer = max(page.get_size())
        pages.append(page.render(scale=LONGEST / longer, rev_byteorder=True).to_pil().convert("RGB"))
        page.close()
    return pages


def _below_each_other(pages: list[Any]) -> bytes:
    """One picture of all pages, on white, made from pixels alone."""
    from PIL import Image

    canvas = Image.new("RGB", (max(page.width for page in pages), sum(page.height for page in pages)), "white")
    top = 0
    for page in pages:
        if page.mode in ("RGBA", "LA"):
            page = page.convert("RGBA")
            canvas.paste(page, (0, top), page)
        else:
            canvas.paste(page.convert("RGB"), (0, top))
        top += page.height
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=85)
    return out.getvalue()


def _within(size: tuple[int, int]) -> tuple[int, int]:
    """The size that a picture of this size gets."""
    longer = max(*size, LONGEST)
    return max(1, size[0] * LONGEST // longer), max(1, size[1] * LONGEST // longer)


if __name__ == "__main__":
    sys.exit(main())
