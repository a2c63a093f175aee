"""The day board: what stations get done, how tablets are, what waits, how far colleges are."""

import re
from datetime import timedelta

import pytest

from db import board as boards
from db import season as seasons
from db import work
from db.accounts import Account
from db.database import now, to_ms
from db.intake import receive
from db.notices import Notice
from db.shifts import Shift
from db.stations import Device, revoke
from tests.cast import ADMIN, CARD, LIBRARY, SUPERVISOR, TabletDouble, make_season, plan_text
from tests.client import portal
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER, counted, move_to_noon

pytest_plugins = ["tests.portal.office_fixtures"]

PATHS = ("/board", "/board/live", "/board/wall", "/board/wall/live")


@pytest.fixture
def season(season):
    """The cast, in a place where it is about noon: what was done half an hour ago was done today."""
    move_to_noon()
    return season


@pytest.fixture
def admin(client):
    return client.sign_in_as(ADMIN)


@pytest.fixture(autouse=True)
def _progress_is_counted_anew(monkeypatch):
    monkeypatch.setattr(boards, "PROGRESS_KEPT", 0)


def desk_at(station, minutes_ago=1, **kept):
    """A tablet whose first entry is so many minutes old. The shifts that the cast has at every tablet are over."""
    tablet = TabletDouble.enrol(station, clock=to_ms(now() - timedelta(minutes=minutes_ago)), **kept)
    Shift.update(ended_at=now()).where(Shift.device == tablet.device).execute()
    return tablet


def seen(staff=ADMIN):
    return boards.board(Account.get_by_id(staff))


def count_of(station, staff=ADMIN):
    return next(count for count in seen(staff).stations if count.code == station)


def on_shift(tablet):
    Shift.create(id=f"sh_{tablet.device}", device=tablet.device, operator="wang", role="operator", started_at=now())


@pytest.mark.parametrize("path", PATHS)
def test_those_who_answer_for_the_day_and_colleges_see_it_others_do_not(client, path):
    assert [client.sign_in_as(who).get(path).status_code for who in (ADMIN, BOSS, AUDITOR, DEAN)] == [200] * 4
    assert [client.sign_in_as(who).get(path).status_code for who in (OFFICER, COUNSELOR, "wang")] == [403] * 3


def test_work_is_counted_for_ten_minutes_for_an_hour_and_by_the_hour(season):
    fresh, older = desk_at("hall"), desk_at("hall", 30)
    receive([fresh.act("clear", season.an, LIBRARY).token, fresh.act("collect", season.an, CARD).token], "direct")
    receive([older.act("clear", season.bai, LIBRARY).token, older.act("hold", season.cheng, LIBRARY).token], "direct")
    hall, day = count_of("hall"), seen()
    assert (hall.lately, hall.last_hour, hall.today) == (2, 3, 3)
    assert sum(day.by_hour(hall)) == sum(day.per_hour) == 3
    assert day.hours[-1] <= day.at < day.hours[-1] + timedelta(hours=1)


def test_just_after_midnight_the_last_hour_reaches_into_yesterday_and_the_day_does_not(season, monkeypatch):
    turn = now() - timedelta(minutes=5)
    for module in (work, boards):
        monkeypatch.setattr(module, "midnight", lambda season: turn)
    fresh, older = desk_at("hall"), desk_at("hall", 8)
    receive([fresh.act("clear", season.an, LIBRARY).token, older.act("clear", season.bai, LIBRARY).token], "direct")
    receive([desk_at("hall", 70).act("clear", season.cheng, LIBRARY).token], "direct")
    hall = count_of("hall")
    assert (hall.lately, hall.last_hour, hall.today, hall.hours) == (2, 2, 1, {0: 1})
    receive([desk_at("library", 8).act("clear", season.cheng, LIBRARY).token], "direct")
    assert work.lately(seasons.current(), ["library"])["library"].recent == 1


def test_what_lies_in_quarantine_or_in_the_future_is_no_work(season):
    lost, fast = desk_at("library"), desk_at("library", -120)
    revoke(lost.device, ADMIN)
    receive([lost.act("clear", season.an, LIBRARY).token, fast.act("clear", season.bai, LIBRARY).token], "direct")
    assert (count_of("library").today, count_of("library").last) == (0, None)


