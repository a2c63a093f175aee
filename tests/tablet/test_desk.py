"""The desk's work: set up, choose who works, scan, decide, undo."""

import time
from datetime import timedelta

from playwright.sync_api import expect

from db.rules import jws
from db.rules.entry import format_moment
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import new_key, proxy, step, student

BY_SCAN = {"gen": 1, "via": "scan"}


def later(tablet: Tablet) -> Tablet:
    """Two minutes on, at the portal too. Not from a screen with a timer of its own: one that runs already is not the faked clock's,
    and goes off."""
    tablet.portal.clock_ahead = timedelta(seconds=121)
    tablet.page.clock.set_fixed_time(tablet.page.evaluate("Date.now() / 1000 + 121"))
    return tablet


def test_a_scanned_card_is_cleared_and_reaches_the_portal(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).verdict("may-clear").press("confirm").at("done").state("online", 0)
    (entry,) = tablet.portal.own_entries()
    assert (entry["act"], entry["student"], entry["step"]) == ("clear", "gr_000000001", "library")
    assert (entry["operator"], entry["station"], entry["card"], entry["saw"]) == ("st_1", "library", BY_SCAN, [])


def test_a_typed_number_is_recorded_as_typed(tablet: Tablet) -> None:
    tablet.ready().type_number("20200002").verdict("may-clear").press("confirm").at("done").state("online", 0)
    assert tablet.portal.own_entries()[0]["card"] == {"gen": None, "via": "typed"}


def test_a_number_that_is_not_here_is_told_so(tablet: Tablet) -> None:
    tablet.ready().type_number("19990001").verdict("not-in-data")


