"""Rounds: building, floor, room, residents; what was looked at, damages shared to the fen, keys; all without a network."""

import base64
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESKTOP, PHONE, TABLET, Chromium, wait_for
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import FakePortal
from tests.tablet.house import HOUSE, fill_room, move_in
from tests.tablet.test_journal import is_one_chain
from tests.tablet.test_looks import looks_right

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SETTLED = "() => !document.getAnimations().length"
COVERED = """() => [...document.querySelectorAll(".check")].flatMap((check) => {
  const words = document.createRange()
  words.selectNodeContents(check.querySelector("span"))
  const box = words.getBoundingClientRect()
  return [...check.querySelectorAll("button")].map((button) => button.getBoundingClientRect())
    .filter((one) => one.left < box.right && one.right > box.left && one.top < box.bottom && one.bottom > box.top)
    .map(() => words.toString())
})"""
# A finger that taps and taps as long as the button says the same.
TAP_ON = """(button) => {
  const said = button.textContent
  const taps = setInterval(() => (button.textContent === said ? button.click() : clearInterval(taps)), 0)
}"""
ALL_FINE = {"emptied": True, "clean": True, "fittings": True}


class Inspector(Tablet):
    """A tablet that goes from room to room."""

    def walk_to(self, *way: str) -> "Inspector":
        """From the scan screen in, one tile after the other; each names building, floor and room with `/` between."""
        self.press("rounds")
        for place in way:
            self.there("rounds").page.locator(f'[data-place="{place}"]').click()
        return self

    def there(self, screen: str) -> "Inspector":
        """The screen stands there and has been filled."""
        self.at(screen)
        expect(self.page.locator("#screen > [data-ready=yes]")).to_be_visible()
        return self

    def in_room(self, room: str = "305") -> "Inspector":
        self.walk_to(HOUSE, f"{HOUSE}/{room[:-2]}/{room}")
        return self.there("room")

    def resident(self, n: int, action: str = "") -> None:
        found = self.page.locator(f"li[data-student='2020{n:04d}']")
        (found.locator(f"[data-action={action}]") if action else found).click()

    def verdicts(self) -> list[str]:
        return self.page.locator(".resident").evaluate_all("all => all.map((one) => one.dataset.verdict)")

    def will(self) -> list[str]:
        return self.page.locator(".resident").evaluate_all("all => all.map((one) => one.dataset.will)")

    def add_damage(self, code: str, *payers: int, photo: bool = False) -> "Inspector":
        self.press("damage").at("damage")
        self.there("damage").page.locator(f"input[name=price][value='{code}']").check()
        self.press("none")
        for n in payers:
            self.page.locator(f"input[value=gr_{n:09d}]").check()
        if photo:
            taken = {"name": "p.png", "mimeType": "image/png", "buffer": base64.b64decode(PIXEL)}
            self.page.locator("input[type=file]").set_input_files(taken)
            expect(self.page.locator("[data-photos='1']")).to_be_visible()
        self.press("add")
        return self.there("room")

    def record(self) -> "Inspector":
        told = self.page.locator("[data-part=told]")
        before = told.get_attribute("data-seq") or ""
        self.press("confirm")
        expect(told).to_be_visible()
        expect(told).not_to_have_attribute("data-seq", before)
        return self.there("room")  # the word of it may stand there before the residents are drawn anew


@pytest.fixture
def inspector(open_page: Callable[..., Page], portal: FakePortal, address: str) -> Inspector:
    move_in(portal)
    return Inspector(open_page(PHONE), portal, address)


@pytest.fixture
def crashing(chromium_process: Callable[..., Chromium], portal: FakePortal, address: str) -> Iterator[Callable[[], Inspector]]:
    """An inspector whose tablet is killed and started again by each call."""
    chromium = chromium_process()
    running = False
    move_in(portal)

    def start() -> Inspector:
        nonlocal running
        if running:
            chromium.kill()
        running = True
        return Inspector(chromium.start().new_page(), portal, address)

    yield start
    chromium.kill()


