"""Who cannot come has the diploma posted: written step by step, decided by the own counselor, nobody else's business."""

import re
from datetime import date, timedelta

import pytest

from db import covers, grants, parcels, proxies, proxy_desk, proxy_drafts, proxy_retention
from db import season as seasons
from db.accounts import Account
from db.audit import AuditEvent
from db.people import ClassGroup
from db.proxies import ProxyApplication, ProxyEvent
from db.refusals import Conflict, Invalid, NotFound
from db.rules import jws
from db.season import today as season_day
from tests.cast import ADMIN, DORM, LIBRARY, OPERATOR, hours_after_loading, plan_text
from tests.client import Client, portal
from tests.portal.graduate_case import decide, open_today

OTHER = "qian"
WORDS = {"reason": "away", "words": ""}
ADDRESS = {"steps": "diploma", "name": "安然", "phone": "138 0013 8000", "address": "某省某市某路 1 号"}
RISK = {"accepted": "1", "signed": "安 然"}


def with_proxies(text: str) -> str:
    return text + (
        '\n[proxy]\nsteps = ["library", "diploma"]\npost = ["diploma"]\nmost_days = 14\nmost_graduates = 2\n'
        'reasons = [{ code = "away", zh = "外地", en = "Away" }, { code = "other", zh = "其他", en = "Other" }]'
    )


@pytest.fixture
def house(season, database_url, tmp_path):
    open_today(season, with_proxies(plan_text()))
    for staff in ("lin", OTHER, "dean", "boss", "auditor", "officer"):
        Account.create(id=staff, name=f"{staff}老师")
    ClassGroup.update(counselor=OTHER).where(ClassGroup.name == "护理2002").execute()
    grants.grant("officer", "officer", "step", "diploma", ADMIN)
    grants.grant("dean", "college", "college", "护理学院", ADMIN)
    grants.grant("boss", "leadership", "all", "", ADMIN)
    grants.grant("auditor", "auditor", "all", "", ADMIN)
    return portal(database_url, tmp_path)


def apply(client: Client, season, upto: int = 3) -> ProxyApplication:
    """An writes an application for post, as far as so many parts."""
    client.sign_in_as(season.an.number)
    assert client.send("/me/proxy", kind="post").location == "/me/proxy/reason"
    found = proxies.latest(season.an.id)
    for part, fields in list(zip(("reason", "address", "risk"), (WORDS, ADDRESS, RISK), strict=True))[:upto]:
        assert client.send(f"/me/proxy/{part}", application=found.id, **fields).status_code == 303
    return ProxyApplication.get_by_id(found.id)


def key(client: Client) -> jws.SigningKey:
    return client.application.extensions["keys"].entry_key


def nothing_missing(client: Client, season) -> None:
    """A desk could hand An the diploma."""
    decide(client, season.an, ("clear", LIBRARY), ("clear", DORM))


def test_it_is_written_part_by_part_sent_approved_and_posted(house, season):
    nothing_missing(house, season)
    one = apply(house, season)
    assert (one.state, one.phone, one.steps) == ("submitted", "13800138000", "diploma")
    assert "待辅导员审核" in house.get("/me/proxy").text
    house.sign_in_as("lin")
    assert season.an.name in house.get("/proxies").text
    assert "某省某市某路" in house.get(f"/proxies/{one.id}").text
    assert house.send(f"/proxies/{one.id}/decisions", act="approve", seen=1).status_code == 303
    assert house.send(f"/proxies/{one.id}/parcels", tracking="ee 12345678 9cn").status_code == 303
    assert house.send(f"/proxies/{one.id}/parcels", tracking="EE123456789CN").status_code == 303
    house.sign_in_as(season.an.number)
    assert "EE123456789CN" in house.get("/me/proxy").text
    assert [event.act for event in proxies.events(one)] == ["post", "approve", "submit"]
    assert proxies.events(one)[2].detail == {"risk": True, "signed": "安 然"}
    actions = {"proxy.submit", "proxy.viewed", "proxy.approve", "proxy.post"}
    assert actions <= {event.action for event in AuditEvent.select().where(AuditEvent.subject == season.an.number)}


