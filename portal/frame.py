"""What every page's frame shows: the places open to the caller, the two switches, and whether dates are moved."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, request
from flask_login import current_user

from db import season
from db.refusals import Unavailable
from portal import navigation
from web.preferences import chosen_theme
from web.refusals import is_fragment_request
from web.ways import page_of_form

SECONDS_KEPT = 20
ZONE_BEFORE_A_PLAN = "Asia/Shanghai"


class PlanFacts:
    """The plan's zone and by how many days its dates are moved. Read at most every 20 seconds: it is on every page."""

    def __init__(self) -> None:
        self._until = 0.0
        self._zone, self._days = ZONE_BEFORE_A_PLAN, 0

    def zone(self) -> str:
        """The name of the season's time zone."""
        self._refresh()
        return self._zone

    def moved_days(self) -> int:
        """Days by which every date is later than the plan says; 0 on a real season."""
        self._refresh()
        return self._days

    def _refresh(self) -> None:
        if time.monotonic() < self._until:
            return
        self._until = time.monotonic() + SECONDS_KEPT
        try:
            plan = season.current().plan
        except Unavailable:
            self._until = 0.0  # the first plan shows at once
        else:
            self._zone, self._days = plan.zone.key, plan.shifted_days


def init_app(app: Flask) -> None:
    """Give every template what `base.html` needs."""
    facts: PlanFacts = app.extensions["plan_facts"]

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {"places": navigation.reachable, "theme": chosen_theme, "moved_days": facts.moved_days, "here": here,
                "person": person, "rehearsal": app.extensions["rehearsal"]}


def person() -> Any:
    """Who is signed in (the user that `portal/caller.py` loads: `name`, `roles`), or None."""
    return current_user if current_user.is_authenticated else None


def here() -> str:
    """The path to come back to after a switch: this page; where it answers a form, the page that the form stands on."""
    if is_fragment_request():
        return "/"
    return request.full_path.rstrip("?") if request.method == "GET" else page_of_form()
