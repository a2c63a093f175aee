"""A tablet's page, the day page and the notices page."""

import pytest

from db.accounts import Account
from db.audit import AuditEvent
from db.intake import receive
from db.notices import Notice
from db.season import today
from db.stations import Device, Posting, close_shift
from db.tablets import WriteOff
from tests.cast import ADMIN, DIPLOMA, LIBRARY, TabletDouble
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, OFFICER, counted

pytest_plugins = ["tests.portal.office_fixtures"]

DAY_PAGE = "/day?date=2023-06-26"
NOTICE = {"zh": "午休到一点", "en": "Break until one", "audience": "all", "minutes": "60"}


@pytest.fixture
def admin(client):
    return client.sign_in_as(ADMIN)


@pytest.fixture
def desk(season):
    desk = TabletDouble.enrol("library")
    for graduate in season.everybody:
        desk.act("clear", graduate, LIBRARY)
    receive([desk.made[0].token, desk.made[2].token], "direct", desk.device)
    Device.update(head_seq=3, pending=1).where(Device.id == desk.device).execute()
    return desk


def test_the_administrator_the_leadership_and_the_auditor_look(client, desk):
    for path in (f"/tablets/{desk.device}", "/day", DAY_PAGE):
        assert [client.sign_in_as(who).get(path).status_code for who in (ADMIN, BOSS, AUDITOR)] == [200, 200, 200], path
        assert [client.sign_in_as(who).get(path).status_code for who in (OFFICER, COUNSELOR, "wang")] == [403, 403, 403], path
    assert client.sign_in_as(BOSS).get("/notices").status_code == 403


@pytest.mark.parametrize("who", [BOSS, AUDITOR, OFFICER, "wang"])
def test_only_the_administrator_changes_anything(client, desk, who):
    client.sign_in_as(who)
    for path in ("names", "moves", "write-offs"):
        sent = {"name": "x", "station": "dorm", "reason": "x"}
        assert client.send(f"/tablets/{desk.device}/{path}", **sent).status_code == 403
    assert client.send("/notices", **NOTICE).status_code == client.send("/notices/1/withdrawals").status_code == 403
    assert WriteOff.select().count() == Notice.select().count() == 0
    assert (Device.get().name, Device.get().station_id) == (desk.device, "library")


@pytest.mark.parametrize("device", ["dv_nothing", "%00", "portal"])
def test_a_tablet_that_does_not_exist_is_not_found(admin, device):
    assert admin.get(f"/tablets/{device}").status_code == 404
    for path in ("names", "moves", "write-offs"):
        assert admin.send(f"/tablets/{device}/{path}", name="x", station="dorm", reason="x").status_code == 404


def test_its_page_says_what_is_here_and_what_is_missing(admin, desk):
    close_shift(desk.device, "2023-06-26", 3, desk.made[2].hash)
    text = admin.get(f"/tablets/{desk.device}").text
    assert '<dd><span class="number">2</span></dd>' in text
    assert "它还有记录没有上传到系统" in text
    assert "报告时不齐全" in text
    assert '/day?date=2023-06-26">2023年6月26日</a><p class="hint">' in text


def test_it_is_renamed_and_moved_however_often_it_is_asked(admin, desk):
    for _ in range(2):
        assert admin.send(f"/tablets/{desk.device}/names", name="Left desk").status_code == 303
        assert admin.send(f"/tablets/{desk.device}/moves", station="dorm").status_code == 303
    assert (Device.get().name, Device.get().station_id) == ("Left desk", "dorm")
    assert Posting.select().count() == 2
    assert AuditEvent.select().where(AuditEvent.action.startswith("tablet.")).count() == 2


def test_two_of_one_name_at_a_station_are_told_apart_wherever_they_are_named(admin, desk, season):
    other, elsewhere, first, _second = (TabletDouble.enrol(station) for station in ("library", "dorm", "hall", "hall"))
    receive([other.act("clear", season.an, LIBRARY).token + "x", other.act("note", season.bai, "no-such-step").token], "direct")
    Device.update(name="平板").execute()
    marks = [one[-4:] for one in (desk.device, other.device)]
    for path in ("/stations/library", "/overview", "/board", "/notices"):
        text = admin.get(path).text
        assert [f"平板（{mark}）" in text for mark in (*marks, elsewhere.device[-4:])] == [True, True, False], path
    assert f"平板（{first.device[-4:]}）" in admin.get(f"/custody?step={DIPLOMA}").text
    for path in (f"/tablets/{other.device}", "/reviews?tab=quarantine", "/board/wall"):
        assert f"平板（{marks[1]}）" in admin.get(path).text, path
    assert f"平板（{marks[0]}）" in admin.get(DAY_PAGE).text
    Device.update(name="另一台").where(Device.id == other.device).execute()
    assert "平板（" not in admin.get("/stations/library").text


