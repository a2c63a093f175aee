"""What staff may do at stations, with its history: what the ledger asks when it judges entries. Pure; times are epoch ms."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

AT_STATION = ("operator", "supervisor")


@dataclass(frozen=True, slots=True)
class Right:
    """One grant of a role. It holds from `since` (included) to `until` (excluded; None: it has not ended)."""

    role: str
    scope_kind: str
    scope: str
    since: int
    until: int | None

    def covers(self, kind: str, name: str) -> bool:
        """Whether its scope is everything, or exactly this."""
        return self.scope_kind == "all" or (self.scope_kind == kind and self.scope == name)


@dataclass(frozen=True, slots=True)
class Rights:
    """Every right of every member of staff, past ones included; a member without any is listed with none."""

    of: Mapping[str, tuple[Right, ...]]
    _supervisors: dict[tuple[frozenset[str], str], Mapping[str, int | None]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def operator_known(self, operator: str) -> bool:
        """Whether this is, or was, a member of staff."""
        return operator in self.of

    def had_right(self, operator: str, station: str, since_ms: int) -> bool:
        """Whether the operator's right to work at the station held at any time from `since_ms` on.

        A right given only later counts too: whoever has it at any time since an entry was made is honest (wire.md).
        """
        return any(right.until is None or right.until > since_ms for right in self._at(operator, station))

    def right_ended(self, operator: str, station: str, at_ms: int) -> bool:
        """Whether the operator had no right to work at the station at that very moment."""
        return not any(
            right.since <= at_ms and (right.until is None or at_ms < right.until) for right in self._at(operator, station)
        )

    def supervisors(self, stations: Collection[str], step: str) -> Mapping[str, int | None]:
        """Who may settle what others did on a step that these stations serve: staff id → moment the right ended (None: it has not).

        Supervisors of any of the stations, officers of the step and administrators. Of several rights the last to end counts.
        """
        key = (frozenset(stations), step)
        if key not in self._supervisors:
            self._supervisors[key] = MappingProxyType(dict(self._find_supervisors(*key)))
        return self._supervisors[key]

    def _find_supervisors(self, stations: frozenset[str], step: str) -> Iterable[tuple[str, int | None]]:
        for staff, rights in self.of.items():
            ends = [right.until for right in rights if _supervises(right, stations, step)]
            if ends:
                yield staff, None if None in ends else max(end for end in ends if end is not None)

    def _at(self, operator: str, station: str) -> Iterable[Right]:
        return (r for r in self.of.get(operator, ()) if r.role in AT_STATION and r.covers("station", station))


def _supervises(right: Right, stations: frozenset[str], step: str) -> bool:
    match right.role:
        case "supervisor":
            return right.scope_kind == "all" or (right.scope_kind == "station" and right.scope in stations)
        case "officer":
            return right.covers("step", step)
        case "admin":
            return True
    return False
