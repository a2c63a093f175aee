"""Cards on paper: read from the rasterised page, set in an embedded font, verified by a JOSE library from the page alone."""

import json
import stat

import pytest
from joserfc import jws as joserfc_jws
from joserfc.jwk import KeySet

from db.rules.jws import public_key_to_jwk
from portal.cardart import batch, card_pdf, class_sheet, sheets
from tests.portal.cardcase import KEY, card
from tests.portal.readers import pages, poppler, zbar, zxing

NAMES = ["王小雨", "欧阳慕容", "阿卜杜热合曼·阿卜杜克热木", "翟龑堃", "玛尔比娅古丽·穆罕默德·阿不都热依木江"]


def class_of(size, class_name="2020级会计1班", college="会计学院"):
    return [card(NAMES[n % len(NAMES)], f"2020010101{n:02}", class_name, college) for n in range(size)]


def test_a_card_is_read_from_its_page(tmp_path):
    each = card(number="2020****0101")
    [page] = pages(card_pdf(each))
    assert zxing(page) == [each.token]
    page.save(tmp_path / "page.png")
    assert zbar([tmp_path / "page.png"]) == [each.token]


def test_a_jose_library_verifies_what_is_on_the_page():
    [page] = pages(card_pdf(card()))
    jwks = {"keys": [{**public_key_to_jwk(KEY.private_key.public_key()), "kid": KEY.kid}]}
    verified = joserfc_jws.deserialize_compact(zxing(page)[0], KeySet.import_key_set(jwks), algorithms=["ES256"])
    assert json.loads(verified.payload)["gen"] == 1


def test_its_text_can_be_copied_and_its_only_font_is_embedded():
    pdf = card_pdf(card("翟龑堃", "2020****0101"))
    text = poppler(pdf, "pdftotext")
    assert {"离校卡", "翟龑堃", "2020****0101", "会计学院", "2020级会计1班", "2023届毕业生"} <= set(text.split())
    [font] = poppler(pdf, "pdffonts").splitlines()[2:]
    assert "NotoSansSC" in font
    assert font.split()[-5:-2] == ["yes", "yes", "yes"]  # embedded, a subset, with its Unicode table


def test_a_page_of_one_card_stays_small():
    assert len(card_pdf(card())) < 60_000


def test_every_card_of_a_class_is_read_from_its_sheet(tmp_path):
    cards = class_of(23)
    sheet = pages(class_sheet(cards))
    assert len(sheet) == 3
    assert sorted(code for page in sheet for code in zxing(page)) == sorted(each.token for each in cards)
    for number, page in enumerate(sheet):
        page.save(tmp_path / f"{number}.png")
    assert sorted(zbar(sorted(tmp_path.glob("*.png")))) == sorted(each.token for each in cards)


def test_a_sheet_says_whose_it_is_and_which_page():
    text = poppler(class_sheet(class_of(11)), "pdftotext", "-layout")
    first, second, _ = text.split("\f")
    assert "2020级会计1班" in first
    assert "共 11 张" in first
    assert "第 1 页，共 2 页" in first
    assert "第 2 页，共 2 页" in second
    assert "202001010100" in first
    assert "202001010110" in second


@pytest.mark.parametrize("size", [1, 10])
def test_a_full_page_is_not_followed_by_an_empty_one(size):
    assert len(pages(class_sheet(class_of(size)), 20)) == 1


def test_a_sheet_is_for_one_class():
    for cards in ([], [*class_of(1), *class_of(1, "2020级会计2班")]):
        with pytest.raises(ValueError, match="one class"):
            class_sheet(cards)


@pytest.mark.parametrize("cores", [1, 2])
def test_a_batch_makes_a_file_for_each_class_and_says_how_far_it_is(tmp_path, monkeypatch, cores):
    monkeypatch.setattr(sheets, "_cores", lambda: cores)
    classes = [class_of(3, f"2020级会计{n}班") for n in range(1, 5)]
    seen = []
    paths = batch(classes, tmp_path / "out", workers=2, progress=lambda done, total: seen.append((done, total)))
    assert [path.name for path in paths] == [f"会计学院-2020级会计{n}班.pdf" for n in range(1, 5)]
    assert seen == [(3, 12), (6, 12), (9, 12), (12, 12)]
    assert sorted((tmp_path / "out").iterdir()) == paths
    for path, cards in zip(paths, classes, strict=True):
        assert sorted(zxing(pages(path.read_bytes())[0])) == sorted(each.token for each in cards)


def test_only_the_owner_can_read_a_batch(tmp_path):
    [path] = batch([class_of(1)], tmp_path / "out", workers=1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_batch_replaces_the_sheets_of_the_one_before(tmp_path):
    batch([class_of(1)], tmp_path, workers=1)
    cards = class_of(2)
    [path] = batch([cards], tmp_path, workers=1)
    assert len(zxing(pages(path.read_bytes())[0])) == 2


def test_a_batch_that_fails_leaves_no_half_files(tmp_path, monkeypatch):
    def fail(cards):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sheets, "class_sheet", fail)
    with pytest.raises(OSError, match="No space"):
        batch([class_of(1)], tmp_path, workers=1)
    assert list(tmp_path.iterdir()) == []


def test_strange_class_names_stay_inside_the_directory(tmp_path):
    [path] = batch([class_of(1, "../../2020级/会计\\1:班")], tmp_path, workers=1)
    assert path.parent == tmp_path
    assert path.name == "会计学院-_2020级_会计_1_班.pdf"


def test_two_classes_never_share_a_file(tmp_path):
    with pytest.raises(ValueError, match="same file"):
        batch([class_of(1, "会计 1班"), class_of(1, "会计/1班")], tmp_path)
    with pytest.raises(ValueError, match="one class"):
        batch([[]], tmp_path)


def test_no_classes_make_no_files(tmp_path):
    assert batch([], tmp_path / "out") == []
