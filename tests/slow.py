"""Pages, machines and tests that take their time, to find what looks before its page has followed.

Answers that come late are `tests/lag.py`'s. Here the browser is what is slow: `make test TESTS="-p tests.slow tests/tablet"` with

- `CLEARANCE_TEST_PAGE=200`: requests, the storage and keys of every page end so many turns of its event loop later;
- `CLEARANCE_TEST_CPU=5`: every page's processor is so many times slower;
- `CLEARANCE_TEST_PAUSE=0.6`: the test waits up to so many seconds before each thing it does or asks, by chance.

A test that fails so waits for less than it claims, or the product has a race that a slow tablet will meet.
"""

import os
import random
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest
from playwright._impl._sync_base import SyncBase
from playwright.sync_api import Browser, BrowserContext, Error, Page

TURNS = int(os.environ.get("CLEARANCE_TEST_PAGE", "0"))
CPU = float(os.environ.get("CLEARANCE_TEST_CPU", "1"))
PAUSE = float(os.environ.get("CLEARANCE_TEST_PAUSE", "0"))

# Turns of the event loop and not milliseconds: a test may have stopped the page's clock.
SLOW_PAGE = """(() => {
  if (globalThis.slow) return
  globalThis.slow = true
  const turns = (left) => new Promise((done) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => (left-- > 0 ? port2.postMessage(0) : done(port1.close()))
    port2.postMessage(0)
  })
  const slow = (owner, name, left) => {
    const real = owner[name]
    owner[name] = async function (...given) {
      try { return await real.apply(this, given) } finally { await turns(left) }
    }
  }
  slow(globalThis, "fetch", TURNS * 10)
  if (!isSecureContext) return  // no keys there, and pages tell so before they work
  for (const name of ["sign", "verify", "digest", "importKey"]) slow(SubtleCrypto.prototype, name, TURNS * 5)
  const transaction = IDBDatabase.prototype.transaction
  IDBDatabase.prototype.transaction = function (stores, ...more) {
    const [name] = [stores].flat()
    const before = transaction.call(this, name, "readwrite").objectStore(name)  // what is asked for has to wait for this
    let left = TURNS
    const count = () => { if (left-- > 0) before.count().onsuccess = count }
    count()
    return transaction.call(this, stores, ...more)
  }
})()"""


def _slow_down(context: BrowserContext) -> BrowserContext:
    if TURNS:
        context.add_init_script(SLOW_PAGE.replace("TURNS", str(TURNS)))

    def throttle(page: Page) -> None:
        with suppress(Error):  # it is gone already
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": CPU})

    if CPU > 1:
        context.on("page", throttle)
        for page in context.pages:
            throttle(page)
    return context


@pytest.fixture(scope="session", autouse=True)
def everything_slow() -> Any:
    """Every context that a test opens, in a browser of the run's or of its own."""
    from tests.browser import Chromium  # not before pytest has: it rewrites the assertions there

    chance = random.Random(os.environ.get("CLEARANCE_TEST_SEED", "1"))
    new_context, start, ask = Browser.new_context, Chromium.start, SyncBase._sync

    def pausing(self: SyncBase, asked: Coroutine[Any, Any, Any]) -> Any:
        time.sleep(chance.random() ** 3 * PAUSE)
        return ask(self, asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Browser, "new_context", lambda *given, **more: _slow_down(new_context(*given, **more)))
        patch.setattr(Chromium, "start", lambda self: _slow_down(start(self)))
        patch.setattr(SyncBase, "_sync", pausing)
        yield
