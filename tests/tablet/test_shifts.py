"""Shifts on the tablet: a password once, a PIN from then on, the lock, taking turns, and the end."""

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser import Chromium
from tests.tablet.conftest import PIN, Tablet
from tests.tablet.fake_portal import PASSWORD, FakePortal
from tests.tablet.test_clock import HOUR, OFFSET, stop_clock
from tests.tablet.test_sync import ROWS, WAKE, expect_soon

META = "async (name) => (await (await import('/tablet/app/store.js')).readMeta(name))[name]"
NO_WAIT = """async () => {
  const { editMeta } = await import("/tablet/app/store.js")
  await editMeta(["shifts"], ({ shifts }) => ({ shifts: shifts.map((shift) => ({ ...shift, tried: 0 })) }))
  const { showAgain } = await import("/tablet/app/screens.js")
  showAgain()
}"""


def problem(tablet: Tablet, words: str) -> None:
    expect(tablet.page.locator("[data-slot=problem]:visible")).to_contain_text(words)


def wrong_pin(tablet: Tablet, times: int = 1) -> None:
    """Each is seen to be waited for, which is over by itself only where the clock goes on."""
    for _ in range(times):
        expect(tablet.page.locator("section.unlock")).to_have_attribute("data-pin", "open")
        stop_clock(tablet)
        tablet.enter_pin("9753")
        expect(tablet.page.locator("section.unlock")).to_have_attribute("data-pin", re.compile("waiting|blocked"))
        tablet.page.evaluate(NO_WAIT)


# Beginning


def test_a_shift_begins_with_a_password_and_a_pin_and_every_entry_names_it(tablet: Tablet) -> None:
    tablet.enrol().page.locator("button[data-operator=st_2]").click()
    tablet.sign_in(None).choose_pin().at("scan")
    expect(tablet.page.locator("#line [data-slot=operator]")).to_have_text("Li Supervisor")
    tablet.scan_card(1).press("confirm").at("done").press("undo")
    expect(tablet.page.locator("section.done[data-act=undo]")).to_be_visible()
    tablet.state("online", 0)
    entries = tablet.portal.own_entries()
    assert [(one["act"], one["operator"], one["shift"]) for one in entries] == [("clear", "st_2", "sh_1"), ("undo", "st_2", "sh_1")]


def test_wrong_words_begin_nothing_and_guessing_is_told(tablet: Tablet) -> None:
    tablet.enrol().press("other").sign_in("st_1", "wrong")
    problem(tablet, "工号或密码不正确")
    tablet.sign_in("nobody")
    problem(tablet, "工号或密码不正确")
    tablet.press("sign-in")
    problem(tablet, "请填写工号和密码")
    tablet.portal.wrong_passwords = 5
    tablet.sign_in("st_1")
    problem(tablet, "密码输错次数过多")
    assert tablet.portal.shifts == {}


def test_without_the_network_no_shift_begins_and_it_says_why(tablet: Tablet) -> None:
    tablet.enrol().ready_for_offline().offline().press("other").sign_in("st_1")
    problem(tablet, "开始值班需要联网一次")
    tablet.offline(False).sign_in("st_1").choose_pin().at("scan")


@pytest.mark.parametrize(
    ("pin", "again", "words"),
    [
        ("258", None, "4 至 6 位"),
        ("25801234", None, "4 至 6 位"),
        ("25a8", None, "4 至 6 位"),
        ("0000", None, "太容易"),
        ("1234", None, "太容易"),
        ("654321", None, "太容易"),
        ("2580", "2581", "不一致"),
    ],
)
def test_a_poor_pin_is_not_taken(pin: str, again: str | None, words: str, tablet: Tablet) -> None:
    tablet.enrol().press("other").sign_in("st_1").choose_pin(pin, again)
    problem(tablet, words)
    tablet.choose_pin("259012").at("scan")


def test_a_shift_given_up_before_its_pin_is_ended(tablet: Tablet) -> None:
    tablet.enrol().press("other").sign_in("st_1").at("choose-pin").page.reload()
    tablet.at("operator")
    expect_soon(lambda: tablet.portal.shifts["sh_1"]["ended"])
    tablet.press("other").sign_in("st_1").at("choose-pin").press("cancel").at("operator")
    expect_soon(lambda: tablet.page.evaluate(META, "unfinished") is None)
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: tablet.portal.shifts["sh_2"]["ended"])


def test_the_tablet_keeps_neither_pin_nor_password_and_sends_no_pin(tablet: Tablet) -> None:
    sent: list[str] = []
    tablet.page.on("request", lambda request: sent.append(request.post_data or ""))
    tablet.ready().lock().unlock()
    (shift,) = tablet.page.evaluate(META, "shifts")
    kept = json.dumps(shift)
    assert f'"{PIN}"' not in kept
    assert PASSWORD not in kept
    assert shift["pin"]["iterations"] >= 150_000
    assert not any(PIN in body or shift["pin"]["hash"] in body for body in sent if "entries" not in body)


# Locking


