"""Reviews of online forms: each in its turn, once, by whom it waits for; nobody else gets a word of it."""

import io

import openpyxl
import pytest

from db import covers, messages
from db.accounts import Account
from db.audit import AuditEvent
from db.counselors import progress
from db.forms import StepForm
from db.ledger import Entry
from db.people import ClassGroup, Graduate
from db.season import today
from tests.cast import ADMIN
from tests.portal.form_case import ADDRESS, ARCHIVE, CHECK, HOME, approve, cell, form_of, heads, plan, send
from tests.portal.graduate_case import open_today
from tests.portal.office_case import counted

pytest_plugins = ["tests.portal.form_fixtures"]


def entries(graduate):
    query = Entry.select().where(Entry.student == graduate.ref).order_by(Entry.received_at)
    return [(entry.act, entry.operator) for entry in query]


def give_back(client, who, graduate, saw=None, **words):
    here = heads(graduate) if saw is None else saw
    return client.sign_in_as(who).send(f"/forms/{form_of(graduate).id}/returns", form_heads=here, **words)


def rows_of(client):
    """The workbook of the step that whoever is signed in gets, its head first."""
    return list(openpyxl.load_workbook(io.BytesIO(client.get(f"/forms/{ARCHIVE}.xlsx").data)).active.values)


def listed(client, who):
    return [name for name in ("安然", "白露", "程远") if name in client.sign_in_as(who).get("/forms").text]


def test_counselor_then_college_and_then_it_is_cleared(yard, season):
    send(yard, season.an)
    assert sum(one.waiting for one in progress(Account.get_by_id("dean"))) == 1
    assert (listed(yard, "lin"), listed(yard, "dean")) == (["安然"], [])
    page = yard.sign_in_as("lin").get(f"/forms/{form_of(season.an).id}").text
    assert all(answer in page for answer in ADDRESS.values())
    assert AuditEvent.select().where(AuditEvent.action == "form.viewed", AuditEvent.actor == "lin").count() == 1
    assert approve(yard, "lin", season.an).status_code == 303
    assert (cell(season.an, ARCHIVE).state, form_of(season.an).waits) == ("submitted", "college")
    assert sum(one.waiting for one in progress(Account.get_by_id("dean"))) == 0
    assert (listed(yard, "lin"), listed(yard, "dean")) == ([], ["安然"])
    assert approve(yard, "lin", season.an).status_code == 409
    approve(yard, "dean", season.an)
    assert (cell(season.an, ARCHIVE).state, form_of(season.an).waits) == ("cleared", None)
    assert entries(season.an) == [("submit", season.an.number), ("submit", "lin"), ("clear", "dean")]
    history = yard.sign_in_as(season.an.number).get(f"/me/steps/{ARCHIVE}").text
    assert "初审通过，转下一级" in history
    assert [message.kind for message in messages.of(season.an.id)] == ["form.approve"]
    assert f"已通过：{ARCHIVE}" in yard.get("/me/messages").text


def test_returned_with_a_reason_it_is_mended_and_sent_again(yard, season):
    send(yard, season.an, **HOME)
    assert give_back(yard, "lin", season.an).status_code == 422
    assert give_back(yard, "lin", season.an, reason="private-address", words="请改为单位地址").status_code == 303
    page = yard.sign_in_as(season.an.number).get(f"/me/steps/{ARCHIVE}").text
    assert "不能寄往个人地址" in page
    assert "不能寄往个人地址" in yard.get("/me/messages").text
    assert HOME["address"] in page
    told = yard.get("/me/messages").text
    assert f"已退回，请修改：{ARCHIVE}" in told
    assert "请改为单位地址" in told
    send(yard, season.an)
    assert (form_of(season.an).sent, form_of(season.an).waits) == (ADDRESS, "counselor")


def test_of_two_reviewers_at_once_one_decides_and_the_other_is_told(yard, season):
    send(yard, season.an)
    old = heads(season.an)
    approve(yard, "lin", season.an, saw=old)
    assert approve(yard, "lin", season.an, saw=old).status_code == 303
    assert give_back(yard, "lin", season.an, saw=old, words="再看看").status_code == 409
    assert entries(season.an) == [("submit", season.an.number), ("submit", "lin")]
    assert give_back(yard, "dean", season.an, words="单位全称").status_code == 303
    assert approve(yard, "dean", season.an, saw=old).status_code == 409
    assert cell(season.an, ARCHIVE).state == "open"


