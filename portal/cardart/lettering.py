"""Setting text in the one embedded font: what it can show, how wide it is, how to make a long line fit."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unicodedata import category, normalize

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from portal.cardart.face import MISSING

FONT_FILE = Path(__file__).parents[2] / "static" / "vendor" / "noto-sans-sc" / "NotoSansSC_400Regular.ttf"
_MEASURE = 1000  # pixels an em
_TOGETHER = re.compile("(?:(?:[0-9]+[年月日]?)+|.)[，。、；：）]*")
"""What stands on one line: a number with its 年, 月 and 日, whole dates, and a closing mark with what it closes."""


class Setting(NamedTuple):
    """Lines to set at `size`."""

    size: float
    lines: list[str]


@cache
def pdf_font() -> str:
    """The font's name for reportlab, registered in this process."""
    font = TTFont("NotoSansSC", FONT_FILE)
    pdfmetrics.registerFont(font)
    return font.fontName


@cache
def screen_font(size: int) -> ImageFont.FreeTypeFont:
    """The font for Pillow at `size` pixels. Basic layout: the same on every machine."""
    return ImageFont.truetype(FONT_FILE, size, layout_engine=ImageFont.Layout.BASIC)


def shown(text: str) -> str:
    """`text` as the font can show it: one line, no invisible characters, `〓` where there is no glyph."""
    glyphs = pdfmetrics.getFont(pdf_font()).face.charToGlyph
    letters = normalize("NFC", " ".join(text.split()))
    return "".join(letter if ord(letter) in glyphs else MISSING for letter in letters if not _invisible(letter))


def fit(text: str, width: float, size: float, smallest: float, most_lines: int = 1) -> Setting:
    """How to set `text` (already `shown`) in `width`: as large as `size` allows, on one line if it can be at `smallest` or
    above, else on up to `most_lines`, the last one cut with an ellipsis. Same unit for width and sizes."""
    natural = _ems(text)
    if natural * size <= width:
        return Setting(size, [text])
    if natural * smallest <= width:
        return Setting(width / natural, [text])
    lines: list[str] = []
    while text and len(lines) < most_lines - 1:
        line = _head(text, width / smallest)
        lines.append(line.rstrip())
        text = text[len(line) :].lstrip()
    if _ems(text) * smallest > width:
        text = _head(text, width / smallest - _ems("…"), at_word=False).rstrip() + "…"
    return Setting(smallest, [*lines, text] if text else lines)


def broken(text: str, width: float, size: float) -> list[str]:
    """`text` (already `shown`) in lines of this width: no date or number is parted, and no line begins with a closing mark."""
    lines: list[str] = []
    line = ""
    for part in _TOGETHER.findall(text):
        if line and _ems(line + part) * size > width:
            lines.append(line)
            line = ""
        while _ems(part) * size > width:  # too long for any line
            head = _head(part, width / size, at_word=False)
            lines.append(head)
            part = part[len(head) :]
        line += part
    return [*lines, line] if line else lines


def _ems(text: str) -> float:
    return screen_font(_MEASURE).getlength(text) / _MEASURE


def _head(text: str, ems: float, at_word: bool = True) -> str:
    """The longest beginning that fits, broken after a space or a middle dot if there is one; never empty."""
    end = 1
    while end < len(text) and _ems(text[: end + 1]) <= ems:
        end += 1
    break_at = max(text.rfind(mark, 0, end) for mark in " ·") + 1
    return text[:break_at] if at_word and break_at > 1 else text[:end]


def _invisible(letter: str) -> bool:
    """Controls, joiners and variation selectors: they choose among shapes, and here there is one."""
    return category(letter) in {"Cc", "Cf", "Cs"} or 0xFE00 <= ord(letter) <= 0xFE0F or 0xE0100 <= ord(letter) <= 0xE01EF
