"""Applications of proxies as they stand in the middle of things, without the pages and pictures that lead there."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from db import proxies
from db.database import lock, now, writing
from db.people import Graduate
from db.proxies import ProxyApplication
from db.rules.proxy import COUNSELOR, GRADUATE, PROXY
from db.season import today
from tests.db.rules.test_proxy import identity

PERSON = {"name": "王甲", "id_number": identity(), "phone": "13900139000", "own_phone": "13800138000"}
SECRETS = ("王甲", PERSON["id_number"], "13900139000")


def draft(graduate: Graduate, **fields: Any) -> ProxyApplication:
    """All typed, from today for four days, nothing sent."""
    day = today()
    typed = {"reason": "away", "steps": "library diploma", "from_day": day, "until_day": day + timedelta(3), **PERSON}
    return ProxyApplication.create(
        id=secrets.token_urlsafe(9), graduate=graduate.id, kind=PROXY, running=True, state="draft", version=0, changed_at=now(),
        **{**typed, **fields},
    )  # fmt: skip


def submitted(graduate: Graduate, **fields: Any) -> ProxyApplication:
    return _acted(draft(graduate, **fields), ("submit", GRADUATE, graduate.number))


def approved(graduate: Graduate, **fields: Any) -> ProxyApplication:
    return _acted(submitted(graduate, **fields), ("approve", COUNSELOR, "lin"))


def rejected(graduate: Graduate, **fields: Any) -> ProxyApplication:
    return _acted(submitted(graduate, **fields), ("reject", COUNSELOR, "lin"))


def _acted(application: ProxyApplication, *acts: tuple[str, str, str]) -> ProxyApplication:
    for name, role, by in acts:
        with writing():
            lock("change")
            application = proxies.act(application, name, role, by)
    return application