def test_one_that_was_withdrawn_meanwhile_is_not_approved(yard, season):
    send(yard, season.an)
    old = heads(season.an)
    yard.send(f"/me/steps/{ARCHIVE}/form/withdrawals", form_heads=old)
    assert approve(yard, "lin", season.an, saw=old).status_code == 409
    assert cell(season.an, ARCHIVE).state == "open"


def test_what_was_withdrawn_is_nobodys_but_the_graduates_until_it_is_sent_anew(yard, season):
    send(yard, season.an)
    yard.send(f"/me/steps/{ARCHIVE}/form/withdrawals", form_heads=heads(season.an))
    assert ADDRESS["unit"] in yard.get(f"/me/steps/{ARCHIVE}").text
    one = form_of(season.an).id
    for who in ("lin", "dean"):
        answer = yard.sign_in_as(who).get(f"/forms/{one}")
        assert (answer.status_code, "学生已撤回" in answer.text, ADDRESS["unit"] in answer.text) == (409, True, False)
        assert len(rows_of(yard)) == 1
    assert yard.sign_in_as("qian").get(f"/forms/{one}").status_code == 404
    send(yard, season.an)
    yard.sign_in_as("lin")
    assert (ADDRESS["unit"] in yard.get(f"/forms/{one}").text, len(rows_of(yard))) == (True, 2)


def test_a_colleague_who_covers_reviews_in_the_counselors_place(yard, season):
    send(yard, season.an)
    assert approve(yard, "qian", season.an).status_code == 404
    day = today()
    covers.name("lin", "qian", day, day, "lin")
    assert listed(yard, "qian") == ["安然"]
    assert approve(yard, "qian", season.an).status_code == 303


def test_where_nobody_is_named_as_counselor_the_college_reviews_once(yard, season):
    ClassGroup.update(counselor=None).where(ClassGroup.id == season.an.class_id).execute()
    send(yard, season.an)
    assert listed(yard, "dean") == ["安然"]
    approve(yard, "dean", season.an)
    assert cell(season.an, ARCHIVE).state == "cleared"


def test_a_department_reviews_its_own_step(yard, season):
    send(yard, season.cheng, CHECK, answer="error", error="专业名称有误")
    by_hand = yard.sign_in_as("clerk").get(f"/graduates/{season.cheng.number}/steps/{CHECK}").text
    assert f'href="/forms/{form_of(season.cheng, CHECK).id}"' in by_hand
    assert (listed(yard, "clerk"), listed(yard, "officer"), listed(yard, "other")) == (["程远"], [], [])
    approve(yard, "clerk", season.cheng, CHECK)
    assert cell(season.cheng, CHECK).state == "cleared"


def test_many_are_approved_together_after_a_look_and_doubtful_ones_are_left(yard, season):
    Graduate.update(class_group=season.an.class_id).execute()
    for graduate, answers in zip(season.everybody, ({}, HOME, {}), strict=True):
        send(yard, graduate, **answers)
    yard.sign_in_as("lin")
    ids = [form_of(graduate).id for graduate in season.everybody]
    chosen = yard.get(f"/forms/approvals?step={ARCHIVE}" + "".join(f"&form={one}" for one in ids)).text
    assert "有 1 份存在疑点" in chosen
    assert "共 2 份" in yard.get("/forms/approvals?clean=1").text
    pairs = [f"{form_of(graduate).id}:{heads(graduate)}" for graduate in season.everybody]
    give_back(yard, "lin", season.cheng, words="电话")
    answer = yard.sign_in_as("lin").post("/forms/approvals", data={"csrf_token": yard.token(), "form": [*pairs, "x:y"]})
    said = yard.get(answer.location).text
    assert "1 份已转下一级审核。 2 份期间有变动" in said
    assert [form_of(graduate).waits for graduate in season.everybody] == ["college", "counselor", None]
    assert AuditEvent.select().where(AuditEvent.action == "form.passed").count() == 1
    answer = yard.post("/forms/approvals", data={"csrf_token": yard.token(), "form": pairs[0]})
    said = yard.get(answer.location).text
    assert ("1 份您此前已审核通过" in said, "期间有变动" in said) == (True, False)


