"""A working day at the desk: a shift without a network, today's hours, a screen that stays on, a move, a notice, a slow closing."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from db.rules.entry import corrected_time, format_moment
from tests.browser import hold_time, wait_for
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import student
from tests.tablet.test_clock import HOUR, set_clock
from tests.tablet.test_journal import is_one_chain
from tests.tablet.test_sync import WAKE

SCANS = 600
# Each scan by the tablet's own way from the card to the entry on the disk, without waiting for a person.
SCAN_ALL = """async (tokens) => {
  const { lookAtCard } = await import("/tablet/app/lookup.js")
  const { decide } = await import("/tablet/app/acts.js")
  for (const token of tokens) {
    const look = await lookAtCard(token)
    await decide(look, look.lines[0], look.lines[0].verdict.act)
  }
}"""
HOURS = "(moments) => moments.map((moment) => `${String(new Date(moment).getHours()).padStart(2, '0')}:00`)"
COUNT_WAKE_LOCKS = """
  globalThis.awake = 0
  globalThis.asked = 0
  navigator.wakeLock.request = async () => {
    const lock = new EventTarget()
    lock.release = async () => { awake -= 1; lock.dispatchEvent(new Event("release")) }
    awake += 1
    asked += 1
    globalThis.lastLock = lock
    return lock
  }"""
HIDDEN = """(hidden) => {
  Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true })
  if (hidden) lastLock.release()
  document.dispatchEvent(new Event("visibilitychange"))
}"""


def test_a_whole_shift_of_600_scans_without_a_network_is_sent_in_few_uploads_and_nothing_is_lost(tablet: Tablet) -> None:
    portal = tablet.portal
    for n in range(len(portal.students) + 1, SCANS + 1):
        portal.add(student(n))
    tablet.ready().offline().page.evaluate(SCAN_ALL, [portal.card(f"gr_{n:09d}") for n in range(1, SCANS + 1)])
    tablet.state("offline", SCANS)
    before = portal.calls.count("entries")
    tablet.offline(False).state("online", 0)
    is_one_chain(portal, SCANS)
    assert [entry["student"] for entry in portal.own_entries()] == [f"gr_{n:09d}" for n in range(1, SCANS + 1)]
    assert {row["steps"]["library"]["state"] for row in portal.students.values()} == {"cleared"}
    assert portal.calls.count("entries") - before <= 4


def test_today_counts_what_was_signed_off_in_each_hour(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").press("undo")
    expect(tablet.page.locator("section.done[data-act=undo]")).to_be_visible()
    for n in (2, 3):
        tablet.scan_card(n).press("confirm").at("done")
    tablet.state("online", 0).press("next").press("today").at("today")
    made = [corrected_time(entry) for entry in tablet.portal.own_entries() if entry["student"] != "gr_000000001"]
    hours = Counter(tablet.page.evaluate(HOURS, made))  # of the entries: an hour may end in the middle of a test
    assert hours.total() == 2
    expect(tablet.page.locator(".hours li")).to_have_text([f"{hour} {n}" for hour, n in hours.items()])


def test_the_screen_stays_on_while_somebody_works_and_is_asked_to_again_after_it_was_hidden(tablet: Tablet) -> None:
    tablet.page.add_init_script(COUNT_WAKE_LOCKS)
    tablet.ready()
    wait_for(tablet.page, "awake === 1")
    tablet.scan_card(1).verdict("may-clear")
    assert tablet.page.evaluate("[awake, asked]") == [1, 1]
    tablet.page.evaluate(HIDDEN, True)
    assert tablet.page.evaluate("[awake, asked]") == [0, 1]
    tablet.page.evaluate(HIDDEN, False)
    wait_for(tablet.page, "awake === 1")
    wait_for(tablet.lock().page, "awake === 0")


def test_a_browser_that_cannot_keep_the_screen_on_says_so_and_works(tablet: Tablet) -> None:
    tablet.page.add_init_script("delete Navigator.prototype.wakeLock")
    tablet.ready().scan_card(1).verdict("may-clear")
    tablet.page.locator("#line [data-action=about]").click()
    expect(tablet.page.locator("[data-slot=awake]")).to_contain_text("可能自动熄灭")


def test_nobody_has_to_wait_longer_than_15_seconds_to_end_a_shift(tablet: Tablet) -> None:
    gate = tablet.portal.hold("closings")
    hold_time(tablet.ready().page)
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.press("end").at("end")
    way_out = tablet.page.locator("#screen [data-action=end]")
    expect(tablet.page.locator("#screen section")).to_have_attribute("data-closing", "asking")
    tablet.page.clock.run_for(13_000)
    expect(way_out).to_be_hidden()
    tablet.page.clock.run_for(3_000)
    expect(way_out).to_be_visible()
    expect(tablet.page.locator("#screen [data-action=export]")).to_be_visible()
    tablet.press("end").at("operator")
    gate.set()


def test_a_moved_tablet_works_for_its_new_station_and_a_notice_goes_when_its_time_is_over(
    tablet: Tablet,
) -> None:
    portal = tablet.portal
    until = format_moment(int((datetime.now(UTC) + timedelta(minutes=30)).timestamp() * 1000))
    portal.notices = [{"id": "7", "zh": "十点消防演习。", "en": "Fire drill at ten.", "until": until}]
    tablet.ready().scan_card(1).press("confirm").at("done").state("online", 0)
    portal.station = {"code": "hall", "name": "礼堂"}
    portal.generation += 1
    tablet.page.evaluate(WAKE)
    expect(tablet.page.locator("#line [data-slot=station]")).to_have_text("礼堂")
    tablet.scan_card(2).press("confirm").at("done").state("online", 0)
    assert [entry["station"] for entry in portal.own_entries()] == ["library", "hall"]
    tablet.ready_for_offline().offline().page.reload()
    expect(tablet.at("scan").page.locator("#line [data-slot=station]")).to_have_text("礼堂")
    tablet.offline(False).page.evaluate(WAKE)
    notice = tablet.page.locator("[data-slot=notice]")
    expect(notice).to_have_text("十点消防演习。")
    tablet.offline()
    set_clock(tablet, HOUR, HOUR)
    expect(notice).to_be_hidden()