def test_an_undo_by_the_same_operator_restores_what_was_there(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").press("undo")
    expect(tablet.page.locator("section.done[data-act=undo]")).to_be_visible()
    tablet.scan_card(1).verdict("may-clear").state("online", 0)
    clear, undo = tablet.portal.own_entries()
    assert (undo["act"], undo["target"], undo["saw"]) == ("undo", clear["id"], [clear["hash"]])
    assert tablet.portal.students["gr_000000001"]["steps"]["library"]["state"] == "open"


def test_after_two_minutes_only_a_supervisor_can_undo(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").state("online", 0).press("next").at("scan")
    later(tablet).press("today").at("today")
    expect(tablet.page.locator(".entry")).to_have_count(1)
    expect(tablet.page.locator(".entry [data-action=undo]")).to_be_hidden()
    tablet.work_as("st_2").press("today").press("undo")
    expect(tablet.page.locator("section.done[data-act=undo]")).to_be_visible()
    tablet.press("next").press("today").at("today")
    expect(tablet.page.locator(".entry[data-undone=yes] [data-slot=act]")).to_have_text("办结（已撤销）")


def test_an_older_entry_is_undone_with_a_supervisors_pin_and_whoever_works_goes_on(tablet: Tablet) -> None:
    tablet.ready("st_2").work_as("st_1").scan_card(1).press("confirm").at("done").state("online", 0).press("next").at("scan")
    later(tablet.ready_for_offline().offline()).press("today").press("ask-undo").at("approve")
    tablet.page.locator("button[data-operator=st_2]").click()
    expect(tablet.at("unlock").page.locator("[data-slot=what]")).to_contain_text("办结 · ")
    tablet.enter_pin("9753")
    expect(tablet.page.locator("[data-slot=problem]:visible")).to_contain_text("PIN 不正确")
    expect(tablet.page.locator("section.unlock")).to_have_attribute("data-pin", "open")
    tablet.enter_pin().at("done")
    expect(tablet.page.locator("#line [data-slot=operator]")).to_have_text("王老师")
    tablet.offline(False).state("online", 0)
    clear, undo = tablet.portal.own_entries()
    assert (undo["act"], undo["target"], undo["operator"], undo["shift"]) == ("undo", clear["id"], "st_2", "sh_1")
    assert tablet.portal.students["gr_000000001"]["steps"]["library"]["state"] == "open"


def test_with_no_supervisor_on_shift_it_says_who_could(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").state("online", 0).press("next").at("scan")
    later(tablet).press("today").press("ask-undo").at("approve")
    expect(tablet.page.locator("section[data-ready]")).to_contain_text("本站点负责人：Li Supervisor")
    expect(tablet.page.locator("button[data-operator]")).to_have_count(0)


def test_another_operator_is_not_offered_the_undo(tablet: Tablet) -> None:
    tablet.portal.operators.append({"id": "st_3", "name": "赵老师", "role": "operator"})
    tablet.ready().scan_card(1).press("confirm").at("done").work_as("st_3")
    expect(tablet.page.locator("#screen [data-action=undo]")).to_be_hidden()


def test_a_hold_carries_its_reason_words_and_amount_in_fen(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("hold").at("hold")
    tablet.press("hold-confirm")
    expect(tablet.page.locator("[data-slot=problem]")).to_be_visible()
    tablet.page.locator("input[value=book-lost]").check()
    tablet.page.locator("textarea[name=text]").fill("《三国演义》下册")
    tablet.page.locator("input[name=amount]").fill("25,5")
    tablet.press("hold-confirm").at("hold")
    tablet.page.locator("input[name=amount]").fill("25.5")
    tablet.press("hold-confirm").at("done").state("online", 0)
    (entry,) = tablet.portal.own_entries()
    assert (entry["act"], entry["reason"], entry["amount"]) == ("hold", "book-lost: 《三国演义》下册", 2550)
    tablet.scan_card(1).verdict("held")
    expect(tablet.page.locator(".verdict-line")).to_contain_text("图书遗失（《三国演义》下册）")


def test_the_desk_settles_a_hold_that_it_has_seen(tablet: Tablet) -> None:
    held = tablet.portal.hold_elsewhere("gr_000000001")
    tablet.ready().scan_card(1).verdict("held").press("confirm").at("done").state("online", 0)
    assert tablet.portal.own_entries()[0]["saw"] == [held]
    assert tablet.portal.students["gr_000000001"]["steps"]["library"]["state"] == "cleared"


def test_a_conflict_is_settled_by_a_supervisor_only(tablet: Tablet) -> None:
    heads = {tablet.portal.hold_elsewhere("gr_000000001"), tablet.portal.hold_elsewhere("gr_000000001", "clear")}
    tablet.ready().scan_card(1).verdict("conflict")
    expect(tablet.page.locator("[data-action=confirm]")).to_have_count(0)
    tablet.work_as("st_2").scan_card(1).verdict("conflict").press("confirm").at("done").state("online", 0)
    assert set(tablet.portal.own_entries()[0]["saw"]) == heads
    assert "conflict" not in tablet.portal.students["gr_000000001"]["steps"]["library"]


def test_a_card_turned_away_is_recorded_with_why(tablet: Tablet) -> None:
    tablet.ready().scan_card(1, gen=2).verdict("may-clear")
    expect(tablet.page.locator(".notes")).to_contain_text("此卡比本机数据更新")
    tablet.scan_card(1, gen=1).verdict("card-replaced").press("refuse").at("done").state("online", 0)
    (entry,) = tablet.portal.own_entries()
    assert (entry["act"], entry["student"], entry["reason"]) == ("refuse", "gr_000000001", "card-replaced")
    for _again in range(2):  # the old card has not made the tablet forget the new one
        tablet.scan_card(1, gen=1).verdict("card-replaced").press("back").at("scan")


def test_a_forged_card_names_nobody(tablet: Tablet) -> None:
    tablet.ready().scan(tablet.portal.card("gr_000000001", key=new_key("card-1"))).verdict("card-forged")
    expect(tablet.page.locator("section.verdict")).not_to_contain_text("学生1")
    tablet.press("refuse").at("done").state("online", 0)
    assert tablet.portal.own_entries()[0]["student"] is None


def test_other_codes_and_cards_each_have_their_word(tablet: Tablet) -> None:
    portal = tablet.portal
    tablet.ready()
    tablet.scan("https://example.org/a/page").verdict("card-unreadable")
    tablet.scan(portal.card("gr_000000001", key=new_key("card-7"))).verdict("card-unknown-key")
    tablet.scan(portal.card("gr_000000001")[:-9]).verdict("card-unreadable")
    tablet.scan(portal.card("gr_000000001", days=-1)).verdict("card-expired")
    tablet.scan(portal.card("gr_999999999")).verdict("not-in-data")
    tablet.scan(portal.card("gr_000000001")).verdict("may-clear")


def test_what_is_handed_over_needs_the_id_card_compared(tablet: Tablet) -> None:
    tablet.portal.set_steps([step("library", how="collect")])
    tablet.ready().scan_card(1).verdict("may-collect")
    expect(tablet.page.locator("[data-action=confirm]")).to_have_count(0)
    tablet.press("compare").at("compare").press("confirm").at("done").state("online", 0)
    assert tablet.portal.own_entries()[0]["act"] == "collect"
    tablet.scan_card(1).verdict("already-collected")
    expect(tablet.page.locator("[data-action=compare]")).to_have_count(0)


def test_what_is_paid_out_is_recorded_with_its_amount(tablet: Tablet) -> None:
    tablet.portal.set_steps([step("library", how="collect", money=True)])
    tablet.ready().scan_card(1).verdict("may-collect").press("compare").at("compare")
    field = tablet.page.locator("input[name=amount]")
    for wrong in ("", "-3", "0.5.0"):
        field.fill(wrong)
        tablet.press("confirm").at("compare")
        expect(tablet.page.locator("[data-slot=problem]")).to_contain_text("35.20")
    field.fill("36.2")
    tablet.press("confirm").at("done").state("online", 0)
    expect(tablet.page.locator(".done")).to_contain_text("¥36.20")
    tablet.press("next").at("scan").press("today").at("today")
    expect(tablet.page.locator("#screen")).to_contain_text("¥36.20")
    tablet.press("back").scan_card(2).press("compare").at("compare")
    field.fill("0")
    tablet.press("confirm").at("done").scan_card(3).press("compare").at("compare")
    field.fill(" ￥１２。５")  # by a Chinese keyboard
    tablet.press("confirm").at("done").state("online", 0)
    assert [entry["amount"] for entry in tablet.portal.own_entries()] == [3620, 0, 1250]


def test_what_is_paid_out_stands_where_it_is_signed_for(tablet: Tablet) -> None:
    tablet.portal.set_steps([step("library", how="collect", money=True, signed=True)])
    tablet.ready().scan_card(1).press("compare").at("compare")
    tablet.page.locator("input[name=amount]").fill("36.2")
    tablet.press("confirm").at("sign")
    expect(tablet.page.locator(".sign")).to_contain_text("¥36.20")


def test_a_proxy_learns_only_whether_it_can_be_handed_over(tablet: Tablet) -> None:
    tablet.portal.students["gr_000000001"]["proxies"] = [proxy("px_1", ["library"])]
    tablet.portal.hold_elsewhere("gr_000000001")
    tablet.portal.students["gr_000000002"]["proxies"] = [{**proxy("px_2", ["library"]), "also": ["学生1", "学生3"]}]
    tablet.ready().scan_card(1, prx="px_1").verdict("held")
    line = tablet.page.locator(".verdict-line")
    expect(line).to_contain_text("不能办理")
    expect(line.locator(".notes")).to_be_hidden()
    expect(line.locator("[data-action=confirm]")).to_have_count(0)
    tablet.scan_card(2, prx="px_2").verdict("may-clear")
    expect(tablet.page.locator(".who")).to_contain_text("代领人")
    expect(tablet.page.locator(".who")).to_contain_text("123X")
    expect(tablet.page.locator(".who")).to_contain_text("学生1、学生3")
    tablet.press("confirm").at("done").state("online", 0)
    assert tablet.portal.own_entries()[0]["proxy"] == "px_2"


def test_without_a_network_a_proxy_is_refused_when_the_days_are_over_and_told_how_old_the_data_is(tablet: Tablet) -> None:
    until = format_moment(int(time.time() * 1000) - 3_600_000)
    tablet.portal.students["gr_000000001"]["proxies"] = [{**proxy("px_1", ["library"]), "until": until}]
    tablet.ready().offline().data_of(180).scan_card(1, prx="px_1").verdict("proxy-expired")
    expect(tablet.page.locator("[data-action=confirm]")).to_have_count(0)
    expect(tablet.page.locator("[data-slot=as-of]")).to_contain_text("3 小时前")


def test_a_station_of_several_steps_shows_each_and_acts_on_each(tablet: Tablet) -> None:
    tablet.portal.set_steps([step("library"), step("charges", blocked_by=["library"])])
    tablet.ready().scan_card(1).verdict("several")
    lines = tablet.page.locator(".verdict-line")
    expect(lines.nth(0)).to_have_attribute("data-verdict", "may-clear")
    expect(lines.nth(1)).to_have_attribute("data-verdict", "blocked")
    tablet.press("confirm").at("done").press("more").at("verdict")
    expect(lines.nth(0)).to_have_attribute("data-verdict", "may-clear")
    expect(lines.nth(1)).to_have_attribute("data-verdict", "already-cleared")
    tablet.page.locator("[data-step=charges] [data-action=confirm]").click()
    tablet.at("done").state("online", 0)
    assert [entry["step"] for entry in tablet.portal.own_entries()] == ["library", "charges"]


def test_a_fast_lane_clears_on_the_scan_but_never_a_typed_number(tablet: Tablet) -> None:
    tablet.portal.set_steps([step("library", fast=True)])
    tablet.ready().scan_card(1).at("done").state("online", 0).press("next")
    tablet.type_number("20200002").verdict("may-clear")
    assert len(tablet.portal.own_entries()) == 1


def test_the_enter_of_a_scanner_presses_nothing(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).verdict("may-clear")
    tablet.page.locator("[data-action=confirm]").focus()
    tablet.scan_into_focus(tablet.portal.card("gr_000000002"))
    expect(tablet.page.locator("section.verdict")).to_have_attribute("data-student", "20200002")
    tablet.press("confirm").at("done").state("online", 0)
    assert [entry["student"] for entry in tablet.portal.own_entries()] == ["gr_000000002"]


def test_a_scan_into_the_number_field_is_a_scan(tablet: Tablet) -> None:
    tablet.ready().page.locator("input[name=number]").focus()
    tablet.scan_into_focus(tablet.portal.card("gr_000000002"))
    tablet.verdict("may-clear").press("confirm").at("done").state("online", 0)
    assert tablet.portal.own_entries()[0]["card"] == BY_SCAN


def test_two_quick_taps_make_one_entry(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).verdict("may-clear")
    tablet.page.evaluate("() => { const b = document.querySelector('[data-action=confirm]'); b.click(); b.click() }")
    tablet.at("done").state("online", 0)
    assert len(tablet.portal.own_entries()) == 1


def test_todays_list_finds_by_name_and_number(tablet: Tablet) -> None:
    tablet.ready()
    for n in (1, 2, 3):
        tablet.scan_card(n).press("confirm").at("done")
    tablet.press("next").press("today").at("today")
    expect(tablet.page.locator(".entry")).to_have_count(3)
    tablet.page.locator("input[name=search]").fill("20200002")
    expect(tablet.page.locator(".entry")).to_have_count(1)
    expect(tablet.page.locator(".entry")).to_contain_text("学生2")


def test_todays_list_says_who_recorded_it(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done")
    tablet.work_as("st_2").scan_card(2).press("confirm").at("done").press("next").press("today").at("today")
    expect(tablet.page.locator(".entry .entry-sent")).to_contain_text(["Li Supervisor", "王老师"])
    tablet.page.locator("input[name=search]").fill("王老师")
    expect(tablet.page.locator(".entry")).to_have_count(1)


def test_whoever_decided_elsewhere_is_called_by_name_never_by_the_name_of_the_account(tablet: Tablet) -> None:
    named, nameless = (tablet.portal.students[f"gr_00000000{n}"]["steps"]["library"] for n in (1, 2))
    cell = {"state": "cleared", "as_of": "2023-06-20T02:00:00.000Z", "heads": [], "by": "lib-office-7"}
    named.update(cell, by_name="周主任")
    nameless.update(cell)
    tablet.ready().scan_card(1).verdict("already-cleared")
    expect(tablet.page.locator(".notes")).to_contain_text("周主任")
    tablet.scan_card(2).verdict("already-cleared")
    expect(tablet.page.locator(".notes")).to_be_visible()
    expect(tablet.page.locator("#screen")).not_to_contain_text("lib-office")


def test_the_station_is_called_by_its_name_in_the_language_spoken(tablet: Tablet) -> None:
    tablet.portal.station = {"code": "library", "name": "图书馆 1 号台", "names": {"zh": "图书馆 1 号台", "en": "Library desk 1"}}
    tablet.ready()
    station = tablet.page.locator("#line [data-slot=station]")
    expect(station).to_have_text("图书馆 1 号台")
    tablet.page.locator("#line [data-action=language]").click()
    expect(station).to_have_text("Library desk 1")


def test_the_other_language_is_there_at_once_and_stays(tablet: Tablet) -> None:
    tablet.ready().ready_for_offline().offline()
    tablet.page.locator("#line [data-action=language]").click()
    expect(tablet.page.locator("h1")).to_have_text("Scan the clearance card")
    tablet.page.reload()
    tablet.at("scan")
    expect(tablet.page.locator("h1")).to_have_text("Scan the clearance card")


def test_names_are_never_taken_for_markup(tablet: Tablet) -> None:
    tablet.portal.add(student(7, name="<img src=x onerror=alert(1)>"))
    tablet.ready().scan_card(7).verdict("may-clear")
    expect(tablet.page.locator(".name").first).to_have_text("<img src=x onerror=alert(1)>")
    assert tablet.page.locator("img").count() == 0


def test_the_journal_file_holds_every_token(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").state("online", 0)
    tablet.page.locator("#line [data-action=about]").click()
    expect(tablet.page.locator("[data-slot=mark]")).to_have_text("dv_1")
    with tablet.page.expect_download() as download:
        tablet.press("export")
    file = tablet.read_json(download.value)
    assert (file["format"], file["device"]) == ("clearance-journal/1", "dv_1")
    assert tablet.portal.public_key is not None
    assert [jws.verify(token, tablet.portal.public_key) for token in file["entries"]] == [True]
