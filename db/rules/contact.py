"""What a device says of itself when it calls."""

from typing import NamedTuple


class Beat(NamedTuple):
    """A heartbeat: the device's clock in epoch ms, entries that wait, its last seq and hash, app version, battery 0 to 1, and the
    custody it has let go of."""

    clock: int | None
    pending: int
    head_seq: int
    head_hash: str | None
    app: str | None
    battery: float | None
    let_go: frozenset[int] = frozenset()
