"""The card on a screen: the bare code as PNG and SVG, and the whole card as a picture for the phone's album."""

import io
from xml.etree import ElementTree

from PIL import Image, ImageDraw

from portal import rehearsal
from portal.cardart import face as words
from portal.cardart.face import Face
from portal.cardart.lettering import Setting, fit, screen_font, shown
from portal.cardart.qr import bitmap, enlarge, outline

WIDTH, HEIGHT = 1080, 1920  # pixels; 9:16, so that it may be the lock screen, below the clock
_GROUND, _PANEL, _LINE = "#e9efed", "#ffffff", "#d5dedb"
_INK, _QUIET_INK, _ACCENT = "#14211f", "#566663", "#0b5c52"
_ALARM = "#b3261e"
_PANEL_BOX = (90, 420, WIDTH - 90, 1640)
_TEXT_WIDTH = 760
_STRIP = 6
"""In modules: what a rehearsal's code is longer, for the word below it."""


def qr_png(token: str, size: int = 300) -> bytes:
    """The code as a PNG of at least `size` pixels a side, every module the same whole number of pixels."""
    if not 1 <= size <= 4096:
        raise ValueError("size is between 1 and 4096 pixels")
    code = enlarge(bitmap(token), size)
    return _png(_marked(code) if rehearsal.running() else code)


def qr_svg(token: str, title: str | None = None) -> str:
    """The code as an SVG document, one unit a module, with `title` as its name for those who cannot see it."""
    code = bitmap(token)
    side, height = str(code.width), str(code.width + (_STRIP if rehearsal.running() else 0))
    svg = ElementTree.Element(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {side} {height}", "shape-rendering": "crispEdges", "role": "img"},
    )
    if title:
        ElementTree.SubElement(svg, "title").text = title
    ElementTree.SubElement(svg, "rect", {"width": side, "height": height, "fill": "#fff"})
    ElementTree.SubElement(svg, "path", {"d": outline(code), "fill": "#000"})
    if rehearsal.running():
        place = {"x": str(code.width / 2), "y": str(code.width + 3), "text-anchor": "middle", "font-size": "6"}
        ElementTree.SubElement(svg, "text", place | {"font-family": "sans-serif", "fill": _ALARM}).text = rehearsal.WORDS
    return ElementTree.tostring(svg, encoding="unicode")


def card_png(card: Face) -> bytes:
    """The whole card as a PNG of 1080×1920 pixels, for `save as picture`."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    draw = ImageDraw.Draw(picture)
    if rehearsal.running():
        draw.rectangle((0, 0, WIDTH, 130), fill=_ALARM)
        _centred(draw, 26, Setting(64, [rehearsal.WORDS]), _PANEL)
    _centred(draw, 156, Setting(42, [shown(card.season)]), _QUIET_INK)
    _centred(draw, 214, Setting(92, [words.TITLE]), _ACCENT)
    _centred(draw, 342, Setting(34, [words.TITLE_ENGLISH]), _QUIET_INK)

    draw.rounded_rectangle(_PANEL_BOX, radius=40, fill=_PANEL, outline=_LINE, width=2)
    code = enlarge(bitmap(card.token), 760)
    picture.paste(code, ((WIDTH - code.width) // 2, 455))
    y: float = 455 + code.height + 12
    y = _centred(draw, y, fit(shown(card.name), _TEXT_WIDTH, 84, 46, most_lines=2), _INK) + 14
    y = _centred(draw, y, Setting(44, [shown(card.number)]), _INK) + 26
    draw.line((WIDTH / 2 - 60, y, WIDTH / 2 + 60, y), fill=_LINE, width=3)
    y = _centred(draw, y + 22, fit(shown(card.college), _TEXT_WIDTH, 38, 26), _QUIET_INK) + 8
    _centred(draw, y, fit(shown(card.class_name), _TEXT_WIDTH, 38, 26), _QUIET_INK)

    _centred(draw, 1690, Setting(36, [words.SHOW]), _INK)
    _centred(draw, 1744, Setting(30, [words.LOST]), _QUIET_INK)
    _centred(draw, 1800, Setting(24, [f"{words.SHOW_ENGLISH}. {words.LOST_ENGLISH}."]), _QUIET_INK)
    return _png(picture)


def _marked(code: Image.Image) -> Image.Image:
    """The code with a strip below it that says whose it is."""
    strip = code.width // 8
    picture = Image.new("RGB", (code.width, code.width + strip), _PANEL)
    picture.paste(code)
    font = screen_font(strip * 2 // 3)
    ImageDraw.Draw(picture).text((code.width / 2, code.width), rehearsal.WORDS, font=font, fill=_ALARM, anchor="ma")
    return picture


def _centred(draw: ImageDraw.ImageDraw, y: float, setting: Setting, colour: str) -> float:
    """Sets lines in the middle with the first line's top at `y`; returns the y below the last."""
    font = screen_font(round(setting.size))
    for line in setting.lines:
        draw.text((WIDTH / 2, y), line, font=font, fill=colour, anchor="ma")
        y += setting.size * 1.25
    return y


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
