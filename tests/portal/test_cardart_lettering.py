"""Names set in type: every character has a shape or a visible stand-in, and every line fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cardart.lettering import broken, fit, screen_font, shown

gbk = [
    character
    for high in range(0x81, 0xFF)
    for low in range(0x40, 0xFF)
    if len(character := bytes([high, low]).decode("gbk", "ignore")) == 1 and character.isalpha()
]


def width(text, size):
    return screen_font(1000).getlength(text) * size / 1000


def test_every_chinese_character_of_gbk_has_a_shape():
    characters = "".join(character for character in gbk if "\u4e00" <= character <= "\u9fff")
    assert len(characters) > 20_000
    assert shown(characters) == characters


def test_a_character_without_a_shape_is_seen_to_be_missing():
    assert shown("𠮷田") == "〓田"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (" 王\t小\n雨 ", "王 小 雨"),
        ("王\u200b小\ufeff雨", "王小雨"),
        ("葛\U000e0100城", "葛城"),
        ("\x00王", "王"),
        ("e\u0301", "é"),
        ("", ""),
    ],
)
def test_invisible_characters_leave_nothing_behind(text, seen):
    assert shown(text) == seen


def test_a_short_name_keeps_its_size():
    assert fit("王小雨", 100, 20, 10) == (20, ["王小雨"])


def test_a_long_name_is_set_smaller_first():
    size, lines = fit("阿卜杜热合曼·阿卜杜克热木", 200, 20, 10)
    assert lines == ["阿卜杜热合曼·阿卜杜克热木"]
    assert 10 <= size < 20


def test_then_it_is_broken_where_its_parts_meet():
    assert fit("阿卜杜热合曼·阿卜杜克热木", 80, 20, 10, most_lines=2).lines == ["阿卜杜热合曼·", "阿卜杜克热木"]


def test_at_last_it_is_cut_with_an_ellipsis():
    assert fit("阿卜杜热合曼·阿卜杜克热木", 50, 20, 10).lines == ["阿卜杜热…"]


@given(st.text(max_size=80), st.floats(30, 500), st.integers(1, 3))
def test_every_line_fits(text, room, most_lines):
    size, lines = fit(shown(text), room, 20, 8, most_lines)
    assert 8 <= size <= 20
    assert len(lines) <= most_lines
    assert all(width(line, size) <= room + 0.01 for line in lines)


def test_a_paragraph_is_broken_beside_a_date_and_never_within_one_nor_before_a_closing_mark():
    for ems in range(12, 40):
        lines = broken("在2026年11月30日至2026年12月1日期间，代为办理（图书归还、毕业证书）。", ems * 10, 10)
        assert sum(line.count(day) for line in lines for day in ("2026年11月30日", "2026年12月1日")) == 2, lines
        assert not any(line[0] in "，。、；：）" for line in lines), lines


@given(st.text(st.sampled_from("12年月日，。字w "), max_size=60), st.floats(30, 300))
def test_a_paragraph_loses_nothing_and_fits_however_long_a_number_is(text, room):
    lines = broken(text, room, 20)
    assert "".join(lines) == text
    assert all(width(line, 20) <= room + 0.01 for line in lines)