def test_a_draft_is_kept_and_gone_on_with_where_it_was_left(house, season):
    one = apply(house, season, upto=1)
    assert "/me/proxy/address" in house.get("/me/proxy").text
    assert house.send("/me/proxy", kind="post").location == "/me/proxy/address"
    assert "checked" in house.get("/me/proxy/reason").text
    house.get("/me/proxy/address")
    with house.session_transaction() as session:
        session.clear()
    lost = house.send("/me/proxy/address", application=one.id, headers={"Referer": "http://localhost/me/proxy/address"}, **ADDRESS)
    assert lost.location == "/sign-in?next=%2Fme%2Fproxy%2Faddress"
    assert ProxyApplication.get_by_id(one.id).reason == "away"


def test_what_is_wrong_is_said_beside_it_and_stays_typed(house, season):
    one = apply(house, season, upto=1)
    answer = house.send("/me/proxy/address", application=one.id, **{**ADDRESS, "phone": "12345"})
    assert answer.status_code == 422
    assert "某省某市某路 1 号" in answer.text
    for wrong, told in (({"address": "短"}, "至少 8 个字"), ({"name": "<script>"}, "请填写姓名")):
        answer = house.send("/me/proxy/address", application=one.id, **{**ADDRESS, **wrong})
        assert (answer.status_code, told in answer.text) == (422, True), wrong
    answer = house.send("/me/proxy/risk", application=one.id, **RISK)
    assert answer.status_code == 422
    assert 'action="/me/proxy/address"' in answer.text
    house.send("/me/proxy/address", application=one.id, **ADDRESS)
    assert house.send("/me/proxy/risk", application=one.id, **{**RISK, "signed": "程远"}).status_code == 422
    assert house.send("/me/proxy/risk", application=one.id, signed="安然").status_code == 422
    assert ProxyApplication.get_by_id(one.id).state == "draft"


def test_sent_twice_is_sent_once_and_an_old_page_changes_no_newer_application(house, season):
    one = apply(house, season)
    assert proxy_drafts.submit(season.an, one.id, season.an.number).version == 1
    assert house.send("/me/proxy/risk", application=one.id, **RISK).status_code == 409
    assert house.send("/me/proxy", kind="post").status_code == 409
    assert house.send(f"/me/proxy/{one.id}/withdrawals").status_code == 303
    assert house.send(f"/me/proxy/{one.id}/withdrawals").status_code == 303
    two = apply(house, season, upto=1)
    assert house.send("/me/proxy/reason", application=one.id, reason="other", words="x").status_code == 409
    assert ProxyApplication.get_by_id(two.id).reason == "away"
    assert ProxyEvent.select().where(ProxyEvent.application == one.id).count() == 2


def test_returned_it_says_why_and_can_be_mended_and_sent_again(house, season):
    one = apply(house, season)
    house.sign_in_as("lin")
    assert house.send(f"/proxies/{one.id}/decisions", act="return", seen=1).status_code == 422
    house.send(f"/proxies/{one.id}/decisions", act="return", seen=1, words="门牌号不全")
    house.sign_in_as(season.an.number)
    assert "门牌号不全" in house.get("/me/proxy").text
    house.send("/me/proxy/address", application=one.id, **{**ADDRESS, "address": "某路 1 号 502"})
    house.send("/me/proxy/risk", application=one.id, **RISK)
    assert proxies.latest(season.an.id).version == 3


def test_of_two_who_act_at_once_one_is_refused_and_the_same_again_is_no_harm(house, season):
    one = apply(house, season)
    lin, other = Account.get_by_id("lin"), Account.get_by_id(OTHER)
    covers.name("lin", OTHER, season_day(), season_day(), "lin")
    proxy_desk.decide(lin, one.id, 1, "approve")
    assert proxy_desk.decide(lin, one.id, 1, "approve").version == 2
    with pytest.raises(Conflict):
        proxy_desk.decide(other, one.id, 1, "reject", "no")
    proxies.withdraw(season.an, one.id, season.an.number)
    with pytest.raises(Conflict):
        proxy_desk.decide(lin, one.id, 2, "revoke", "late")
    with pytest.raises(Conflict):
        parcels.post(key(house), lin, one.id, "EE123456789CN")
    assert ProxyApplication.get_by_id(one.id).state == "withdrawn"


