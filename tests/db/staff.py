"""A small named cast for tests of accounts and rights: two colleges, three classes, staff of several roles, two graduates."""

from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher

from db import passwords
from db.accounts import Account
from db.people import ClassGroup, College, Graduate
from db.stations import Station


@pytest.fixture
def house(db) -> SimpleNamespace:
    nursing, trade = College.create(name="护理学院"), College.create(name="商学院")
    first = ClassGroup.create(college=nursing, name="护理2001", counselor="c_lin")
    second = ClassGroup.create(college=nursing, name="护理2002")
    third = ClassGroup.create(college=trade, name="会计2001")
    graduates = [
        Graduate.create(ref=f"ref-{n:08}", number=f"2020{n:06}", name=name, class_group=group)
        for n, (name, group) in enumerate([("安然", first), ("白露", second), ("程远", third)], 1)
    ]
    for code in ("library", "dorm"):
        Station.create(code=code, name_zh=code, name_en=code, steps=[code], colleges=[])
    for staff in ("s_desk", "s_head", "s_books", "s_admin", "s_boss", "s_log", "s_dean", "c_lin"):
        Account.create(id=staff, name=f"名字{staff}")
    owner = Account.create(id=graduates[0].number, name="安然", graduate=graduates[0])
    return SimpleNamespace(graduates=graduates, owner=owner, classes=[first, second, third], colleges=[nursing, trade])


@pytest.fixture
def quick_hashes(monkeypatch) -> None:
    """Passwords hashed as cheaply as argon2 can: what is tested is not the cost."""
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()
