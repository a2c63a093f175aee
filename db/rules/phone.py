"""Telephone numbers as people type them. Pure."""

from __future__ import annotations

import re
import unicodedata

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ABROAD = re.compile(r"\+[1-9][0-9]{7,14}")
_LANDLINE = re.compile(r"0[1-9][0-9]{9,10}")


def phone(text: str) -> str:
    """A telephone number without blanks and hyphens: a mobile number, a landline with its area code, or one with `+` and country.

    ValueError for anything else.
    """
    plain = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", text)).removeprefix("+86")
    if not any(form.fullmatch(plain) for form in (_MOBILE, _LANDLINE, _ABROAD)):
        raise ValueError(text)
    return plain
