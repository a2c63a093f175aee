"""A graduate's online forms: kept while they are typed, sent once, taken back or mended; the step's state is the ledger's."""

import re
from datetime import date

import pytest

from db import forms
from db import season as seasons
from db.audit import AuditEvent
from db.forms import StepForm
from db.ledger import Entry
from db.refusals import Conflict
from tests.cast import ADMIN
from tests.portal.form_case import (
    ADDRESS,
    ARCHIVE,
    CHECK,
    HOME,
    LEAVING,
    approve,
    cell,
    form_of,
    heads,
    plan,
    send,
    today,
)
from tests.portal.graduate_case import decide
from tests.portal.test_proxy_interrupted import sign_out

pytest_plugins = ["tests.portal.form_fixtures"]


def acts(graduate, step=ARCHIVE):
    query = Entry.select().where(Entry.student == graduate.ref, Entry.step == step).order_by(Entry.received_at)
    return [entry.act for entry in query]


def test_sent_it_waits_for_its_first_review_and_the_ledger_says_so(yard, season):
    assert send(yard, season.an).location == f"/me/steps/{ARCHIVE}#form"
    form = form_of(season.an)
    assert (cell(season.an, ARCHIVE).state, form.waits, form.sent) == ("submitted", "counselor", ADDRESS)
    page = yard.get(f"/me/steps/{ARCHIVE}").text
    assert "待审核：辅导员" in page
    assert ADDRESS["unit"] in page
    assert AuditEvent.select().where(AuditEvent.action == "form.sent", AuditEvent.actor == season.an.number).count() == 1


def test_what_is_wrong_is_told_and_nothing_typed_is_lost(yard, season):
    answer = send(yard, season.an, unit="安然", phone="12345")
    assert answer.status_code == 422
    assert "不能寄往个人地址" in answer.text
    assert ADDRESS["address"] in answer.text
    assert (cell(season.an, ARCHIVE).state, form_of(season.an).draft["phone"]) == ("open", "12345")


def test_a_field_that_is_left_is_kept_and_answered_and_an_empty_one_is_not_complained_of(yard, season):
    yard.sign_in_as(season.an.number)
    htmx = {"HX-Request": "true"}
    wrong = yard.send(f"/me/steps/{ARCHIVE}/form/fields/phone", htmx, unit="某局", phone="1")
    assert "11 位" in wrong.text
    assert yard.send(f"/me/steps/{ARCHIVE}/form/fields/phone", htmx, phone="").text.strip() == ""
    assert form_of(season.an).draft == {"unit": "某局", "phone": ""}
    assert yard.send(f"/me/steps/{ARCHIVE}/form/fields/nonsense", htmx).status_code == 404
    yard.send(f"/me/steps/{ARCHIVE}/form/drafts", address="x" * 5000, csrf="y")
    assert (len(form_of(season.an).draft["address"]), "csrf" in form_of(season.an).draft) == (forms.LONGEST, False)
    assert "某局" in yard.get(f"/me/steps/{ARCHIVE}").text


def test_what_looks_private_is_warned_of_where_it_is_typed_and_refused_by_nobody_but_the_reviewer(yard, season):
    yard.sign_in_as(season.an.number)
    told = yard.send(f"/me/steps/{ARCHIVE}/form/fields/address", {"HX-Request": "true"}, **HOME).text
    assert "个人住址" in told
    assert "会被退回" in told
    assert 'class="error"' not in told
    assert send(yard, season.an, **HOME).status_code == 303


def test_sent_twice_it_is_sent_once_and_a_stale_page_changes_nothing(yard, season):
    old = heads(season.an)
    assert send(yard, season.an, saw=old).status_code == 303
    assert send(yard, season.an, saw=old).status_code == 303
    assert acts(season.an) == ["submit"]
    assert send(yard, season.an, saw=old, unit="某某公司").status_code == 409
    assert yard.send(f"/me/steps/{ARCHIVE}/form/drafts", unit="某某公司").status_code == 409
    assert form_of(season.an).sent == form_of(season.an).draft == ADDRESS


def test_it_is_withdrawn_until_somebody_has_reviewed_it(yard, season):
    send(yard, season.an)
    assert yard.send(f"/me/steps/{ARCHIVE}/form/withdrawals", form_heads="stale").status_code == 409
    for _ in range(2):
        assert yard.send(f"/me/steps/{ARCHIVE}/form/withdrawals", form_heads=heads(season.an)).status_code == 303
    assert (cell(season.an, ARCHIVE).state, form_of(season.an).waits, acts(season.an)) == ("open", None, ["submit", "reopen"])
    yard.get(f"/me/steps/{ARCHIVE}")
    page = yard.get(f"/me/steps/{ARCHIVE}").text
    assert "<strong>已撤回</strong>" in page, "in the history, not only once as a notice"
    send(yard, season.an)
    approve(yard, "lin", season.an)
    yard.sign_in_as(season.an.number)
    assert yard.send(f"/me/steps/{ARCHIVE}/form/withdrawals", form_heads=heads(season.an)).status_code == 409
    assert "不能再撤回" in yard.get(f"/me/steps/{ARCHIVE}").text


