"""The tablet's clock is set, stops or lies: order, times, undo, lock and PIN stay right, and no name is lost over it."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from db.rules.entry import corrected_time
from tests.tablet.conftest import Tablet
from tests.tablet.test_sync import ROWS, WAKE, expect_soon

HOUR = 3_600_000
# How far the clock and the ticks stand from the true ones, in ms; nothing else is touched.
SET = """([clock, ticks]) => {
  globalThis.trueClock ??= Date.now.bind(Date)
  globalThis.trueTicks ??= performance.now.bind(performance)
  Date.now = () => trueClock() + clock
  performance.now = () => trueTicks() + ticks
}"""
# From now on they stand still, and go only where they are set: no machine is slow any more.
STOP = """() => {
  const [time, ticks] = [Date.now(), performance.now()]
  globalThis.trueClock = () => time
  globalThis.trueTicks = () => ticks
  Date.now = trueClock
  performance.now = trueTicks
}"""
OFFSET = "async () => (await import('/tablet/app/state.js')).state.offset"
CONTACT = "async () => (await (await import('/tablet/app/store.js')).readMeta('contact')).contact"
KEPT = "async () => (await (await import('/tablet/app/store.js')).readMeta('offset')).offset"
STOPPED = f"const trueClock = Date.now.bind(Date); Date.now = () => trueClock() - 400 * 24 * {HOUR}"


def set_clock(tablet: Tablet, clock: int, ticks: int = 0) -> None:
    tablet.page.evaluate(SET, [clock, ticks])


def stop_clock(tablet: Tablet) -> None:
    tablet.page.evaluate(STOP)


def true_times(tablet: Tablet) -> list[float]:
    """How far the corrected time of each entry is from now, in minutes."""
    now = datetime.now(UTC).timestamp() * 1000
    return [(now - corrected_time(entry)) / 60_000 for entry in tablet.portal.own_entries()]


def test_a_clock_set_back_during_a_shift_changes_nothing_but_the_clock(tablet: Tablet) -> None:
    tablet.ready().ready_for_offline().offline().scan_card(1).press("confirm").at("done")
    set_clock(tablet, -HOUR)
    tablet.scan_card(2).press("confirm").at("done")
    expect(tablet.page.locator("#screen [data-action=undo]")).to_be_visible()
    tablet.press("next").press("today").at("today")
    expect(tablet.page.locator(".entry [data-slot=number]")).to_have_text(["20200002", "20200001"])
    expect(tablet.page.locator(".entry [data-action=undo]:visible")).to_have_count(2)
    set_clock(tablet, 121_000 - HOUR, 121_000)
    tablet.press("back").press("today")
    expect(tablet.page.locator(".entry")).to_have_count(2)
    expect(tablet.page.locator(".entry [data-action=undo]:visible")).to_have_count(0)
    set_clock(tablet, -HOUR)
    tablet.offline(False).state("online", 0)
    assert all(-0.2 < away < 1 for away in true_times(tablet))


def test_a_clock_set_back_neither_delays_the_lock_nor_lengthens_the_wait_for_a_pin(tablet: Tablet) -> None:
    stop_clock(tablet.ready())
    set_clock(tablet, 6 * 60_000 - HOUR, 6 * 60_000)
    tablet.at("unlock").enter_pin("9753")
    expect(tablet.page.locator("section.unlock")).to_have_attribute("data-pin", "waiting")
    set_clock(tablet, 6 * 60_000 - 2 * HOUR, 6 * 60_000 + 2_000)
    expect(tablet.page.locator("section.unlock")).to_have_attribute("data-pin", "open")
    tablet.unlock()


def test_an_answer_across_a_clock_that_was_set_says_nothing_about_the_clock(tablet: Tablet) -> None:
    tablet.ready()
    tablet.portal.hold("changes")
    gate = tablet.portal.hold("heartbeats")
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: "heartbeats" in tablet.portal.stopped)
    set_clock(tablet, -48 * HOUR)
    gate.set()
    tablet.page.wait_for_timeout(300)
    assert abs(tablet.page.evaluate(OFFSET) - 48 * HOUR) < 60_000, "not half of it"
    set_clock(tablet, 0)
    tablet.page.evaluate(WAKE)
    tablet.page.wait_for_timeout(300)
    assert tablet.at("scan").page.evaluate(ROWS) == 5, "a clock set forward has cost the data"


def test_a_clock_that_stopped_while_the_tablet_was_off_is_not_believed(tablet: Tablet) -> None:
    tablet.ready().ready_for_offline().offline().page.add_init_script(STOPPED)
    tablet.page.reload()
    tablet.at("unlock").unlock().scan_card(1).verdict("may-clear").press("confirm").at("done")
    tablet.offline(False).state("online", 0)
    assert all(-0.2 < away < 1 for away in true_times(tablet))


@pytest.mark.parametrize("restarted", [True, False])
def test_a_clock_that_was_days_behind_and_is_set_right_offline_costs_nobody_the_data(tablet: Tablet, restarted: bool) -> None:
    tablet.ready().ready_for_offline()
    set_clock(tablet, -48 * HOUR)
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: abs(tablet.page.evaluate(KEPT) - 48 * HOUR) < 60_000)
    tablet.offline().state("offline", 0)
    # An answer that was slow to be written puts the contact a moment ahead; nobody is as quick to set the clock.
    expect_soon(lambda: datetime.now(UTC).timestamp() * 1000 > tablet.page.evaluate(CONTACT))
    if restarted:
        tablet.page.reload()
        tablet.at("scan")
    else:
        set_clock(tablet, 0)
        tablet.page.evaluate("async () => (await import('/tablet/app/sync.js')).beatOnce().catch(() => {})")
    assert tablet.page.evaluate(ROWS) == 5
    tablet.scan_card(1).verdict("may-clear").press("confirm").at("done").offline(False).state("online", 0)
    assert all(-0.2 < away < 1 for away in true_times(tablet))
