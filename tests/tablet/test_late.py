"""Answers that come late, or in another order than they were asked for: nothing shows that is not so, and no name comes back."""

import pytest
from playwright.sync_api import expect

from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import step
from tests.tablet.test_sync import ROWS, WAKE, expect_soon

HAS_DATA = "async () => (await import('/tablet/app/state.js')).state.hasData"
OVER = """async () => {
  const { pauseSync, startSync } = await import("/tablet/app/sync.js")
  await pauseSync() // until what was on its way has come to its end
  startSync()
}"""
OLD_SNAPSHOT = """async () => {
  const { editMeta } = await import("/tablet/app/store.js")
  await editMeta(["snapshot"], ({ snapshot }) => ({ snapshot: { ...snapshot, taken: 0, etag: "another" } }))
}"""
# The entry is on its way already when the pictures, by a slow disk, have still to be counted.
RECORD_AND_COUNT_SLOWLY = """async () => {
  const count = IDBObjectStore.prototype.count
  IDBObjectStore.prototype.count = function () {
    const asked = count.call(this)
    if (this.name === "attachments") asked.addEventListener = (name, heard) => (asked[`on${name}`] = () => setTimeout(heard, 1_200))
    return asked
  }
  const { record } = await import("/tablet/app/journal.js")
  const { entriesWait, wakeAll } = await import("/tablet/app/sync.js")
  const draft = { act: "note", operator: "st_1", station: "library", student: null, step: "library", saw: [], card: null }
  await record(draft, { before: null, offset: 0, cursor: null })
  wakeAll()
  await entriesWait()
}"""

# Whoever signs waits until the test says so; and by then what an answer of the portal is drawn from has been read.
SLOW_TO_SIGN = """() => {
  const sign = crypto.subtle.sign.bind(crypto.subtle)
  const signed = new Promise((go) => (window.goOn = go))
  crypto.subtle.sign = async (...given) => (await signed, sign(...given))
}"""
READ = """async () => {
  const { everybody } = await import("/tablet/app/store.js")
  for (let n = 0; n < 5; n += 1) await everybody()
}"""


def test_the_list_of_people_comes_with_the_first_snapshot_however_late(tablet: Tablet) -> None:
    gate = tablet.portal.hold("snapshot", answer=True)
    tablet.enrol()
    expect(tablet.page.locator("[data-slot=text]")).to_contain_text("正在下载")
    expect(tablet.page.locator("button[data-operator]")).to_have_count(0)
    gate.set()
    expect(tablet.page.locator("button[data-operator]")).to_have_count(2)


def test_a_shift_begun_before_the_first_snapshot_waits_for_it(tablet: Tablet) -> None:
    gate = tablet.portal.hold("snapshot")
    tablet.enrol().press("other").sign_in("st_1").choose_pin().at("loading")
    gate.set()
    tablet.at("scan").scan_card(1).verdict("may-clear")


@pytest.mark.parametrize("call", ["changes", "snapshot"])
def test_rows_that_were_asked_for_before_the_names_were_deleted_are_not_kept(call: str, tablet: Tablet) -> None:
    tablet.ready()
    gate = tablet.portal.hold(call)
    if call == "snapshot":
        tablet.page.evaluate(OLD_SNAPSHOT)
    tablet.page.evaluate(WAKE)
    expect_soon(lambda: call in tablet.portal.stopped)
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.press("end").press("end").at("operator")
    gate.set()
    tablet.page.evaluate(OVER)
    assert (tablet.page.evaluate(ROWS), tablet.page.evaluate(HAS_DATA)) == (0, False)
    tablet.work_as("st_1").scan_card(1).verdict("may-clear")


def test_what_is_sent_while_the_pictures_are_counted_does_not_wait_for_ever(tablet: Tablet) -> None:
    tablet.ready().page.evaluate(RECORD_AND_COUNT_SLOWLY)
    tablet.state("online", 0)
    assert len(tablet.portal.own_entries()) == 1


def test_the_portals_word_that_comes_while_something_is_recorded_offers_it_no_second_time(tablet: Tablet) -> None:
    tablet.portal.set_steps([step("report"), step("diploma", how="collect")])
    tablet.portal.custody = []
    word = tablet.portal.hold("gr_000000001")
    page = tablet.ready().scan_card(1).verdict("several").page
    page.evaluate(SLOW_TO_SIGN)
    tablet.press("confirm")
    with page.expect_response("**/students/gr_000000001") as answer:
        word.set()
    answer.value.finished()
    page.evaluate(READ)
    page.locator("#screen [data-action=confirm]").evaluate("(button) => button.click()")
    page.evaluate("() => goOn()")
    tablet.at("done").state("online", 0)
    assert [entry["act"] for entry in tablet.portal.own_entries()] == ["clear"]


def test_a_card_that_is_scanned_while_another_is_recorded_comes_up_after_it(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).verdict("may-clear").page.evaluate(SLOW_TO_SIGN)
    tablet.press("confirm").scan(tablet.portal.card("gr_000000002"))
    tablet.page.evaluate(READ)
    tablet.page.evaluate("() => goOn()")
    tablet.state("online", 0).verdict("may-clear")
    expect(tablet.page.locator("section.verdict")).to_have_attribute("data-student", "20200002")
    tablet.press("confirm").scan_card(1).verdict("already-cleared").state("online", 0)
    assert [entry["student"] for entry in tablet.portal.own_entries()] == ["gr_000000001", "gr_000000002"]
