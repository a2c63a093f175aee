"""The named cast on a clearance day that is today: the plan's last day, cards that count, an account for each graduate."""

from datetime import date, timedelta

import pytest

from db import season as seasons
from db.accounts import add_graduates
from db.cards import Card
from db.clearance import Clearance
from db.database import now
from db.people import Graduate
from db.signoffs import Act, record_all
from tests.cast import ADMIN, Season, at_noon, plan_text
from tests.client import Client

LAST_DAY = date(2023, 6, 26)


def open_today(season: Season, plan: str | None = None) -> Season:
    """Move the season to today, where it is about noon, and give every graduate an account."""
    text = at_noon(plan or plan_text())
    seasons.load_plan(text, "cast.toml", ADMIN)
    seasons.load_plan(text, "cast.toml", ADMIN, shifted_days=(seasons.today() - LAST_DAY).days)
    Card.update(expires_at=now() + timedelta(days=30)).execute()
    add_graduates(season.everybody, ADMIN)
    return season


def decide(client: Client, graduate: Graduate, *acts: tuple[str, ...], by: str = ADMIN) -> None:
    """Record (act, step) or (act, step, reason) as the portal does."""
    heads = {row.step: tuple(row.heads.split()) for row in Clearance.select().where(Clearance.graduate == graduate.id)}
    made = [Act(graduate.ref, act[1], act[0], *act[2:], saw=heads.get(act[1], ())) for act in acts]
    record_all(client.application.extensions["keys"].entry_key, by, made, "hand")


def settle_everything(client: Client, graduate: Graduate) -> None:
    """Clear or collect every step that applies."""
    plan = seasons.current().plan
    steps = [step for step in plan.steps if plan.applies(step, graduate.circle)]
    decide(client, graduate, *(("collect" if step.how == "collect" else "clear", step.code) for step in steps))


def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement sent to the database from now on."""
    seen: list[str] = []
    kind = type(Graduate._meta.database.obj)
    execute = kind.execute_sql
    monkeypatch.setattr(kind, "execute_sql", lambda *a, **k: seen.append(a[1]) or execute(*a, **k))
    return seen
