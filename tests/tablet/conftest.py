"""A tablet in a real browser, in front of a portal that does what the test tells it."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, Page, expect
from werkzeug.serving import make_server

from tests.browser import TABLET
from tests.tablet.fake_portal import FakePortal, create_app

expect.set_options(timeout=15_000)  # a busy machine is not a fault of the tablet

SCANNER = """(keys) => keys.forEach((key, i) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })
  Object.defineProperty(event, "timeStamp", { value: performance.now() + 1000 + 2 * i })
  document.activeElement.dispatchEvent(event)
})"""


class Tablet:
    """What a member of staff does with a tablet, in few words."""

    def __init__(self, page: Page, portal: FakePortal, url: str) -> None:
        self.page, self.portal, self.url = page, portal, url

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
        if self.page.locator("body").get_attribute("data-screen") != "operator":
            self.page.locator("#line [data-action=operator]").click()
        self.page.locator(f"[data-operator={operator}]:is(button)").click()
        return self.at("scan")

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
        """The same with an Enter that would press what has the focus, and with the code in a field that has it."""
        self.page.evaluate(SCANNER, list(token))
        self.page.evaluate(
            "(code) => { const e = document.activeElement; if ('value' in e && e.matches('input')) e.value += code }", token
        )
        self.page.keyboard.press("Enter")
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

    @staticmethod
    def read_json(download: Download) -> Any:
        return json.loads(Path(download.path()).read_text("utf-8"))

    def ready_for_offline(self) -> "Tablet":
        """Wait until the service worker keeps everything."""
        self.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        return self


@pytest.fixture
def portal() -> FakePortal:
    return FakePortal()


@pytest.fixture
def address(portal: FakePortal) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(portal), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tablet(open_page: Callable[..., Page], portal: FakePortal, address: str) -> Tablet:
    return Tablet(open_page(TABLET), portal, address)
