"""One line of the table: what was measured, beside what the bare parts can do on the same machine in the same minute."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Row:
    """`floor` is the bare part's measure in the same unit, `budget` what was promised; None where there is none."""

    name: str
    measured: float
    unit: str
    floor: float | None = None
    budget: float | None = None
    better: Literal["lower", "higher"] = "lower"

    @property
    def ratio(self) -> float | None:
        """How many times the floor's cost this takes: 1.0 is as good as the bare part, larger is worse."""
        if not self.floor or not self.measured:
            return None
        return self.measured / self.floor if self.better == "lower" else self.floor / self.measured

    @property
    def ok(self) -> bool | None:
        """Whether it keeps its budget; None where there is none."""
        if self.budget is None:
            return None
        return self.measured <= self.budget if self.better == "lower" else self.measured >= self.budget