def test_a_damaged_room_is_shared_to_the_fen_offline_and_outlives_a_kill(crashing: Callable[[], Inspector]) -> None:
    tablet = crashing()
    tablet.enrol().ready_for_offline()
    tablet.press("other").sign_in("st_1").choose_pin().at("scan").offline()
    tablet.in_room().press("all-fine")
    tablet.add_damage("lock", 2, 3, 5, photo=True)
    for n in (1, 2, 3, 4):
        tablet.resident(n, "key")
    expect(tablet.page.locator("section[data-kept=yes]")).to_be_visible()

    tablet = crashing()
    tablet.offline().open()
    tablet.there("room")
    assert tablet.will() == ["clear", "hold", "hold", "clear", "hold"]
    tablet.resident(4, "out")
    tablet.record().state("offline", 4)
    tablet.offline(False).state("online", 0)
    is_one_chain(tablet.portal, 4)

    entries = {entry["student"]: entry for entry in tablet.portal.own_entries()}
    assert {ref[-1]: (one["act"], one["amount"], one["card"]) for ref, one in entries.items()} == {
        "1": ("clear", None, None), "2": ("hold", 2667, None), "3": ("hold", 2667, None), "5": ("hold", 2666, None),
    }  # fmt: skip
    held = entries["gr_000000005"]
    expect(tablet.page.locator("body")).to_have_attribute("data-pictures", "0")
    assert [entries[f"gr_00000000{n}"]["attachments"] for n in (2, 3, 5)] == [list(tablet.portal.pictures)] * 3
    assert held["reason"].startswith("damage: ")
    assert held["round"] == {
        "room": f"{HOUSE} 305", "inspection": ALL_FINE, "key": False,
        "damages": [{"code": "lock", "words": "", "amount": 8000, "share": 2666, "among": 3}],
    }  # fmt: skip
    assert entries["gr_000000001"]["round"] == {"room": f"{HOUSE} 305", "inspection": ALL_FINE, "key": True, "damages": []}


def test_one_tap_clears_a_clean_room_and_one_takes_it_back(inspector: Inspector) -> None:
    inspector.ready()
    inspector.in_room().record().state("online", 0)
    assert [entry["act"] for entry in inspector.portal.own_entries()] == ["clear"] * 5
    assert inspector.verdicts() == ["already-cleared"] * 5
    inspector.press("undo")
    expect(inspector.page.locator("[data-verdict=may-clear]")).to_have_count(5)
    inspector.state("online", 0)
    undone = [entry["target"] for entry in inspector.portal.own_entries()[5:]]
    assert undone == [entry["id"] for entry in reversed(inspector.portal.own_entries()[:5])]


def test_nobody_is_cleared_whom_the_verdict_forbids_to_clear(inspector: Inspector) -> None:
    portal = inspector.portal
    portal.hold_elsewhere("gr_000000001", step="dorm")
    portal.hold_elsewhere("gr_000000002", step="dorm")
    portal.hold_elsewhere("gr_000000002", "clear", step="dorm")
    fill_room(portal, f"{HOUSE} 305", range(3, 4), "not-applicable")
    fill_room(portal, f"{HOUSE} 305", range(4, 5), "submitted")
    inspector.ready()
    inspector.in_room()
    assert inspector.verdicts() == ["held", "conflict", "not-applicable", "submitted", "may-clear"]
    portal.hold_elsewhere("gr_000000005", step="dorm")  # on its way while the inspector looks around
    expect(inspector.page.locator("[data-verdict=held]")).to_have_count(2)
    inspector.press("all-fine").record().state("online", 0)
    assert [(entry["act"], entry["student"][-1]) for entry in portal.own_entries()] == [("note", "4")]


def test_without_its_key_a_clean_room_is_noted_and_cleared_when_the_key_comes(inspector: Inspector) -> None:
    inspector.ready()
    inspector.in_room().press("all-fine")
    inspector.resident(2, "key")
    inspector.record()
    inspector.press("back").there("rounds").page.locator("[data-place$='305']").click()
    inspector.there("room").press("all-keys")
    assert inspector.will() == ["clear", "", "clear", "clear", "clear"]
    inspector.record().state("online", 0)
    acts = [(entry["act"], entry["student"][-1]) for entry in inspector.portal.own_entries()]
    assert acts == [("note", "1"), ("clear", "2"), *(("note", n) for n in "345"), *(("clear", n) for n in "1345")]


