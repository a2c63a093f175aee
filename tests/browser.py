"""A real Chromium, driven by Playwright.

- `open_page(size=PHONE, language="zh-CN", dark=False, zone="Asia/Shanghai", base_url=…)`: a page in a fresh context, as many as a
  test wants. At the end an uncaught error or a breach of the content security policy on any of them fails the test, unless it
  `expect_problems()`.
- `chromium_process(camera=[images…])`: a Chromium of the test's own on a folder of its own, to kill and start again.

Chinese is drawn with the vendored font, as a fresh machine has none.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, expect, sync_playwright

from tests import processes
from tools import find

HOW_TO_GET_IT = "Chromium was not found (apt install chromium, or set CLEARANCE_CHROMIUM)"
PHONE, TABLET, DESKTOP = (360, 740), (820, 1180), (1440, 900)
FONTS = Path(__file__).resolve().parent.parent / "static" / "vendor" / "noto-sans-sc"
FRAMES_EACH = 15

expect.set_options(timeout=30_000)  # a busy machine is not a fault of the product

QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    *(("--no-sandbox",) if os.geteuid() == 0 else ()),
)


class Problems:
    """What went wrong inside pages without a test looking."""

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._expected = False

    def watch(self, context: BrowserContext) -> None:
        context.on("weberror", lambda error: self._seen.append(f"uncaught: {error.error}"))
        context.on("console", self._hear)

    def expect(self) -> None:
        self._expected = True

    def check(self) -> None:
        assert self._expected or not self._seen, "Problems inside the page:\n" + "\n".join(self._seen)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self._seen.append(message.text)


class Chromium:
    """A Chromium process on a folder that survives it. `start()` gives its context; `kill()` is `kill -9`; start again at will.

    Its stored data (IndexedDB, service workers, installed apps) is what a tablet keeps over a crash.
    """

    def __init__(self, playwright: Playwright, program: str, folder: Path, env: dict[str, str], camera: Path | None) -> None:
        self._playwright = playwright
        self._folder = folder
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None
        self._browser: Browser | None = None
        self._log = folder.with_suffix(".log")
        self._command = [program, "--headless=new", *QUIET, f"--user-data-dir={folder}", "--remote-debugging-port=0"]
        if camera:
            self._command += camera_flags(camera)

    @property
    def pid(self) -> int:
        assert self._process is not None, "Chromium is not running"
        return self._process.pid

    def start(self) -> BrowserContext:
        """Start it and return its context, with everything that was stored before."""
        port_file = self._folder / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        self._process = processes.start([*self._command, "about:blank"], self._log, env=self._env)
        processes.wait_until(lambda: port_file.exists() and port_file.read_text().count("\n"), self._process, self._log)
        port = port_file.read_text().split()[0]
        self._browser = self._playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        return self._browser.contexts[0]

    def kill(self) -> None:
        """Take it away in mid-flight, as a flat battery would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            processes.stop(self._process, how)
            self._process = None
        if self._browser is not None:
            with contextlib.suppress(Exception):  # the other end is gone: that was the point
                self._browser.close()
            self._browser = None


def hold_time(page: Page) -> None:
    """From the next page that it loads on, the page's clock stands still but for `pass_time`, however long the machine takes."""
    now = datetime.now(UTC)
    page.clock.install(time=now - timedelta(minutes=1))
    page.clock.pause_at(now)


def pass_time(page: Page, seconds: float, patience: float = 30) -> None:
    """The clock of a page that has one of its own (`hold_time`) goes on so far, with all that is due on the way.

    It stands still while an answer is on its way: the page's clock runs many times faster than the server's. An answer that does
    not come in `patience`, which is real time, is waited for no more.
    """
    under_way: dict[Request, float] = {}

    def ended(request: Request) -> None:
        under_way.pop(request, None)

    def left(request: Request) -> None:
        under_way[request] = time.monotonic() + patience

    page.on("request", left)
    page.on("requestfinished", ended)
    page.on("requestfailed", ended)
    for _ in range(round(seconds * 2)):
        page.clock.run_for(500)
        page.wait_for_timeout(20)
        while any(until > time.monotonic() for until in under_way.values()):
            page.wait_for_timeout(20)
    for event, hears in (("request", left), ("requestfinished", ended), ("requestfailed", ended)):
        page.remove_listener(event, hears)


