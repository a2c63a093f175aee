"""Photos on their way: whole or in parts, with cuts between the parts, sent again, and once in a while under a wrong name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.day.line import Line
    from bench.day.tablet import Tablet

JPEG = "image/jpeg"
Must = Callable[[bool, str], None]


def take(dice: Random) -> tuple[str, bytes]:
    """A photo and its name."""
    content = b"\xff\xd8\xff" + dice.randbytes(dice.randint(200, 3_000))
    return hashlib.sha256(content).hexdigest(), content


def send(line: Line, tablet: Tablet, calm: bool, must: Must) -> int:
    """Send what the portal is not known to hold; how many it holds then. `calm`: nothing is held back, every answer is heard."""
    dice, before = tablet.dice, len(tablet.unsent)
    for name in list(tablet.unsent):
        if not calm and dice.random() < 0.3:
            continue
        if dice.random() < 0.05:
            status, _ = line.put(f"attachments/{name}", tablet.pictures[name] + b"?", JPEG)
            must(status == 409, f"{tablet.name}: bytes under a wrong name were answered with {status}")
        whole = _in_parts(line, tablet, name, calm, must) if dice.random() < 0.5 else _at_once(line, tablet, name, must)
        if whole and (calm or dice.random() > 0.1):
            tablet.unsent.remove(name)
    return before - len(tablet.unsent)


def _at_once(line: Line, tablet: Tablet, name: str, must: Must) -> bool:
    status, _ = line.put(f"attachments/{name}", tablet.pictures[name], JPEG)
    must(status == 204, f"{tablet.name}: a photo was answered with {status}")
    tablet.held[name] = len(tablet.pictures[name])
    return True


def _in_parts(line: Line, tablet: Tablet, name: str, calm: bool, must: Must) -> bool:
    """Goes on where it was cut off; whether all of it is there now."""
    content, size = tablet.pictures[name], len(tablet.pictures[name])
    status, begun = line.head(f"attachments/{name}")
    had = tablet.held.get(name, 0)
    must((status, begun) == (200, had), f"{tablet.name}: of a photo {begun} bytes are there ({status}), must be {had}")
    while had < size:
        end = min(size, had + 1 + size // 2)
        status, _ = line.put(f"attachments/{name}", content[had:end], JPEG, f"bytes {had}-{end - 1}/{size}")
        must(status == (204 if end == size else 202), f"{tablet.name}: a part of a photo was answered with {status}")
        had = tablet.held[name] = end
        if had < size and not calm and tablet.dice.random() < 0.3:
            return False
    return True
