"""The code and the card on a screen: two independent readers read them, whatever the token and the name."""

import xml.etree.ElementTree as ElementTree

import pytest
from PIL import Image, ImageDraw

from portal.cardart import card_png, qr_png, qr_svg
from portal.cardart.qr import QUIET, bitmap
from tests.portal.cardcase import card, token
from tests.portal.readers import picture, zbar, zxing

NAMES = [
    "于",
    "王小雨",
    "阿卜杜热合曼·阿卜杜克热木",
    "玛尔比娅古丽·穆罕默德·阿不都热依木江",
    "翟龑堃㛃",
    "𠮷田",
    "Maximilian " * 9,
    "",
]


@pytest.fixture(scope="module")
def tokens():
    """Usual cards, cards of proxies and cards reissued often: several versions of QR code."""
    return [*(token() for _ in range(80)), *(token(prx="p" * n) for n in range(1, 65, 4)), *(token(gen=10**n) for n in range(15))]


def test_every_code_of_300_pixels_is_read_by_zxing(tokens):
    assert [zxing(picture(qr_png(each))) for each in tokens] == [[each] for each in tokens]


def test_every_code_of_300_pixels_is_read_by_zbar(tokens, tmp_path):
    files = [tmp_path / f"{number:03}.png" for number in range(len(tokens))]
    for file, each in zip(files, tokens, strict=True):
        file.write_bytes(qr_png(each))
    assert zbar(files) == tokens


def test_the_usual_card_fits_version_10():
    assert bitmap(token()).width == 57 + 2 * QUIET


def test_modules_are_whole_pixels_and_the_quiet_zone_is_white():
    code = bitmap(token())
    image = picture(qr_png(token(), 300))
    scale = image.width // code.width
    assert image.width == image.height == scale * code.width >= 300
    assert image.crop((0, 0, image.width, QUIET * scale)).getextrema() == (255, 255)
    assert image.getpixel((QUIET * scale, QUIET * scale)) == 0


@pytest.mark.parametrize("size", [1, 300, 301, 1024])
def test_it_is_at_least_as_large_as_asked(size):
    assert picture(qr_png(token(), size)).width >= size


@pytest.mark.parametrize("size", [0, -1, 4097, 10**9])
def test_other_sizes_are_refused(size):
    with pytest.raises(ValueError, match="pixels"):
        qr_png(token(), size)


def test_a_text_too_long_for_any_code_is_a_value_error():
    with pytest.raises(ValueError, match="too many"):
        qr_png("x" * 5000)


def test_it_is_read_with_a_tenth_of_it_covered():
    """Error correction M: a thumb or a fold over the middle does no harm."""
    each = token()
    image = picture(qr_png(each, 600)).convert("L")
    middle, half = image.width // 2, image.width // 8
    ImageDraw.Draw(image).rectangle((middle - half, middle - half, middle + half, middle + half), fill=255)
    assert zxing(image) == [each]


def test_the_svg_is_the_same_code_with_a_name():
    each = token()
    code = bitmap(each)
    svg = ElementTree.fromstring(qr_svg(each, "离校卡 <1>"))
    namespace = {"svg": "http://www.w3.org/2000/svg"}
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert svg.get("viewBox") == f"0 0 {code.width} {code.width}"
    assert svg.findtext("svg:title", namespaces=namespace) == "离校卡 <1>"
    drawn = Image.new("1", code.size, 1)
    for bar in svg.find("svg:path", namespace).get("d").removesuffix("z").split("z"):
        x, rest = bar.removeprefix("M").split(" ")
        y, length = rest.split("v")[0].split("h")
        ImageDraw.Draw(drawn).line((int(x), int(y), int(x) + int(length) - 1, int(y)), fill=0)
    assert drawn.tobytes() == code.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_card_picture_is_read_whatever_the_name(name, tmp_path):
    each = card(name, "2020****0101", class_name="2020级" + "智能制造与新能源汽车" * 4)
    png = card_png(each)
    assert picture(png).size == (1080, 1920)
    assert zxing(picture(png)) == [each.token]
    (tmp_path / "card.png").write_bytes(png)
    assert zbar([tmp_path / "card.png"]) == [each.token]


def test_the_card_picture_is_read_when_a_chat_makes_it_small():
    each = card()
    small = picture(card_png(each)).resize((540, 960), Image.Resampling.BILINEAR)
    assert zxing(small) == [each.token]
