"""Answers that come late, or in another order than they were asked for: nothing shows that is not so, and no name comes back."""

import pytest
from playwright.sync_api import expect

from tests.tablet.conftest import Tablet
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
