"""Uploaded files become plain pictures: drawn anew, pixel by pixel, in a process of their own (`db/redraw_alone.py`).

What a file carries beside its pixels (place and owner, scripts, other files, faults made for a decoder) stays behind; what harms
the decoder harms that process alone. A process for each file starts in some tenths of a second and holds at most 200 MB.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from db import alone, redraw_alone
from db.redraw_alone import MOST_BYTES, MOST_PAGES, MOST_PIXELS
from db.refusals import Invalid, Refusal, TooLarge

MOST_AT_ONCE = 2
MOST_WAITING = 2
"""So no more than half of a portal process's threads are ever with pictures, and no desk waits for them."""
SECONDS = 20
"""A file's time, its process's start included. An upload that waits gives up after as long."""
MOST_DRAWN = 16 * 2**20

_REFUSALS: dict[str, dict[str, int]] = {
    "picture-unknown-kind": {},
    "picture-heic": {},
    "picture-damaged": {},
    "picture-too-many-pixels": {"most": MOST_PIXELS // 1_000_000},
    "picture-too-many-pages": {"most": MOST_PAGES},
    "picture-encrypted": {},
    "picture-too-heavy": {},
}
_PACKAGES = ("PIL", "pypdfium2", "pypdfium2_raw", "pillow_heif")
_places = alone.Places(MOST_AT_ONCE, MOST_WAITING, SECONDS, "pictures-busy")


def redraw(content: bytes) -> bytes:
    """The file (JPEG, PNG, PDF, HEIC where that is installed; told by its bytes alone) as one JPEG without metadata.

    Pages stand below each other.

    Raises TooLarge("picture-too-large"); Invalid with `picture-unknown-kind`, `picture-heic`, `picture-damaged`,
    `picture-too-many-pixels`, `picture-too-many-pages`, `picture-encrypted` or `picture-too-heavy`; Unavailable("pictures-busy")
    while too many wait.
    Takes up to a second, and more in a queue: never call it in a transaction.
    """
    if len(content) > MOST_BYTES:
        raise _refusal("picture-too-large")
    with _places.one():
        status, out = _run(content)
    if status == 0 and out.startswith(b"\xff\xd8\xff") and len(out) <= MOST_DRAWN:
        return out
    raise _refusal(out.decode("ascii", "replace") if status == 1 else "picture-too-heavy")


def takes_heic() -> bool:
    """Whether the decoder of HEIC is installed (`clearance[heic]`)."""
    return find_spec("pillow_heif") is not None


def _run(content: bytes) -> tuple[int, bytes]:
    return alone.run(_command(), content, SECONDS, MOST_DRAWN)


@cache
def _command() -> list[str]:
    return alone.command(redraw_alone.__file__, _PACKAGES)


def _refusal(told: str) -> Refusal:
    """What the process told; nothing is believed that it should not be able to say."""
    if told == "picture-too-large":
        return TooLarge(told, most=MOST_BYTES // 2**20)
    code = told if told in _REFUSALS else "picture-damaged"
    return Invalid(None, code, **_REFUSALS[code])
