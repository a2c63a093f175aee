"""What is recorded stays recorded; what is not recorded is never called so."""

import pytest
from playwright.sync_api import expect

from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import FakePortal

REFUSE_STORAGE = "indexedDB.open = () => { throw new DOMException('no', 'SecurityError') }"
RECORD_MANY = """async (count) => {
  const { record } = await import("/tablet/app/journal.js")
  const draft = { act: "note", operator: "st_1", station: "library", student: null, step: "library", saw: [], card: null }
  const made = await Promise.all(Array.from({ length: count }, () => record(draft, { before: null, offset: 0, cursor: null })))
  const { entriesWait } = await import("/tablet/app/sync.js")
  await entriesWait()
  return made.map((entry) => entry.seq)
}"""


def is_one_chain(portal: FakePortal, count: int) -> None:
    entries = portal.own_entries()
    assert [entry["seq"] for entry in entries] == list(range(1, count + 1))
    assert [entry["prev"] for entry in entries] == [None, *(entry["hash"] for entry in entries[:-1])]
    assert len({entry["id"] for entry in entries}) == count


def test_entries_made_at_the_same_moment_are_one_signed_chain(tablet: Tablet) -> None:
    tablet.ready()
    assert tablet.page.evaluate(RECORD_MANY, 25) == list(range(1, 26))
    tablet.state("online", 0)
    is_one_chain(tablet.portal, 25)


def test_a_head_that_moved_meanwhile_is_signed_for_again(tablet: Tablet) -> None:
    tablet.ready().page.evaluate(
        """async () => {
             const real = crypto.subtle.sign.bind(crypto.subtle)
             let first = true
             crypto.subtle.sign = async (...args) => {
               const signature = await real(...args)
               if (first) {
                 first = false
                 const { writeMeta, readMeta } = await import("/tablet/app/store.js")
                 const { head } = await readMeta("head")
                 await writeMeta({ head: { seq: head.seq + 5, hash: "AAAAAAAAAAAAAAAA" } })
               }
               return signature
             }
           }"""
    )
    tablet.scan_card(1).press("confirm").at("done").state("online", 0)
    (entry,) = tablet.portal.own_entries()
    assert (entry["seq"], entry["prev"]) == (6, "AAAAAAAAAAAAAAAA")


def test_an_act_is_taken_back_once_however_often_that_is_tapped(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").press("next").at("scan")
    tablet.page.locator("#screen [data-action=undo]").evaluate("(button) => { button.click(); button.click() }")
    expect(tablet.page.locator("section.done[data-act=undo]")).to_be_visible()
    tablet.scan_card(2).press("confirm").at("done").state("online", 0)
    assert [entry["act"] for entry in tablet.portal.own_entries()] == ["clear", "undo", "clear"]


def test_an_aborted_transaction_is_not_a_record(tablet: Tablet) -> None:
    tablet.ready().page.evaluate(
        """() => {
             const real = IDBObjectStore.prototype.add
             IDBObjectStore.prototype.add = function (...args) {
               IDBObjectStore.prototype.add = real
               const request = real.apply(this, args)
               request.addEventListener("success", () => this.transaction.abort())
               return request
             }
           }"""
    )
    tablet.scan_card(1).press("confirm").at("not-recorded").state("online", 0)
    expect(tablet.page.locator(".failed")).to_have_attribute("data-problem", "storage-refused")
    tablet.press("back").at("scan").scan_card(1).verdict("may-clear")


def test_what_fails_half_way_is_taken_back_whole(tablet: Tablet) -> None:
    tablet.ready().page.evaluate(
        """() => {
             const real = IDBObjectStore.prototype.put
             IDBObjectStore.prototype.put = function (value, key) {
               if (key !== "head") return real.apply(this, arguments)
               IDBObjectStore.prototype.put = real
               throw new DOMException("no", "DataCloneError")
             }
           }"""
    )
    tablet.scan_card(1).press("confirm").at("not-recorded").state("online", 0)
    tablet.press("back").at("scan").scan_card(1).verdict("may-clear").press("confirm").at("done").state("online", 0)
    is_one_chain(tablet.portal, 1)


def test_an_entry_is_on_the_disk_before_the_screen_says_so(tablet: Tablet) -> None:
    tablet.ready().page.evaluate(
        """() => {
             window.durabilities = []
             const real = IDBObjectStore.prototype.add
             IDBObjectStore.prototype.add = function (...args) {
               if (this.name === "entries") window.durabilities.push(this.transaction.durability)
               return real.apply(this, args)
             }
           }"""
    )
    tablet.scan_card(1).press("confirm").at("done")
    assert tablet.page.evaluate("window.durabilities") == ["strict"]


def test_a_browser_that_refuses_storage_is_told_before_any_work(tablet: Tablet) -> None:
    tablet.page.add_init_script(REFUSE_STORAGE)
    tablet.open().at("storage")


def test_a_second_tab_may_not_write_and_takes_over_when_the_first_closes(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").state("online", 0)
    second = Tablet(tablet.page.context.new_page(), tablet.portal, tablet.url).open().at("other-tab")
    tablet.page.close()
    second.at("scan").scan_card(2).press("confirm").at("done").state("online", 0)
    is_one_chain(tablet.portal, 2)


@pytest.mark.parametrize("hours", [-48, 48])
def test_a_wrong_clock_is_measured_and_corrected(hours: int, tablet: Tablet) -> None:
    tablet.page.clock.set_system_time(tablet.page.evaluate(f"Date.now() / 1000 + {hours * 3600}"))
    tablet.ready().scan_card(1).verdict("may-clear").press("confirm").at("done").state("online", 0)
    (entry,) = tablet.portal.own_entries()
    assert abs(entry["offset"] + hours * 3_600_000) < 60_000


def test_the_private_key_cannot_be_read_out(tablet: Tablet) -> None:
    told = tablet.ready().page.evaluate(
        """async () => {
             const { readMeta } = await import("/tablet/app/store.js")
             const { key } = await readMeta("key")
             return [key.type, key.extractable, await crypto.subtle.exportKey("jwk", key).catch((error) => error.name)]
           }"""
    )
    assert told == ["private", False, "InvalidAccessError"]


def test_an_insecure_page_says_what_is_wrong(tablet: Tablet) -> None:
    tablet.page.add_init_script("Object.defineProperty(globalThis, 'isSecureContext', { value: false })")
    tablet.open().at("unsupported")
