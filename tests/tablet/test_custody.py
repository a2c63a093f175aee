"""Handing things out: by custody without a network, else by the portal's word of that moment; and the signature for it."""

import hashlib
import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser import DESKTOP, PHONE
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import proxy, step
from tests.tablet.test_sync import expect_soon

ASKED = "gr_000000001"


@pytest.fixture
def desk(tablet: Tablet) -> Tablet:
    """A desk that hands something out; it has custody of nothing."""
    tablet.portal.set_steps([step("library", how="collect", fresh_minutes=60)])
    tablet.portal.custody = []
    return tablet


def give(tablet: Tablet, id_: str = "7") -> None:
    tablet.portal.custody = [{"id": id_, "step": "library", "class": "会计2001"}]


def says(tablet: Tablet, words: str) -> None:
    expect(tablet.page.locator(".verdict-line")).to_contain_text(words)


def hears(tablet: Tablet, ids: list[str]) -> None:
    """Until the tablet's rows name exactly these holdings."""
    names = "async () => (await (await import('/tablet/app/store.js')).readMeta('snapshot')).snapshot.custody.map((one) => one.id)"
    expect_soon(lambda: tablet.page.evaluate(names) == ids)


def test_custody_hands_out_without_a_network_and_the_comparing_tap_comes_first(desk: Tablet) -> None:
    give(desk)
    desk.ready().offline().scan_card(1).verdict("may-collect").press("compare").at("compare").press("confirm").at("done")
    desk.offline(False).state("online", 0)
    assert [entry["act"] for entry in desk.portal.own_entries()] == ["collect"]
    assert "gr_000000001" not in desk.portal.calls  # nobody was asked


def test_without_custody_the_portal_is_asked_and_without_a_network_nothing_is_offered(desk: Tablet) -> None:
    desk.ready().scan_card(1).verdict("may-collect")
    assert ASKED in desk.portal.calls
    desk.offline().scan_card(2).verdict("ask-portal")
    says(desk, "本机不保管该班的物品")
    expect(desk.page.locator("[data-action=compare]")).to_have_count(0)
    desk.offline(False).press("ask-again").verdict("may-collect")


def test_the_portal_s_word_counts_not_what_the_tablet_knew(desk: Tablet) -> None:
    desk.ready()
    with desk.portal.lock:
        desk.portal.hold_elsewhere(ASKED, "collect")
        desk.portal.changed.pop()  # the tablet does not hear of it
    desk.scan_card(1).verdict("already-collected")
    desk.portal.elsewhere = {"library": {"tablet": "三号台", "station": "hall"}}
    desk.scan_card(2).verdict("custody-elsewhere")
    says(desk, "三号台")


def test_a_class_that_is_asked_back_is_let_go_of_for_good_before_it_is_told(desk: Tablet) -> None:
    give(desk)
    desk.ready()
    hears(desk, ["7"])
    desk.scan_card(1).verdict("may-collect").press("compare").at("compare")
    desk.portal.recalled = ["7"]
    desk.portal.custody = []  # nor is it given again once the tablet has let go of it
    desk.page.evaluate("() => dispatchEvent(new Event('online'))")
    hears(desk, [])
    let_go = "async () => (await (await import('/tablet/app/store.js')).readMeta('letGo')).letGo"
    expect_soon(lambda: desk.page.evaluate(let_go) == ["7"])
    desk.press("confirm").at("not-recorded")
    expect(desk.page.locator("section.failed")).to_have_attribute("data-problem", "not-ours")
    desk.state("online", 0)
    assert desk.portal.own_entries() == []
    expect(desk.page.locator("[data-action=retry]")).to_be_hidden()
    expect_soon(lambda: desk.portal.recalled == [])
    desk.portal.custody = [{"id": "7", "step": "library", "class": "会计2001"}]  # a late word of the portal changes nothing
    desk.page.evaluate("() => dispatchEvent(new Event('online'))")
    hears(desk, ["7"])
    desk.press("back").at("scan").offline().scan_card(1).verdict("ask-portal")


def test_data_that_is_too_old_is_not_acted_on(desk: Tablet) -> None:
    give(desk)
    desk.ready().offline().data_of(61).scan_card(1).verdict("data-old")
    says(desk, "本机数据过旧")
    desk.offline(False).press("ask-again").verdict("may-collect")


def test_it_is_signed_for_on_the_glass_and_the_picture_belongs_to_the_entry(desk: Tablet) -> None:
    desk.portal.set_steps([step("library", how="collect", signed=True)])
    give(desk)
    desk.ready().scan_card(1).press("compare").at("compare").press("confirm").at("sign")
    confirm, pad = desk.page.locator("[data-action=confirm]"), desk.page.locator("canvas")
    expect(confirm).to_be_disabled()
    box = pad.bounding_box()
    assert box
    x, y = box["x"], box["y"]
    stroke = [(60, 60), (140, 120), (220, 50), (300, 130)]
    for _ in range(2):  # the first is cleared again
        desk.page.mouse.move(x + 40, y + 100)
        desk.page.mouse.down()
        for across, down in stroke:
            desk.page.mouse.move(x + across, y + down)
        desk.page.mouse.up()
        expect(confirm).to_be_enabled()
        if not _:
            desk.press("clear")
            expect(confirm).to_be_disabled()
    desk.press("confirm").at("done").state("online", 0)
    (entry,) = desk.portal.own_entries()
    (name,) = entry["attachments"]
    expect_soon(lambda: name in desk.portal.pictures)
    picture = desk.portal.pictures[name]
    assert hashlib.sha256(picture).hexdigest() == name
    drawn = Image.open(io.BytesIO(picture))
    assert (drawn.format, len(picture) < 30_000, drawn.convert("L").getextrema()) == ("PNG", True, (0, 255))


def test_it_is_signed_for_on_paper_where_the_glass_will_not_do(desk: Tablet) -> None:
    desk.portal.set_steps([step("library", how="collect", signed=True)])
    desk.ready().scan_card(1).press("compare").at("compare").press("confirm").at("sign")
    desk.page.locator("[name=paper]").focus()
    desk.page.keyboard.press("Space")
    expect(desk.page.locator("[data-slot=text]")).to_have_text("请先在纸质签领表上签名，再发放。")
    desk.press("confirm").at("done").state("online", 0)
    (entry,) = desk.portal.own_entries()
    assert (entry["act"], entry["reason"], entry["attachments"]) == ("collect", "signed-on-paper", [])
    desk.scan_card(1).verdict("already-collected")
    says(desk, "纸面签领")
    expect(desk.press("back").press("today").at("today").page.locator(".entry-said")).to_have_text("纸面签领")


def test_a_proxy_signs_with_field_and_button_in_sight_together(desk: Tablet) -> None:
    desk.portal.set_steps([step("library", how="collect", signed=True)])
    desk.portal.students["gr_000000001"].update(proxies=[proxy("px_1", ["library"])])
    desk.ready().scan_card(1, prx="px_1").press("compare").at("compare").press("confirm").at("sign")
    for width, height in (DESKTOP, (1180, 820), PHONE):
        desk.page.set_viewport_size({"width": width, "height": height})
        for each in (".pad", "[data-action=confirm]"):
            expect(desk.page.locator(each)).to_be_in_viewport(ratio=1)
