"""What one account may do now, and where. Pure; `db.grants` loads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Which kinds of scope a role may have. A role is never wider than the kinds written here.
KINDS: dict[str, tuple[str, ...]] = {
    "operator": ("station", "all"),
    "supervisor": ("station", "all"),
    "counselor": ("class",),
    "college": ("college",),
    "officer": ("step",),
    "leadership": ("all",),
    "admin": ("all",),
    "auditor": ("all",),
}
EVERY_GRADUATE = ("admin", "officer")


@dataclass(frozen=True, slots=True)
class Power:
    """A role in one scope; `scope` is empty when `kind` is all."""

    role: str
    kind: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Powers:
    """Everything one account may do now."""

    held: frozenset[Power]

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(power.role for power in self.held)

    def may(self, role: str, **where: str | None) -> bool:
        """Whether the role is held there. `where` names any of college, class_, step, station; None is as if not given.

        With nothing named: whether the role is held anywhere. A power scoped by a kind that is not named does not reach.
        """
        asked = {kind.rstrip("_"): name for kind, name in where.items() if name is not None}
        return any(
            power.role == role and (not asked or power.kind == "all" or asked.get(power.kind) == power.scope)
            for power in self.held
        )

    def scopes(self, role: str, kind: str) -> frozenset[str]:
        """The names in which the role is held by scopes of this kind."""
        return frozenset(power.scope for power in self.held if (power.role, power.kind) == (role, kind))

    def settles(self, step: str) -> bool:
        """Whether it may act on the step at the portal: its officers and administrators."""
        return self.may("admin") or self.may("officer", step=step)

    def steps(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Those of these steps it may act on, in the order given."""
        return tuple(code for code in codes if self.settles(code))
