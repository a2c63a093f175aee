"""Reminders: looked at first, sent once, one a day, to own graduates only; the log says what became of each."""

import csv
import io
import re
from dataclasses import replace

import openpyxl
import pytest

from db import messages
from db.accounts import Account, add_graduates
from db.audit import AuditEvent
from db.database import now
from db.mail import Mail, give_up
from db.messages import Message
from db.people import ClassGroup, Graduate
from db.reminders import REST
from portal.smtp import Smtp
from tests.cast import ADMIN
from tests.portal.graduate_case import decide, open_today
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER, counted

pytest_plugins = ["tests.portal.office_fixtures"]

FIELD = re.compile(r'name="(token|numbers)" value="([^"]*)"')


@pytest.fixture
def lin(client, season):
    """An's counselor; Bai is in the class too, and has an address. The season is today."""
    open_today(season)
    group = ClassGroup.get(ClassGroup.name == "护理2001")
    Graduate.update(class_group=group, email="bai@example.com").where(Graduate.id == season.bai.id).execute()
    return client.sign_in_as(COUNSELOR)


def form_of(client, query=""):
    return dict(FIELD.findall(client.get(f"/reminders/new{query}").text))


def send(client, query="", kind="reminder.steps", form=None, **fields):
    return client.send("/reminders", kind=kind, **(form or form_of(client, query)), **fields)


def reminded():
    return [one.graduate.name for one in Message.select().order_by(Message.id)]


def test_everybody_whom_the_desk_shows_gets_their_open_steps_and_nobody_else(lin, season):
    page = lin.get("/reminders/new?need=unfinished").text
    assert all(word in page for word in ("安然", "白露", "提醒：您有"))
    assert "程远" not in page
    assert send(lin, "?need=unfinished").location == "/sent"
    assert "已发送给 2 人，仅在系统内显示；0 人未发送。" in lin.get("/sent").text
    assert reminded() == ["安然", "白露"]
    assert [mail.address for mail in Mail.select()] == ["bai@example.com"]
    lin.sign_in_as(season.an.number)
    text = lin.get("/me/messages").text
    assert all(step in text for step in ("library", "dorm", "campus-card"))
    assert "· diploma" not in text, "it waits for the library"
    assert "library: name" in lin.get("/me/messages", headers={"Accept-Language": "en"}).text
    event = AuditEvent.get(AuditEvent.action == "reminder.sent")
    assert (event.actor, event.subject, event.detail) == (COUNSELOR, "护理2001", {"graduates": 2, "left_out": 0})


def test_a_form_sent_twice_sends_once_and_says_the_same(lin):
    form = form_of(lin)
    said = []
    for _twice in range(2):
        send(lin, form=form, anyway="1")
        said.append("已发送给 2 人" in lin.get("/sent").text)
    assert (said, len(reminded())) == ([True, True], 2)


def test_who_had_one_within_the_day_is_left_out_unless_the_sender_says_otherwise(lin, season, monkeypatch):
    send(lin, f"?number={season.an.number}", kind="reminder.written", zh="明天到图书馆", en="To the library tomorrow")
    assert "一天内已收到过提醒" in lin.get("/reminders/new").text
    send(lin)
    assert reminded() == ["安然", "白露"]
    send(lin, anyway="1")
    assert reminded() == ["安然", "白露", "安然", "白露"]
    later = now() + REST
    monkeypatch.setattr("db.reminders.now", lambda: later)
    send(lin)
    assert len(reminded()) == 6


def test_who_has_nothing_to_settle_now_is_left_out_of_open_steps_but_not_of_own_words(lin, season):
    decide(lin, season.an, *(("clear", step) for step in ("library", "dorm", "conduct")), ("collect", "campus-card"))
    decide(lin, season.an, ("hold", "diploma"))
    decide(lin, season.bai, ("clear", "library"), ("clear", "conduct"), ("collect", "campus-card"), ("collect", "diploma"))
    send(lin)
    assert reminded() == ["安然"]
    send(lin, kind="reminder.written", zh="祝贺", anyway="1")
    assert reminded() == ["安然", "安然", "白露"]
    assert [one.en for one in Message.select()] == ["", "", ""]


def test_words_that_are_missing_or_too_long_are_told_and_nothing_is_lost(lin):
    for fields in ({"zh": ""}, {"zh": "x" * 1001}):
        answer = send(lin, kind="reminder.written", en="typed before", **fields)
        assert answer.status_code == 422
        assert "typed before" in answer.text
    assert lin.send("/reminders", kind="reminder.steps", numbers="2020000000", token="a b").status_code == 422
    assert reminded() == []


def test_a_college_of_thousands_is_reminded_at_once(lin):
    form = form_of(lin)
    many = " ".join([form["numbers"], *(f"20219{n:08}" for n in range(5000))])
    assert send(lin, form=form | {"numbers": many}).status_code == 303
    assert len(reminded()) == 2


