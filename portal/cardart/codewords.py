"""The codewords of a QR code: a text as bytes with its Reed–Solomon checks, ISO/IEC 18004 §7.4 to §7.6.

The same as the library makes them (a test compares), at a twentieth of the time: it treats bits and polynomial terms one by one,
here a whole remainder is one integer. Nothing else about the code is made here.
"""

from functools import cache
from itertools import zip_longest

from qrcode.base import rs_blocks
from qrcode.constants import ERROR_CORRECT_M

_BYTES = 0b0100  # the mode
_PADDING = b"\xec\x11"


@cache
def smallest_version(length: int) -> int:
    """The smallest version that holds so many bytes at error correction M. ValueError if none does."""
    for version in range(1, 41):
        if _header_bytes(version) + length <= _room(version):
            return version
    raise ValueError(f"{length} bytes are too many for a QR code")


def codewords(text: bytes, version: int) -> list[int]:
    """The codewords in the order in which they are placed. `text` must fit, see `smallest_version`."""
    header = _header_bytes(version)
    # 4 bits of mode, 8 or 16 of length, the text, 4 zero bits to end it: always whole bytes
    number = (_BYTES << (header - 1) * 8 | len(text)) << len(text) * 8 | int.from_bytes(text, "big")
    data = (number << 4).to_bytes(header + len(text), "big")
    room = _room(version)
    data += (_PADDING * room)[: room - len(data)]

    blocks, checks, start = [], [], 0
    for block in rs_blocks(version, ERROR_CORRECT_M):
        part = data[start : start + block.data_count]
        start += block.data_count
        blocks.append(part)
        checks.append(_check(part, block.total_count - block.data_count))
    return [word for turn in (*zip_longest(*blocks), *zip(*checks, strict=True)) for word in turn if word is not None]


def _header_bytes(version: int) -> int:
    """Mode, length and end together."""
    return 2 if version < 10 else 3


@cache
def _room(version: int) -> int:
    return sum(block.data_count for block in rs_blocks(version, ERROR_CORRECT_M))


def _check(block: bytes, degree: int) -> bytes:
    """The remainder of the block's polynomial by the generator of this degree."""
    multiples, mask, top = _multiples(degree), (1 << 8 * degree) - 1, 8 * (degree - 1)
    remainder = 0
    for word in block:
        remainder = (remainder << 8 & mask) ^ multiples[word ^ remainder >> top]
    return remainder.to_bytes(degree, "big")


@cache
def _multiples(degree: int) -> list[int]:
    """The generator times each field element, without its leading term, as one integer of `degree` bytes."""
    generator, root = [1], 1
    for _ in range(degree):  # times (x + root)
        generator = [high ^ _times(low, root) for high, low in zip([*generator, 0], [0, *generator], strict=True)]
        root = _times(root, 2)
    return [int.from_bytes(bytes(_times(term, factor) for term in generator[1:]), "big") for factor in range(256)]


def _times(a: int, b: int) -> int:
    """The product in the field of 256 elements by x⁸+x⁴+x³+x²+1."""
    product = 0
    while b:
        product ^= a * (b & 1)
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product