def test_a_locked_tablet_shows_nobody_and_looks_nothing_up(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).verdict("may-clear").lock()
    expect(tablet.page.locator("body")).to_have_attribute("data-locked", "yes")
    expect(tablet.page.locator("#line [data-slot=operator]")).to_have_text("王老师 · 已锁定")
    tablet.scan(tablet.portal.card("gr_000000002"))
    tablet.page.wait_for_timeout(300)
    tablet.at("unlock")
    expect(tablet.page.locator("body")).not_to_contain_text("学生")
    tablet.page.locator("#line [data-action=about]").click()
    tablet.at("about").press("back").at("unlock").unlock().scan_card(2).verdict("may-clear")


def test_a_look_that_comes_back_after_the_lock_is_not_shown(tablet: Tablet) -> None:
    tablet.ready().page.evaluate(
        """async (token) => {
             const { onCode } = await import("/tablet/app/desk.js")
             const { lockNow } = await import("/tablet/app/lock.js")
             const look = onCode(token)
             await lockNow()
             await look
           }""",
        tablet.portal.card("gr_000000001"),
    )
    tablet.at("unlock")
    expect(tablet.page.locator("body")).not_to_contain_text("学生1")


def test_a_lock_at_the_very_end_of_a_shift_leaves_who_works_here_to_be_chosen(tablet: Tablet) -> None:
    tablet.ready("st_1").work_as("st_2")
    ending(tablet, "complete.none").page.evaluate(
        """() => {
             document.querySelector("#screen [data-action=end]").click()
             document.querySelector("#line [data-action=lock]").click()
           }"""
    )
    expect(tablet.at("operator").page.locator("button[data-operator=st_1][data-shift=open]")).to_be_visible()
    tablet.work_as("st_1")


def test_five_idle_minutes_lock_it(tablet: Tablet) -> None:
    tablet.ready().page.clock.install()
    tablet.page.reload()
    tablet.at("scan").page.clock.fast_forward(4 * 60_000)
    tablet.at("scan").page.clock.fast_forward(70_000)
    tablet.at("unlock")
    tablet.page.reload()
    tablet.at("unlock")


def test_a_start_after_a_long_time_is_locked(tablet: Tablet) -> None:
    tablet.ready().page.clock.set_system_time(time.time() + 6 * 60)
    tablet.page.reload()
    tablet.at("unlock").unlock()


@pytest.fixture
def crashing(chromium_process: Callable[..., Chromium], portal: FakePortal, address: str) -> Iterator[Callable[[], Tablet]]:
    """A tablet; each call kills it and starts it again."""
    chromium = chromium_process()
    running = False

    def start() -> Tablet:
        nonlocal running
        if running:
            chromium.kill()
        running = True
        return Tablet(chromium.start().new_page(), portal, address)

    yield start
    chromium.kill()


def test_the_lock_outlives_a_kill_and_the_pin_opens_it_with_no_network(crashing: Callable[[], Tablet]) -> None:
    crashing().ready().ready_for_offline().lock()
    tablet = crashing()
    tablet.offline().open().at("unlock")
    wrong_pin(tablet)
    tablet.unlock().scan_card(1).press("confirm").at("done").state("offline", 1)
    tablet.offline(False).state("online", 0)
    assert tablet.portal.own_entries()[0]["shift"] == "sh_1"


def test_wrong_pins_are_slowed_and_the_fifth_locks_the_pin(tablet: Tablet) -> None:
    stop_clock(tablet.ready().ready_for_offline().lock().offline())
    tablet.enter_pin("9753")
    problem(tablet, "还可以试 4 次")
    expect(tablet.page.locator("[data-slot=wait]")).to_be_visible()
    expect(tablet.page.locator("#screen [data-action=unlock]")).to_be_disabled()
    tablet.page.evaluate(NO_WAIT)
    tablet.page.reload()
    wrong_pin(tablet.at("unlock"), 4)
    problem(tablet, "连续输错 5 次")
    expect(tablet.page.locator("[data-form=unlock]")).to_be_hidden()
    tablet.page.reload()
    tablet.at("unlock")
    problem(tablet, "连续输错 5 次")
    tablet.press("password").sign_in(None)
    problem(tablet, "开始值班需要联网一次")
    tablet.offline(False).sign_in(None).choose_pin("8642").at("scan")
    expect_soon(lambda: tablet.portal.shifts["sh_1"]["ended"])
    tablet.lock().unlock("8642")


def test_somebody_else_opens_a_tablet_whose_pin_is_locked(tablet: Tablet) -> None:
    tablet.ready().lock()
    wrong_pin(tablet, 5)
    tablet.press("other").at("operator")
    expect(tablet.page.locator("button[data-operator=st_1]")).to_have_attribute("data-shift", "blocked")
    tablet.work_as("st_2").scan_card(1).verdict("may-clear")


def test_a_scanners_digits_are_no_pin(tablet: Tablet) -> None:
    tablet.ready().lock().scan(PIN)
    tablet.page.locator("input[name=pin]").focus()
    tablet.scan_into_focus("9753").scan_into_focus("9787302511850")
    tablet.page.wait_for_timeout(500)
    tablet.at("unlock")
    (shift,) = tablet.page.evaluate(META, "shifts")
    assert shift["wrong"] == 0
    tablet.unlock()


