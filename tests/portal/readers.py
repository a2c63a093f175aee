"""Independent eyes for the tests: QR readers and PDF rasterisers that share no code with what is tested."""

import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image


def zxing(picture: Image.Image) -> list[str]:
    """Every QR code that zxing-cpp sees."""
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)]


def zbar(files: Sequence[Path]) -> list[str]:
    """Every QR code that zbar sees in these files, in their order."""
    if not shutil.which("zbarimg"):
        pytest.skip("zbarimg is not installed: apt-get install zbar-tools")
    seen = subprocess.run(
        ["zbarimg", "--raw", "-q", "-Sdisable", "-Sqrcode.enable", *files], capture_output=True, check=True, text=True
    )
    return seen.stdout.split()


def poppler(pdf: bytes, tool: str, *options: str) -> str:
    """What pdftotext or pdffonts prints about a document."""
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed: apt-get install poppler-utils")
    after = ["-"] if tool == "pdftotext" else []
    return subprocess.run([tool, *options, "-", *after], input=pdf, capture_output=True, check=True).stdout.decode()


def pages(pdf: bytes, dots_per_inch: int = 200) -> list[Image.Image]:
    """The pages as pdfium paints them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dots_per_inch / 72).to_pil() for page in document]
    finally:
        document.close()


def picture(png: bytes) -> Image.Image:
    """The PNG, read whole."""
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    image.load()
    return image