def test_a_named_colleague_covers_from_the_first_day_to_the_last(house, season):
    one = apply(house, season)
    lin, other = Account.get_by_id("lin"), Account.get_by_id(OTHER)
    day = season_day()
    house.sign_in_as("lin")
    for wrong in ({"cover": "dean"}, {"cover": "lin"}, {"until_day": str(day - timedelta(1))}):
        assert (
            house.send("/proxies/covers", **{"cover": OTHER, "from_day": str(day), "until_day": str(day)} | wrong).status_code
            == 422
        )
    later = covers.name("lin", OTHER, day + timedelta(1), day + timedelta(3), "lin")
    with pytest.raises(NotFound):
        proxy_desk.find(other, one.id)
    covers.end(later.id, "lin")
    house.send("/proxies/covers", cover=OTHER, from_day=str(day), until_day=str(day))
    assert proxy_desk.find(Account.get_by_id(OTHER), one.id) == one
    house.sign_in_as(OTHER)
    assert season.an.name in house.get("/proxies").text
    with pytest.raises(NotFound):
        covers.end(later.id, OTHER)
    covers.end(covers.of(lin)[0].id, "lin")
    assert proxy_desk.queue(Account.get_by_id(OTHER)) == []


def end_season(days_ago: int) -> None:
    """Let the season's last day have been so many days ago, by a plan that was loaded long before."""
    ended = (season_day() - timedelta(days_ago) - date(2023, 7, 14)).days
    seasons.load_plan(with_proxies(plan_text()), "cast.toml", ADMIN, shifted_days=ended)
    hours_after_loading(24)


def test_after_the_seasons_last_day_nothing_is_begun_or_sent_and_the_page_says_why(house, season):
    end_season(0)
    one = apply(house, season, upto=2)
    end_season(1)
    told = house.send("/me/proxy", kind="post")
    assert (told.status_code, "离校季已结束，不再受理申请" in told.text) == (409, True)
    assert house.send("/me/proxy/risk", application=one.id, **RISK).status_code == 409
    assert ProxyApplication.get_by_id(one.id).state == "draft"
    for who in (season.an, season.bai):
        shown = house.sign_in_as(who.number).get("/me/proxy").text
        assert ("离校季已结束，不再受理申请" in shown, 'name="kind"' in shown, "/me/proxy/risk" in shown) == (True, False, False)


def test_a_parcel_that_was_not_posted_by_the_time_of_erasure_is_told_and_can_still_be_noted(house, season):
    one = apply(house, season)
    nothing_missing(house, season)
    proxy_desk.decide(Account.get_by_id("lin"), one.id, 1, "approve")
    end_season(7)
    assert proxy_retention.erase("portal") == {}, "it may still be posted"
    end_season(8)
    assert proxy_retention.erase("portal") == {"season": 1}
    assert "收件地址只保留到离校季结束，现已删除" in house.get("/me/proxy").text
    page = house.sign_in_as("lin").get(f"/proxies/{one.id}").text
    assert ("收件地址已随离校季数据删除" in page, "已通过，未寄出" in page, "某省某市" in page) == (True, True, False)
    parcels.post(key(house), Account.get_by_id("lin"), one.id, "EE123456789CN")
    assert ProxyApplication.get_by_id(one.id).state == "posted"


@pytest.mark.engine("sqlite")
def test_nobody_else_gets_anything_of_it(house, season):
    one = apply(house, season)
    routes = [
        (f"/proxies/{one.id}", None), (f"/proxies/{one.id}/decisions", {"act": "reject", "words": "x", "seen": 1}),
        (f"/proxies/{one.id}/revocations", {"words": "x", "seen": 1}),
        (f"/proxies/{one.id}/parcels", {"tracking": "EE123456789CN"}),
        (f"/me/proxy/{one.id}/withdrawals", {}), ("/me/proxy/reason", {"application": one.id, **WORDS}), ("/me/proxy", None),
        ("/proxies", None),
    ]  # fmt: skip
    for who in (OTHER, season.bai.number, OPERATOR, "officer", "dean", "boss", "auditor", ADMIN, None):
        if who is None:
            with house.session_transaction() as session:
                session.clear()
        else:
            house.sign_in_as(who)
        for path, fields in routes:
            answer = house.get(path) if fields is None else house.send(path, **fields)
            assert answer.status_code in (303, 403, 404, 409, 200), (who, path)
            assert answer.status_code != 303 or answer.location.startswith("/sign-in"), (who, path)
            secrets = ["安然", "13800138000", "某省某市", *([] if one.id in path else [one.id])]
            assert not any(secret in answer.text for secret in secrets), (who, path)
    assert ProxyEvent.select().count() == 1


def test_a_draft_is_nobodys_but_the_graduates(house, season):
    one = apply(house, season, upto=2)
    assert house.sign_in_as("lin").get(f"/proxies/{one.id}").status_code == 404
    assert "安然" not in house.get("/proxies").text