def test_nobody_reminds_graduates_of_others(lin, season):
    form = form_of(lin)
    add_graduates([season.cheng], ADMIN)
    for who in (DEAN, OFFICER, BOSS, AUDITOR, ADMIN, "wang", season.cheng.number):
        lin.sign_in_as(who)
        assert lin.get(f"/reminders/new?number={season.an.number}").status_code in (403, 404)
        assert send(lin, form=form).status_code in (403, 404)
    assert send(lin.sign_in_as(COUNSELOR), form=form | {"numbers": season.cheng.number}).status_code == 404
    assert reminded() == []


def test_each_sees_the_own_reminders_in_the_log_and_administrators_all_without_private_words(lin, season):
    send(lin, kind="reminder.written", zh="明天到图书馆")
    give_up(Mail.get(), "550 No such user")
    messages.send(season.an.id, "proxy.reject", "k", {"kind": "post", "words": "secret"})
    own = lin.get("/sent").text
    assert all(word in own for word in ("安然", "白露", "b***@example.com", "550 No such user", "已停止发送"))
    assert "bai@example.com" not in own
    rows = lambda query="": list(csv.reader(io.StringIO(lin.get(f"/sent/export.csv{query}").text)))[1:]  # noqa: E731
    assert len(rows()) == 2
    assert [row[2] for row in rows("?state=given-up")] == ["白露"]
    lin.sign_in_as(ADMIN)
    page = lin.get("/sent").text
    assert "委托或邮寄申请" in page
    assert not any(word in page for word in ("secret", "明天到图书馆", "未获批准"))
    assert len(rows()) == 3
    assert len(rows("?kind=proxy")) == 1
    assert len(rows(f"?who={season.an.number}&state=none&by={COUNSELOR}")) == 1
    book = openpyxl.load_workbook(io.BytesIO(lin.get("/sent/export.xlsx?who=护理2001").data)).active
    assert book.max_row == 4
    assert AuditEvent.select().where(AuditEvent.action == "messages.exported").count() == 6
    assert lin.get("/sent?since=x").status_code == 422
    assert "程远" not in lin.sign_in_as(DEAN).get("/sent").text
    assert "还没有发送过" in lin.get("/sent").text
    for who in (OFFICER, BOSS, AUDITOR, "wang", season.an.number):
        assert lin.sign_in_as(who).get("/sent").status_code == lin.get("/sent/export.csv").status_code == 403


def test_who_lost_a_class_sees_no_more_what_they_sent_to_it(lin):
    send(lin)
    ClassGroup.update(counselor=None).where(ClassGroup.name == "护理2001").execute()
    ClassGroup.update(counselor=COUNSELOR).where(ClassGroup.name == "护理2002").execute()
    page = lin.sign_in_as(COUNSELOR).get("/sent")
    assert (page.status_code, "安然" in page.text) == (200, False)


def test_a_hundred_graduates_cost_as_many_queries_as_two(lin, season, monkeypatch):
    lin.get("/reminders/new")
    with counted(monkeypatch) as few:
        lin.get("/reminders/new")
    group = ClassGroup.get(ClassGroup.name == "护理2001")
    Graduate.insert_many(
        {"ref": f"gr_x{n:09}", "number": f"2021{n:06}", "name": "多", "class_group": group} for n in range(100)
    ).execute()
    with counted(monkeypatch) as many:
        lin.get("/reminders/new")
    assert len(many) == len(few)


def test_without_a_mail_server_nobody_says_that_anything_goes_out_by_email(lin):
    send(lin)
    page = lin.get("/sent").text
    assert "仅在系统内显示" in page
    assert "同时发了邮件" not in page
    assert "等待发出</span>" not in page


def test_with_a_mail_server_it_is_told_how_many_get_an_email_too(lin):
    kept = lin.application.extensions
    kept["config"] = replace(kept["config"], mail=Smtp("127.0.0.1", 25, "none", "clearance@example.edu"))
    asked = lin.get("/reminders/new").text
    assert all(words in asked for words in ("没有邮箱", "留有邮箱的毕业生会同时收到邮件"))
    send(lin)
    page = lin.get("/sent").text
    assert "已发送给 2 人，其中 1 人同时发了邮件；0 人未发送。" in page
    assert "等待发出</span>" in page


def test_without_a_mail_server_nothing_is_said_to_go_out_by_e_mail(lin):
    text = lin.get("/reminders/new").text
    assert "邮件" not in text.replace("本系统未设置发送邮件：提醒只在系统内显示。", "")


def test_without_a_mail_server_the_log_filters_by_what_its_lines_say(lin, season):
    send(lin)
    mailed = Mail.select().count()
    assert mailed > 0
    assert Mail.get().state == "waiting"
    text = lin.get("/sent").text
    assert 'value="waiting"' not in text
    assert text.count("仅在系统内</span>") == 2
    assert "2 条消息" in lin.get("/sent?state=none").text


def test_the_log_finds_by_the_names_that_stand_in_it(lin, season):
    send(lin)
    Account.update(name="林老师").where(Account.id == COUNSELOR).execute()
    assert "1 条消息" in lin.get("/sent?who=安然").text
    admin = lin.sign_in_as(ADMIN)
    assert "2 条消息" in admin.get("/sent?by=林老师").text
    assert "0 条消息" in admin.get("/sent?by=王老师").text