def test_a_second_damage_is_added_to_what_the_first_one_costs(inspector: Inspector) -> None:
    inspector.ready()
    inspector.in_room().press("all-fine").add_damage("lock", 1, 2).record()
    inspector.add_damage("chair", 1).record().state("online", 0)
    last = inspector.portal.own_entries()[-1]
    assert (last["act"], last["student"], last["amount"]) == ("hold", "gr_000000001", 4000 + 6500)
    assert [damage["share"] for damage in last["round"]["damages"]] == [4000, 6500]
    assert "conflict" not in inspector.portal.students["gr_000000001"]["steps"]["dorm"]


def test_a_share_of_somebody_who_moved_out_meanwhile_is_not_laid_on_the_others(inspector: Inspector) -> None:
    inspector.ready()
    inspector.in_room().press("all-fine").add_damage("lock", 1, 2, 3)
    fill_room(inspector.portal, f"{HOUSE} 306", range(3, 4))
    expect(inspector.page.locator(".resident")).to_have_count(4)
    expect(inspector.page.locator("[data-action=confirm]")).to_be_disabled()
    inspector.press("remove").page.locator("[data-action=confirm]")
    expect(inspector.page.locator("[data-action=confirm]")).to_be_enabled()
    assert inspector.portal.own_entries() == []


def test_back_leads_out_level_by_level(inspector: Inspector) -> None:
    fill_room(inspector.portal, f"{HOUSE} 401", range(6, 9))
    fill_room(inspector.portal, "竹园2栋 101", range(9, 11))
    fill_room(inspector.portal, "", range(11, 13))
    inspector.ready()
    inspector.walk_to(HOUSE, f"{HOUSE}/3", f"{HOUSE}/3/305").there("room")
    inspector.resident(1, "more")
    inspector.verdict("may-clear").page.go_back()
    inspector.there("room").press("damage").there("damage").press("back").there("room")
    for level in ("room", "floor", "building"):
        inspector.page.go_back()
        expect(inspector.page.locator(f"section[data-level={level}]")).to_be_visible()
    names = inspector.page.locator(".tile strong").all_text_contents()
    assert names == [HOUSE, "竹园2栋", "寝室未登记"]
    inspector.press("back").at("scan")


@pytest.mark.parametrize(("size", "language", "dark"), [(PHONE, "zh-CN", True), ((1180, 820), "en", False)])
def test_each_screen_of_a_round_is_accessible_and_fits(
    size: tuple[int, int], language: str, dark: bool, open_page: Callable[..., Page], portal: FakePortal, address: str
) -> None:
    move_in(portal, 12)
    portal.students["gr_000000001"].update(name="阿卜杜拉·买买提吐尔逊·热合曼", number="202000010000000001")
    portal.hold_elsewhere("gr_000000002", step="dorm")
    fill_room(portal, f"{HOUSE} 1205", range(20, 23), "cleared")
    tablet = Inspector(open_page(size, language, dark), portal, address)
    tablet.ready().press("rounds")
    looks_right(tablet.there("rounds"))
    tablet.page.locator(".tile").first.click()
    looks_right(tablet.there("rounds"))
    tablet.page.locator(".tile").first.click()
    tablet.there("rounds").page.locator(".tile").first.click()
    looks_right(tablet.there("room").press("all-fine"))
    tablet.press("damage")
    tablet.there("damage").page.locator("input[name=price]").nth(1).check()
    looks_right(tablet)
    tablet.press("add")
    looks_right(tablet.there("room"))
    looks_right(tablet.record())


def test_a_second_tap_of_the_same_finger_records_no_room_that_nobody_looked_at(inspector: Inspector) -> None:
    fill_room(inspector.portal, f"{HOUSE} 306", range(11, 13))
    inspector.ready().in_room("305").record().state("online", 0)
    wait_for(inspector.page, SETTLED)
    slow = inspector.page.context.new_cdp_session(inspector.page)
    slow.send("Animation.enable")
    slow.send("Animation.setPlaybackRate", {"playbackRate": 0.01})  # as long as this test takes
    room = inspector.page.locator("#screen h1").inner_text()
    made = len(inspector.portal.own_entries())
    inspector.press("next-room")
    expect(inspector.page.locator("#screen h1")).not_to_have_text(room)
    expect(inspector.there("room").page.locator("[data-part=told]")).to_be_hidden()  # its Undo would be the last room's
    box = inspector.page.locator("#screen [data-action=confirm]").bounding_box()
    assert box
    for _ in range(2):
        inspector.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    inspector.state("online", 0)
    assert len(inspector.portal.own_entries()) == made
    slow.send("Animation.setPlaybackRate", {"playbackRate": 1_000})
    inspector.record().state("online", 0)
    assert len(inspector.portal.own_entries()) > made


