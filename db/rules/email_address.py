"""Addresses of e-mails. Pure."""

from __future__ import annotations

import re

LONGEST = 120
# Narrower than the standards: what people here have, and nothing that could end a header or name two receivers.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")


def clean(text: str) -> str:
    """The address without blanks around it. ValueError for anything but one plain address of at most 120 characters."""
    plain = text.strip()
    local = plain.partition("@")[0]
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    if len(plain) > LONGEST or dots or not _ADDRESS.fullmatch(plain):
        raise ValueError(text)
    return plain


def masked(address: str) -> str:
    """The address as others than its owner see it: the first character and the host."""
    local, at, host = address.partition("@")
    return f"{local[:1]}***{at}{host}" if at else "***"
