"""A portal, called `yard`, for tests of online forms: the cast on the season's last day, and everybody who reviews or must not.

`lin` counsels An's class, `qian` Bai's; `dean` has their college, `other` the college of Cheng; `clerk` is the officer of `check`,
`officer` of the library, `boss` leads, `auditor` reads the log.
"""

import pytest

from db import grants
from db.accounts import Account
from db.people import ClassGroup
from tests.cast import ADMIN
from tests.client import Client, portal
from tests.portal.form_case import CHECK, plan
from tests.portal.graduate_case import open_today


@pytest.fixture
def yard(season, database_url, tmp_path) -> Client:
    open_today(season, plan())
    for staff in ("lin", "qian", "dean", "other", "clerk", "officer", "boss", "auditor"):
        Account.create(id=staff, name=f"{staff}老师")
    ClassGroup.update(counselor="qian").where(ClassGroup.name == "护理2002").execute()
    grants.grant("dean", "college", "college", "护理学院", ADMIN)
    grants.grant("other", "college", "college", "商学院", ADMIN)
    grants.grant("clerk", "officer", "step", CHECK, ADMIN)
    grants.grant("officer", "officer", "step", "library", ADMIN)
    grants.grant("boss", "leadership", "all", "", ADMIN)
    grants.grant("auditor", "auditor", "all", "", ADMIN)
    return portal(database_url, tmp_path)
