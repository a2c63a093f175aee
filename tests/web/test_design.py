"""The design system in a real browser: nothing serious for axe, nothing wider than the screen, targets large enough."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.axe import violations
from tests.browser import DESKTOP, PHONE, TABLET
from web.catalogue import ROOT

pytestmark = pytest.mark.engine("sqlite")

LOOKS = [
    (PHONE, "zh-CN", False), (PHONE, "en", True), (TABLET, "en", False), (TABLET, "zh-CN", True), (DESKTOP, "zh-CN", False),
    (DESKTOP, "en", True),
]


RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")


def declared(sheet: Path) -> set[tuple[str, str]]:
    """What a style sheet says, each as selector and declaration, wherever it stands."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    return {(selector.strip(), said.strip()) for selector, body in RULE.findall(text) for said in body.split(";") if said.strip()}


def test_nothing_is_said_in_two_style_sheets_of_the_portal():
    counted = Counter(said for sheet in (ROOT / "static").glob("*.css") for said in declared(sheet))
    assert len(counted) > 500
    assert [said for said, count in counted.items() if count > 1] == []


@pytest.fixture
def gallery(server, open_page):
    def open_gallery(*look):
        page = open_page(*look, base_url=server.url)
        page.goto("/sample/gallery")
        return page
    return open_gallery


def keep_picture(page, name: str) -> None:
    """For looking at: CLEARANCE_PICTURES names a folder."""
    folder = os.environ.get("CLEARANCE_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("size", "language", "dark"), LOOKS)
def test_every_component_is_accessible_and_fits_the_screen(gallery, size, language, dark):
    page = gallery(size, language, dark)
    keep_picture(page, f"gallery-{size[0]}-{language}-{'dark' if dark else 'light'}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_errors_of_a_form_are_accessible_too(gallery):
    page = gallery(PHONE)
    page.click("form[novalidate] button.button-primary")
    page.wait_for_selector(".field-wrong")
    keep_picture(page, "form-errors")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_buttons_and_links_of_the_frame_are_large_enough_for_a_thumb(gallery):
    page = gallery(PHONE)
    small = page.eval_on_selector_all(
        ".button, .places a, .tabs a, .brand, .pick, input:not([type=hidden]):not([type=radio]):not([type=checkbox]), select",
        "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 90))")
    assert small == []


def test_the_pages_head_is_reached_by_keyboard_and_the_skip_link_comes_first(gallery):
    page = gallery(DESKTOP)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_menu_closes_by_escape_and_gives_focus_back(gallery):
    page = gallery(PHONE)
    page.click(".menu summary")
    assert violations(page) == []
    keep_picture(page, "menu")
    page.keyboard.press("Escape")
    assert page.evaluate("document.querySelector('.menu').open") is False
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_notice_can_be_closed_and_a_refusal_appears_without_moving_the_page(gallery):
    page = gallery(PHONE)
    page.click("[data-dismiss]")
    assert page.locator("#notice .note").count() == 0
    button = page.locator("text=refuse")
    button.scroll_into_view_if_needed()
    before = button.bounding_box()
    button.click()
    page.wait_for_selector("#notice .toast")
    assert button.bounding_box() == before
    keep_picture(page, "toast")
    assert violations(page) == []


def test_a_dialog_opens_and_closes(gallery):
    page = gallery(PHONE)
    page.click("[data-opens]")
    assert page.locator("dialog").is_visible()
    page.click("[data-closes]")
    assert not page.locator("dialog").is_visible()


@pytest.mark.parametrize("kind", ["missing", "changed", "fault"])
def test_refusals_and_faults_are_accessible_pages(server, open_page, kind):
    page = open_page(PHONE, base_url=server.url)
    page.goto(f"/sample/refusals/{kind}")
    keep_picture(page, f"refusal-{kind}")
    assert page.locator("h1").count() == 1
    assert violations(page) == []


def test_every_page_works_without_javascript(server, open_page):
    page = open_page(PHONE, base_url=server.url, java_script_enabled=False)
    page.goto("/sample/gallery")
    page.click("button[name=language]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.click(".menu summary")
    page.click("button[value=dark]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_print_sheet_leaves_out_what_paper_cannot_use(gallery):
    page = gallery(DESKTOP)
    page.emulate_media(media="print")
    assert not page.locator("header.head").is_visible()
    assert page.locator("table").is_visible()
