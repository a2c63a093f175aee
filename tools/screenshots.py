"""Renew the pictures in docs/pictures from the running product: `make screenshots`.

Builds a small season in a temporary folder, serves it, and looks at it as the people of `accounts.txt` would.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import processes
from tests.browser import HOW_TO_GET_IT, PHONE, QUIET, environment_with_fonts
from tools import find

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
CLEARANCE = Path(sys.executable).with_name("clearance")
GRADUATES = 600
LANDSCAPE = (1180, 820)


@dataclass(frozen=True)
class Shot:
    """A page to take: who looks (words of that row of accounts.txt), where, on which screen, in which language."""

    name: str
    who: str
    path: str
    size: tuple[int, int]
    language: str = "zh-CN"


SHOTS = (
    Shot("graduate", "平常 usual", "/", PHONE),
    Shot("graduate-en", "平常 usual", "/", PHONE, "en"),
)


@dataclass(frozen=True)
class Demo:
    """A running demonstration."""

    folder: Path
    url: str

    def account(self, words: str) -> tuple[str, str]:
        """User name and password of the first row of accounts.txt with these words."""
        rows = (self.folder / "accounts.txt").read_text("utf-8").splitlines()
        name, password, *_ = next(row for row in rows if words in row and not row.startswith("#")).split()
        return name, password

    def enrolment_code(self, station: str) -> str:
        """A fresh code for a tablet."""
        environment = {
            **os.environ,
            "CLEARANCE_DATABASE": f"sqlite:///{self.folder}/clearance.sqlite",
            "CLEARANCE_KEYS": str(self.folder / "keys"),
        }
        command: list[str | Path] = [CLEARANCE, "enrol-code", "--station", station]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()[-1]


DESK = "desk-library"
PIN = "2580"


def main() -> None:
    program = find.chromium()
    if program is None:
        sys.exit(HOW_TO_GET_IT)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="clearance-pictures-") as name,
        demonstration(Path(name)) as demo,
        sync_playwright() as playwright,
    ):
        fonts = environment_with_fonts(Path(name))
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET), env=dict(fonts))
        for shot in SHOTS:
            keep(take(browser, demo, shot), shot.name)
        for language, name in (("zh-CN", "tablet"), ("en", "tablet-en")):
            keep(verdict(browser, demo, language), name)
        browser.close()


@contextmanager
def demonstration(folder: Path) -> Iterator[Demo]:
    port = processes.free_port()
    place, log = folder / "demo", folder / "log"
    command: list[str | Path] = [CLEARANCE, "demo", "--dir", place, "--port", str(port), "--graduates", str(GRADUATES)]
    process = processes.start(command, log, cwd=ROOT)
    processes.wait_until(lambda: processes.answers(port), process, log, patience=120)
    try:
        yield Demo(place, f"http://127.0.0.1:{port}")
    finally:
        processes.stop(process)


def take(browser: Browser, demo: Demo, shot: Shot) -> Page:
    page = new_page(browser, shot.size, shot.language)
    page.goto(f"{demo.url}/sign-in")
    name, password = demo.account(shot.who)
    page.fill("main input[name=number]", name)
    page.fill("main input[name=password]", password)
    page.click("main form button")
    page.goto(demo.url + shot.path)
    return page


def verdict(browser: Browser, demo: Demo, language: str) -> Page:
    """A tablet of the library that was just told the number of a graduate who may be cleared."""
    page = new_page(browser, LANDSCAPE, language)
    page.goto(f"{demo.url}/tablet/")
    page.fill("[data-form=enrol] [name=code]", demo.enrolment_code("library"))
    page.fill("[data-form=enrol] [name=name]", "1")
    page.click("[data-action=enrol]")
    staff, password = demo.account(DESK)
    page.locator(f"button[data-operator={staff}]").click()
    page.fill("[data-form=sign-in] [name=password]", password)
    page.click("[data-action=sign-in]")
    for name in ("pin", "again"):
        page.fill(f"[data-form=choose-pin] [name={name}]", PIN)
    page.click("[data-action=choose-pin]")
    page.fill("[data-form=number] [name=number]", demo.account("平常 usual")[0])
    page.click("[data-action=look-up]")
    page.wait_for_selector("[data-form=number]", state="detached")
    return page


def new_page(browser: Browser, size: tuple[int, int], language: str) -> Page:
    viewport = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=viewport, locale=language, timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
    return context.new_page()


def keep(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    page.context.close()
    print(f"docs/pictures/{name}.png")


if __name__ == "__main__":
    main()
