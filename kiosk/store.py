"""What the station protocol needs from whoever keeps the data: the portal's tables now, a hub's own later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from db.rules.contact import Beat


class Caller(NamedTuple):
    """The enrolled device that calls."""

    id: str
    station: str
    revoked: bool


class Answer(NamedTuple):
    """What became of one entry."""

    id: str | None
    outcome: str
    code: str | None


class Store(Protocol):
    """The verbs of the protocol. All of them raise `db.refusals.Refusal`, and nothing else, for what the caller did wrong.

    Those that read, and the beginning of a shift, raise Forbidden (`station-closed`) where the plan has no such station any more.
    """

    def enrol(self, code: str, name: str, public_key: object, address: str) -> dict[str, Any]:
        """A new device: `device`, `token`, `station`."""
        ...

    def caller(self, token: str) -> Caller | None:
        """The device that a bearer token belongs to."""
        ...

    def begin_shift(self, caller: Caller, operator: str, password: str, address: str) -> dict[str, Any]:
        """A member of staff begins work at this device: `shift`, `operator`. Raises Forbidden, TooMany."""
        ...

    def end_shift(self, caller: Caller, shift: str) -> dict[str, Any]:
        """The shift is over: `shift`, `ended_at`. Raises NotFound for one of another device."""
        ...

    def snapshot(self, caller: Caller) -> dict[str, Any]:
        """Everything this station needs, read in one consistent transaction; without `server_time`."""
        ...

    def changes(self, caller: Caller, cursor: str) -> dict[str, Any]:
        """Rows that changed after the cursor. Raises Gone (`cursor-expired`)."""
        ...

    def student(self, caller: Caller, ref: str) -> dict[str, Any]:
        """One row as it stands now: `student`, and `elsewhere`: own steps whose things another tablet has. Raises NotFound."""
        ...

    def receive(self, caller: Caller, tokens: Sequence[object]) -> tuple[list[Answer], int]:
        """Store entries; one answer for each, in order, and the caller's last seq before the first gap."""
        ...

    def beat(self, caller: Caller, beat: Beat) -> dict[str, Any]:
        """Note a heartbeat; `contiguous`, `missing`, `notices`, `recalled`."""
        ...

    def close(self, caller: Caller, date: str, seq: int, hash_: str | None) -> dict[str, Any]:
        """Whether everything up to seq is here: `complete`, `missing`."""
        ...

    def attach(self, caller: Caller, sha256: str, content: bytes, media_type: str) -> None:
        """Keep the bytes of an attachment; the same again is fine. Raises Conflict (`not-its-hash`), Invalid, TooLarge."""
        ...

    def attached(self, caller: Caller, sha256: str) -> tuple[int, bool]:
        """How many bytes of an attachment are here, and whether that is all of it."""
        ...

    def attach_part(self, caller: Caller, sha256: str, part: bytes, start: int, total: int, media_type: str) -> int:
        """Keep the next part of an attachment; how many bytes of it are here now. Raises as `attach`, and Conflict
        (`wrong-offset`)."""
        ...