def wait_for(page: Page, script: str, right: Callable[[Any], bool] = bool) -> Any:
    """What the script, or the promise that it gives, has come to, as soon as that is right.

    Not `page.wait_for_function`: that looks once, and from then on is refused by the content security policy; and a promise is a
    yes to it.
    """
    deadline = time.monotonic() + 30
    while not right(found := page.evaluate(script)):
        assert time.monotonic() < deadline, f"never came: {script} (now {found!r})"
        page.wait_for_timeout(50)
    return found


def camera_flags(film: Path) -> list[str]:
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]


def make_film(images: Sequence[Image.Image], path: Path, size: tuple[int, int] = (640, 480)) -> Path:
    """Write what a camera sees: each image for half a second, centred on white, over and over. `path` ends in .mjpeg."""
    with path.open("wb") as film:
        for image in images:
            frame = Image.new("RGB", size, "white")
            shown = image.convert("RGB")
            shown.thumbnail(size)
            frame.paste(shown, ((size[0] - shown.width) // 2, (size[1] - shown.height) // 2))
            for _ in range(FRAMES_EACH):
                frame.save(film, "JPEG", quality=90)
    return path


def environment_with_fonts(folder: Path) -> dict[str, str]:
    """This environment, with a font configuration (kept in `folder`) that knows the vendored Chinese font."""
    configuration = folder / "fonts.conf"
    configuration.write_text(
        f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{FONTS}</dir>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include></fontconfig>'
    )
    return {**os.environ, "FONTCONFIG_FILE": str(configuration)}


@pytest.fixture(scope="session")
def chromium_program() -> str:
    program = find.windowless_chromium() or find.chromium()
    if program is None:
        pytest.skip(HOW_TO_GET_IT)
    return program


@pytest.fixture(scope="session")
def playwright_driver(chromium_program: str) -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return environment_with_fonts(tmp_path_factory.mktemp("fonts"))


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright, chromium_program: str, browser_environment: dict[str, str]) -> Iterator[Browser]:
    launched = playwright_driver.chromium.launch(executable_path=chromium_program, args=list(QUIET), env=dict(browser_environment))
    yield launched
    launched.close()


@pytest.fixture
def page_problems() -> Iterator[Problems]:
    problems = Problems()
    yield problems
    problems.check()


@pytest.fixture
def expect_problems(page_problems: Problems) -> Callable[[], None]:
    """Call it in a test that provokes errors inside the page."""
    return page_problems.expect


@pytest.fixture
def open_page(browser: Browser, page_problems: Problems) -> Iterator[Callable[..., Page]]:
    contexts: list[BrowserContext] = []

    def open_one(
        size: tuple[int, int] = PHONE, language: str = "zh-CN", dark: bool = False, zone: str = "Asia/Shanghai", **more: Any
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=language,
            timezone_id=zone,
            color_scheme="dark" if dark else "light",
            **more,
        )
        contexts.append(context)
        page_problems.watch(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def chromium_process(
    playwright_driver: Playwright, chromium_program: str, browser_environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., Chromium]]:
    made: list[Chromium] = []

    def make(camera: Sequence[Image.Image] = ()) -> Chromium:
        folder = tmp_path / f"chromium-{len(made)}"
        folder.mkdir()
        film = make_film(camera, tmp_path / f"camera-{len(made)}.mjpeg") if camera else None
        made.append(Chromium(playwright_driver, chromium_program, folder, browser_environment, film))
        return made[-1]

    yield make
    for each in made:
        each.stop()
        shutil.rmtree(each._folder, ignore_errors=True)