def test_a_plan_that_says_nothing_of_proxies_offers_none(season, database_url, tmp_path):
    open_today(season)
    client = portal(database_url, tmp_path).sign_in_as(season.an.number)
    assert "/me/proxy" not in client.get("/me").text
    assert client.send("/me/proxy", kind="post").status_code == 404


def test_what_happened_is_never_changed(house, season):
    one = apply(house, season)
    with pytest.raises(Exception, match="append-only"):
        ProxyEvent.update(act="approve").where(ProxyEvent.application == one.id).execute()
    with pytest.raises(Invalid):
        proxy_desk.decide(Account.get_by_id("lin"), one.id, 1, "reject")


def test_what_was_sent_back_says_why_on_every_part_and_leads_to_each(house, season):
    one = apply(house, season)
    house.sign_in_as("lin").send(f"/proxies/{one.id}/decisions", act="return", seen=1, words="地址少了门牌号")
    house.sign_in_as(season.an.number)
    for part in ("reason", "address", "risk"):
        shown = house.get(f"/me/proxy/{part}").text
        assert "地址少了门牌号" in shown, part
        assert sum(f'class="stepper-link" href="/me/proxy/{other}"' in shown for other in ("reason", "address", "risk")) == 2


def test_in_a_draft_only_the_parts_before_are_led_back_to(house, season):
    apply(house, season, upto=1)
    shown = house.get("/me/proxy/address").text
    assert 'class="stepper-link" href="/me/proxy/reason"' in shown
    assert 'class="stepper-link" href="/me/proxy/risk"' not in shown


def test_a_question_in_the_list_of_what_is_wrong_is_not_followed_by_a_colon(house, season):
    one = apply(house, season, upto=1)
    told = house.send("/me/proxy/reason", application=one.id).text
    assert "？：" not in told


def test_home_says_how_the_application_stands(house, season):
    one = apply(house, season, upto=2)
    states = {}

    def at_home(who=season.an.number):
        found = re.search(r'<p class="card home-proxy">(.*?)</p>', house.sign_in_as(who).get("/me").text, re.DOTALL)
        return re.sub(r"<[^>]+>", "", found[1]) if found else None

    states["draft"] = at_home()
    house.send("/me/proxy/risk", application=one.id, **RISK)
    states["sent"] = at_home()
    house.sign_in_as("lin").send(f"/proxies/{one.id}/decisions", act="return", seen=1, words="再看看")
    states["returned"] = at_home()
    house.send("/me/proxy/risk", application=one.id, **RISK)
    house.sign_in_as("lin").send(f"/proxies/{one.id}/decisions", act="approve", seen=3)
    states["approved"] = at_home()
    nothing_missing(house, season)
    house.sign_in_as("lin").send(f"/proxies/{one.id}/parcels", tracking="EE123456789CN")
    states["posted"] = at_home()
    words = {"draft": "尚未提交", "sent": "待辅导员审核", "returned": "退回修改", "approved": "待寄出", "posted": "EE123456789CN"}
    assert {name: word in (states[name] or "") for name, word in words.items()} == dict.fromkeys(words, True), states
    assert at_home(season.bai.number) is None


def test_what_is_settled_is_not_offered_and_where_nothing_is_left_the_page_says_so(house, season):
    nothing_missing(house, season)
    page = house.sign_in_as(season.an.number).get("/me/proxy").text
    assert LIBRARY not in page, "settled"
    house.send("/me/proxy", kind="proxy")
    one = proxies.latest(season.an.id)
    assert 'value="library"' not in house.get("/me/proxy/days").text
    decide(house, season.an, ("collect", "diploma"))
    assert "没有可以由他人代办的事项了" in house.get("/me/proxy/days").text
    house.send(f"/me/proxy/{one.id}/withdrawals")
    page = house.get("/me/proxy").text
    assert "没有可以由他人代办的事项了" in page
    assert 'name="kind"' not in page
    assert house.send("/me/proxy", kind="post").status_code == 409
    assert "没有可以由他人代办的事项了" in house.send("/me/proxy", kind="post").text


def test_a_part_that_is_no_question_any_more_leads_to_how_the_application_stands(house, season):
    house.sign_in_as(season.an.number)
    assert house.get("/me/proxy/reason").location == "/me/proxy"
    one = apply(house, season)
    for path in ("risk", "pictures", f"{one.id}/links", f"{one.id}/withdrawals"):
        assert house.get(f"/me/proxy/{path}").location == "/me/proxy", path
    assert house.get("/me/proxy/nonsense").status_code == 404
