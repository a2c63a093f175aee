"""The battery dies at each step of an entry's way: what the screen had called recorded is there once, what it had not is not."""

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import expect

from tests.browser import Chromium
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import FakePortal
from tests.tablet.test_journal import is_one_chain
from tests.tablet.test_sync import expect_soon

# Stops the whole page in the middle of a step: it asks for something and waits for it, which stands still until the kill.
STOP = """const stop = () => {
  const request = new XMLHttpRequest()
  request.open("GET", "/station/standstill", false)
  request.send()
}
const real = IDBObjectStore.prototype.add
"""
BEFORE_ITS_TRANSACTION = "crypto.subtle.sign = async () => stop()"
WITHIN_ITS_TRANSACTION = """IDBObjectStore.prototype.add = function (...args) {
  const request = real.apply(this, args)
  if (this.name === "entries") stop()
  return request
}"""
AFTER_ITS_TRANSACTION = """IDBObjectStore.prototype.add = function (...args) {
  if (this.name === "entries") this.transaction.addEventListener("complete", stop, { capture: true })
  return real.apply(this, args)
}"""
SMALL_QUOTA = 12 * 1024 * 1024
FILL = """async () => {
  const { writeSetting } = await import("/tablet/app/store.js")
  let n = 0
  for (let size = 1024 * 1024; size > 32;) {
    const junk = crypto.getRandomValues(new Uint8Array(Math.min(size, 65536)))
    const part = Array.from({ length: Math.ceil(size / 65536) }, () => junk)
    await writeSetting(`junk ${n += 1}`, structuredClone(part.map((one) => one.slice()))).catch(() => (size = Math.floor(size / 2)))
  }
}"""
TAP = "() => setTimeout(() => document.querySelector('#screen [data-action=confirm]').click())"


class Death(NamedTuple):
    """When the tablet dies: a script that stops it there, or a call of the portal that is held, unheard or unanswered."""

    when: str
    script: str | None
    unanswered: bool
    recorded: bool


DEATHS = (
    Death("before its transaction", BEFORE_ITS_TRANSACTION, False, recorded=False),
    Death("within its transaction", WITHIN_ITS_TRANSACTION, False, recorded=False),
    Death("after its transaction, before the screen says so", AFTER_ITS_TRANSACTION, False, recorded=True),
    Death("before its upload is heard", None, False, recorded=True),
    Death("after its upload, before the answer", None, True, recorded=True),
)


def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(
    chromium_process: Callable[..., Chromium], portal: FakePortal, address: str
) -> None:
    chromium = chromium_process()
    tablet = Tablet(chromium.start().new_page(), portal, address).ready().ready_for_offline()
    for n, death in enumerate(DEATHS, 1):
        tablet.scan_card(n).verdict("may-clear")
        call = "standstill" if death.script else "entries"
        gate = portal.hold(call, answer=death.unanswered)
        before = portal.calls.count(call)
        if death.script:
            tablet.page.evaluate(f"() => {{ {STOP}{death.script} }}")
        tablet.page.evaluate(TAP)
        expect_soon(lambda call=call, before=before: portal.calls.count(call) > before)
        if not death.script:
            tablet.at("done")
        if death.unanswered:
            expect_soon(lambda n=n: len(portal.own_entries()) == n)
        chromium.kill()
        portal.held.clear()
        gate.set()
        tablet = Tablet(chromium.start().new_page(), portal, address).open().at("scan")
        tablet.scan_card(n).verdict("already-cleared" if death.recorded else "may-clear")
        if not death.recorded:
            tablet.press("confirm").at("done")
        tablet.state("online", 0)
        is_one_chain(portal, n)
    assert [entry["student"] for entry in portal.own_entries()] == [f"gr_{n:09d}" for n in range(1, len(DEATHS) + 1)]
    expect(tablet.page.locator("body")).to_have_attribute("data-refused", "")


def test_a_storage_that_is_really_full_is_told_and_loses_nothing(tablet: Tablet) -> None:
    browser = tablet.page.context.new_cdp_session(tablet.page)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": tablet.url, "quotaSize": SMALL_QUOTA})
    tablet.ready().ready_for_offline().offline().scan_card(1).press("confirm").at("done")
    tablet.page.evaluate(FILL)
    tablet.scan_card(2).press("confirm").at("not-recorded")
    expect(tablet.page.locator(".failed")).to_have_attribute("data-problem", "disk-full")
    expect(tablet.page.locator("h1")).to_have_text("未记录")
    expect(tablet.page.locator(".failed")).to_contain_text("学生2")
    browser.send("Storage.overrideQuotaForOrigin", {"origin": tablet.url})
    tablet.state("offline", 1).press("retry").at("done").state("offline", 2).offline(False).state("online", 0)
    is_one_chain(tablet.portal, 2)
