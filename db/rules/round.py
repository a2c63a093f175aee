"""What an entry tells of a round from room to room (docs/wire.md, Rounds). Pure.

The fold asks for act, reason and amount only. This is for people: who owes what for which damage. It comes from devices, is told
beside the entry and checked by nobody before, so whatever is odd in it is left out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

MOST = 100
"""Most checks and most damages that are read."""


class Damage(NamedTuple):
    """One damaged thing. `code` is the price list's, empty for words of the inspector's own; amounts in fen.

    `share` is this graduate's part of `amount`, which `among` people pay.
    """

    code: str
    words: str
    amount: int
    share: int
    among: int


class Round(NamedTuple):
    """A room as it was found. `inspection` has (code, in order); `key`: returned, None where nobody asked."""

    room: str
    inspection: tuple[tuple[str, bool], ...]
    key: bool | None
    damages: tuple[Damage, ...]


def read(payload: dict[str, Any]) -> Round | None:
    """The round of an entry's payload; None where it tells of none. Never raises."""
    told = payload.get("round")
    if not isinstance(told, dict):
        return None
    checks, damages, key = told.get("inspection"), told.get("damages"), told.get("key")
    seen = [(code, fine) for code, fine in checks.items() if isinstance(fine, bool)] if isinstance(checks, dict) else []
    read_damages = [_damage(one) for one in damages[:MOST]] if isinstance(damages, list) else []
    return Round(
        room=_text(told.get("room"), 60),
        inspection=tuple((_text(code, 64), fine) for code, fine in seen[:MOST]),
        key=key if isinstance(key, bool) else None,
        damages=tuple(one for one in read_damages if one),
    )


def _damage(told: object) -> Damage | None:
    if not isinstance(told, dict):
        return None
    amount, share, among = (_whole(told.get(name)) for name in ("amount", "share", "among"))
    found = Damage(_text(told.get("code"), 64), _text(told.get("words"), 400), amount, share, among)
    return found if (found.code or found.words) and 0 <= found.share <= found.amount and found.among >= 1 else None


def _text(value: object, most: int) -> str:
    return "".join(sign for sign in value if sign.isprintable())[:most].strip() if isinstance(value, str) else ""


def _whole(value: object) -> int:
    """A sensible whole number; -1 for anything else."""
    return value if type(value) is int and 0 <= value <= 10**12 else -1
