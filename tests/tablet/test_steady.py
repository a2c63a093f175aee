"""Nothing moves under a finger: the keypad of the PIN and the line at the top keep their place, whatever they have to say."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, TABLET
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import FakePortal
from tests.tablet.test_shifts import NO_WAIT

KEYS = "() => [...document.querySelectorAll('.keypad button')].map((key) => Math.round(key.getBoundingClientRect().top + scrollY))"
LINE = "() => Math.round(document.getElementById('line').getBoundingClientRect().height)"
CUT_OFF = """() => {
  const line = document.getElementById("line").getBoundingClientRect()
  const boxes = [...document.querySelectorAll("#line :is(p, button)")].filter((one) => one.checkVisibility())
    .map((one) => [one.innerText, one.getBoundingClientRect()])
  const apart = (one, other) => one.bottom <= other.top + 1 || other.bottom <= one.top + 1
    || one.right <= other.left + 1 || other.right <= one.left + 1
  return boxes.filter(([, box], i) => box.top < line.top || box.bottom > line.bottom || box.right > line.right
    || boxes.some(([, other], j) => i !== j && !apart(box, other))).map(([text]) => text)
}"""
TELL = """async (changes) => {
  const { patch } = await import("/tablet/app/state.js")
  patch(changes)
}"""
# By then the two answers of the storage that the screen is drawn from have come.
READ = """async () => {
  const { openShifts } = await import("/tablet/app/shifts.js")
  await openShifts()
  await openShifts()
}"""
# Reading how a shift stands takes until the screen has drawn itself again and again.
SLOW_STORAGE = """() => {
  const derive = crypto.subtle.deriveBits.bind(crypto.subtle)
  crypto.subtle.deriveBits = async (...given) => {
    const bits = await derive(...given)
    const { store } = (await import("/tablet/app/store.js")).change(["meta"])
    const until = performance.now() + 1_200
    const busy = async () => { while (performance.now() < until) await store.get("shift") }
    busy()
    return bits
  }
  const screen = document.querySelector("section.unlock")
  window.pins = [screen.dataset.pin]
  const note = () => pins.at(-1) !== screen.dataset.pin && pins.push(screen.dataset.pin)
  new MutationObserver(note).observe(screen, { attributeFilter: ["data-pin"] })
}"""
SITUATIONS = [
    {"online": True, "pending": 0, "pictures": 0},
    {"online": True, "pending": 137},
    {"online": True, "pending": 0, "pictures": 12},
    {"online": None, "pictures": 0},
    {"online": False, "pending": 0},
    {"online": False, "pending": 1037, "pictures": 37, "battery": 100},
    {"online": False, "pending": 1037, "contact": 0},
    {"refused": "station-closed"},
    {"refused": "storage"},
]


@pytest.fixture
def tablet_of(open_page: Callable[..., Page], portal: FakePortal, address: str) -> Callable[[tuple[int, int], str], Tablet]:
    return lambda size, language: Tablet(open_page(size, language), portal, address)


LOOKS = [(PHONE, "zh-CN"), (PHONE, "en"), (TABLET, "en")]


@pytest.mark.parametrize(("size", "language"), LOOKS)
def test_the_keypad_keeps_its_place(size: tuple[int, int], language: str, tablet_of: Callable[..., Tablet]) -> None:
    tablet = tablet_of(size, language).ready()
    page = tablet.page
    page.clock.install()
    page.clock.pause_at(time.time() + 60)  # whoever has to wait waits until this test has seen it
    tablet.lock()
    expect(page.locator("section.unlock")).to_have_attribute("data-pin", "open")
    before = page.evaluate(KEYS)
    for _ in range(4):
        for digit in "9753":
            page.locator(f"#screen [data-digit='{digit}']").click()
            assert page.evaluate(KEYS) == before, "a dot"
        tablet.press("unlock")
        expect(page.locator("section.unlock")).to_have_attribute("data-pin", "waiting")
        expect(page.locator("[data-slot=problem]:visible")).to_be_visible()
        expect(page.locator("[data-slot=wait]:visible")).to_be_visible()
        assert page.evaluate(KEYS) == before, "what was wrong, and until when to wait"
        page.evaluate(NO_WAIT)
        expect(page.locator("section.unlock")).to_have_attribute("data-pin", "open")


def test_a_name_under_the_pointer_is_still_there_when_the_portal_answers_meanwhile(tablet: Tablet) -> None:
    name = tablet.enrol().page.locator("button[data-operator=st_1]")
    name.hover()
    tablet.page.mouse.down()
    tablet.page.evaluate(TELL, {"online": True, "hasData": True})
    tablet.page.evaluate(READ)
    expect(name).to_be_focused()
    tablet.page.mouse.up()
    tablet.at("sign-in")


def test_after_a_wrong_pin_no_other_may_be_tried_before_the_wait_is_known(tablet: Tablet) -> None:
    page = tablet.ready().lock().page
    expect(page.locator("section.unlock")).to_have_attribute("data-pin", "open")
    page.evaluate(SLOW_STORAGE)
    tablet.enter_pin("9753")
    expect(page.locator("[data-slot=problem]:visible")).to_contain_text("4")
    expect(page.locator("section.unlock")).to_have_attribute("data-pin", "open")
    assert page.evaluate("pins") == ["open", "checking", "waiting", "open"]


@pytest.mark.parametrize(("size", "language"), LOOKS)
def test_the_line_at_the_top_keeps_its_height(size: tuple[int, int], language: str, tablet_of: Callable[..., Tablet]) -> None:
    tablet = tablet_of(size, language)
    tablet.portal.operators[0]["name"] = "阿卜杜拉·买买提吐尔逊·热合曼"
    names = {"zh": "图书馆一楼总服务台 1 号", "en": "Library, main desk 1"}
    tablet.portal.station = {"code": "library", "name": names["zh"], "names": names}
    tablet.ready()
    page = tablet.page
    for way in ("heartbeats", "changes", "snapshot"):  # nothing but this test tells how it stands
        tablet.portal.hold(way)
    heights = []
    for said in SITUATIONS:
        page.evaluate(TELL, said)
        heights.append(page.evaluate(LINE))
        assert page.evaluate(CUT_OFF) == [], said
    assert len(set(heights)) == 1, heights
    assert heights[0] <= (120 if size[0] < 400 else 90)
    tablet.lock()
    assert page.evaluate(LINE) == heights[0]
    assert re.search("图书馆|Library", page.locator("#line").inner_text())
