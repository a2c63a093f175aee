"""The citizen identity number of GB 11643: 17 digits and a check character."""

import re

_FORM = re.compile(r"[0-9]{17}[0-9X]")
_CHECKS = "10X98765432"


def check_character(body: str) -> str:
    """The 18th character that belongs to the first 17 digits (ISO 7064, MOD 11-2)."""
    total = 0
    for digit in body:
        total = (total + int(digit)) * 2 % 11
    return _CHECKS[total % 11]


def well_formed(number: str) -> bool:
    """Whether it is 17 digits and a digit or capital X."""
    return _FORM.fullmatch(number) is not None


def valid(number: str) -> bool:
    """Whether it is well formed and its check character is right."""
    return well_formed(number) and check_character(number[:17]) == number[17]
