"""Student numbers as they are typed at a desk: in any width, with blanks, with no field chosen first, and wrong ones."""

import pytest
from playwright.sync_api import expect

from tests.tablet.conftest import Tablet

PROBLEM = "[data-form=number] [data-slot=problem]"


@pytest.mark.parametrize("typed", ["２０２００００２", " 2020 0002 ", "２０２０　０００２", "2020\t0002"])
def test_a_number_in_any_width_and_with_blanks_is_the_same_number(typed: str, tablet: Tablet) -> None:
    tablet.ready().type_number(typed).verdict("may-clear")
    expect(tablet.page.locator("section.verdict")).to_have_attribute("data-student", "20200002")
    tablet.press("confirm").at("done").state("online", 0)
    assert tablet.portal.own_entries()[0]["card"] == {"gen": None, "via": "typed"}


@pytest.mark.parametrize("typed", ["123", "学生2", "2020/0002", "2" * 21, "abcd"])
def test_what_can_be_no_number_is_told_to_be_checked(typed: str, tablet: Tablet) -> None:
    tablet.ready().type_number(typed)
    expect(tablet.page.locator(PROBLEM)).to_contain_text("请核对学号")
    tablet.at("scan").page.locator("input[name=number]").fill("20200002")
    expect(tablet.page.locator(PROBLEM)).to_be_hidden()


def test_a_number_that_nobody_has_is_to_be_checked_first(tablet: Tablet) -> None:
    tablet.ready().type_number("20209999").verdict("not-in-data")
    expect(tablet.page.locator(".verdict-line")).to_contain_text("请逐位核对学号")
    tablet.scan(tablet.portal.card("gr_999999999")).verdict("not-in-data")
    expect(tablet.page.locator(".verdict-line")).not_to_contain_text("逐位")


@pytest.mark.parametrize("pause", [0, 160], ids=["quickly", "slowly"])
def test_a_number_typed_with_no_field_in_focus_lands_in_it(pause: int, tablet: Tablet) -> None:
    tablet.ready().page.locator("h1").click()
    tablet.page.keyboard.type("20200002", delay=pause)
    expect(tablet.page.locator("input[name=number]")).to_have_value("20200002")
    tablet.page.keyboard.press("Enter")
    expect(tablet.page.locator("section.verdict")).to_have_attribute("data-student", "20200002")
    tablet.page.keyboard.type("20200003", delay=pause)
    tablet.at("scan").page.keyboard.press("Enter")
    expect(tablet.page.locator("section.verdict")).to_have_attribute("data-student", "20200003")
    tablet.press("confirm").at("done").state("online", 0)
    assert tablet.portal.own_entries()[0]["card"] == {"gen": None, "via": "typed"}


def test_a_key_that_was_touched_before_does_not_swallow_the_number(tablet: Tablet) -> None:
    tablet.ready().page.locator("h1").click()
    tablet.page.keyboard.press("x")
    tablet.page.wait_for_timeout(200)  # no scanner pauses as long
    tablet.page.keyboard.type("20200002")
    expect(tablet.page.locator("input[name=number]")).to_have_value("20200002")


def test_in_todays_list_it_is_looked_for_and_on_a_form_it_goes_nowhere(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("confirm").at("done").press("next").at("scan").press("today").at("today")
    tablet.page.keyboard.type("20200009")
    expect(tablet.page.locator("input[name=search]")).to_have_value("20200009")
    expect(tablet.page.locator(".entry")).to_have_count(0)
    tablet.press("back").at("scan").scan_card(2).press("hold").at("hold")
    tablet.page.keyboard.type("20200003")
    tablet.at("hold")


def test_a_pin_is_typed_with_no_field_chosen_and_a_scanners_digits_are_none(tablet: Tablet) -> None:
    tablet.ready().lock().page.locator("h1").click()
    tablet.page.keyboard.type("2580", delay=90)
    expect(tablet.page.locator("input[name=pin]")).to_have_value("2580")
    tablet.page.keyboard.press("Enter")
    tablet.at("scan").lock().page.locator("input[name=pin]").focus()
    tablet.scan_into_focus("9753").enter_pin("8642")  # two tries, if the first were one
    expect(tablet.page.locator("[data-slot=problem]")).to_contain_text("还可以试 4 次")


@pytest.mark.parametrize("chosen", [False, True], ids=["no field chosen", "the field chosen"])
def test_a_scanner_on_the_home_screen_leaves_nothing_in_the_field(chosen: bool, tablet: Tablet) -> None:
    field = tablet.ready().page.locator("input[name=number]").element_handle()  # the next home screen has one of its own
    if chosen:
        field.focus()
    tablet.scan_into_focus(tablet.portal.card("gr_000000002")).verdict("may-clear")
    assert field.evaluate("(field) => field.value") == ""
    tablet.press("back").at("scan")
    expect(tablet.page.locator("input[name=number]")).to_have_value("")
