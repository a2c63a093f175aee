"""Requests as they come from anywhere: what no database can hold and no parser can read is made harmless in one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Request, request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict

INSTEAD_OF_NUL = "\x01"
"""PostgreSQL can neither store NUL nor look for it. This one it can, and whoever refuses signs that nobody types refuses it."""


class Values(ImmutableMultiDict[str, Any]):
    """What was sent, in the address or as a form, with the names of its files; without NUL."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__([(_storable(name), _storable(value)) for name, value in pairs])


class SoundRequest(Request):
    """As Flask's, with `Values`, and with a `referrer` only where it is an address."""

    parameter_storage_class = Values

    @property
    def referrer(self) -> str | None:  # type: ignore[override]
        """The page that the request says it comes from."""
        return address_in(self.headers.get("Referer"))


def address_in(header: str | None) -> str | None:
    """The header, if an address stands in it whose parts can be told."""
    try:
        if header:
            _ = urlsplit(header).port
    except ValueError:
        return None
    return header or None


def path_here(url: str | None) -> str | None:
    """The path and query of an address of this host; None for any other."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.netloc and parts.netloc != request.host:
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", INSTEAD_OF_NUL)
    if isinstance(value, FileStorage) and value.filename:
        value.filename = value.filename.replace("\0", INSTEAD_OF_NUL)
    return value