def test_it_is_written_off_once_and_the_day_page_says_by_whom(admin, desk):
    answers = [admin.send(f"/tablets/{desk.device}/write-offs", reason=reason) for reason in ("<b>stolen", "again")]
    assert [one.status_code for one in answers] == [303, 303]
    assert WriteOff.get().reason == "<b>stolen"
    for path in (f"/tablets/{desk.device}", DAY_PAGE):
        assert "&lt;b&gt;stolen" in admin.get(path).text
    assert f"/tablets/{desk.device}/moves" not in admin.get(f"/tablets/{desk.device}").text
    assert admin.send(f"/tablets/{desk.device}/moves", station="dorm").status_code == 409
    assert "已核销" in admin.get("/stations/library").text


@pytest.mark.parametrize(("path", "sent"), [
    ("names", {"name": " "}), ("names", {"name": "x" * 101}), ("moves", {"station": "moon"}), ("moves", {}),
    ("write-offs", {"reason": ""}), ("write-offs", {"reason": "x" * 501}), ("names", {"name": "a\x01b"}),
])  # fmt: skip
def test_what_cannot_be_used_is_shown_again_with_a_word(admin, desk, path, sent):
    answer = admin.send(f"/tablets/{desk.device}/{path}", **sent)
    assert answer.status_code == 422
    assert "field-wrong" in answer.text
    assert WriteOff.select().count() == 0


def test_the_day_page_begins_with_one_sentence(admin, desk):
    assert "还有 1 台平板当天没有收工" in admin.get(DAY_PAGE).text
    receive(desk.tokens, "direct", desk.device)
    close_shift(desk.device, "2023-06-26", 3, desk.made[2].hash)
    assert "所有平板均已收工：当天的每一条记录都已在系统中。" in admin.get(DAY_PAGE).text


def test_today_is_the_usual_day_and_a_day_nobody_worked_is_called_so(admin):
    assert f'value="{today().isoformat()}"' in admin.get("/day").text
    assert "这一天没有使用平板" in admin.get("/day?date=2023-01-01").text


@pytest.mark.parametrize("day", ["tomorrow", "2023-02-30", "0001-01-01", "9999-12-31", "%00", "2023-06-26T00:00"])
def test_what_is_no_day_is_refused_with_a_word(admin, day):
    answer = admin.get(f"/day?date={day}")
    assert answer.status_code == 422
    assert 'id="f-date-error"' in answer.text


def test_the_queries_of_the_day_page_do_not_grow_with_tablets_that_sent_everything(admin, season, monkeypatch):
    admin.get(DAY_PAGE)
    counts = []
    for _ in range(2):
        for _ in range(4):
            tablet = TabletDouble.enrol("hall")
            receive([tablet.act("note", season.an, LIBRARY).token], "direct", tablet.device)
        with counted(monkeypatch) as asked:
            admin.get(DAY_PAGE)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14


def test_a_notice_is_given_listed_and_withdrawn(admin, desk):
    for _ in range(2):
        assert admin.send("/notices", **NOTICE).status_code == 303
    assert "午休到一点" in admin.get("/notices").text
    for _ in range(2):
        assert admin.send(f"/notices/{Notice.get().id}/withdrawals").status_code == 303
    assert Notice.get().withdrawn_by == ADMIN
    assert "/withdrawals" not in admin.get("/notices").text
    assert AuditEvent.select().where(AuditEvent.action.startswith("notice.")).count() in (2, 3)  # a later end is recorded too


def test_a_notice_is_for_one_station_or_one_tablet(admin, desk):
    for audience in ("station library", f"tablet {desk.device}"):
        assert admin.send("/notices", **{**NOTICE, "en": "", "audience": audience}).status_code == 303
    station, tablet = Notice.select().order_by(Notice.id)
    assert (station.station_id, station.device_id, station.en) == ("library", None, "午休到一点")
    assert (tablet.station_id, tablet.device_id) == (None, desk.device)


@pytest.mark.parametrize("wrong", [{"zh": ""}, {"zh": "x" * 201}, {"audience": "station moon"}, {"minutes": "1000000"}])
def test_a_notice_that_cannot_be_given_is_shown_again(admin, wrong):
    assert admin.send("/notices", **{**NOTICE, **wrong}).status_code == 422
    assert Notice.select().count() == 0


@pytest.mark.parametrize("notice", [1, 2**31, 2**70])
def test_an_unknown_notice_is_not_found(admin, notice):
    assert admin.send(f"/notices/{notice}/withdrawals").status_code == 404


def test_a_notice_says_by_name_who_gave_it(admin):
    Account.update(name="赵管理").where(Account.id == ADMIN).execute()
    admin.send("/notices", **NOTICE)
    assert "· 赵管理 ·" in admin.get("/notices").text
