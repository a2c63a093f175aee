"""The season that each process keeps."""

import pytest

from db import season as seasons
from db.database import now, touch_season
from db.plan import PlanVersion
from db.rules.plan import PlanError, load
from tests.cast import plan_text


def test_a_plan_loaded_by_an_earlier_version_stops_nothing_and_another_can_take_its_place(db, season):
    stricter = plan_text().replace('code = "library"', f'code = "{"l" * 65}"')
    with pytest.raises(PlanError):
        load(stricter, "old.toml")
    PlanVersion.create(source=stricter, name="old.toml", digest="old", shifted_days=0, loaded_at=now(), loaded_by="admin")
    touch_season()
    assert seasons.current().plan.name
    seasons.load_plan(plan_text(), "new.toml", "admin")
    assert "library" in seasons.current().plan.steps_by_code
