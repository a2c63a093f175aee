"""What somebody may see of one graduate, and do. Pure; docs/decisions.md says why the lines are drawn here.

Administrators see everything. The counselor of the class and the college see every step with its reasons: they are the ones who
help. Officers see their own steps, and of the steps that block these only whether they are settled, like the tablets of
a station. Nobody is told that a step exists for this graduate which is none of their business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.rules.powers import Powers
from db.rules.step import Step


@dataclass(frozen=True, slots=True)
class Sight:
    """Codes of steps: seen in `full`, known only as `settled` or not, to be decided by hand. `card`: may revoke and reissue it.

    `person`: stands close enough for the room and the masked telephone.
    """

    full: frozenset[str]
    settled: frozenset[str]
    decides: frozenset[str]
    card: bool
    person: bool


def sight(powers: Powers, steps: Sequence[Step], class_: str, college: str) -> Sight:
    """What these powers show of a graduate of that class and college, both by name."""
    codes = [step.code for step in steps]
    decides = frozenset(powers.steps(codes))
    counsels = powers.may("admin") or powers.may("counselor", class_=class_)
    close = counsels or powers.may("college", college=college)
    full = frozenset(codes) if close else decides
    blocking = {code for step in steps if step.code in decides for code in step.blocked_by}
    return Sight(full, frozenset(blocking - full), decides, counsels, close)
