"""A graduate's own card: shown, given as files, replaced when lost."""

from datetime import timedelta

import pytest

from db.audit import AuditEvent
from db.cards import Card, revoke
from db.database import now, to_ms
from db.people import Graduate
from db.rules.card import CardReading, read_card
from tests.cast import ADMIN, DIPLOMA
from tests.portal.graduate_case import settle_everything
from tests.portal.readers import pages, picture, zxing

pytest_plugins = ["tests.portal.graduate_fixtures"]

PAGES = ("/me/card", "/me/card/sw.js", "/me/card/picture", "/me/card.png", "/me/card.svg", "/me/card.pdf", "/me/card/reissues/new")
HTMX = {"HX-Request": "true"}


def reading(me, code: str) -> CardReading:
    """What a desk reads off the code with the published keys."""
    return read_card(code, me.application.extensions["keys"].card_public_keys, to_ms(now()))


def lose(me, gen: int = 1, **more):
    return me.send("/me/card/reissues", gen=str(gen), **more)


def newest(graduate: Graduate) -> Graduate:
    return Graduate.get_by_id(graduate.id)


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_is_led_to_sign_in_and_staff_are_refused(me, page):
    assert me.application.test_client().get(page).status_code == 303
    assert me.application.test_client().sign_in_as("admin").get(page).status_code == 403


@pytest.mark.parametrize("page", ["/me/card.png", "/me/card.pdf"])
def test_the_files_carry_ones_own_card_and_verify(me, today, page):
    answer = me.get(page)
    code = zxing(pages(answer.data)[0] if page.endswith("pdf") else picture(answer.data))[0]
    found = reading(me, code)
    assert (found.status, found.ref, found.gen) == ("valid", today.an.ref, 1)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_files_are_named_by_the_masked_number_and_kept_in_no_cache(me, ending):
    answer = me.get(f"/me/card.{ending}")
    assert f"filename=clearance-card-20xxxxx000.{ending}" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_card_alone_is_white_says_its_time_and_holds_no_form(me, today):
    me.set_cookie("theme", "dark")
    page = me.get("/me/card").text
    assert 'data-theme="light"' in page
    assert "数据时间 <time datetime=" in page
    assert today.an.name in page
    assert today.an.number not in page
    assert "csrf" not in page


def test_the_worker_may_stand_in_for_the_card_page_and_no_more(me):
    with me.get("/me/card/sw.js") as answer:
        assert answer.headers["Service-Worker-Allowed"] == "/me"
        assert answer.mimetype == "text/javascript"


def test_a_lost_card_is_replaced_at_once(me, today):
    answer = lose(me)
    assert (answer.status_code, answer.location) == (303, "/me/card")
    assert "这是您的新卡" in me.get("/me/card").text
    assert newest(today.an).gen == 2
    code = zxing(picture(me.get("/me/card.png").data))[0]
    assert reading(me, code).gen == 2
    event = AuditEvent.get(AuditEvent.action == "card.reissued")
    assert (event.actor, event.subject) == (today.an.number, today.an.number)


def test_htmx_is_led_to_the_new_card(me):
    assert lose(me, headers=HTMX).headers["HX-Redirect"] == "/me/card"


def test_a_second_tap_gives_no_second_card(me, today):
    assert [lose(me).status_code, lose(me).status_code] == [303, 303]
    assert newest(today.an).gen == 2
    assert Card.select().where(Card.graduate == today.an.id).count() == 2


def test_a_sixth_new_card_in_a_day_has_to_be_asked_for(me, today):
    for gen in range(1, 6):
        assert lose(me, gen).status_code == 303
    answer = lose(me, 6)
    assert answer.status_code == 429
    assert "24 小时内您已补办 5 次" in answer.text
    assert 23 * 3600 < int(answer.headers["Retry-After"]) <= 24 * 3600
    assert newest(today.an).gen == 6
    assert lose(me, 1).status_code == 303  # an old form is still only led to the card
    Card.update(issued_at=now() - timedelta(hours=25)).where(Card.gen == 2).execute()
    assert lose(me, 6).status_code == 303


@pytest.mark.parametrize("gen", ["", "x", "0", "-1", "99999999999999999999"])
def test_a_form_that_names_no_card_changes_nothing(me, today, gen):
    assert me.send("/me/card/reissues", gen=gen).status_code == 422
    assert newest(today.an).gen == 1


def test_a_report_without_the_forms_token_changes_nothing(me, today):
    assert me.post("/me/card/reissues", data={"gen": "1"}).status_code == 400
    assert newest(today.an).gen == 1


def test_a_card_that_staff_revoked_is_not_replaced_by_its_owner(me, today):
    revoke(today.an.id, ADMIN, "on the way to somebody else")
    for page in ("/me", "/me/card", "/me/card/picture", "/me/card/reissues/new"):
        answer = me.get(page)
        assert "这张离校卡已作废" in answer.text
        assert "<path d=\"M4" not in answer.text.partition("screen-card")[2]
    assert me.get("/me/card.png").status_code == 409
    answer = lose(me)
    assert answer.status_code == 403
    assert "只能由工作人员补发" in answer.text
    assert newest(today.an).card_revoked


def test_without_a_card_there_is_none_to_lose(me, today):
    Card.delete().where(Card.graduate == today.an.id).execute()
    Graduate.update(gen=0).where(Graduate.id == today.an.id).execute()
    assert lose(me).status_code == 409
    assert "您的离校卡还没有发放" in me.get("/me/card/reissues/new").text


def test_an_expired_card_says_so_and_is_given_no_more(me):
    Card.update(expires_at=now() - timedelta(seconds=1)).execute()
    assert "这张离校卡已过期" in me.get("/me").text
    assert me.get("/me/card.pdf").status_code == 409
    assert "/me/card/reissues\"" not in me.get("/me/card/reissues/new").text


def test_nobody_gets_somebody_elses_card(me, today):
    bai = me.application.test_client().sign_in_as(today.bai.number)
    assert lose(bai).status_code == 303
    assert (newest(today.an).gen, newest(today.bai).gen) == (1, 2)
    assert reading(me, zxing(picture(me.get("/me/card.png").data))[0]).ref == today.an.ref


def test_the_card_goes_on_after_everything_is_settled(me, today):
    settle_everything(me, today.an)
    assert "必办环节已办结 5 / 5" in me.get("/me/card").text
    assert DIPLOMA in me.get("/me/steps").text
