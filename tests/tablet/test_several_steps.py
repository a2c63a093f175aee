"""A desk of several steps, as where diplomas are handed out: what matters most leads, sounds and is spoken."""

from playwright.sync_api import expect

from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import proxy, step

REPORT, DIPLOMA = "report", "diploma"
SHAKES = {"green": [60], "amber": [80, 60, 80], "red": [250, 80, 250], "grey": [40], "violet": [120, 60, 120, 60, 120]}
CLEARED = {"state": "cleared", "as_of": "2023-06-26T01:00:00.000Z", "heads": ["aaaaaaaaaaaaaaaa"]}


def stands(tablet: Tablet, n: int, **steps: dict) -> None:
    tablet.portal.students[f"gr_{n:09d}"]["steps"] |= steps


def told(tablet: Tablet) -> tuple[list[int], str, list[str]]:
    """How it shook, what was spoken, and the steps from the top."""
    lines = tablet.page.locator("[data-slot=lines] > *").evaluate_all("all => all.map(one => one.dataset.step)")
    return tablet.page.evaluate("window.shaken.at(-1)"), tablet.page.locator("#spoken").inner_text(), lines


def test_the_gravest_of_several_steps_sounds_and_is_spoken_and_what_is_handed_out_leads(tablet: Tablet) -> None:
    tablet.portal.set_steps([step(REPORT), step(DIPLOMA, how="collect")])
    stands(tablet, 1, report=CLEARED)
    stands(tablet, 2, diploma={**CLEARED, "state": "held", "reason": "fee-open"})
    stands(tablet, 3, report=CLEARED, diploma={"state": "not-applicable", "as_of": None, "heads": []})
    tablet.ready()
    tablet.page.evaluate("() => { window.shaken = []; navigator.vibrate = (pattern) => window.shaken.push(pattern) }")
    for n, tone in ((1, "green"), (2, "red"), (3, "grey")):
        tablet.scan_card(n).verdict("several")
        shaken, spoken, lines = told(tablet)
        assert (shaken, lines[0], f"学生{n}" in spoken, DIPLOMA in spoken) == (SHAKES[tone], DIPLOMA, True, True), n


def test_a_proxy_who_may_not_settle_one_step_is_told_which(tablet: Tablet) -> None:
    tablet.portal.set_steps([step(REPORT), step(DIPLOMA, how="collect")])
    tablet.portal.students["gr_000000001"]["proxies"] = [proxy("px_1", [DIPLOMA])]
    tablet.ready().scan_card(1, prx="px_1").verdict("several")
    refused = tablet.page.locator("[data-verdict=proxy-not-for-step]")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text(REPORT)


def test_a_supervisor_sees_what_disagrees(tablet: Tablet) -> None:
    disputed = {**CLEARED, "state": "held", "conflict": "clear-vs-hold", "heads": ["a" * 16, "b" * 16]}
    tablet.portal.students["gr_000000001"]["steps"]["library"] = disputed
    tablet.ready("st_2").scan_card(1).verdict("conflict")
    expect(tablet.page.locator("section.verdict")).to_contain_text("办结 / 暂缓")


def test_a_second_tap_of_the_same_finger_does_nothing_on_what_came_up(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).verdict("may-clear")
    slow = tablet.page.context.new_cdp_session(tablet.page)
    slow.send("Animation.enable")
    slow.send("Animation.setPlaybackRate", {"playbackRate": 0.01})  # as long as this test takes, however busy the machine is
    tablet.press("confirm").at("done")
    for action in ("undo", "next"):
        box = tablet.page.locator(f".done [data-action={action}]").bounding_box()
        assert box
        tablet.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tablet.at("done").state("online", 0)
    assert [entry["act"] for entry in tablet.portal.own_entries()] == ["clear"]
    slow.send("Animation.setPlaybackRate", {"playbackRate": 1_000})
    tablet.press("undo").at("done").state("online", 0)
    expect(tablet.page.locator(".done")).to_have_attribute("data-act", "undo")
    tablet.state("online", 0)
    assert [entry["act"] for entry in tablet.portal.own_entries()] == ["clear", "undo"]