def test_what_nobody_reviews_counts_at_once_and_may_be_changed(yard, season):
    assert send(yard, season.an, LEAVING, day=today(), transport="train").status_code == 303
    assert (cell(season.an, LEAVING).state, cell(season.an, LEAVING).by) == ("cleared", season.an.number)
    send(yard, season.an, LEAVING, day=today(), transport="train")
    assert acts(season.an, LEAVING) == ["clear"]
    send(yard, season.an, LEAVING, day=today(), transport="car")
    assert (form_of(season.an, LEAVING).sent["transport"], cell(season.an, LEAVING).conflict) == ("car", None)
    decide(yard, season.an, ("reopen", LEAVING), ("clear", LEAVING))
    assert send(yard, season.an, LEAVING, day=today(), transport="train").status_code == 409


def test_a_day_that_was_sent_is_written_out_as_every_other(yard, season):
    send(yard, season.an, LEAVING, day=today(), transport="train")
    day = date.fromisoformat(today())
    page = yard.get(f"/me/steps/{LEAVING}").text
    assert f'<dd class="answer">{day.year}年{day.month}月{day.day}日</dd>' in page


def test_confirming_settles_and_reporting_an_error_is_reviewed(yard, season):
    send(yard, season.an, CHECK, answer="right", error="")
    assert cell(season.an, CHECK).state == "cleared"
    send(yard, season.bai, CHECK, answer="error", error="专业名称有误")
    assert (cell(season.bai, CHECK).state, form_of(season.bai, CHECK).waits) == ("submitted", "department")


def test_late_is_flagged_where_it_is_taken_and_refused_where_it_is_not(yard, season):
    moved = seasons.current().plan.shifted_days
    seasons.load_plan(plan(), "cast.toml", ADMIN, shifted_days=moved - 5)
    day = str(seasons.current().plan.closes)
    assert send(yard, season.an, LEAVING, day=day, transport="car").status_code == 303
    assert form_of(season.an, LEAVING).late
    assert "逾期" in yard.get(f"/me/steps/{LEAVING}").text
    assert send(yard, season.an, ARCHIVE).status_code == 409
    assert "不再受理" in yard.get(f"/me/steps/{ARCHIVE}").text


def test_a_hold_or_a_decision_by_hand_is_not_overruled_by_a_form(yard, season):
    decide(yard, season.an, ("hold", ARCHIVE, "unit-unknown"))
    assert send(yard, season.an).status_code == 409
    assert cell(season.an, ARCHIVE).state == "held"
    with pytest.raises(Conflict):
        forms.keep(season.an, seasons.current().plan.step(ARCHIVE), {"unit": "某局"})


def test_a_field_that_is_left_after_the_session_ended_leads_nowhere_and_says_so(yard, season):
    yard.sign_in_as(season.an.number).get(f"/me/steps/{ARCHIVE}")
    sign_out(yard)
    told = yard.send(f"/me/steps/{ARCHIVE}/form/fields/unit", {"HX-Request": "true"}, unit="某局")
    assert (told.status_code, told.headers.get("HX-Redirect"), told.headers["HX-Retarget"]) == (401, None, "#notice")
    assert "已退出登录" in told.text
    assert not StepForm.select().exists()


@pytest.mark.parametrize("way", ["", "/drafts"])
def test_what_was_sent_after_the_session_ended_comes_back_to_its_graduate_alone(yard, season, way):
    page, here = f"/me/steps/{ARCHIVE}", {"Referer": f"http://localhost/me/steps/{ARCHIVE}"}
    shown = yard.sign_in_as(season.an.number).get(page).text
    whose = re.search(r'name="whose" value="([^"]+)"', shown)[1]
    sign_out(yard)
    lost = yard.send(f"{page}/form{way}", here, whose=whose, **ADDRESS)
    assert lost.location == f"/sign-in?next=%2Fme%2Fsteps%2F{ARCHIVE}"
    assert "填写的内容还在" in yard.get(lost.location).text
    again = yard.sign_in_as(season.an.number).get(page).text
    assert ADDRESS["unit"] in again
    assert "尚未保存" in again
    assert not StepForm.select().exists(), "nothing is kept before it is sent once more"
    assert ADDRESS["unit"] not in yard.get(page).text, "it comes back once"
    sign_out(yard)
    yard.send(f"{page}/form{way}", here, whose=whose, **ADDRESS)
    assert ADDRESS["unit"] not in yard.sign_in_as(season.bai.number).get(page).text


@pytest.mark.parametrize("path", ["", "/drafts", "/withdrawals"])
def test_a_form_that_was_answered_is_loaded_again_as_its_steps_page(yard, season, path):
    yard.sign_in_as(season.an.number)
    assert yard.get(f"/me/steps/{ARCHIVE}/form{path}").location == f"/me/steps/{ARCHIVE}#form"


def test_a_step_without_a_form_takes_none(yard, season):
    yard.sign_in_as(season.an.number)
    for path in ("/me/steps/library/form", "/me/steps/nonsense/form", "/me/steps/library/form/drafts"):
        assert yard.send(path, unit="x").status_code == 404
    assert not StepForm.select().exists()
