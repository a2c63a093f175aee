"""Every screen can be read, pressed and fits, in both languages, light and dark, from a phone to a desk."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.axe import violations
from tests.browser import DESKTOP, PHONE, TABLET
from tests.looks import Look, wear
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import FakePortal, proxy, step, student
from tests.tablet.test_pictures import a_photo

LONGEST_NAME = "阿卜杜拉·买买提吐尔逊·热合曼"
APPROVE = """async () => {
  const { entriesSince } = await import("/tablet/app/store.js")
  const { show } = await import("/tablet/app/screens.js")
  show("approve", { entry: (await entriesSince(0))[0], name: "…", step: null })
}"""
MESSAGE = """async () => {
  const { t } = await import("/tablet/app/i18n.js")
  const { show } = await import("/tablet/app/screens.js")
  show("storage", { title: () => t("storage.title"), text: () => t("storage.text") })
}"""
TOO_SMALL = """() => [...document.querySelectorAll("button, input, label.choice")]
  .filter((element) => element.checkVisibility() && !element.closest("label.choice > *") && element.type !== "radio")
  .map((element) => [element.dataset.action ?? element.name, element.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44).map(([name, box]) => `${name} ${box.width}×${box.height}`)"""


@pytest.mark.parametrize(
    "looks",
    [
        (Look(PHONE, "zh-CN", True, axe=True), Look((1180, 820), "zh-CN", False)),
        (Look(DESKTOP, "en", False, axe=True), Look(TABLET, "en", True), Look(PHONE, "en", False)),
    ],
    ids=["Chinese", "English"],
)
def test_each_screen_is_accessible_and_fits(
    looks: Sequence[Look], open_page: Callable[..., Page], portal: FakePortal, address: str
) -> None:
    portal.set_steps([step("library"), step("charges", how="collect", blocked_by=["library"])])
    first = portal.students["gr_000000001"]
    first.update(name=LONGEST_NAME, number="202000010000000001", proxies=[proxy("px_1", ["library"])])
    portal.hold_elsewhere("gr_000000002")
    tablet = Tablet(open_page(language=looks[0].language), portal, address).open().at("enrol")

    def looks_right(tablet: Tablet) -> None:
        look_over(tablet, looks)

    looks_right(tablet)
    looks_right(tablet.enrol())
    tablet.page.locator("button[data-operator=st_2]").click()
    looks_right(tablet.at("sign-in"))
    looks_right(tablet.sign_in(None).at("choose-pin"))
    looks_right(tablet.choose_pin().at("scan"))
    looks_right(tablet.lock())
    tablet.enter_pin("9753")
    looks_right(tablet.at("unlock"))
    tablet.press("other")
    looks_right(tablet.at("operator").work_as("st_1"))
    tablet.page.locator("#line [data-action=operator]").click()
    looks_right(tablet.at("operator"))
    looks_right(tablet.press("end").at("end"))
    tablet.press("end").at("operator").press("other").sign_in("st_2").choose_pin().at("scan")
    looks_right(tablet.scan(portal.card("gr_000000001")).at("verdict"))
    looks_right(tablet.scan(portal.card("gr_000000001", prx="px_1")).at("verdict"))
    looks_right(tablet.scan(portal.card("gr_999999999")).verdict("not-in-data"))
    looks_right(tablet.scan(portal.card("gr_000000001")).verdict("several").press("hold").at("hold"))
    tablet.page.locator("input[name=reason]").first.check()
    looks_right(tablet.press("hold-confirm").at("done"))
    looks_right(tablet.press("more").verdict("several").press("note").at("note"))
    tablet.page.locator("[data-part=file]").set_input_files([a_photo()])  # type: ignore[arg-type]
    looks_right(tablet)
    looks_right(tablet.press("cancel").verdict("several"))
    looks_right(tablet.press("back").press("today").at("today"))
    tablet.page.locator("#line [data-action=about]").click()
    looks_right(tablet.at("about"))
    looks_right(tablet.press("reset").at("reset"))
    tablet.page.evaluate(APPROVE)
    looks_right(tablet.at("approve"))
    portal.revoked = True
    looks_right(tablet.at("revoked"))


@pytest.mark.parametrize("size", [PHONE, TABLET])
def test_the_other_language_can_be_read_before_the_tablet_is_set_up(
    size: tuple[int, int], open_page: Callable[..., Page], portal: FakePortal, address: str
) -> None:
    page = Tablet(open_page(size), portal, address).open().at("enrol").page
    button, line = (page.locator(one).bounding_box() for one in ("#line [data-action=language]", "#line"))
    assert button is not None
    assert line is not None
    assert line["y"] <= button["y"]
    assert button["y"] + button["height"] <= line["y"] + line["height"]


def test_a_field_that_has_the_focus_leaves_its_words_readable(tablet: Tablet) -> None:
    page = tablet.open().at("enrol").page
    page.locator("input[name=code]").focus()
    button, words, field = (page.locator(one).bounding_box() for one in (
        "[data-action=scan-code]", "label:has([name=code]) > span", "input[name=code]",
    ))  # fmt: skip
    assert button is not None
    assert words is not None
    assert field is not None
    assert words["y"] + words["height"] + 5 <= field["y"]  # the ring is 3 wide and stands 2 off
    assert button["y"] + button["height"] + 8 <= words["y"]


def look_over(tablet: Tablet, looks: Sequence[Look]) -> None:
    """What stands on the screen now, in each of these sizes and lights."""
    tablet.page.wait_for_timeout(200)  # what a screen reads from its store before it shows it
    for look in looks:
        wear(tablet.page, look)
        fits(tablet)
        if look.axe:
            is_accessible(tablet)


def looks_right(tablet: Tablet) -> None:
    """The same as it is worn."""
    tablet.page.wait_for_timeout(200)
    fits(tablet)
    is_accessible(tablet)


def fits(tablet: Tablet) -> None:
    page, screen = tablet.page, tablet.page.locator("body").get_attribute("data-screen")
    size = page.viewport_size
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{screen} is wider than the screen at {size}"
    assert page.evaluate(TOO_SMALL) == [], (screen, size)


def is_accessible(tablet: Tablet) -> None:
    screen = tablet.page.locator("body").get_attribute("data-screen")
    assert violations(tablet.page, "wcag2a", "wcag2aa", "wcag21aa", "wcag22aa") == [], screen


def test_the_rarer_screens_are_accessible_in_the_light_and_in_the_dark(tablet: Tablet) -> None:
    portal = tablet.portal
    portal.set_steps([step("library", how="collect", signed=True, money=True)])
    drill = {"zh": "十点消防演习，请有序撤离。", "en": "Fire drill at ten: leave in good order."}
    portal.notices = [{"id": "1", **drill, "until": portal.now(timedelta(hours=1))}]
    for n, state in ((11, "collected"), (12, "submitted"), (13, "not-applicable")):
        portal.add(student(n, state))
    gate = portal.hold("snapshot")
    tablet.enrol().press("other").sign_in("st_2").choose_pin()
    in_both_lights(tablet.at("loading"))
    gate.set()
    expect(tablet.at("scan").page.locator("[data-slot=notice]")).to_be_visible()
    in_both_lights(tablet)
    for verdict, token in (
        ("already-collected", portal.card("gr_000000011")),
        ("submitted", portal.card("gr_000000012")),
        ("not-applicable", portal.card("gr_000000013")),
        ("card-unreadable", "https://example.org/"),
        ("may-collect", portal.card("gr_000000001")),
    ):
        tablet.scan(token)
        in_both_lights(tablet.verdict(verdict))
    in_both_lights(tablet.press("compare").at("compare"))
    tablet.page.locator("input[name=amount]").fill("12.5")
    in_both_lights(tablet.press("confirm").at("sign"))
    tablet.page.locator("input[name=paper]").check()
    tablet.page.evaluate("() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError') } }")
    in_both_lights(tablet.press("confirm").at("not-recorded"))
    tablet.page.evaluate(MESSAGE)
    in_both_lights(tablet.at("storage"))


def in_both_lights(tablet: Tablet) -> None:
    for light in ("light", "dark"):
        tablet.page.emulate_media(color_scheme=light)
        looks_right(tablet)
