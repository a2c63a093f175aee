"""Up, down and heartbeat: nothing is lost, nothing flickers, and neither waits for the other."""

import time
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import student
from tests.tablet.test_journal import RECORD_MANY, is_one_chain

WAKE = "async () => (await import('/tablet/app/sync.js')).wakeAll()"
PLAN = "async ([name, args]) => (await import('/tablet/app/plan.js'))[name](...args)"


def run_plan(tablet: Tablet, name: str, *args: Any) -> Any:
    return tablet.page.evaluate(PLAN, [name, list(args)])


def waiting(count: int, size: int = 700) -> list[dict[str, Any]]:
    return [{"seq": n, "id": f"id-{n}", "jws": "x" * size} for n in range(1, count + 1)]


def test_the_plan_sends_at_most_500_entries_and_a_mebibyte(tablet: Tablet) -> None:
    tablet.open()
    assert len(run_plan(tablet, "plan", waiting(600), None)["send"]) == 500
    assert len(run_plan(tablet, "plan", waiting(600), None, 7)["send"]) == 7
    large = run_plan(tablet, "plan", waiting(500, 10_000), None)["send"]
    assert sum(len(entry["jws"]) + 12 for entry in large) + 512 <= 1024 * 1024 < (len(large) + 1) * 10_012 + 512
    assert len(run_plan(tablet, "plan", waiting(2, 2_000_000), None)["send"]) == 1


def test_the_plan_settles_only_what_an_answer_names(tablet: Tablet) -> None:
    tablet.open()
    queue = waiting(3)
    answers = [
        {"id": "id-1", "outcome": "accepted"},
        {"id": "id-9", "outcome": "accepted"},
        {"id": None, "outcome": "quarantined", "code": "malformed"},
    ]
    planned = run_plan(tablet, "plan", queue, {"sent": queue, "answers": answers})
    assert [(one["seq"], one["answer"]["outcome"]) for one in planned["settled"]] == [(1, "accepted"), (3, "quarantined")]
    assert [entry["seq"] for entry in planned["send"]] == [2]


@pytest.mark.parametrize("answers", [None, {}, [], [{"id": "id-1", "outcome": "accepted"}], ["yes", "yes"]])
def test_the_plan_trusts_no_reply_that_does_not_fit(answers: Any, tablet: Tablet) -> None:
    tablet.open()
    queue = waiting(2)
    assert run_plan(tablet, "plan", queue, {"sent": queue, "answers": answers})["settled"] == []


def test_missing_ranges_are_taken_only_as_far_as_the_journal_goes(tablet: Tablet) -> None:
    tablet.open()
    assert run_plan(tablet, "ranges", [[0, 3], [5, 99], [8, 7], "x", [1.5, 2], None], 9) == [[1, 3], [5, 9]]


def test_waits_grow_to_half_a_minute_and_are_spread(tablet: Tablet) -> None:
    tablet.open()
    assert [run_plan(tablet, "backoff", n, 1) for n in (1, 2, 3, 6, 50)] == [1000, 2000, 4000, 30_000, 30_000]
    assert run_plan(tablet, "backoff", 3, 0) == 2000


# What the loops wait for, twenty times as fast, and with the same chance each time.
QUICKLY = """
Math.random = () => 0.25
const later = setTimeout
window.waits = []
window.setTimeout = (work, ms, ...more) => {
  const ofLoop = new Error().stack.includes("/loop.js")
  if (ofLoop) waits.push(ms)
  return later(work, ofLoop ? ms / 20 : ms, ...more)
}
"""
ALL_IS_WELL = {4_000, 20_000}


def test_what_cannot_be_sent_is_tried_again_after_longer_and_longer_until_it_is(tablet: Tablet) -> None:
    tablet.page.add_init_script(QUICKLY)
    tablet.ready()
    tablet.portal.lose_replies = 7
    tablet.scan_card(1).press("confirm").at("done").state("online", 0)
    tablet.portal.lose_replies = 2
    tablet.scan_card(2).press("confirm").at("done").state("online", 0)
    waits = [ms for ms in tablet.page.evaluate("waits") if ms not in ALL_IS_WELL]
    assert waits == [625, 1250, 2500, 5000, 10_000, 18_750, 18_750, 625, 1250]
    is_one_chain(tablet.portal, 2)


def test_an_upload_that_hangs_holds_up_no_rows_and_rows_that_hang_hold_up_no_upload(tablet: Tablet) -> None:
    tablet.ready()
    sending = tablet.portal.hold("entries")
    tablet.scan_card(1).press("confirm").at("done")
    expect_soon(lambda: "entries" in tablet.portal.calls)
    tablet.portal.add(student(9))
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: tablet.page.evaluate(ROWS) == 6)
    assert tablet.portal.own_entries() == []
    asked = tablet.portal.calls.count("changes")
    tablet.portal.hold("changes")
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: tablet.portal.calls.count("changes") > asked)
    sending.set()
    tablet.scan_card(2).press("confirm").at("done")
    expect(tablet.page.locator("body")).to_have_attribute("data-pending", "0")
    is_one_chain(tablet.portal, 2)


