"""Setting a tablet up, setting it up anew, emptying it: never while something is on it alone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import Chromium
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import FakePortal
from tests.tablet.test_offline import picture
from tests.tablet.test_pictures import pictures, record
from tests.tablet.test_sync import ROWS, expect_soon


def resetting(tablet: Tablet) -> Tablet:
    tablet.page.locator("#line [data-action=about]").click()
    return tablet.at("about").press("reset").at("reset")


def refused(tablet: Tablet, *words: str) -> None:
    expect(tablet.page.locator("section[data-free=no]")).to_be_visible()
    expect(tablet.page.locator("[data-slot=left] li")).to_contain_text(list(words))
    for action in ("anew", "empty", "destroy"):
        expect(tablet.page.locator(f"#screen [data-action={action}]")).to_be_hidden()


def test_it_is_refused_while_anything_is_only_here_and_the_file_is_offered(tablet: Tablet) -> None:
    record(tablet.ready().ready_for_offline().offline(), 5_000)
    refused(resetting(tablet), "还有 1 条记录没有发送", "还有 1 张照片或签名没有发送", "王老师仍在本机值班")
    tablet.page.evaluate("() => document.body.classList.add('rehearsing')")  # as its page says in a rehearsal
    with tablet.page.expect_download() as download:
        tablet.press("export")
    assert len(tablet.read_json(download.value)["attachments"]) == 1
    assert download.value.suggested_filename.startswith("演练-REHEARSAL-journal-")
    refused(tablet, "还有 1 条记录", "还有 1 张照片", "王老师")
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.at("operator").press("end").at("end").press("end").at("operator")
    refused(resetting(tablet), "还有 1 条记录", "还有 1 张照片", "还有 1 次值班结束没有告知")
    tablet.offline(False)
    expect(tablet.page.locator("section[data-free=yes]")).to_be_visible()


def test_with_everything_sent_it_is_only_said_that_somebody_is_on_shift(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").state("online", 0)
    refused(resetting(tablet), "王老师仍在本机值班")
    expect(tablet.page.locator("#screen [data-slot=text]")).to_have_text("现在还不行。内容离校平台都已收到，但还有人在本机值班：")
    for action in ("retry", "export"):
        expect(tablet.page.locator(f"#screen [data-action={action}]")).to_be_hidden()


def at_rest(tablet: Tablet) -> Tablet:
    """One record made, everything sent, nobody on shift."""
    tablet.ready().scan_card(1).press("confirm").at("done").state("online", 0)
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.at("operator").press("end").at("end").press("end").at("operator")
    expect_soon(lambda: tablet.portal.shifts["sh_1"]["ended"])
    resetting(tablet)
    expect(tablet.page.locator("section[data-free=yes]")).to_be_visible()
    return tablet


def test_set_up_anew_it_keeps_the_journal_of_before(tablet: Tablet) -> None:
    at_rest(tablet).press("anew").at("enrol")
    assert tablet.page.evaluate(ROWS) == 0
    assert len(tablet.page.evaluate("async () => (await import('/tablet/app/store.js')).entriesOf('gr_000000001')")) == 1


def test_it_is_emptied_only_when_the_portal_says_that_it_has_everything(tablet: Tablet) -> None:
    at_rest(tablet)
    tablet.portal.holds_nothing = True
    sent_again = tablet.portal.hold("entries")  # or it may be free again before it was seen not to be
    tablet.press("empty")
    expect(tablet.page.locator("[data-slot=problem]:visible")).to_contain_text("离校平台缺 1 条记录")
    expect(tablet.page.locator("section[data-free=no]")).to_be_visible()
    expect(tablet.page.locator("[data-action=destroy]")).to_be_hidden()
    tablet.portal.holds_nothing = False
    sent_again.set()
    expect(tablet.page.locator("section[data-free=yes]")).to_be_visible()
    tablet.press("empty").press("destroy").at("enrol")
    assert tablet.page.evaluate("async () => (await import('/tablet/app/store.js')).entriesOf('gr_000000001')") == []


def test_a_withdrawn_tablet_with_a_picture_left_gives_it_out_first(tablet: Tablet) -> None:
    tablet.ready().ready_for_offline().offline()
    record(tablet, 5_000)
    tablet.portal.revoked = True
    pictures(tablet.offline(False).at("revoked").state("online", 0), 1)
    expect(tablet.page.locator("#screen [data-slot=pictures]")).to_contain_text("只存在本机")
    tablet.press("again")
    expect(tablet.page.locator("[data-slot=problem]:visible")).to_contain_text("请先保存流水文件")
    with tablet.page.expect_download() as download:
        tablet.press("export")
    assert len(tablet.read_json(download.value)["attachments"]) == 1
    tablet.press("again").at("enrol")


def test_a_code_opened_on_a_tablet_that_is_set_up_changes_nothing_by_itself(tablet: Tablet) -> None:
    tablet.ready()
    tablet.page.goto(f"{tablet.url}/tablet/#code=WXYZ-1234")
    tablet.page.reload()
    tablet.at("reset")
    assert "WXYZ" not in tablet.page.url
    refused(tablet, "王老师仍在本机值班")
    expect(tablet.page.locator("[data-slot=came]")).to_contain_text("图书馆 2 号台")


def test_a_code_in_the_address_fills_the_form_and_stays_in_no_address(tablet: Tablet) -> None:
    asked: list[str] = []
    tablet.page.on("request", lambda request: asked.append(request.url))
    tablet.page.goto(f"{tablet.url}/tablet/#code=ABCD-1234")
    expect(tablet.at("enrol").page.locator("input[name=code]")).to_have_value("ABCD-1234")
    assert "ABCD" not in tablet.page.url
    assert not any("ABCD" in url.partition("#")[0] for url in asked)


@pytest.fixture
def with_camera(chromium_process: Callable[..., Chromium], portal: FakePortal, address: str) -> Iterator[Tablet]:
    """A tablet whose camera looks at the portal's picture of a code."""
    chromium = chromium_process([picture(f"{address}/tablet/#code=ABCD-1234")])
    yield Tablet(chromium.start().new_page(), portal, address)
    chromium.kill()


def test_the_enrolment_screen_reads_the_portals_picture_by_its_own_camera(with_camera: Tablet) -> None:
    tablet = with_camera.open().at("enrol").press("scan-code")
    expect(tablet.page.locator("input[name=code]")).to_have_value("ABCD-1234")
    tablet.page.locator("input[name=name]").fill("2 号台")
    tablet.press("enrol").at("operator")


def test_storage_that_the_browser_may_clear_is_told_where_the_shift_begins(tablet: Tablet) -> None:
    tablet.page.add_init_script("navigator.storage.persist = async () => false")
    tablet.enrol()
    expect(tablet.page.locator("#screen [data-slot=persist]")).to_contain_text("尚未承诺长期保存")
