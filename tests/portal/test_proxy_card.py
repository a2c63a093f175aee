"""The proxy's card behind a link: looked at by chats it stays unopened, opened by one browser only, over when the approval is."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image

from db import proxy_cards, proxy_links
from db.audit import AuditEvent
from db.database import now
from db.proxies import ProxyApplication
from db.proxy_links import ProxyLink
from db.refusals import Conflict
from tests.portal.proxy_case import approved
from tests.portal.test_proxy_post import house  # noqa: F401 - a fixture

ONCE = pytest.mark.engine("sqlite")
LINK = re.compile(r"/proxy-card/links/[\w-]+")


@pytest.fixture
def one(house, season):  # noqa: F811
    """An's approved proxy."""
    return approved(season.an)


def link(client, one) -> str:
    """The path of a new link, as An is shown it."""
    client.sign_in_as(one.graduate.number)
    return LINK.search(client.send_on(f"/me/proxy/{one.id}/links").text)[0]


def browser(client):
    """A browser of somebody who is not signed in."""
    return client.application.test_client()


def opened(client, path):
    """The answer to the button of the link's page."""
    client.get(path)
    return client.send(path)


def test_a_link_leads_one_browser_to_the_card_and_a_chat_that_looks_at_it_spends_nothing(house, one):  # noqa: F811
    path = link(house, one)
    chat, proxy, stranger = browser(house), browser(house), browser(house)
    for _ in range(2):
        seen = chat.get(path)
        assert seen.status_code == 200
        assert not any(word in seen.text for word in ("安", "王", one.id))
    answer = opened(proxy, path)
    assert answer.status_code == 303
    page = proxy.get(answer.location)
    assert "王*" in page.text
    assert "有效期：" in page.text
    assert "安*" in page.text
    assert not any(word in page.text for word in ("安然", "王甲", one.id_number, one.phone, one.graduate.number))
    assert "<svg" in page.text
    assert proxy.get("/proxy-card").location == answer.location
    picture = proxy.get(f"{answer.location}/card.png")
    assert Image.open(io.BytesIO(picture.data)).width >= 600
    assert proxy.get(f"{answer.location}/card.pdf").data[:5] == b"%PDF-"
    assert opened(proxy, path).location == answer.location, "the same browser may open it again: an answer may get lost"
    refused = opened(stranger, path)
    assert refused.status_code == 409
    assert "已经打开过" in refused.text
    for path in ("", "/card.png", "/card.pdf"):
        assert stranger.get(answer.location + path).status_code == 404
    actions = [event.action for event in AuditEvent.select().where(AuditEvent.action.startswith("proxy.link"))]
    assert sorted(actions) == ["proxy.link-made", "proxy.link-opened", "proxy.link-refused"]


def test_a_new_link_ends_the_one_before_and_what_was_opened_with_it(house, one):  # noqa: F811
    first = link(house, one)
    unopened = link(house, one)
    proxy = browser(house)
    assert opened(proxy, first).status_code == 410
    at = opened(proxy, unopened).location
    newest = link(house, one)
    assert proxy.get(at).status_code == 404
    assert opened(proxy, newest).status_code == 303
    assert ProxyLink.select().where(ProxyLink.ended_at.is_null()).count() == 1
    assert not any(row.code_hash in newest for row in ProxyLink.select())


@ONCE
def test_withdrawn_or_over_the_page_says_so_and_links_open_no_more(house, one, season):  # noqa: F811
    proxy = browser(house)
    spare = link(house, one)
    at = opened(proxy, spare).location
    ProxyLink.update(expires_at=now()).execute()
    assert opened(browser(house), spare).status_code == 410
    ProxyLink.update(expires_at=now() + timedelta(1)).execute()
    house.sign_in_as(season.an.number).send(f"/me/proxy/{one.id}/withdrawals")
    page = proxy.get(at)
    assert "已撤回或撤销" in page.text
    assert ("王*" in page.text, "安*" in page.text) == (True, True)
    assert "<svg xmlns" not in page.text
    type(one).update(name="").where(type(one).id == one.id).execute()
    assert "代 安* 办理" in proxy.get(at).text, "whose it was, once the proxy's name is gone with the season"
    assert proxy.get(f"{at}/card.pdf").status_code == 409
    assert opened(browser(house), spare).status_code == 410
    with pytest.raises(Conflict):
        proxy_links.make(season.an, one.id, season.an.number)


@ONCE
def test_before_the_first_day_there_is_a_page_and_no_code(house, one):  # noqa: F811
    proxy = browser(house)
    at = opened(proxy, link(house, one)).location
    ProxyApplication.update(from_day=one.from_day + timedelta(1)).execute()
    assert "第一天" in proxy.get(at).text
    assert proxy.get(f"{at}/card.png").status_code == 409


@ONCE
def test_one_browser_holds_the_cards_of_several_graduates(house, one, season):  # noqa: F811
    other = approved(season.bai)
    proxy = browser(house)
    both = [opened(proxy, link(house, each)).location for each in (one, other)]
    for at in both:
        page = proxy.get(at)
        assert "安*" in page.text
        assert "白*" in page.text


@ONCE
def test_a_link_stays_for_who_made_it_in_either_language_and_for_nobody_else(house, one):  # noqa: F811
    path = link(house, one)
    place = f"/me/proxy/{one.id}/links"
    assert LINK.search(house.get(place, headers={"Accept-Language": "en"}).text)[0] == path
    assert ProxyLink.select().count() == 1
    house.sign_in_as(one.graduate.number)
    assert house.get(place).location == "/me/proxy", "another session of the same person"


@ONCE
def test_who_guesses_has_to_wait(house, one, monkeypatch):  # noqa: F811
    monkeypatch.setattr(proxy_links, "WRONG_BY_ADDRESS", 3)
    path = link(house, one)
    guesser = browser(house)
    token = guesser.token()
    for n in range(proxy_links.WRONG_BY_ADDRESS):
        assert guesser.post(f"/proxy-card/links/wrong{n}", data={"csrf_token": token}).status_code == 404
    answer = guesser.post("/proxy-card/links/wrong", data={"csrf_token": token})
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers
    assert ProxyLink.get().opened_at is None
    assert guesser.post(path, data={"csrf_token": token}).status_code == 303, "the right code opens from the same place"


@ONCE
def test_what_a_proxy_sees_of_a_step_is_whether_it_can_be_settled_and_never_why_not(house, one):  # noqa: F811
    proxy = browser(house)
    page = proxy.get(opened(proxy, link(house, one)).location)
    assert page.text.count("现在可以办理") == 1  # the library; the diploma waits for it
    assert page.text.count("暂不能办理") == 1
    assert proxy_cards.card_counts(one)
