"""Forms about somebody: nothing that was entered is lost by a card, another language, the lock, a look aside or the way back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, wait_for
from tests.tablet.conftest import Tablet
from tests.tablet.fake_portal import FakePortal, step
from tests.tablet.house import HOUSE, move_in
from tests.tablet.test_pictures import a_photo
from tests.tablet.test_rounds import Inspector
from tests.tablet.test_sync import expect_soon

WORDS = "《三国演义》下册"
INK = """() => {
  const pad = document.querySelector("canvas.pad")
  return pad.getContext("2d").getImageData(0, 0, pad.width, pad.height).data.reduce((sum, one) => sum + (one < 128), 0)
}"""
WORDS_KEPT = "import('/tablet/app/store.js').then((store) => store.readMeta('words')).then(({ words }) => Boolean(words))"
NO_PICTURE_ONCE = """() => {
  const real = HTMLCanvasElement.prototype.toBlob
  HTMLCanvasElement.prototype.toBlob = function (done) {
    HTMLCanvasElement.prototype.toBlob = real
    done(null)
  }
}"""


def half_held(tablet: Tablet) -> Tablet:
    """A hold with reason, words, amount and a photo, not recorded."""
    tablet.ready().scan_card(1).press("hold").at("hold")
    tablet.page.locator("input[value=book-lost]").check()
    tablet.page.locator("textarea[name=text]").fill(WORDS)
    tablet.page.locator("input[name=amount]").fill("25.5")
    tablet.page.locator("[data-part=file]").set_input_files([a_photo()])  # type: ignore[arg-type]
    expect(tablet.page.locator("[data-photos='1']")).to_be_visible()
    return tablet


def is_still_there(tablet: Tablet) -> None:
    """The half-filled hold, as it was, and it can be recorded."""
    tablet.at("hold")
    expect(tablet.page.locator("input[value=book-lost]")).to_be_checked()
    expect(tablet.page.locator("textarea[name=text]")).to_have_value(WORDS)
    expect(tablet.page.locator("input[name=amount]")).to_have_value("25.5")
    assert tablet.page.locator(".photo img").evaluate("(image) => image.decode().then(() => image.naturalWidth)")
    tablet.press("hold-confirm").at("done").state("online", 0)
    (entry,) = tablet.portal.own_entries()
    assert (entry["reason"], entry["amount"], len(entry["attachments"])) == (f"book-lost: {WORDS}", 2550, 1)


def in_the_other_language(tablet: Tablet) -> None:
    tablet.page.locator("#line [data-action=language]").click()
    expect(tablet.page.locator("h1")).to_have_text("Why is it held?")
    expect(tablet.page.locator(".choice").first).to_have_text("Book lost")


def by_the_lock(tablet: Tablet) -> None:
    tablet.lock().enter_pin()


def by_a_look_at_the_tablet(tablet: Tablet) -> None:
    tablet.page.locator("#line [data-action=about]").click()
    tablet.at("about").page.locator("#line [data-action=language]").click()
    expect(tablet.page.locator("h1")).to_have_text("About this tablet")  # drawn anew: until then a tap on the old one may be lost
    tablet.press("back")


def by_a_look_at_who_works(tablet: Tablet) -> None:
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.at("operator").press("back")


def by_the_browsers_own_way_back(tablet: Tablet) -> None:
    tablet.page.go_back()
    expect(tablet.page.locator("#remark")).to_have_text("请先完成或取消当前操作。")


def by_that_from_another_screen(tablet: Tablet) -> None:
    tablet.page.locator("#line [data-action=about]").click()
    tablet.at("about").page.go_back()


def by_a_card(tablet: Tablet) -> None:
    tablet.page.locator("input[name=amount]").focus()
    tablet.scan_into_focus(tablet.portal.card("gr_000000002"))
    expect(tablet.page.locator("#remark")).to_have_text("请先完成或取消当前操作，此卡未读取。")


WAYS = (
    in_the_other_language, by_the_lock, by_a_look_at_the_tablet, by_a_look_at_who_works, by_the_browsers_own_way_back,
    by_that_from_another_screen, by_a_card,
)  # fmt: skip


@pytest.mark.parametrize("interrupted", WAYS, ids=lambda way: way.__name__)
def test_a_half_filled_hold_is_not_lost(interrupted: Callable[[Tablet], None], tablet: Tablet) -> None:
    interrupted(half_held(tablet))
    is_still_there(tablet)


def sign_on_glass(tablet: Tablet) -> None:
    box = tablet.page.locator(".pad").bounding_box()
    assert box
    tablet.page.mouse.move(box["x"] + 40, box["y"] + 60)
    tablet.page.mouse.down()
    tablet.page.mouse.move(box["x"] + 300, box["y"] + 120, steps=8)
    tablet.page.mouse.up()


def test_a_signature_outlives_a_card_the_lock_and_another_language(tablet: Tablet) -> None:
    tablet.portal.set_steps([step("library", how="collect", signed=True, money=True)])
    tablet.ready().scan_card(1).press("compare").at("compare")
    tablet.page.locator("input[name=amount]").fill("36.2")
    tablet.page.locator("#line [data-action=language]").click()
    expect(tablet.page.locator("[data-action=confirm]")).to_have_text("Compared: to the signature")
    tablet.press("confirm").at("sign")
    sign_on_glass(tablet)
    ink = tablet.page.evaluate(INK)
    tablet.scan(tablet.portal.card("gr_000000002"))
    expect(tablet.page.locator("#remark")).to_be_visible()
    tablet.page.locator("#line [data-action=language]").click()
    expect(tablet.page.locator(".pad")).to_have_attribute("aria-label", "签名区")
    tablet.lock().enter_pin().at("sign")
    tablet.page.go_back()
    assert tablet.at("sign").page.evaluate(INK) == ink > 0
    tablet.press("confirm").at("done").state("online", 0)
    (entry,) = tablet.portal.own_entries()
    assert (entry["act"], entry["student"], entry["amount"], len(entry["attachments"])) == ("collect", "gr_000000001", 3620, 1)


def test_a_signature_of_which_no_picture_was_made_may_be_sent_again(
    tablet: Tablet, expect_problems: Callable[[], None]
) -> None:
    expect_problems()
    tablet.portal.set_steps([step("library", how="collect", signed=True)])
    tablet.ready().scan_card(1).press("compare").at("compare").press("confirm").at("sign")
    sign_on_glass(tablet)
    tablet.page.evaluate(NO_PICTURE_ONCE)
    tablet.press("confirm").at("fault")
    by_a_look_at_the_tablet(tablet)
    tablet.at("sign").press("confirm").at("done").state("online", 0)
    assert [len(entry["attachments"]) for entry in tablet.portal.own_entries()] == [1]


def test_a_card_is_told_not_to_be_read_on_every_screen_that_has_no_use_for_it(tablet: Tablet) -> None:
    card = tablet.portal.card("gr_000000002")
    tablet.ready().scan_card(1).press("note").at("note").scan(card)
    expect(tablet.page.locator("#remark")).to_contain_text("未读取")
    tablet.press("cancel").at("verdict")
    expect(tablet.page.locator("#remark")).to_be_hidden()
    tablet.lock().scan(card)
    expect(tablet.at("unlock").page.locator("#remark")).to_have_text("现在这里不能查询，此卡未读取。")
    tablet.unlock().press("today").at("today").scan(card).verdict("may-clear")


def test_another_person_who_takes_over_finds_no_form_of_the_one_before(tablet: Tablet) -> None:
    half_held(tablet).work_as("st_2").at("scan")
    tablet.work_as("st_1").at("scan")


def killed(tablet: Tablet) -> Tablet:
    """The page is gone in the middle of a form, as when a small tablet takes a photo, and comes back."""
    wait_for(tablet.page, WORDS_KEPT)
    tablet.page.once("dialog", lambda asked: asked.accept())
    tablet.page.reload()
    return tablet.at("scan")


def holding(tablet: Tablet, n: int, words: str) -> Tablet:
    """The form about the nth graduate, with these words in it."""
    tablet.scan_card(n).press("hold").at("hold")
    tablet.page.evaluate(WORDS_KEPT)  # the form has read them before
    expect(tablet.page.locator("textarea[name=text]")).to_have_value(words)
    return tablet


def test_words_outlive_the_page_until_they_are_recorded(tablet: Tablet) -> None:
    killed(half_held(tablet))
    holding(tablet, 2, "").press("cancel").at("verdict")
    holding(tablet, 1, WORDS)
    expect(tablet.page.locator("input[value=book-lost]")).to_be_checked()
    expect(tablet.page.locator("input[name=amount]")).to_have_value("25.5")
    tablet.press("hold-confirm").at("done").state("online", 0)
    assert wait_for(tablet.page, WORDS_KEPT, lambda kept: not kept) is False


def test_words_are_never_shown_to_whoever_works_next_and_end_with_the_shift(tablet: Tablet) -> None:
    killed(half_held(tablet)).work_as("st_2").at("scan")
    holding(tablet, 1, "")
    tablet.page.locator("textarea[name=text]").fill("st_2")
    wait_for(tablet.page, WORDS_KEPT)
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.at("operator").press("end").at("end").press("end").at("operator")
    assert wait_for(tablet.page, WORDS_KEPT, lambda kept: not kept) is False


def test_what_was_recorded_while_the_tablet_was_locked_does_not_come_back_as_a_form(tablet: Tablet) -> None:
    half_held(tablet)
    tablet.page.evaluate("""() => {
      document.querySelector("[data-action=hold-confirm]").click()
      document.querySelector("#line [data-action=lock]").click()
    }""")
    expect_soon(lambda: tablet.portal.own_entries())
    tablet.at("unlock").state("online", 0).unlock()
    assert len(tablet.portal.own_entries()) == 1


def test_a_form_left_empty_is_left_by_the_way_back_and_the_app_never(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("hold").at("hold")
    for screen in ("verdict", "scan", "scan"):
        tablet.page.go_back()
        tablet.at(screen)
    tablet.scan_card(2)


@pytest.fixture
def inspector(open_page: Callable[..., Page], portal: FakePortal, address: str) -> Inspector:
    move_in(portal)
    return Inspector(open_page(PHONE), portal, address)


def test_half_a_damage_is_not_lost(inspector: Inspector) -> None:
    page = inspector.ready().page
    inspector.in_room().press("damage").there("damage")
    page.locator("input[name=price][value='']").check()
    page.locator("input[name=words]").fill("窗帘")
    page.locator("input[name=amount]").fill("40")
    page.locator("input[value=gr_000000002]").uncheck()
    page.go_back()
    expect(page.locator("#remark")).to_be_visible()
    page.locator("#line [data-action=language]").click()
    expect(page.locator("[data-slot=prices] .choice").last).to_contain_text("Something else")
    inspector.lock().enter_pin().there("damage")
    page.locator("#line [data-action=about]").click()
    inspector.at("about").page.go_back()
    inspector.there("damage").scan(inspector.portal.card("gr_000000002"))
    expect(page.locator("#remark")).to_be_visible()
    inspector.press("add").there("room")
    expect(page.locator(".damage")).to_contain_text("窗帘")
    expect(page.locator(".damage [data-slot=who]")).not_to_contain_text("学生2")
    inspector.press("back").there("rounds")
    assert page.locator("#screen h1").inner_text().startswith(HOUSE)


def test_a_damage_that_is_given_up_by_its_own_button_is_gone(inspector: Inspector) -> None:
    inspector.ready()
    inspector.in_room().press("damage").there("damage")
    inspector.page.locator("input[name=price]").first.check()
    inspector.press("back").there("room").press("damage").there("damage")
    expect(inspector.page.locator("input[name=price]:checked")).to_have_count(0)


# What is wrong is said as long as it is wrong


def complaint(tablet: Tablet, words: str | None) -> None:
    problem = tablet.page.locator("#screen [data-slot$=problem][role=alert]").last
    if words is None:
        expect(problem).to_be_hidden()
    else:
        expect(problem).to_contain_text(words)


def test_a_complaint_about_a_hold_goes_as_soon_as_it_is_mended(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("hold").at("hold").press("hold-confirm")
    complaint(tablet, "请选择原因")
    amount = tablet.page.locator("input[name=amount]")
    amount.fill("25,5")
    complaint(tablet, "请选择原因")
    tablet.page.locator("input[value=book-lost]").check()
    complaint(tablet, "金额请写成")
    tablet.page.locator("#line [data-action=language]").click()
    complaint(tablet, "An amount like 25")
    amount.fill("25.5")
    complaint(tablet, None)
    amount.fill("25,")
    complaint(tablet, "An amount like 25")


def test_so_do_those_about_notes_amounts_numbers_and_passwords(tablet: Tablet) -> None:
    tablet.portal.set_steps([step("library", how="collect", money=True)])
    tablet.enrol().press("other").sign_in("st_1", "wrong")
    complaint(tablet, "工号或密码不正确")
    tablet.page.locator("input[name=password]").fill("q")
    complaint(tablet, None)
    tablet.sign_in("st_1").choose_pin("1234")
    complaint(tablet, "太容易")
    tablet.page.locator("input[name=pin]").fill("2580")
    complaint(tablet, "不一致")
    tablet.page.locator("input[name=again]").fill("2580")
    complaint(tablet, None)
    tablet.press("choose-pin").at("scan").press("look-up")
    complaint(tablet, "请输入学号")
    tablet.page.locator("input[name=number]").fill("20200001")
    complaint(tablet, None)
    tablet.press("look-up").at("verdict").press("note").at("note").press("note-confirm")
    complaint(tablet, "请先填写")
    tablet.page.locator("textarea").fill("等他带学生证来")
    complaint(tablet, None)
    tablet.press("cancel").press("compare").at("compare").press("confirm")
    complaint(tablet, "35.20")
    tablet.page.locator("input[name=amount]").fill("3")
    complaint(tablet, None)


def test_so_do_those_about_setting_up_and_damages(inspector: Inspector) -> None:
    inspector.open().at("enrol").press("enrol")
    complaint(inspector, "请填写两项")
    inspector.page.locator("input[name=code]").fill("ABCD-1234")
    inspector.page.locator("input[name=name]").fill("东区 1 号机")
    complaint(inspector, None)
    inspector.press("enrol").at("operator").work_as()
    inspector.in_room().press("damage").there("damage").press("none").press("add")
    complaint(inspector, "请选择损坏")
    inspector.page.locator("input[value=chair]").check()
    complaint(inspector, "由谁赔偿")
    inspector.press("all")
    complaint(inspector, None)


def test_whoever_was_chosen_from_the_list_is_asked_for_the_password_alone(tablet: Tablet) -> None:
    tablet.enrol().page.locator("button[data-operator=st_1]").click()
    tablet.at("sign-in").press("sign-in")
    complaint(tablet, "请填写密码。")


def test_what_the_portal_found_wrong_is_told_in_the_other_language_too(tablet: Tablet) -> None:
    tablet.enrol().press("other").sign_in("st_1", "wrong")
    complaint(tablet, "工号或密码不正确")
    tablet.page.locator("#line [data-action=language]").click()
    complaint(tablet, "Staff number or password is wrong")
    tablet.page.locator("input[name=operator]").fill("st_2")
    complaint(tablet, None)