@pytest.mark.parametrize("who", ["qian", "other", "clerk", "officer", "boss", "auditor", ADMIN, "wang", "bai", None])
def test_nobody_else_gets_a_word_of_it(yard, season, who):
    send(yard, season.an)
    one, here = form_of(season.an), heads(season.an)
    if who is None:
        with yard.session_transaction() as session:
            session.clear()
    else:
        yard.sign_in_as(season.bai.number if who == "bai" else who)
    paths = [f"/forms/{one.id}", "/forms", f"/forms/approvals?form={one.id}", "/forms/approvals?clean=1", f"/forms/{ARCHIVE}.xlsx",
             f"/me/steps/{ARCHIVE}", "/class-desk/calendar", "/class-desk/calendar/dates.xlsx"]  # fmt: skip
    for path in paths:
        answer = yard.get(path)
        text = answer.text if answer.mimetype == "text/html" else str(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
        assert not any(secret in text for secret in (*ADDRESS.values(), "安然")), path
    for path in (f"/forms/{one.id}/approvals", f"/forms/{one.id}/returns", "/forms/approvals"):
        yard.send(path, form_heads=here, words="x", form=f"{one.id}:{here}")
    assert entries(season.an) == [("submit", season.an.number)]


def test_a_step_is_taken_along_by_those_alone_who_may_see_it(yard, season):
    send(yard, season.an, address="某省某市\r\n某区某路 1 号")
    send(yard, season.cheng)
    rows = rows_of(yard.sign_in_as("dean"))
    assert [row[1] for row in rows[1:]] == ["安然"]
    assert {*ADDRESS.values(), "某省某市 某区某路 1 号"} - {ADDRESS["address"]} <= set(rows[1])
    assert AuditEvent.select().where(AuditEvent.action == "forms.exported").get().detail == {"graduates": 1}


def test_a_hundred_forms_cost_as_many_queries_as_one(yard, season, monkeypatch):
    send(yard, season.an)
    lin = yard.sign_in_as("lin")
    lin.get("/forms")
    with counted(monkeypatch) as few:
        lin.get("/forms")
    one = form_of(season.an)
    group = season.an.class_id
    Graduate.insert_many(
        {"ref": f"gr_x{n:09}", "number": f"2021{n:06}", "name": "多", "class_group": group} for n in range(100)
    ).execute()
    people = Graduate.select().where(Graduate.name == "多")
    usual = {"step": ARCHIVE, "draft": one.sent, "draft_at": one.sent_at, "sent": one.sent, "sent_at": one.sent_at, "late": False,
             "waits": "counselor"}  # fmt: skip
    StepForm.insert_many([{"graduate": person.id, **usual} for person in people]).execute()
    kind = type(cell(season.an, ARCHIVE))
    kind.insert_many([{"graduate": person.id, "step": ARCHIVE, "state": "submitted", "heads": "x"} for person in people]).execute()
    read = []
    monkeypatch.setattr("db.form_desk.rules.doubts", lambda *asked: read.append(asked) or {})
    with counted(monkeypatch) as many:
        page = lin.get("/forms").text
    assert ('<span class="count">101</span>' in page, "approvals?clean=1" in page) == (True, True)
    assert len(many) == len(few) <= 16
    assert len(read) == 100, "no more is read than the page shows"
    assert [lin.get(f"/forms?page={page}").text.count('name="form"') for page in (1, 2, 9)] == [100, 1, 1]


def test_an_answer_of_which_the_plan_says_so_is_found_on_the_class_desk(yard, season):
    seeking = '{ code = "error", zh = "有误", en = "Wrong", look = true }'
    open_today(season, plan().replace(seeking, seeking.replace("look = true", 'look = true, need = "no-destination"')))
    assert "安然" not in yard.sign_in_as("lin").get("/class-desk?need=no-destination").text
    send(yard, season.an, CHECK, answer="error", error="专业名称有误")
    assert "安然" in yard.sign_in_as("lin").get("/class-desk?need=no-destination").text
