"""The browser fixtures keep what they promise: stored data outlives a kill, the camera shows the film, faults are heard."""

import http.server
import threading
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser import DESKTOP, Chromium, Problems

PAGE = b"<!doctype html><meta charset=utf-8><title>ready</title><p>\xe7\xa6\xbb\xe6\xa0\xa1</p>"
REMEMBER = """() => new Promise((done, fail) => {
  const open = indexedDB.open("kept", 1)
  open.onupgradeneeded = () => open.result.createObjectStore("entries")
  open.onerror = fail
  open.onsuccess = () => {
    const change = open.result.transaction("entries", "readwrite", { durability: "strict" })
    change.objectStore("entries").put("signed", 1)
    change.oncomplete = () => done("stored")
  }
})"""
RECALL = """() => new Promise((done, fail) => {
  const open = indexedDB.open("kept", 1)
  open.onerror = fail
  open.onsuccess = () => {
    const read = open.result.transaction("entries").objectStore("entries").get(1)
    read.onsuccess = () => done(read.result)
  }
})"""
MIDDLE_PIXEL = """async () => {
  const video = document.createElement("video")
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true })
  await video.play()
  const canvas = document.createElement("canvas")
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  const picture = canvas.getContext("2d")
  picture.drawImage(video, 0, 0)
  return Array.from(picture.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data)
}"""


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'none'; connect-src 'self'")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def test_a_page_has_the_size_language_and_colours_asked_for(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(DESKTOP, language="en", dark=True)
    page.goto(address)
    seen = page.evaluate("[innerWidth, innerHeight, navigator.language, matchMedia('(prefers-color-scheme: dark)').matches]")
    assert seen == [1440, 900, "en", True]


def test_what_a_page_stored_outlives_the_kill_of_its_browser(chromium_process: Callable[..., Chromium], address: str) -> None:
    chromium = chromium_process()
    page = chromium.start().new_page()
    page.goto(address)
    assert page.evaluate(REMEMBER) == "stored"
    before = chromium.pid
    chromium.kill()
    page = chromium.start().new_page()
    page.goto(address)
    assert chromium.pid != before
    assert page.evaluate(RECALL) == "signed"


def test_the_camera_shows_the_film(chromium_process: Callable[..., Chromium], address: str) -> None:
    chromium = chromium_process(camera=[Image.new("RGB", (200, 200), (200, 30, 30))])
    page = chromium.start().new_page()
    page.goto(address)
    red, green, blue, _ = page.evaluate(MIDDLE_PIXEL)
    assert red > 150
    assert max(green, blue) < 90


@pytest.mark.parametrize(
    "script",
    ["setTimeout(() => { throw new Error('unseen') })", "document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">')"],
    ids=["an uncaught error", "an inline style"],
)
def test_faults_inside_a_page_fail_its_test(
    script: str, open_page: Callable[..., Page], address: str, page_problems: Problems, expect_problems: Callable[[], None]
) -> None:
    page = open_page()
    page.goto(address)
    page.evaluate(script)
    page.wait_for_timeout(200)
    with pytest.raises(AssertionError, match="Problems inside the page"):
        page_problems.check()
    expect_problems()


def test_chinese_is_drawn_with_a_real_font(open_page: Callable[..., Page], address: str) -> None:
    page = open_page()
    page.goto(address)
    boxes = page.evaluate("""() => {
      const draw = (text) => {
        const canvas = document.createElement("canvas")
        const picture = canvas.getContext("2d")
        picture.font = "40px sans-serif"
        picture.fillText(text, 0, 50)
        return canvas.toDataURL()
      }
      return [draw("离"), draw("校")]
    }""")
    assert boxes[0] != boxes[1], "two different characters look alike: no font has them"
