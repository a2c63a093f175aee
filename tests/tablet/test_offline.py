"""No network, a battery that dies, a new version: the tablet starts, remembers, and hands over."""

import json
from collections.abc import Callable, Iterator

import pytest
import qrcode
from PIL import Image
from playwright.sync_api import expect

from kiosk import shell
from tests.browser import Chromium, wait_for
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import FakePortal
from tests.tablet.test_journal import is_one_chain
from tests.tablet.test_sync import WAKE, expect_soon


def picture(token: str) -> Image.Image:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=4, border=4)
    code.add_data(token)
    return code.make_image().get_image().convert("RGB")


@pytest.fixture
def crashing(chromium_process: Callable[..., Chromium], portal: FakePortal, address: str) -> Iterator[Callable[[], Tablet]]:
    """A tablet with a camera on the first graduate's card; each call kills it and starts it again."""
    chromium = chromium_process([picture(portal.card("gr_000000001"))])
    running = False

    def start() -> Tablet:
        nonlocal running
        if running:
            chromium.kill()
        running = True
        context = chromium.start()
        return Tablet(context.new_page(), portal, address)

    yield start
    chromium.kill()


def test_a_card_before_the_camera_is_read_with_no_network_and_outlives_a_kill(crashing: Callable[[], Tablet]) -> None:
    tablet = crashing()
    tablet.enrol().ready_for_offline().press("other").sign_in("st_1").choose_pin()
    tablet.verdict("may-clear").offline().press("confirm").at("done").state("offline", 1)
    tablet = crashing()
    tablet.offline().open()  # the camera reads the card at once: there is no screen to wait for before its verdict
    expect(tablet.page.locator("body")).to_have_attribute("data-pending", "1")
    expect(tablet.page.locator("#line")).to_contain_text("Working offline. 1 sign-off is safe on this tablet.")
    tablet.verdict("already-cleared").state("offline", 1)
    tablet.offline(False).state("online", 0)
    is_one_chain(tablet.portal, 1)


def test_an_undo_works_with_no_network(tablet: Tablet) -> None:
    tablet.ready().offline().scan_card(1).press("confirm").at("done").press("undo").state("offline", 2)
    tablet.scan_card(1).verdict("may-clear").offline(False).state("online", 0)
    assert [entry["act"] for entry in tablet.portal.own_entries()] == ["clear", "undo"]


def test_the_whole_app_is_kept_and_nothing_else_is_asked_for(tablet: Tablet) -> None:
    tablet.ready().ready_for_offline()
    kept = tablet.page.evaluate(
        """async () => {
             const [name] = (await caches.keys()).filter((name) => name.startsWith("tablet-"))
             return (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)
           }"""
    )
    assert {"/tablet/", "/tablet/app/main.js", "/tablet/vendor/zxing-wasm/zxing_reader.wasm"} <= set(kept)
    asked: list[str] = []
    tablet.page.on("request", lambda request: asked.append(request.url.removeprefix(tablet.url)))
    tablet.offline().page.reload()
    tablet.at("scan").scan_card(1).verdict("may-clear")
    outside = [url for url in asked if url not in kept and not url.startswith("/station/v1/") and not url.startswith("blob:")]
    assert outside == []


@pytest.mark.parametrize("path", ["/tablet/sw.js", "/tablet/vendor/zxing-wasm/zxing_reader.wasm"])
def test_an_app_that_a_bad_network_kept_out_comes_as_soon_as_it_can(tablet: Tablet, path: str) -> None:
    tablet.portal.broken.add(path)
    tablet.page.clock.install()
    tablet.ready()
    found = "navigator.serviceWorker.getRegistration('/tablet').then((found) => found ? 'found' : 'none')"
    wait_for(tablet.page, found, lambda state: state == "none")
    tablet.portal.broken.clear()
    tablet.page.clock.run_for(20_000)
    tablet.ready_for_offline().offline().page.reload()
    tablet.at("scan")


def another_version(build: shell.Build) -> shell.Build:
    page = build.page.replace(build.version, "another")
    return build._replace(version="another", page=page, files={**build.files, "/tablet/": shell._integrity(page.encode())})


def test_a_new_version_waits_for_the_end_of_the_shift_and_an_empty_outbox(tablet: Tablet, monkeypatch: pytest.MonkeyPatch) -> None:
    tablet.ready().ready_for_offline()
    first = tablet.page.locator("html").get_attribute("data-version")
    real = shell.build
    monkeypatch.setattr(shell, "build", lambda: another_version(real()))
    tablet.page.evaluate("() => navigator.serviceWorker.getRegistration('/tablet').then((found) => found.update())")
    waiting = "async () => Boolean((await navigator.serviceWorker.getRegistration('/tablet')).waiting)"
    expect_soon(lambda: tablet.page.evaluate(waiting))
    tablet.page.reload()
    tablet.at("scan")
    assert tablet.page.locator("html").get_attribute("data-version") == first
    tablet.page.clock.install()
    tablet.page.reload()
    tablet.at("scan")

    def idle(times: int = 1) -> None:
        for _ in range(times):
            tablet.page.clock.fast_forward(75_000)
            tablet.page.wait_for_timeout(300)

    idle(3)  # on shift
    tablet.at("scan").scan_card(1).press("confirm").at("done").state("online", 0).offline()
    tablet.scan_card(2).press("confirm").at("done")
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.press("end").press("end").at("operator").state("offline", 1)
    idle(3)  # nobody on shift, and one entry unsent
    assert tablet.page.locator("html").get_attribute("data-version") == first
    tablet.offline(False).page.evaluate(WAKE)
    tablet.state("online", 0)
    idle()  # once: requests that are on their way just then are waited for
    expect(tablet.page.locator("html[data-version=another]")).to_have_count(1)
    tablet.at("operator")
    is_one_chain(tablet.portal, 2)


def test_the_stored_journal_is_json_that_anybody_can_read(tablet: Tablet) -> None:
    tablet.ready().offline().scan_card(1).press("confirm").at("done")
    kept = tablet.page.evaluate(
        "async () => JSON.stringify(await (await import('/tablet/app/store.js')).entriesOf('gr_000000001'))"
    )
    (entry,) = json.loads(kept)
    assert "学生1" not in kept
    assert entry["jws"].count(".") == 2
