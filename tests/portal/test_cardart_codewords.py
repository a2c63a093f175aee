"""The fast way to a code's words ends where the library's slow one does."""

import pytest
import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, QRData, create_data

from portal.cardart.codewords import codewords, smallest_version
from portal.cardart.qr import MASK, bitmap


def by_library(text, version):
    return create_data(version, ERROR_CORRECT_M, [QRData(text, MODE_8BIT_BYTE)])


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_they_are_those_of_the_library(text):
    version = smallest_version(len(text))
    assert codewords(text, version) == by_library(text, version)


@pytest.mark.parametrize("version", [*range(1, 41)])
def test_every_version_is_filled_to_its_last_byte(version):
    room = max(length for length in range(2400) if fits(length) <= version)
    text = bytes(number % 251 for number in range(room))
    assert smallest_version(room) == version
    assert codewords(text, version) == by_library(text, version)


def fits(length):
    try:
        return smallest_version(length)
    except ValueError:
        return 41


@pytest.mark.parametrize("length", [1, 180, 181, 213, 214, 700])
def test_the_whole_code_is_that_of_the_library(length):
    text = "x" * length
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK, border=4)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    picture = bitmap(text)
    seen = [[not picture.getpixel((x, y)) for x in range(picture.width)] for y in range(picture.height)]
    assert seen == code.get_matrix()
