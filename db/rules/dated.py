"""What has a first and a last day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Dated:
    """Something with a first and a last day (both included, either may be None) in the season's zone."""

    opens: date | None
    closes: date | None
    zone: ZoneInfo

    @property
    def opens_at(self) -> datetime | None:
        """The first moment of the first day, aware."""
        return datetime.combine(self.opens, time.min, self.zone) if self.opens else None

    @property
    def closes_at(self) -> datetime | None:
        """The last millisecond of the last day, aware."""
        return datetime.combine(self.closes, time(23, 59, 59, 999000), self.zone) if self.closes else None

    def open_on(self, day: date) -> bool:
        """Whether that local day lies within the dates."""
        return (self.opens is None or self.opens <= day) and (self.closes is None or day <= self.closes)

    def shifted(self, days: int) -> Self:
        """The same with both dates moved by whole days."""
        by = timedelta(days=days)
        return replace(self, opens=self.opens + by if self.opens else None, closes=self.closes + by if self.closes else None)
