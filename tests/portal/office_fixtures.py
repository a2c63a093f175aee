"""An office for the tests of officers' pages: the named cast, their rights, and a portal to open.

`officer` decides about the library, `lin` counsels An's class, `dean` has the college of trade (Cheng), `boss` leads, `auditor`
reads the log, `admin` administers. Of `wang`, who works at desks, the portal's pages want nothing.
"""

from __future__ import annotations

from typing import Any

import pytest

from db import grants
from db.accounts import Account
from tests.cast import ADMIN, LIBRARY, Season
from tests.client import Client, portal
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER


@pytest.fixture
def client(season: Season, database_url: str, tmp_path: Any) -> Client:
    """A portal over the cast, the officer of the library signed in."""
    for staff in (OFFICER, COUNSELOR, DEAN, BOSS, AUDITOR):
        Account.create(id=staff, name=f"{staff}老师")
    grants.grant(OFFICER, "officer", "step", LIBRARY, ADMIN)
    grants.grant(DEAN, "college", "college", "商学院", ADMIN)
    grants.grant(BOSS, "leadership", "all", "", ADMIN)
    grants.grant(AUDITOR, "auditor", "all", "", ADMIN)
    return portal(database_url, tmp_path).sign_in_as(OFFICER)