# Taking turns


def test_people_take_turns_each_with_a_pin_of_their_own(tablet: Tablet) -> None:
    tablet.ready("st_1").page.locator("#line [data-action=operator]").click()
    tablet.at("operator").press("other").sign_in("st_2").choose_pin("8642").at("scan")
    tablet.ready_for_offline().offline().scan_card(1).press("confirm").at("done")
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.page.locator("button[data-operator=st_1]").click()
    tablet.enter_pin("8642")
    problem(tablet, "PIN 不正确")
    tablet.page.evaluate(NO_WAIT)
    expect(tablet.page.locator("section.unlock")).to_have_attribute("data-pin", "open")
    tablet.unlock().scan_card(2).press("confirm").at("done").offline(False).state("online", 0)
    assert [(one["operator"], one["shift"]) for one in tablet.portal.own_entries()] == [("st_2", "sh_2"), ("st_1", "sh_1")]


# The end


def ending(tablet: Tablet, state: str) -> Tablet:
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.at("operator").press("end").at("end")
    expect(tablet.page.locator("#screen section")).to_have_attribute("data-closing", state)
    return tablet


def test_at_the_end_the_portal_says_that_it_holds_all_and_names_go(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").state("online", 0)
    ending(tablet, "complete")
    expect(tablet.page.locator("[data-slot=text]")).to_contain_text("已收到本平板唯一的 1 条记录")
    closing = tablet.portal.closings[-1]
    assert (closing["seq"], closing["hash"]) == (1, tablet.portal.own_entries()[0]["hash"])
    assert closing["date"] == tablet.page.evaluate("new Date().toLocaleDateString('sv')")
    tablet.press("end").at("operator")
    expect(tablet.page.locator("[data-slot=said]")).to_have_text("值班已结束。")
    expect_soon(lambda: tablet.portal.shifts["sh_1"]["ended"])
    assert (tablet.page.evaluate(ROWS), tablet.page.evaluate(META, "snapshot")) == (0, None)
    tablet.page.evaluate(WAKE)
    tablet.page.wait_for_timeout(500)
    assert tablet.page.evaluate(ROWS) == 0, "names came back with nobody on shift"
    assert tablet.page.evaluate(META, "head") == {"seq": 1, "hash": closing["hash"]}
    tablet.work_as("st_1").scan_card(1).verdict("already-cleared")


def test_what_the_portal_misses_is_said_and_sent_again(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").state("online", 0)
    tablet.portal.holds_nothing = True
    ending(tablet, "missing")
    with tablet.page.expect_download() as download:
        tablet.press("export")
    assert len(tablet.read_json(download.value)["entries"]) == 1
    tablet.portal.holds_nothing = False
    tablet.state("online", 0).press("retry")
    expect(tablet.page.locator("#screen section")).to_have_attribute("data-closing", "complete")


def test_a_shift_ends_with_no_network_and_the_portal_hears_of_it_later(tablet: Tablet) -> None:
    tablet.ready().ready_for_offline().offline().scan_card(1).press("confirm").at("done")
    ending(tablet, "offline").press("end").at("operator").state("offline", 1)
    assert tablet.page.evaluate(ROWS) == 0
    tablet.page.reload()
    tablet.at("operator")
    assert not tablet.portal.shifts["sh_1"]["ended"]
    tablet.offline(False).state("online", 0)
    expect_soon(lambda: tablet.portal.shifts["sh_1"]["ended"])
    assert len(tablet.portal.own_entries()) == 1


def test_names_stay_while_somebody_else_is_on_shift(tablet: Tablet) -> None:
    tablet.ready("st_1").work_as("st_2")
    ending(tablet, "complete.none").press("end").at("operator")
    assert tablet.page.evaluate(ROWS) == 5
    expect_soon(lambda: tablet.portal.shifts["sh_2"]["ended"])
    assert not tablet.portal.shifts["sh_1"]["ended"]
    tablet.work_as("st_1").scan_card(1).verdict("may-clear")


def hears_the_time(tablet: Tablet) -> float:
    """How far the portal is ahead, in ms: asked once more, as an answer that took long says nothing of it."""
    tablet.page.evaluate(WAKE)
    offset: float = tablet.page.evaluate(OFFSET)
    return offset


def test_expiry_and_withdrawal_end_every_shift(tablet: Tablet) -> None:
    tablet.portal.expires = timedelta(hours=2)
    tablet.ready("st_1").work_as("st_2").lock()
    tablet.portal.clock_ahead = timedelta(hours=3)
    expect_soon(lambda: hears_the_time(tablet) > 2 * HOUR)
    tablet.at("operator")
    expect(tablet.page.locator("button[data-operator]")).to_have_count(0)
    expect_soon(lambda: all(shift["ended"] for shift in tablet.portal.shifts.values()))
    tablet.portal.expires = timedelta(hours=12)
    tablet.work_as("st_1")
    tablet.portal.revoked = True
    tablet.page.evaluate(WAKE)
    tablet.at("revoked")
    expect_soon(lambda: tablet.portal.shifts["sh_3"]["ended"])
    assert tablet.page.evaluate(META, "shifts") is None
