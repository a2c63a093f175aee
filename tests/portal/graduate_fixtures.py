"""Fixtures over `graduate_case.py`."""

import pytest

from tests.cast import Season
from tests.client import Client, portal
from tests.portal.graduate_case import open_today


@pytest.fixture
def today(season: Season) -> Season:
    """The named cast on the last day of the plan, which is today."""
    return open_today(season)


@pytest.fixture
def me(today: Season, database_url, tmp_path) -> Client:
    """An's browser, without JavaScript."""
    return portal(database_url, tmp_path).sign_in_as(today.an.number)