def test_nobody_is_named_but_staff_and_on_the_wall_nobody_at_all(client, season):
    desk = desk_at("library")
    receive([desk.act("hold", season.an, LIBRARY, reason="a private reason").token], "direct")
    Account.update(name="王老师").where(Account.id == "wang").execute()
    on_shift(desk)
    text, wall = (client.sign_in_as(BOSS).get(path).text for path in ("/board", "/board/wall"))
    for page in (text, wall):
        assert not [one for one in season.everybody if one.name in page or one.number in page]
        assert "a private reason" not in page
    assert "王老师" in text
    assert "王老师" not in wall


@pytest.mark.parametrize(
    ("shift", "columns", "word"),
    [
        (True, {"last_contact": now() - timedelta(minutes=6)}, "失联"),
        (True, {"battery": 0.14}, "电量低"),
        (True, {"clock_offset": -660_000}, "时钟误差 11 分钟"),
        (True, {"head_seq": 4}, "缺少记录"),
        (False, {"last_contact": now() - timedelta(minutes=45)}, "失联"),
    ],
)
def test_a_tablet_that_needs_somebody_is_marked_by_word_and_icon(admin, shift, columns, word):
    tablet = desk_at("library")
    Device.update(last_contact=now()).execute()
    if shift:
        on_shift(tablet)
    Device.update(**columns).execute()
    mark = re.compile(rf'<span class="badge badge-warn"><svg[^>]*><use href="#i-[a-z]+"/></svg>{word}')
    for path in ("/board", "/board/wall"):
        assert mark.search(admin.get(path).text), path


def test_a_tablets_row_tells_battery_pending_contact_clock_and_version(admin):
    on_shift(desk_at("library"))
    heard = now() - timedelta(minutes=3)
    told = {"battery": 0.62, "pending": 17, "clock_offset": -95_000, "app": "2027.1-ab12"}
    Device.update(last_contact=heard, **told).execute()
    (row,) = re.findall(r"<tr[^>]*>\s*<th scope=\"row\"><a id=\"tablet-.*?</tr>", admin.get("/board").text, re.S)
    text = re.sub(r"\s*%", "%", re.sub(r"<[^>]+>", " ", row))
    assert all(word in text for word in ("62%", " 17 ", "快 95 秒", "2027.1-ab12", "wang")), text
    assert f'datetime="{heard.isoformat(timespec="milliseconds").replace("+00:00", "Z")}"' in row


@pytest.mark.parametrize(
    "columns",
    [{}, {"battery": 0.15}, {"clock_offset": 600_000}, {"head_seq": 0}],
)
def test_a_tablet_within_the_limits_needs_nobody(admin, columns):
    on_shift(desk_at("library"))
    Device.update(last_contact=now() - timedelta(minutes=4), **columns).execute()
    assert seen().troubled == []


def test_a_quiet_tablet_that_nobody_works_at_is_given_half_an_hour(season):
    desk_at("library")
    Device.update(last_contact=now() - timedelta(minutes=20)).execute()
    assert seen().troubled == []


def test_a_shift_that_is_over_is_nobodys(season):
    desk = desk_at("library")
    on_shift(desk)
    assert [one.name for one in seen().tablets[0].people] == ["wang"]
    Shift.update(ended_at=now()).execute()
    assert seen().tablets[0].people == ()


def test_withdrawn_tablets_are_no_part_of_the_day(season):
    revoke(desk_at("library").device, ADMIN)
    assert seen().tablets == []


def test_what_waits_is_counted_with_a_link_for_those_who_may_settle_it(client, season):
    first, second = desk_at("library"), desk_at("hall", offset=0)
    receive([first.act("clear", season.an, LIBRARY).token, second.act("hold", season.an, LIBRARY).token, "rubbish"], "direct")
    assert tuple(seen().waiting) == (1, 0, 1)
    assert "/reviews?tab=quarantine" in client.sign_in_as(ADMIN).get("/board").text
    boss = client.sign_in_as(BOSS).get("/board").text
    assert "/reviews" not in boss
    assert "冲突" in boss


def test_a_college_sees_itself_and_the_stations_that_serve_it(db, database_url, tmp_path):
    from db import grants

    only = '[[stations]]\ncode = "dorm"\ncolleges = ["nursing"]'
    make_season(plan=plan_text().replace('[[stations]]\ncode = "dorm"', only))
    grants.grant(SUPERVISOR, "college", "college", "商学院", ADMIN)
    for station in ("dorm", "hall"):
        desk_at(station)
    board = seen(SUPERVISOR)
    assert [college.name for college in board.colleges] == ["商学院"]
    assert [count.code for count in board.stations] == ["library", "cards", "hall"]
    assert [tablet.device.station_id for tablet in board.tablets] == ["hall"]
    assert board.waiting is None
    client = portal(database_url, tmp_path).sign_in_as(SUPERVISOR)
    for path in PATHS:
        text = client.get(path).text
        assert "护理学院" not in text
        assert 'href="/tablets' not in text  # it may not open them
    assert len(seen().colleges) == 2


