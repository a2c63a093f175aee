"""A tablet in a real browser, in front of a portal that does what the test tells it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, Page, expect
from werkzeug.serving import make_server

from tests.browser import TABLET, wait_for
from tests.lag import late
from tests.tablet.fake_portal import PASSWORD, FakePortal, create_app

PIN = "2580"
ACTIVE = "navigator.serviceWorker.getRegistration('/tablet').then((found) => found?.active?.state === 'activated')"

AGED = """async (minutes) => {
  const { pauseSync, startSync } = await import("/tablet/app/sync.js")
  const { writeMeta } = await import("/tablet/app/store.js")
  await pauseSync()
  await writeMeta({ fresh: Date.now() - minutes * 60_000 })
  startSync()
}"""

# The screen that says "done" leaves by itself after some seconds. A busy machine may need as many to look at it.
DONE_STAYS = """{
  const later = setTimeout
  const ofDone = () => new Error().stack.includes("/screens/act.js")
  window.setTimeout = (work, ms, ...more) => later(work, ofDone() ? 10 * ms : ms, ...more)
}"""

# The times are those of the keys, as a browser notes them, however long the page takes over one of them. As from a keyboard, a sign
# lands in the field that has the focus once everybody has heard the key.
SCANNER = """(keys) => {
  const first = performance.now() + 1000
  keys.forEach((key, i) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })
    Object.defineProperty(event, "timeStamp", { value: first + 2 * i })
    const goesOn = document.activeElement.dispatchEvent(event)
    const field = document.activeElement
    if (!goesOn || key.length > 1 || !field.matches("input, textarea")) return
    field.value += key
    field.dispatchEvent(new InputEvent("input", { bubbles: true }))
  })
}"""


class Tablet:
    """What a member of staff does with a tablet, in few words."""

    def __init__(self, page: Page, portal: FakePortal, url: str) -> None:
        self.page, self.portal, self.url = page, portal, url
        page.add_init_script(DONE_STAYS)

    def open(self) -> "Tablet":
        self.page.goto(f"{self.url}/tablet/")
        return self

    def enrol(self) -> "Tablet":
        self.open()
        self.page.locator("input[name=code]").fill("ABCD-1234")
        self.page.locator("input[name=name]").fill("图书馆 2 号台")
        self.page.locator("[data-action=enrol]").click()
        self.at("operator")
        return self

    def work_as(self, operator: str = "st_1") -> "Tablet":
        """Take one's turn: by PIN where one is on shift here already, else by beginning a shift."""
        if self.page.locator("body").get_attribute("data-screen") != "operator":
            self.page.locator("#line [data-action=operator]").click()
        expect(self.page.locator("section[data-ready=yes]")).to_be_visible()
        if self.page.locator(f"button[data-operator={operator}][data-shift=open]").count():
            self.page.locator(f"button[data-operator={operator}]").click()
            return self.unlock()
        return self.press("other").sign_in(operator).choose_pin().at("scan")

    def sign_in(self, operator: str | None, password: str = PASSWORD) -> "Tablet":
        """The password; with a staff number where nobody was chosen from the list."""
        self.at("sign-in")
        if operator is not None:
            self.page.locator("input[name=operator]").fill(operator)
        self.page.locator("input[name=password]").fill(password)
        return self.press("sign-in")

    def choose_pin(self, pin: str = PIN, again: str | None = None) -> "Tablet":
        self.at("choose-pin")
        self.page.locator("input[name=pin]").fill(pin)
        self.page.locator("input[name=again]").fill(pin if again is None else again)
        return self.press("choose-pin")

    def lock(self) -> "Tablet":
        self.page.locator("#line [data-action=lock]").click()
        return self.at("unlock")

    def enter_pin(self, pin: str = PIN) -> "Tablet":
        """On the keypad."""
        self.at("unlock")
        for digit in pin:
            self.page.locator(f"#screen [data-digit='{digit}']").click()
        return self.press("unlock")

    def unlock(self, pin: str = PIN) -> "Tablet":
        return self.enter_pin(pin).at("scan")

    def ready(self, operator: str = "st_1") -> "Tablet":
        return self.enrol().work_as(operator)

    def at(self, screen: str) -> "Tablet":
        expect(self.page.locator("body")).to_have_attribute("data-screen", screen)
        return self

    def scan(self, token: str) -> "Tablet":
        """A USB scanner: many keys at once, then Enter."""
        self.page.evaluate(SCANNER, [*token, "Enter"])
        return self

    def scan_into_focus(self, token: str) -> "Tablet":
        """The same by the keys themselves: they land in the field that has the focus, and Enter presses what has it.

        The keys bring their own times: a scanner's are as quick to the browser however busy the machine is.
        """
        keys = self.page.context.new_cdp_session(self.page)
        began = time.time()
        for n, key in enumerate(token):
            keys.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": key, "text": key, "timestamp": began + n / 500})
        enter = {"key": "Enter", "text": "\r", "windowsVirtualKeyCode": 13, "timestamp": began + len(token) / 500}
        keys.send("Input.dispatchKeyEvent", {"type": "keyDown", **enter})
        keys.detach()
        return self

    def scan_card(self, n: int, gen: int = 1, prx: str | None = None) -> "Tablet":
        """The nth graduate's card, and the verdict on it."""
        self.scan(self.portal.card(f"gr_{n:09d}", gen, prx=prx))
        shown = self.page.locator(f"section.verdict[data-student='2020{n:04d}'], section.done")
        expect(shown).to_be_visible()
        return self

    def type_number(self, number: str) -> "Tablet":
        self.page.locator("input[name=number]").fill(number)
        self.page.locator("[data-action=look-up]").click()
        return self

    def press(self, action: str) -> "Tablet":
        self.page.locator(f"#screen [data-action={action}]:visible").first.click()
        return self

    def verdict(self, code: str) -> "Tablet":
        expect(self.page.locator("section.verdict")).to_have_attribute("data-verdict", code)
        return self

    def state(self, online: str, pending: int) -> "Tablet":
        expect(self.page.locator("body")).to_have_attribute("data-state", online)
        expect(self.page.locator("body")).to_have_attribute("data-pending", str(pending))
        return self

    def offline(self, away: bool = True) -> "Tablet":
        self.page.context.set_offline(away)
        return self

    def data_of(self, minutes: int) -> "Tablet":
        """With no network: what it knows is from so many minutes ago, and nothing is on its way any more that would renew it."""
        self.page.evaluate(AGED, minutes)
        return self

    @staticmethod
    def read_json(download: Download) -> Any:
        return json.loads(Path(download.path()).read_text("utf-8"))

    def ready_for_offline(self) -> "Tablet":
        """Wait until the service worker keeps everything."""
        wait_for(self.page, ACTIVE)
        return self


@pytest.fixture
def portal() -> Iterator[FakePortal]:
    made = FakePortal()
    yield made
    assert not made.contract.breaches


def whole(app: Any) -> Any:
    """The same answers, read and closed before they are sent: this server forgets to close a file when the browser goes away."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        parts = app(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer


@pytest.fixture
def address(portal: FakePortal) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, late(whole(create_app(portal))), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tablet(open_page: Callable[..., Page], portal: FakePortal, address: str) -> Tablet:
    return Tablet(open_page(TABLET, zone=midday()), portal, address)


def midday() -> str:
    """Where it is midday at this hour: there no day ends in the middle of a test."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
