"""Pages as people see them: each in every size, language and light it must fit, and before axe in some of these.

A page is loaded once in each language, then resized and relit: that is what sizes and lights change, and loading takes longest.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from playwright.sync_api import Page

from tests.axe import violations

# Transitions of colours and places; what turns for ever is not waited for.
STILL = """() => Promise.allSettled(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().endTime < Infinity).map((each) => each.finished)).then(() => true)"""


# What a thumb has to hit and may miss: every control and link below 44 × 44 px, with what it says. Not counted are links that stand
# inside a sentence (WCAG 2.5.8); a label counts with its box, and a link with what its ::after covers.
SMALL = """() => {
  const found = [];
  for (const each of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!each.getClientRects().length || each.closest(".skip")) continue;
    const style = getComputedStyle(each);
    const beside = [...each.parentElement.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    if (style.display === "inline" && beside.map((node) => node.data.trim()).join("").length > 1) continue;
    const hit = (each.matches("[type=checkbox], [type=radio]") && each.closest("label")) || each;
    const { width, height } = hit.getBoundingClientRect();
    const after = getComputedStyle(each, "::after");
    const over = after.position === "absolute" ? [parseFloat(after.width), parseFloat(after.height)] : [0, 0];
    if (Math.max(width, over[0]) < 43.9 || Math.max(height, over[1]) < 43.9)
      found.push(`${each.tagName} ${each.textContent.trim() || each.name} ${Math.round(width)} × ${Math.round(height)}`);
  }
  return found;
}"""


class Look(NamedTuple):
    size: tuple[int, int]
    language: str
    dark: bool
    axe: bool = False


def wear(page: Page, look: Look) -> None:
    """Give an open page this size and light, and wait until it stands still."""
    page.set_viewport_size({"width": look.size[0], "height": look.size[1]})
    page.emulate_media(color_scheme="dark" if look.dark else "light")
    page.evaluate(STILL)


def small_targets(page: Page) -> list[str]:
    """What is too small for a thumb, with everything unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    return page.evaluate(SMALL)


def check_pages(open_one: Callable[..., Page], paths: Sequence[str], looks: Iterable[Look], **more: Any) -> None:
    """`open_one(path, size, language, dark)` opens a page; every path then fits in every look and is accessible where axe looks."""
    looks = list(looks)
    for language in dict.fromkeys(look.language for look in looks):
        worn = [look for look in looks if look.language == language]
        page = open_one(paths[0], worn[0].size, language, worn[0].dark, **more)
        for path in paths:
            if path != paths[0]:
                page.goto(path)
            assert page.locator("h1").count() == 1, path
            for look in worn:
                wear(page, look)
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} is too wide: {look}"
                if look.axe:
                    assert violations(page) == [], (path, look)
        page.context.close()
