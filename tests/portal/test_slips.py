"""Activation slips on paper: readable text in an embedded font, the address as a code beside it."""

import pytest

from portal.cardart import Slip, Slips
from tests.portal.readers import pages, poppler, zxing

ADDRESS = "https://clearance.example.edu/activate"
CLASS = Slips("2020级会计1班", "会计学院", "2023届毕业生", ADDRESS, "2023-06-26 18:00")


def slips(count):
    return [Slip("阿卜杜热合曼·阿卜杜克热木", f"2020010101{n:02}", f"abcd-efgh-jk{n:02}") for n in range(count)]


def test_a_slip_says_who_where_what_and_until_when():
    text = poppler(CLASS.pdf(slips(1)), "pdftotext", "-layout")
    for said in ("阿卜杜热合曼·阿卜杜克热木", "202001010100", "2020级会计1班", ADDRESS, "abcd-efgh-jk00", "2023-06-26 18:00"):
        assert said in text


def test_the_address_can_be_scanned_and_says_nothing_of_the_person():
    [page] = pages(CLASS.pdf(slips(12)))
    assert zxing(page) == [ADDRESS] * 12


@pytest.mark.parametrize(("count", "sheets"), [(1, 1), (12, 1), (13, 2), (60, 5)])
def test_twelve_slips_fill_a_page_and_none_is_empty(count, sheets):
    text = poppler(CLASS.pdf(slips(count)), "pdftotext", "-layout")
    assert text.count("\f") == sheets
    assert f"共 {count} 张" in text
    assert sum(f"abcd-efgh-jk{n:02}" in text for n in range(count)) == count


def test_its_font_is_embedded():
    [font] = poppler(CLASS.pdf(slips(1)), "pdffonts").splitlines()[2:]
    assert font.split()[-5:-2] == ["yes", "yes", "yes"]


def test_no_slips_are_an_error():
    with pytest.raises(ValueError, match="nothing"):
        CLASS.pdf([])