def test_the_live_part_answers_304_while_nothing_changes(admin, monkeypatch):
    for path in ("/board/live", "/board/wall/live"):
        first = admin.get(path)
        again = admin.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304 or again.text != first.text  # the minute may have passed
        assert f'data-live="{path}"' in admin.get(path).text


def test_every_picture_has_its_numbers_in_a_table(admin, season):
    desk = desk_at("hall")
    receive([desk.act("clear", one, LIBRARY).token for one in season.everybody], "direct")
    for path in ("/board", "/board/wall"):
        text = admin.get(path).text
        assert re.search(r'<svg class="chart"[^>]* role="img" aria-label="[^"]+"', text)
        assert re.search(r'<text class="chart-count"[^>]*>3</text>', text)
        assert re.search(r"<td[^>]*>(<strong>)?3(</strong>)?</td>", text.partition("chart-count")[2]), path


def test_without_scripts_the_wall_renews_itself(admin):
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in admin.get("/board/wall").text


def test_the_number_of_queries_does_not_grow(db, database_url, tmp_path, monkeypatch):
    season = make_season(more=60)
    client = portal(database_url, tmp_path).sign_in_as(ADMIN)
    desk_at("library")
    client.get("/board")
    counts = []
    for _ in range(2):
        with counted(monkeypatch) as asked:
            client.get("/board")
        counts.append(len(asked))
        for station in ("library", "hall", "cards"):
            desk = desk_at(station)
            on_shift(desk)
            receive([desk.act("note", one, LIBRARY).token for one in season.everybody], "direct")
    assert counts[0] == counts[1] <= 18
    monkeypatch.setattr(boards, "PROGRESS_KEPT", 60)
    client.get("/board")
    with counted(monkeypatch) as asked:
        client.get("/board/live")
    assert len(asked) == counts[0] - 1  # colleges are counted now and then only


def test_an_empty_season_has_a_board(client, season):
    for path in PATHS:
        assert client.sign_in_as(BOSS).get(path).status_code == 200
    assert seen().per_hour == [0] * len(seen().hours)


def test_a_tablets_row_leads_to_all_that_can_be_done_with_it(admin, season):
    """One tap to its page; there name, station, withdrawal and write-off are forms, and a notice is one tap more."""
    desk = desk_at("library")
    page = f"/tablets/{desk.device}"
    assert f'href="{page}"' in admin.get("/board").text
    text = admin.get(page).text
    for form in ("names", "moves", "revocations", "write-offs"):
        assert f'action="{page}/{form}"' in text, form
    assert f'href="/notices?tablet={desk.device}"' in text
    notices = admin.get(f"/notices?tablet={desk.device}").text
    assert re.search(rf'<option value="tablet {desk.device}" selected>', notices)
    assert '<option value="all" selected>' in admin.get("/notices?tablet=nothing").text


def test_what_was_done_with_a_tablet_is_told(admin, season):
    desk = desk_at("library")
    page = f"/tablets/{desk.device}"
    sent = (
        (f"{page}/names", {"name": "图书馆 7 号台"}, "现已更名"), (f"{page}/moves", {"station": "dorm"}, "dorm"),
        ("/notices", {"zh": "午休", "audience": f"tablet {desk.device}", "minutes": "30"}, "通知已发出"),
        (f"{page}/revocations", {}, "已停用"),
    )  # fmt: skip
    for path, fields, word in sent:
        told = admin.get(admin.send(path, **fields).location).text
        notice = told.partition('id="notice"')[2].partition("<h1")[0]
        assert word in notice or "note-good" in notice, path
    assert Notice.get().device_id == desk.device


def test_a_day_on_which_nothing_was_signed_yet_says_so_instead_of_an_empty_picture(client, season):
    client.sign_in_as(BOSS)
    for path in ("/board", "/board/wall"):
        text = client.get(path).text
        assert "今天还没有办理记录" in text, path
        assert "chart-hour" not in text, path
