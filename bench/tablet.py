"""The tablet with a season stored: a verdict after a scan and a start with no network on a cheap one; sending a whole shift."""

from __future__ import annotations

import functools
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench import floors, ledger, places
from bench.row import Row
from db import cards, season, stations
from db.accounts import Account
from db.cards import Card
from db.database import opened_url
from db.keys import KeyStore
from db.passwords import make_hash
from db.people import Graduate
from tests.browser import QUIET
from tests.network import Network
from tools import find

SLOWER = 4
PASSWORD = "quiet-desk-7-lamp"
PIN = "2580"
STORED = 5_000
"""Graduates on the tablet."""
SHIFT = 600
"""Scans of a busy shift."""

# Types a card's code as a USB scanner does and waits until the verdict has been painted; milliseconds from the last key on.
SCAN = """(token) => new Promise((done) => {
  const press = (key) =>
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const key of token) press(key);
  const began = performance.now();
  const watch = new MutationObserver(() => {
    if (!document.querySelector("section.verdict")) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  });
  watch.observe(document.body, { childList: true, subtree: true, attributes: true });
  press("Enter");
})"""
# Scans and signs off, each by the tablet's own way from the card to the entry on the disk.
WORK = """async (tokens) => {
  const { lookAtCard } = await import("/tablet/app/lookup.js");
  const { decide } = await import("/tablet/app/acts.js");
  for (const token of tokens) {
    const look = await lookAtCard(token);
    await decide(look, look.lines[0], look.lines[0].verdict.act ?? "refuse");
  }
}"""
# What no verdict can do without: one signature checked, and one frame.
CHECK = """async () => {
  const name = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }
  const key = await crypto.subtle.generateKey(name, false, ["sign", "verify"])
  const bytes = new Uint8Array(200)
  const signature = await crypto.subtle.sign(name, key.privateKey, bytes)
  const began = performance.now()
  await crypto.subtle.verify(name, key.publicKey, signature, bytes)
  return new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began))))
}"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"
STARTED = """() => new Promise((done) => {
  const look = () => document.body.dataset.screen === "scan"
    ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : setTimeout(look, 5);
  look();
})"""


def rows(quick: bool) -> Iterable[Row]:
    program = find.chromium()
    if program is None:
        raise FileNotFoundError("Chromium was not found (apt install chromium, or set CLEARANCE_CHROMIUM)")
    times = 3 if quick else 15
    with (
        ledger.season("sqlite", STORED),
        tempfile.TemporaryDirectory(prefix="clearance-bench-") as folder,
        sync_playwright() as driver,
    ):
        keys = KeyStore.create(f"{folder}/keys")
        tokens = _tokens(keys)
        with places.served("wsgi:app", {"CLEARANCE_DATABASE": opened_url(), "CLEARANCE_KEYS": str(keys.directory)}) as server:
            network = Network(server.port)
            launch = functools.partial(
                driver.chromium.launch_persistent_context, Path(folder) / "tablet", executable_path=program, args=list(QUIET),
                viewport={"width": 820, "height": 1180},
            )  # fmt: skip
            context = launch()
            _enrolled(context, network)
            network.cut()
            context.close()
            context = launch()
            page = context.new_page()
            cold = _opened(page, network)
            name = "offline start of a browser that was off (floor: a page with nothing in it)"
            yield Row(name, cold, "ms", _blank(context), 1_500)
            yield Row("offline start", _start(page, times), "ms", _blank(context), 1_500)
            yield Row(f"offline start, CPU {SLOWER}× slower", _start(page, times, SLOWER), "ms", _blank(context, SLOWER))
            bare = statistics.median(page.evaluate(CHECK) for _ in range(times))
            verdicts = [_scan(page, token) for token in itertools.islice(tokens, times)]
            name = f"verdict after a scan, {STORED:,} stored, CPU {SLOWER}× slower (floor: one signature check and a frame)"
            yield Row(name, statistics.median(verdicts), "ms", bare, 100)
            yield Row("the slowest of these", max(verdicts), "ms", bare)
            _slow(page, 1)
            page.evaluate(WORK, list(itertools.islice(tokens, SHIFT)))
            network.mend()
            floor = SHIFT / floors.checks(quick) + SHIFT / floors.batched("sqlite", quick)
            name = f"{SHIFT} entries made offline, all sent after the network is back (floor: signature checks and bare rows)"
            yield Row(name, _sent(page), "s", floor, 20)
            context.close()


def _tokens(keys: KeyStore) -> Iterable[str]:
    """Cards of the whole season, moved so that today is its clearance day."""
    days = (date.today() - date(2023, 6, 20)).days
    season.load_plan(ledger.PLAN.read_text("utf-8"), "plan", "admin", days)
    Account.update(password_hash=make_hash(PASSWORD)).execute()
    Card.update(expires_at=Card.expires_at + days * 86_400_000).execute()
    return (cards.token(keys.card_key, graduate) for graduate in Graduate.select().order_by(Graduate.ref))


def _enrolled(context: BrowserContext, network: Network) -> Page:
    page = context.new_page()
    page.goto(f"{network.url}/tablet/")
    page.locator("input[name=code]").fill(stations.issue_code("library", "admin"))
    page.locator("input[name=name]").fill("bench")
    page.locator("[data-action=enrol]").click()
    page.locator("button[data-operator]").first.click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("[data-action=sign-in]").click()
    for name in ("pin", "again"):
        page.locator(f"input[name={name}]").fill(PIN)
    page.locator("[data-action=choose-pin]").click()
    page.wait_for_selector("body[data-screen=scan]", timeout=60_000)
    page.wait_for_function("navigator.serviceWorker.controller !== null", timeout=60_000)
    return page


def _slow(page: Page, rate: int) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})


def _start(page: Page, times: int, rate: int = 1) -> float:
    """The median of several: milliseconds from the call for the page to the scan screen, by the page's own clock."""
    _slow(page, rate)
    found = []
    for _ in range(times):
        page.reload()
        found.append(page.evaluate(STARTED))
    return statistics.median(found)


def _opened(page: Page, network: Network) -> float:
    """Milliseconds from the call for the page to the scan screen: an open shift goes on where it was."""
    page.goto(f"{network.url}/tablet/")
    return page.evaluate(STARTED)


def _blank(context: BrowserContext, rate: int = 1) -> float:
    """Milliseconds until a page with nothing in it is painted, by its own clock."""
    page = context.new_page()
    _slow(page, rate)
    page.goto("data:text/html,<p>hello")
    took = page.evaluate(PAINTED)
    page.close()
    return took


def _sent(page: Page) -> float:
    """Seconds until the portal has answered for everything, from the browser's word that the network is back."""
    began = time.perf_counter()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_selector("body[data-pending='0']", timeout=120_000)
    return time.perf_counter() - began


def _scan(page: Page, token: str) -> float:
    took = page.evaluate(SCAN, token)
    page.locator("#screen [data-action=back]:visible").first.click()
    page.wait_for_function("document.body.dataset.screen === 'scan'")
    return took
