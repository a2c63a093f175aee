"""Which page of a long list the address asks for."""

from __future__ import annotations

from flask import request


def page_number(pages: int = 9999) -> int:
    """The `page` of the address, from 1 to `pages`; 1 for anything that is no such number."""
    text = request.args.get("page", "1")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 1
    return min(max(asked, 1), max(pages, 1))