def test_a_lost_reply_is_asked_for_again_and_counts_once(tablet: Tablet) -> None:
    tablet.ready()
    tablet.portal.lose_replies = 1
    tablet.scan_card(1).press("confirm").at("done").state("online", 0)
    assert tablet.portal.lose_replies == 0
    is_one_chain(tablet.portal, 1)


def test_an_upload_too_large_is_cut_in_halves(tablet: Tablet) -> None:
    tablet.portal.largest = 10
    tablet.ready().page.evaluate(RECORD_MANY, 35)
    tablet.state("online", 0)
    is_one_chain(tablet.portal, 35)


def test_uploads_go_on_while_downloads_fail_and_the_screen_never_falls_back(tablet: Tablet) -> None:
    tablet.ready()
    tablet.portal.lose_changes = True
    tablet.scan_card(1).press("confirm").at("done")
    expect(tablet.page.locator("body")).to_have_attribute("data-pending", "0")
    assert len(tablet.portal.own_entries()) == 1
    tablet.scan_card(1).verdict("already-cleared")
    tablet.portal.lose_changes = False
    tablet.page.evaluate(WAKE)
    tablet.state("online", 0)
    for _ in range(10):
        tablet.scan_card(1).verdict("already-cleared")


def test_what_another_station_did_comes_down(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).verdict("may-clear")
    tablet.portal.hold_elsewhere("gr_000000001")
    tablet.portal.add(student(9))
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: tablet.page.evaluate(ROWS) == 6)
    tablet.scan_card(1).verdict("held")
    tablet.scan_card(9).verdict("may-clear")


def test_a_graduate_out_of_scope_leaves_the_tablet(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).verdict("may-clear")
    with tablet.portal.lock:
        del tablet.portal.students["gr_000000001"]
        tablet.portal.changed.append("gr_000000001")
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: tablet.page.evaluate(ROWS) == 4)
    tablet.scan(tablet.portal.card("gr_000000001")).verdict("not-in-data")


def test_an_expired_cursor_brings_a_snapshot_without_the_etag(tablet: Tablet) -> None:
    tablet.ready()
    tablet.portal.generation = 1
    tablet.portal.add(student(9))
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: tablet.page.evaluate(ROWS) == 6)
    assert tablet.portal.etags_asked_with == [None, None]
    tablet.scan_card(9).verdict("may-clear")


def test_what_the_portal_lost_shows_on_although_rows_from_before_come_in(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").state("online", 0)
    shown = tablet.page.evaluate(
        """async () => {
             const [{ pauseSync }, { queueAgain, storeUnchanged }, { everybody }] = await Promise.all(
               ["sync", "rows", "store"].map((name) => import(`/tablet/app/${name}.js`)))
             await pauseSync()
             await queueAgain("dv_1", [[1, 1]])
             await storeUnchanged([["dv_1", 1]])
             return [...(await everybody()).entries.keys()]
           }"""
    )
    assert shown == ["gr_000000001"]


def test_entries_that_the_portal_lost_are_sent_again(tablet: Tablet) -> None:
    tablet.ready().page.evaluate(RECORD_MANY, 4)
    tablet.state("online", 0).page.evaluate(WAKE)
    # One of before the entries knows of none that could be missing, and the portal asks only once.
    expect_soon(lambda: told_by(tablet) == (4, 0))
    with tablet.portal.lock:
        tablet.portal.entries.clear()
        tablet.portal.missing = [[1, 4]]
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: len(tablet.portal.own_entries()) == 4)
    is_one_chain(tablet.portal, 4)


def test_a_withdrawn_tablet_forgets_names_and_goes_on_sending(tablet: Tablet) -> None:
    tablet.ready().offline().scan_card(1).press("confirm").at("done")
    tablet.portal.revoked = True
    tablet.offline(False).at("revoked").state("online", 0)
    assert len(tablet.portal.own_entries()) == 1
    assert tablet.page.evaluate(ROWS) == 0
    tablet.page.reload()
    tablet.at("revoked")


def test_a_tablet_of_a_closed_station_says_so_sends_what_it_has_and_works_again_when_it_is_moved(tablet: Tablet) -> None:
    tablet.ready().offline().scan_card(1).press("confirm").at("done")
    tablet.portal.closed = True
    tablet.offline(False)
    expect(tablet.page.locator("#line")).to_contain_text("方案中已没有这个站点")
    expect_soon(lambda: len(tablet.portal.own_entries()) == 1)
    is_one_chain(tablet.portal, 1)
    assert tablet.page.evaluate(ROWS) > 0
    tablet.portal.closed = False
    tablet.page.evaluate(WAKE)
    tablet.state("online", 0)
    expect(tablet.page.locator("body")).to_have_attribute("data-refused", "")


