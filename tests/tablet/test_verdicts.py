"""Every verdict is told by word, icon, colour, sound and vibration."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tests.browser import wait_for
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import FakePortal, new_key, proxy, step, student
from tests.tablet.test_sync import WAKE, expect_soon

HEAR = """
  globalThis.heard = { tones: [], shakes: [] }
  navigator.vibrate = (pattern) => heard.shakes.push(pattern)
  globalThis.AudioContext = class extends AudioContext {
    constructor() {
      super()
      globalThis.sound = this
    }
  }
  const start = OscillatorNode.prototype.start
  OscillatorNode.prototype.start = function (at) {
    heard.tones.push(this.frequency.value)
    start.call(this, at)
  }"""
TOLD = """() => {
  const line = document.querySelector(".verdict-line")
  const word = line.querySelector(".word")
  const icon = line.querySelector("use").getAttribute("href")
  return { tone: line.dataset.tone, word: word.innerText.trim(), icon: Boolean(document.querySelector(icon)),
    colour: getComputedStyle(line).borderTopColor, ...globalThis.heard }
}"""
FORGET = "() => Object.assign(heard, { tones: [], shakes: [] })"
SNAPSHOT = "async () => (await (await import('/tablet/app/store.js')).readMeta('snapshot')).snapshot"
STRINGS = "() => JSON.parse(document.getElementById('strings').textContent).zh"


class Case(NamedTuple):
    """A verdict and the card that brings it about."""

    code: str
    card: Callable[[FakePortal], str]


def of(n: int, **more: Any) -> Callable[[FakePortal], str]:
    return lambda portal: portal.card(f"gr_{n:09d}", **more)


USUAL = (
    Case("may-clear", of(1)),
    Case("held", of(2)),
    Case("conflict", of(3)),
    Case("unknown", of(11)),
    Case("submitted", of(12)),
    Case("not-applicable", of(13)),
    Case("already-cleared", of(14)),
    Case("already-collected", of(15)),
    Case("card-unreadable", lambda _: "https://example.org/a/page"),
    Case("card-forged", lambda portal: portal.card("gr_000000001", key=new_key("card-1"))),
    Case("card-unknown-key", lambda portal: portal.card("gr_000000001", key=new_key("card-7"))),
    Case("card-rehearsal", lambda portal: portal.card("gr_000000001", key=new_key("RH01"))),
    Case("card-expired", of(1, days=-1)),
    Case("card-replaced", of(16)),
    Case("card-revoked", of(17)),
    Case("not-in-data", of(999)),
    Case("proxy-unknown", of(4, prx="px_0")),
    Case("proxy-expired", of(4, prx="px_2")),
    Case("proxy-not-for-step", of(4, prx="px_1")),
)
STATIONS: Sequence[tuple[dict[str, Any], Sequence[Case]]] = (
    ({}, USUAL),
    ({"opens": "2099-01-01T00:00:00.000Z"}, [Case("not-open", of(1))]),
    ({"blocked_by": ["charges"]}, [Case("blocked", of(1))]),
    ({"how": "collect"}, [Case("may-collect", of(1))]),
)


def college(portal: FakePortal) -> None:
    portal.hold_elsewhere("gr_000000002")
    portal.hold_elsewhere("gr_000000003")
    portal.hold_elsewhere("gr_000000003", "clear")
    gone = {**proxy("px_2", ["library"]), "until": "2020-01-01T00:00:00.000Z"}
    portal.students["gr_000000004"]["proxies"] = [proxy("px_1", ["charges"]), gone]
    for n, state in enumerate(("unknown", "submitted", "not-applicable", "cleared", "collected"), 11):
        portal.add(student(n, state))
    portal.add(student(16, gen=2))
    portal.add(student(17, card="revoked"))


def test_every_verdict_is_told_in_five_ways(tablet: Tablet) -> None:
    portal, page = tablet.portal, tablet.page
    college(portal)
    page.add_init_script(HEAR)
    tablet.ready()
    wait_for(page, "sound.state === 'running'")
    words: dict[str, str] = page.evaluate(STRINGS)
    seen: dict[str, dict[str, Any]] = {}

    def look(cases: Sequence[Case]) -> None:
        for code, card in cases:
            page.evaluate(FORGET)
            tablet.scan(card(portal)).verdict(code)
            # A verdict that asks the portal stands there at once, and is told once the portal has answered or cannot be reached.
            told = seen[code] = wait_for(page, TOLD, lambda told: told["shakes"])
            hidden = "cannot" if code.startswith("proxy") and told["word"] != words[f"verdict.{code}"] else code
            assert (told["word"], told["icon"]) == (words[f"verdict.{hidden}"], True), code
            assert told["tones"], f"{code} is silent"

    def serve(**more: Any) -> None:
        portal.steps = [step("library", **more)] + [step("charges", own=False) for _ in more.get("blocked_by", [])]
        portal.generation += 1
        page.evaluate(WAKE)
        expect_soon(lambda: page.evaluate(SNAPSHOT)["steps"] == portal.steps)

    serve(fresh_minutes=60)
    tablet.offline().data_of(61)
    look([Case("data-old", of(5))])
    tablet.offline(False)
    for more, cases in STATIONS:
        serve(**more)
        look(cases)
    portal.custody, portal.elsewhere = [], {"library": {"tablet": "三号台", "station": "hall"}}
    portal.generation += 1
    page.evaluate(WAKE)
    expect_soon(lambda: page.evaluate(SNAPSHOT).get("custody") == [])
    look([Case("custody-elsewhere", of(5))])
    tablet.offline()
    look([Case("ask-portal", of(5))])

    ways = {told["tone"]: (told["colour"], told["tones"], told["shakes"]) for told in seen.values()}
    assert len(ways) == 5
    assert len({str(way) for tone in ways.values() for way in tone}) == 15, "two tones look, sound or feel the same"
    kinds = {key.removeprefix("verdict.") for key in words if key.startswith("verdict.")} - {"cannot"}
    assert seen.keys() == kinds
