"""Until when an uploaded picture is kept, by the reason that stands in its row, and when what was kept for the season goes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

DRAFT, SEASON, REJECTED, WITHDRAWN, REPLACED = REASONS = ("draft", "season", "rejected", "withdrawn", "replaced")
DAYS = {DRAFT: 14, REJECTED: 30, WITHDRAWN: 0, REPLACED: 0}
"""Days after the moment the reason was given; `season` ends with the season instead. Nothing outlives the season."""
GRACE = timedelta(days=7)
"""How long after its last day a season's pictures and typed data go: parcels are still posted, mistakes still noticed."""
STANDS = timedelta(hours=24)
"""How long a plan has to have been loaded before anything is deleted because of its last day: a wrong year is mended by then."""


def season_ends(closes: date, zone: tzinfo, loaded_at: datetime) -> datetime:
    """The moment from which nothing is kept any more of a season with this last day, by a plan that was loaded then."""
    return max(datetime.combine(closes + timedelta(days=1), time(), zone) + GRACE, loaded_at + STANDS)


def until(reason: str, at: datetime, season_ends: datetime) -> datetime:
    """The moment from which nobody may see the picture any more, unless the season ends before."""
    return season_ends if reason == SEASON else at + timedelta(days=DAYS[reason])
