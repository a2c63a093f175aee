"""A graduate's own pages: where one stands, what to do next, and nobody else's data."""

import re
from datetime import timedelta

import pytest

from db import season as seasons
from db.accounts import Account
from db.cards import Card
from db.clearance import Clearance
from db.database import from_ms, now, to_ms, writing
from db.intake import receive
from db.people import Graduate
from tests.cast import CARD, CONDUCT, DIPLOMA, DORM, LIBRARY, STEPS, TabletDouble, plan_text, set_flags
from tests.client import portal
from tests.live import ROOT
from tests.portal.graduate_case import asked, decide, open_today, settle_everything

pytest_plugins = ["tests.portal.graduate_fixtures"]

PAGES = ("/me", "/me/clearance", "/me/steps", f"/me/steps/{LIBRARY}", "/me/flow")


def text_of(answer) -> str:
    """What the page says, without its markup."""
    assert answer.status_code < 300, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_is_led_to_sign_in_and_staff_are_refused(me, page):
    assert me.application.test_client().get(page).status_code == 303
    assert me.application.test_client().sign_in_as("wang").get(page).status_code == 403


def test_home_says_who_how_far_and_what_is_next(me, today):
    said = text_of(me.get("/me"))
    assert today.an.name in said
    assert "20*****000" in said
    assert today.an.number not in said
    assert "0 / 5" in said
    assert "下一步：library，到以下任一站点办理" in said
    assert "今天截止" in said


def test_the_counts_at_home_add_up_and_name_what_is_optional_apart(season, database_url, tmp_path):
    text = plan_text((*STEPS, ("voucher", "desk", "all", ())), (("hall", ("voucher", LIBRARY, DORM, CARD, DIPLOMA)),))
    step = text.index('code = "voucher"')
    open_today(season, text[:step] + "required = false\n" + text[step:])
    home = portal(database_url, tmp_path).sign_in_as(season.an.number).get("/me")
    said = text_of(home)
    assert "0 / 5" in said
    assert "待办 4 选办 1 项 部门处理中 1" in said


def test_home_says_what_to_do_before_one_comes(me):
    said = text_of(me.get("/me"))
    assert "以下环节请先别来 diploma 须先办：library、dorm" in said


def test_what_is_held_comes_first_with_its_reason_and_the_office(me, today):
    decide(me, today.an, ("hold", CARD, "余额为负"))
    said = text_of(me.get("/me"))
    assert f"暂缓：{CARD}" in said
    assert "原因：余额为负" in said
    assert "分机 8100" in said


def test_beside_what_is_held_stands_what_can_be_done_today_at_a_desk(me, today):
    decide(me, today.an, ("hold", CARD, "余额为负"))
    said = text_of(me.get("/me"))
    assert "今天可以办：library" in said
    assert "今天截止" in said
    assert "今天可以办" in text_of(me.get("/me/clearance"))
    decide(me, today.an, ("clear", LIBRARY), ("clear", DORM), ("collect", DIPLOMA))
    assert "今天可以办" not in text_of(me.get("/me"))


def test_nothing_to_do_while_everything_is_with_the_offices(me, today):
    decide(me, today.an, ("clear", LIBRARY), ("clear", DORM), ("collect", CARD), ("submit", DIPLOMA))
    assert "目前没有需要您办理的事项" in text_of(me.get("/me"))


def test_the_end_is_friendly_and_the_page_asks_seldom_from_then_on(me, today):
    settle_everything(me, today.an)
    home = me.get("/me")
    assert "您的 5 个离校环节已全部办完" in text_of(home)
    assert 'data-live-every="30"' in home.text
    decide(me, today.an, ("hold", LIBRARY))
    assert 'data-live-every="3"' in me.get("/me/clearance").text, "what was taken back shows"


