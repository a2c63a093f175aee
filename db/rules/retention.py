"""Until when an uploaded picture is kept, by the reason that stands in its row."""

from __future__ import annotations

from datetime import datetime, timedelta

DRAFT, SEASON, REJECTED, WITHDRAWN, REPLACED = REASONS = ("draft", "season", "rejected", "withdrawn", "replaced")
DAYS = {DRAFT: 14, REJECTED: 30, WITHDRAWN: 0, REPLACED: 0}
"""Days after the moment the reason was given; `season` ends with the season instead, whatever else is said."""


def until(reason: str, at: datetime, season_ends: datetime) -> datetime:
    """The moment from which nobody may see the picture any more. Nothing outlives the season."""
    if reason == SEASON:
        return season_ends
    return min(at + timedelta(days=DAYS[reason]), max(season_ends, at))
