"""The QR code of a card: error correction M, the smallest version that holds it, a quiet zone of 4 modules.

The mask is fixed. The standard lets an encoder weigh all eight to avoid large even patches, which costs a library in
Python four fifths of its time; a card's text is as good as random, so all masks come out alike (mask 2 the best by a
little over many cards), and the tests show that what it makes is read by two independent readers.
"""

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

from portal.cardart.codewords import codewords, smallest_version

QUIET = 4
MASK = 2


def bitmap(token: str) -> Image.Image:
    """The code with its quiet zone as a 1-bit picture, one pixel a module. ValueError when no QR code could hold it."""
    text = token.encode()
    version = smallest_version(len(text))
    code = qrcode.QRCode(version, ERROR_CORRECT_M, mask_pattern=MASK)
    code.data_cache = codewords(text, version)
    code.make(fit=False)
    dark = code.modules
    picture = Image.new("1", (len(dark), len(dark)))
    picture.putdata([not module for row in dark for module in row])
    framed = Image.new("1", (len(dark) + 2 * QUIET, len(dark) + 2 * QUIET), 1)
    framed.paste(picture, (QUIET, QUIET))
    return framed


def enlarge(code: Image.Image, at_least: int) -> Image.Image:
    """The code with every module the same whole number of pixels: the smallest such picture of `at_least` pixels."""
    scale = max(1, -(-at_least // code.width))
    return code.resize((code.width * scale, code.height * scale), Image.Resampling.NEAREST)


def outline(code: Image.Image) -> str:
    """SVG path data that fills the dark modules, one unit a module: a run of dark modules becomes one bar."""
    bars = []
    for y in range(code.height):
        x = 0
        while x < code.width:
            start = x
            while x < code.width and not code.getpixel((x, y)):
                x += 1
            if x > start:
                bars.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x += 1
    return "".join(bars)