def test_a_room_is_recorded_once_however_often_its_button_is_tapped(inspector: Inspector) -> None:
    inspector.ready().in_room("305").press("all-fine")
    inspector.resident(2, "key")
    inspector.page.locator("#screen [data-action=confirm]").evaluate(TAP_ON)
    expect(inspector.page.locator("[data-part=told]")).to_be_visible()
    inspector.state("online", 0)
    assert sorted(entry["student"][-1] for entry in inspector.portal.own_entries()) == list("12345")


def test_the_bar_takes_no_tap_right_after_a_record_in_the_room(inspector: Inspector) -> None:
    fill_room(inspector.portal, f"{HOUSE} 306", range(11, 13))
    inspector.ready().in_room("305")
    bar = inspector.page.locator("#screen [data-action=confirm]").bounding_box()
    assert bar
    wait_for(inspector.page, SETTLED)
    slow = inspector.page.context.new_cdp_session(inspector.page)
    slow.send("Animation.enable")
    slow.send("Animation.setPlaybackRate", {"playbackRate": 0.01})
    inspector.record()
    for _ in range(2):
        inspector.page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    expect(inspector.page.locator("#screen h1")).to_contain_text("305")
    expect(inspector.page.locator("[data-part=told] [data-action=undo]")).to_be_visible()
    slow.send("Animation.setPlaybackRate", {"playbackRate": 1_000})
    inspector.press("next-room")
    expect(inspector.page.locator("#screen h1")).to_contain_text("306")
    expect(inspector.there("room").page.locator("[data-part=told]")).to_be_hidden()


def test_who_is_opened_from_a_room_was_neither_scanned_nor_typed(inspector: Inspector) -> None:
    inspector.ready()
    inspector.in_room().resident(1, "more")
    expect(inspector.verdict("may-clear").page.locator(".who")).to_contain_text("没有读卡")
    inspector.press("confirm").at("done").press("undo")
    expect(inspector.page.locator("section.done[data-act=undo]")).to_be_visible()
    expect(inspector.page.locator("[data-action=next]")).to_have_text("回到房间")
    inspector.press("next").there("room").resident(2, "more")
    inspector.verdict("may-clear").press("note").at("note").page.locator("textarea").fill("钥匙明天交")
    inspector.press("note-confirm").at("done").state("online", 0)
    assert [(entry["act"], entry["card"]) for entry in inspector.portal.own_entries()] == [
        ("clear", None), ("undo", None), ("note", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("people", "will"),
    [(1, "Will clear 1 resident"), (2, "Will clear 2 residents")],
)
def test_the_bar_counts_residents_in_proper_english(
    people: int, will: str, open_page: Callable[..., Page], portal: FakePortal, address: str
) -> None:
    move_in(portal, people)
    inspector = Inspector(open_page(PHONE, "en"), portal, address)
    inspector.ready()
    expect(inspector.in_room().page.locator("[data-slot=bar-will]")).to_have_text(will)
    inspector.press("all-fine").press("all-keys")
    expect(inspector.page.locator("[data-slot=bar-will]")).to_have_text(will)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP])
def test_no_button_lies_on_the_words_of_a_check(
    size: tuple[int, int], language: str, open_page: Callable[..., Page], portal: FakePortal, address: str
) -> None:
    move_in(portal)
    inspector = Inspector(open_page(size, language), portal, address)
    inspector.ready()
    inspector.in_room()
    expect(inspector.page.locator(".check").first).to_be_visible()
    assert inspector.page.evaluate(COVERED) == []


def test_a_room_says_how_many_are_held_as_its_tile_does(inspector: Inspector) -> None:
    inspector.ready()
    inspector.in_room().press("all-fine").add_damage("lock", 1).record()
    expect(inspector.page.locator(".room [data-slot=sum]")).to_have_text("已办结 0/5 · 暂缓 1 人")
    inspector.press("back")
    expect(inspector.there("rounds").page.locator("[data-place$='305'] [data-slot=progress]")).to_have_text(
        "已办结 0/5 · 暂缓 1 人"
    )