def test_the_live_part_answers_304_until_something_happens(me, today):
    first = me.get("/me/clearance")
    assert me.get("/me/clearance", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    desk = TabletDouble.enrol("library")
    receive([desk.act("clear", today.an, LIBRARY).token], "direct")
    second = me.get("/me/clearance", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert 'data-settled="1"' in second.text
    assert "csrf" not in second.text


def test_home_takes_at_most_6_queries_and_the_live_part_4(me, today, monkeypatch):
    decide(me, today.an, ("hold", LIBRARY, "book-lost"))
    facts = me.application.extensions["plan_facts"]
    for page, most in (("/me", 6), ("/me/clearance", 4)):
        me.get(page)
        seen = asked(monkeypatch)
        facts._until = 0.0 if page == "/me" else facts._until  # the frame looks for a new plan every 20 seconds: count it in
        me.get(page)
        monkeypatch.undo()
        assert len(seen) <= most, seen


def test_the_number_of_queries_does_not_grow_with_the_steps(season, database_url, tmp_path, monkeypatch):
    counts = []
    for more in (0, 25):
        steps = (*STEPS, *((f"extra-{n}", "desk", "all", ()) for n in range(more)))
        stations = (("hall", tuple(step[0] for step in steps if step[1] != "list")),)
        open_today(season, plan_text(steps, stations))
        client = portal(database_url, tmp_path).sign_in_as(season.an.number)
        for page in ("/me", "/me/steps"):
            client.get(page)
            seen = asked(monkeypatch)
            assert client.get(page).status_code == 200
            monkeypatch.undo()
            counts.append(len(seen))
    assert counts[:2] == counts[2:]


def test_steps_stand_in_their_groups(me, today):
    decide(me, today.an, ("hold", LIBRARY, "x"), ("clear", DORM))
    set_flags(today.bai, "")
    said = text_of(me.get("/me/steps"))
    heads = [said.index(word) for word in ("暂缓 1", "待办 2", "部门处理中 1", "已完成 1")]
    assert heads == sorted(heads)
    assert "无需办理 1" in text_of(me.application.test_client().sign_in_as(today.bai.number).get("/me/steps"))


def test_a_step_says_what_blocks_it_what_it_blocks_and_where_it_is_settled(me):
    said = text_of(me.get(f"/me/steps/{DIPLOMA}"))
    assert "请先别来。 须先办： library 、 dorm" in said
    assert "在站点当面领取，只发一次" in said
    said = text_of(me.get(f"/me/steps/{LIBRARY}"))
    assert "后续环节 diploma" in said
    assert "还没有办理记录" in said


def test_a_step_that_waits_for_a_list_says_so(me):
    assert "name的名单尚未送达" in text_of(me.get(f"/me/steps/{CONDUCT}"))


def test_a_steps_history_says_who_signed_when_and_where(me, today):
    desk = TabletDouble.enrol("library", clock=1687741200000)
    held = desk.act("hold", today.an, LIBRARY, reason="book-lost: 两本", amount=2750)
    note = desk.act("note", today.an, LIBRARY, reason="among staff")
    undo = desk.undo(held)
    cleared = desk.act("clear", today.an, LIBRARY, saw=[held])
    receive([each.token for each in (held, note, undo, cleared)], "direct")
    Account.update(name="王管理").where(Account.id == "wang").execute()
    said = text_of(me.get(f"/me/steps/{LIBRARY}"))
    at = from_ms(1687741200000).astimezone(seasons.current().plan.zone)
    assert f"办结 2023年6月{at.day}日 {at:%H:%M} · 王管理 · name" in said
    assert "暂缓 已撤销 ¥27.50 book-lost: 两本" in said
    assert "among staff" not in said


def test_nobody_sees_what_is_somebody_elses(me, today):
    decide(me, today.bai, ("hold", LIBRARY, "a reason of Bai's"))
    for page in PAGES:
        said = me.get(page).text
        assert "a reason of Bai's" not in said
        assert today.bai.name not in said
        assert today.bai.ref not in said


def test_a_step_that_the_plan_does_not_have_is_not_found(me):
    assert me.get("/me/steps/nothing").status_code == 404


def test_who_left_the_season_is_told_whom_to_ask(me, today):
    Graduate.update(removed_at=now()).where(Graduate.id == today.an.id).execute()
    for page in (*PAGES, "/me/card", "/me/card.png", "/me/card/picture", "/me/card/reissues/new"):
        answer = me.get(page)
        assert answer.status_code == 410
        assert "您已不在本届毕业生名单中" in answer.text


def test_before_the_card_is_issued_the_page_says_so(me, today):
    Card.delete().execute()
    Graduate.update(gen=0).execute()
    assert "您的离校卡还没有发放" in text_of(me.get("/me"))
    assert "您的离校卡还没有发放" in text_of(me.get("/me/card"))
    assert me.get("/me/card.png").status_code == 409


def test_who_graduates_later_is_told_what_does_not_apply_for_now(season, database_url, tmp_path):
    steps = tuple((code, how, "!delayed" if code == DIPLOMA else applies, blocks) for code, how, applies, blocks in STEPS)
    flag = '[[flags]]\ncode = "delayed"\nzh = "延缓毕业"\nen = "Delayed graduation"\n'
    open_today(season, plan_text(steps).replace("[[flags]]", flag + "[[flags]]", 1))
    set_flags(season.an, "resident delayed")
    client = portal(database_url, tmp_path).sign_in_as(season.an.number)
    assert "延缓毕业 。以下环节暂不办理： diploma" in text_of(client.get("/me"))


def test_before_anything_was_folded_the_page_still_shows(me):
    with writing():
        Clearance.delete().execute()
    assert "0 / 5" in text_of(me.get("/me"))


def test_english_is_complete(me):
    me.set_cookie("language", "en")
    for page in PAGES:
        assert not re.search("[\u4e00-\u9fff]", re.sub("安然|护理|学院|中文", "", text_of(me.get(page))))


def test_every_step_of_the_real_plan_has_its_page(season, database_url, tmp_path):
    open_today(season, (ROOT / "plans" / "2023.toml").read_text("utf-8"))
    client = portal(database_url, tmp_path).sign_in_as(season.an.number)
    for step in seasons.current().plan.steps:
        assert step.name.zh in text_of(client.get(f"/me/steps/{step.code}"))


def test_a_station_where_nobody_came_lately_says_only_when_somebody_last_did(me, today):
    made = now() - timedelta(minutes=30)
    desk = TabletDouble.enrol("library", clock=to_ms(made))
    receive([desk.act("clear", today.bai, LIBRARY).token], "direct")
    said = text_of(me.get("/me"))
    assert "人次" not in said
    zone = seasons.current().plan.zone
    if made.astimezone(zone).date() == now().astimezone(zone).date():
        assert f"最近一次办理 {made.astimezone(zone):%H:%M}" in said


def test_the_texts_of_the_real_plan_fit_their_steps(season, database_url, tmp_path):
    open_today(season, (ROOT / "plans" / "2023.toml").read_text("utf-8"))
    client = portal(database_url, tmp_path).sign_in_as(season.an.number)
    for step, said in (("archive-mail", "尚未寄出的名单"), ("access-off", "门禁仍保留的名单")):
        page = text_of(client.get(f"/me/steps/{step}"))
        assert said in page
        assert "未通过名单" not in page, step
    assert "未通过名单" in text_of(client.get("/me/steps/conduct"))
    assert "上传" not in text_of(client.get("/me/steps/party"))
    form = text_of(client.get("/me/steps/record-check")).partition("填写表单")[2]
    for shown in (season.an.name, season.an.class_group.name, season.an.class_group.college.name):
        assert shown in form


def test_beside_the_next_station_stands_how_busy_it_is_and_nothing_while_nobody_came(me, today):
    assert "最近 10 分钟" not in text_of(me.get("/me"))
    moment = now()
    desk = TabletDouble.enrol("library", clock=to_ms(moment - timedelta(minutes=2)))
    made = [desk.act("clear", today.bai, LIBRARY), desk.act("note", today.cheng, LIBRARY), desk.act("clear", today.cheng, LIBRARY)]
    receive([one.token for one in made], "direct")
    last = (moment - timedelta(minutes=2) + timedelta(seconds=2)).astimezone(seasons.current().plan.zone)
    for page in ("/me", "/me/clearance"):
        assert text_of(me.get(page)).count(f"最近 10 分钟办理 2 人次，最近一次 {last:%H:%M}") == 1
    english = text_of(me.get("/me", headers={"Accept-Language": "en"}))
    assert f"2 in the last 10 minutes, last at {last:%H:%M}" in english
