"""A session that ends in the middle of a form or an upload, a broken or slow connection: nothing is lost without a word."""

import io
import os

import pytest
from PIL import Image
from playwright.sync_api import expect

from db import proxies
from tests.browser import PHONE, wait_for
from tests.cast import plan_text
from tests.portal.graduate_case import open_today
from tests.portal.proxy_case import PERSON, draft
from tests.portal.test_graduate_browser import enter
from tests.portal.test_proxy import photo, upload
from tests.portal.test_proxy_post import house, with_proxies  # noqa: F401 - a fixture
from tests.web.test_design import keep_picture

pytestmark = pytest.mark.engine("sqlite")

PAGE, PICTURES = "/me/proxy/person", "/me/proxy/pictures"
TYPED = {**PERSON, "name": "李乙"}


def sign_out(client):
    """As the end of a session does: cookies of the browser stay, nobody is signed in."""
    with client.session_transaction() as session:
        session.clear()


def at(path):
    return {"Referer": f"http://localhost{path}"}


def test_what_was_typed_comes_back_after_signing_in_again_and_is_kept_by_sending_it_once_more(house, season):  # noqa: F811
    one = draft(season.an)
    house.sign_in_as(season.an.number).get(PAGE)
    sign_out(house)
    lost = house.send(PAGE, application=one.id, headers=at(PAGE), **TYPED)
    assert lost.location == "/sign-in?next=%2Fme%2Fproxy%2Fperson"
    assert "填写的内容还在" in house.get(lost.location).text
    sealed = house.get_cookie("clearance-form").value
    assert not any(word in sealed for word in TYPED.values())
    again = house.sign_in_as(season.an.number).get(PAGE).text
    assert "李乙" in again
    assert "尚未保存" in again
    assert proxies.latest(season.an.id).name == PERSON["name"], "nothing was kept while nobody was signed in"
    assert "李乙" not in house.get(PAGE).text, "it comes back once"
    house.send(PAGE, application=one.id, **TYPED)
    assert proxies.latest(season.an.id).name == "李乙"


def test_what_somebody_typed_never_comes_back_to_somebody_else(house, season):  # noqa: F811
    one = draft(season.an)
    draft(season.bai, name="王丙")
    house.send(PAGE, application=one.id, headers=at(PAGE), **TYPED)
    assert "李乙" not in house.sign_in_as(season.bai.number).get(PAGE).text
    house.set_cookie("clearance-form", "gAAAA-made-up")
    assert house.sign_in_as(season.an.number).get(PAGE).status_code == 200


def test_more_than_a_cookie_holds_is_told_as_lost_and_other_forms_are_not_kept(house, season):  # noqa: F811
    one = draft(season.an)
    long = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(4000))
    house.send(PAGE, application=one.id, headers=at(PAGE), **{**TYPED, "name": long})
    assert "过长" in house.sign_in_as(season.an.number).get(PAGE).text
    sign_out(house)
    house.send("/account/password", current="secret", password="secret", again="secret", headers=at("/account"))
    assert house.get_cookie("clearance-form") is None


def test_a_picture_has_to_be_chosen_again_and_the_page_says_so(house, season):  # noqa: F811
    one = draft(season.an)
    upload(house.sign_in_as(season.an.number), one, "letter")
    house.get(PICTURES)
    sign_out(house)
    data = {"csrf_token": house.token(), "application": one.id, "file": (io.BytesIO(photo()), "id.png")}
    lost = house.post(f"/me/proxy/{one.id}/pictures/own-id", data=data, headers=at(PICTURES))
    assert lost.location.startswith("/sign-in?next=")
    page = house.sign_in_as(season.an.number).get(PICTURES).text
    assert "图片没有保存，请重新选择" in page
    assert page.count("看一看") <= 1
    assert "/pictures/letter" in page


def test_in_a_browser_an_upload_shows_how_far_it_is_says_when_it_broke_and_leads_back_after_signing_in(
    season, live_server, open_page, expect_problems, tmp_path
):
    open_today(season, with_proxies(plan_text()))
    draft(season.an)
    expect_problems()  # the broken connection is told by the browser, too
    picture = tmp_path / "letter.jpg"
    picture.write_bytes(photo_of_noise())
    page = enter(open_page(PHONE, base_url=live_server.url), season.an)
    page.goto(PICTURES)
    letter = page.locator("#letter")
    letter.locator("input[type=file]").set_input_files(picture)
    page.route("**/pictures/letter", lambda route: route.abort())
    letter.get_by_role("button", name="上传").click()
    expect(letter.locator("[data-broken]")).to_be_visible()
    keep_picture(page, "upload-broken")
    page.unroute("**/pictures/letter")

    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    free = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    wire.send("Network.emulateNetworkConditions", {**free, "uploadThroughput": 20_000})
    letter.get_by_role("button", name="上传").click()
    wait_for(page, "document.querySelector('#letter progress').value", lambda percent: 0 < percent < 100)
    expect(letter.locator("progress")).to_be_visible()
    wire.send("Network.emulateNetworkConditions", free)
    expect(letter.locator("h3")).to_contain_text("已上传")

    page.context.clear_cookies(name="clearance")
    page.locator("#own-id input[type=file]").set_input_files(picture)
    page.locator("#own-id").get_by_role("button", name="上传").click()
    page.wait_for_url("**/sign-in?next=*")
    expect(page.locator("main")).to_contain_text("图片需要重新选择")
    page.locator("[name=number]").fill(season.an.number)
    page.locator("[name=password]").fill("correct-horse-9-battery")
    page.locator("main form button").first.click()
    page.wait_for_url(f"**{PICTURES}")
    expect(page.locator("main")).to_contain_text("图片没有保存，请重新选择")
    expect(page.locator("#letter h3")).to_contain_text("已上传")
    keep_picture(page, "upload-after-sign-in")


def photo_of_noise() -> bytes:
    """A picture of some hundred kilobytes, so that its upload takes a while."""
    out = io.BytesIO()
    Image.frombytes("RGB", (400, 300), os.urandom(400 * 300 * 3)).save(out, "PNG")
    return out.getvalue()
