"""What was typed into online forms goes with the season; that it was sent, and what was decided about it, stays."""

import pytest

from db import form_retention, forms, retention
from db import season as seasons
from db.audit import AuditEvent
from db.forms import StepForm
from db.ledger import Entry
from db.vault import Vault
from tests.cast import ADMIN, hours_after_loading
from tests.portal.form_case import ADDRESS, ARCHIVE, LEAVING, cell, form_of, heads, plan, today

pytest_plugins = ["tests.portal.form_fixtures"]
GONE = "填写的内容已在离校季结束后删除"


@pytest.fixture
def sent(yard, season, key_store):
    """An's address waits for review, Bai has said when to leave, Cheng has only begun. Then the season is over."""
    for who, code, typed in ((season.an, ARCHIVE, ADDRESS), (season.bai, LEAVING, {"day": today(), "transport": "train"})):
        step = seasons.current().plan.step(code)
        forms.send(key_store.entry_key, who, step, typed, frozenset(heads(who, code).split()))
    forms.keep(season.cheng, seasons.current().plan.step(ARCHIVE), {"unit": "某单位"})
    seasons.load_plan(plan(), "cast.toml", ADMIN)
    return season


def test_with_the_season_all_answers_go_once_and_row_state_times_and_entries_stay(sent, tmp_path):
    run = lambda: retention.run(Vault(tmp_path / "pictures", tmp_path / "keys"), "portal")  # noqa: E731
    before, entries = form_of(sent.an), Entry.select().count()
    assert not run().anything, "the plan that says so was only just loaded"
    assert form_of(sent.an).sent == ADDRESS
    hours_after_loading(24)
    assert form_retention.due() == {"season": 2, "draft": 1}
    assert run().forms == {"season": 2, "draft": 1}
    rows = [(row.draft, row.sent, row.waits) for row in StepForm.select().order_by(StepForm.id)]
    assert rows == [({}, {}, None), ({}, {}, None), ({}, None, None)]
    after = form_of(sent.an)
    assert (after.sent_at, after.draft_at, after.erased) == (before.sent_at, before.draft_at, True)
    assert (cell(sent.an, ARCHIVE).state, cell(sent.bai, LEAVING).state) == ("submitted", "cleared")
    assert Entry.select().count() == entries
    told = AuditEvent.select().where(AuditEvent.action.in_(("form.erased", "retention.run"))).order_by(AuditEvent.seq)
    assert [event.detail for event in told] == [{"season": 2, "draft": 1}, {"orphans": 0, "forms": 3}]
    assert (run().anything, form_retention.due()) == (False, {})


@pytest.mark.engine("sqlite")
def test_pages_say_that_it_was_deleted_and_take_nothing_more(sent, yard, key_store):
    hours_after_loading(24)
    form_retention.erase("portal")
    assert GONE in yard.sign_in_as(sent.an.number).get(f"/me/steps/{ARCHIVE}").text
    assert GONE in yard.sign_in_as(sent.bai.number).get(f"/me/steps/{LEAVING}").text
    assert yard.send(f"/me/steps/{LEAVING}/form/drafts", transport="car").status_code == 409
    page = yard.sign_in_as("lin").get(f"/forms/{form_of(sent.an).id}").text
    assert (GONE in page, "自动核对未发现疑点" in page) == (True, False)
    assert "离校日期已随离校季数据删除" in yard.get("/class-desk/calendar").text