def test_while_the_portals_disk_is_full_everything_stays_here_and_goes_up_once_there_is_space(tablet: Tablet) -> None:
    tablet.ready()
    tablet.portal.full_disk = True
    tablet.scan_card(1).press("confirm").at("done")
    expect_soon(lambda: tablet.portal.calls.count("entries") > 1)  # refused, and tried again by itself
    tablet.scan_card(2).press("confirm").at("done").state("online", 2)
    assert tablet.portal.own_entries() == []
    tablet.portal.full_disk = False
    tablet.page.evaluate(WAKE)
    tablet.state("online", 0)
    is_one_chain(tablet.portal, 2)


def test_a_tablet_of_a_rehearsal_is_told_that_it_was_wiped_and_keeps_nothing(tablet: Tablet) -> None:
    tablet.ready().offline().scan_card(1).press("confirm").at("done")
    tablet.portal.wiped = True
    tablet.offline(False).at("revoked")
    expect(tablet.page.locator("h1")).to_have_text("本次演练已结束。")
    assert tablet.page.evaluate(ROWS) == 0
    tablet.press("again").at("enrol")


def test_expired_data_is_deleted_and_the_journal_kept(tablet: Tablet) -> None:
    tablet.portal.expires = timedelta(hours=2)
    tablet.ready().offline().scan_card(1).press("confirm").at("done").state("offline", 1)
    tablet.page.clock.set_system_time(time.time() + 3 * 3600)
    tablet.page.evaluate(WAKE)
    tablet.at("operator")
    assert tablet.page.evaluate(ROWS) == 0
    tablet.portal.expires = timedelta(hours=12)
    tablet.offline(False).work_as("st_1").state("online", 0)
    is_one_chain(tablet.portal, 1)


def test_the_heartbeat_tells_head_version_and_waiting(tablet: Tablet) -> None:
    tablet.ready().page.evaluate(RECORD_MANY, 3)
    tablet.state("online", 0).page.evaluate(WAKE)
    # One of before the upload may tell of the same head, with all of it still waiting.
    expect_soon(lambda: told_by(tablet) == (3, 0))
    beat = tablet.portal.heartbeat
    assert beat["head"]["hash"] == tablet.portal.own_entries()[-1]["hash"]
    assert beat["app"] == tablet.page.locator("html").get_attribute("data-version")


def test_a_notice_of_the_portal_is_shown(tablet: Tablet) -> None:
    until = tablet.portal.now(timedelta(hours=1))
    tablet.portal.notices = [{"id": "1", "zh": "今天 17:00 收站。", "en": "We close at 17:00.", "until": until}]
    tablet.ready()
    expect(tablet.page.locator("[data-slot=notice]")).to_have_text("今天 17:00 收站。")


def test_a_tablet_that_the_portal_does_not_know_keeps_its_journal(tablet: Tablet) -> None:
    tablet.ready().offline().scan_card(1).press("confirm").at("done")
    tablet.portal.token = "another"
    tablet.offline(False).at("revoked").press("again")
    expect(tablet.page.locator("[data-slot=problem]")).to_be_visible()
    with tablet.page.expect_download() as download:
        tablet.press("export")
    assert len(tablet.read_json(download.value)["entries"]) == 1
    refused = tablet.portal.turned_away
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: tablet.portal.turned_away > refused)
    tablet.press("again").at("enrol")


def test_a_tablet_that_is_known_again_goes_on_with_its_work(tablet: Tablet) -> None:
    tablet.ready()
    tablet.portal.token, kept = "another", tablet.portal.token
    tablet.page.evaluate(WAKE)
    tablet.at("revoked").page.locator("#line [data-action=operator]").click()
    tablet.at("revoked")
    tablet.portal.token = kept
    tablet.page.evaluate(WAKE)
    tablet.at("scan").scan_card(1).verdict("may-clear")


def test_a_lost_reply_to_the_enrolment_is_repeated_with_the_same_key(tablet: Tablet) -> None:
    tablet.portal.lose_replies = 1
    tablet.open().page.locator("input[name=code]").fill("ABCD-1234")
    tablet.page.locator("input[name=name]").fill("2 号台")
    tablet.press("enrol")
    expect(tablet.page.locator("[data-slot=problem]")).to_contain_text("同一个启用码可以再试")
    first = tablet.portal.public_key
    tablet.press("enrol").at("operator")
    assert first is not None
    assert tablet.portal.public_key is not None
    assert tablet.portal.public_key.public_numbers() == first.public_numbers()


def test_a_wrong_code_is_told(tablet: Tablet) -> None:
    tablet.open().page.locator("input[name=code]").fill("WRONG")
    tablet.page.locator("input[name=name]").fill("2 号台")
    tablet.press("enrol")
    expect(tablet.page.locator("[data-slot=problem]")).to_contain_text("没有这个启用码")


def told_by(tablet: Tablet) -> tuple[int, int] | None:
    """What the last heartbeat said: the newest seq, and how many wait."""
    beat = tablet.portal.heartbeat
    return (beat["head"]["seq"], beat["pending"]) if beat else None


ROWS = "async () => (await import('/tablet/app/store.js')).countStudents()"


def expect_soon(holds: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
