"""The letter of authorization: everything typed stands in it, on one page, with room for two signatures, however long it is."""

from dataclasses import replace

import pytest

from portal.cardart.letter import FOOT, Letter, letter_pdf
from tests.portal.readers import pages, poppler

USUAL = Letter(
    "商务职业学院", "2023 届毕业生离校", "安然", "2020000001", "会计学院", "2020级会计1班", "110101200001011237", "13800138000",
    "王甲", "110101199001011237", "13900139000", "在外地工作", ["图书归还", "毕业证书"], "2023年6月25日", "2023年6月26日",
)  # fmt: skip
NAME = "阿卜杜热合曼·买买提明江"
FULL = replace(USUAL, name=NAME, proxy=NAME, reason="<b>因病住院</b>无法" * 20 + "返校" * 15, steps=["领取毕业材料原件"] * 8)


@pytest.mark.parametrize("letter", [USUAL, FULL], ids=["usual", "full"])
def test_everything_stands_in_it_and_both_sign_by_hand(letter):
    pdf = letter_pdf(letter)
    text = "".join(poppler(pdf, "pdftotext").split())
    for said in (letter.name, letter.number, letter.id_number, letter.phone, letter.proxy, letter.proxy_id_number,
                 letter.proxy_phone, letter.reason, "、".join(letter.steps), letter.first, letter.last):  # fmt: skip
        assert said in text
    assert len(pages(pdf, 40)) == 1
    *_, who, dates, foot = filter(str.strip, poppler(pdf, "pdftotext", "-layout").splitlines())
    assert (who.count("手写签名"), dates.split()) == (2, ["年", "月", "日"] * 2)
    assert foot.strip() == FOOT
