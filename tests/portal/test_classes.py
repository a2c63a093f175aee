"""Classes in numbers, their card sheets and their activation slips: each by whom it is meant for, and by nobody else."""

import re

import pytest

from db import accounts, activations, cards, class_codes
from db.accounts import Account, Activation
from db.audit import AuditEvent
from db.database import now
from db.people import ClassGroup, Graduate
from db.projection import refold_everybody
from db.signoffs import Act, record_all
from portal.card_sheets import faces
from tests.cast import ADMIN, DIPLOMA, LIBRARY, make_season
from tests.client import portal
from tests.portal.cardcase import KEY
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER, counted
from tests.portal.readers import pages, poppler, zxing

pytest_plugins = ["tests.portal.office_fixtures"]

CODE = re.compile(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}")


@pytest.fixture
def client(client):
    """The office, with an account for every graduate, all of them not yet activated."""
    accounts.add_graduates(Graduate.select(), ADMIN)
    return client


def id_of(name):
    return ClassGroup.get(ClassGroup.name == name).id


@pytest.fixture
def own(client):
    """The class that `lin` counsels."""
    return id_of("护理2001")


@pytest.fixture
def others(client):
    """The class of the college of trade, which `dean` has."""
    return id_of("会计2001")


def make(client, class_id, newest=None):
    seen = class_codes.waiting(class_id).newest if newest is None else newest
    return client.send(f"/classes/{class_id}/activation-slips", newest=seen)


@pytest.mark.parametrize(("who", "sees"), [(COUNSELOR, "护理2001"), (DEAN, "会计2001")])
def test_everybody_sees_their_own_classes(client, who, sees):
    text = client.sign_in_as(who).get("/classes").text
    assert [name for name in ("护理2001", "护理2002", "会计2001") if name in text] == [sees]


def test_the_administrator_sees_all_classes_and_counselors_without_one_an_empty_page(client):
    text = client.sign_in_as(ADMIN).get("/classes").text
    assert all(name in text for name in ("护理2001", "护理2002", "会计2001"))
    ClassGroup.update(counselor=None).execute()
    assert client.sign_in_as(COUNSELOR).get("/classes").status_code == 403  # no class, no role


def test_a_class_is_counted(client, own, season):
    row = client.sign_in_as(COUNSELOR).get("/classes").text
    assert re.findall(r'<td class="right"[^>]*>(\d+)</td>', row) == ["1", "0", "1", "0"]
    Account.update(password_hash="x").where(Account.id == season.an.number).execute()
    acts = [Act(season.an.ref, step, act) for step, act in
            (("conduct", "clear"), ("library", "clear"), ("dorm", "clear"), ("campus-card", "collect"), ("diploma", "collect"))]
    record_all(KEY, ADMIN, acts, "hand")
    refold_everybody()
    cards.revoke(season.an.id, ADMIN, "lost")
    row = client.get("/classes").text
    assert re.findall(r'<td class="right"[^>]*>(\d+)</td>', row) == ["1", "1", "0", "1"]


@pytest.mark.parametrize("who", [OFFICER, BOSS, AUDITOR])
def test_others_have_no_classes(client, own, who):
    client.sign_in_as(who)
    for path in ("/classes", f"/classes/{own}", f"/classes/{own}/cards.pdf"):
        assert client.get(path).status_code == 403
    assert make(client, own).status_code == 403


def test_another_class_by_its_real_id_is_as_if_it_were_not_there(client, own, others):
    for who, foreign in ((COUNSELOR, others), (DEAN, own)):
        client.sign_in_as(who)
        for tail in ("", "/cards.pdf"):
            assert client.get(f"/classes/{foreign}{tail}").status_code == 404
    assert make(client.sign_in_as(COUNSELOR), others).status_code == 404
    assert not Activation.select().exists()


@pytest.mark.parametrize("id_", ["0", "2147483647", "99999999999999999999", "x"])
def test_a_class_that_there_is_not_is_not_found(client, id_):
    client.sign_in_as(ADMIN)
    assert client.get(f"/classes/{id_}").status_code == 404
    assert client.send(f"/classes/{id_}/activation-slips", newest=0).status_code == 404


@pytest.mark.parametrize("who", [COUNSELOR, ADMIN])
def test_the_cards_of_a_class_can_be_printed(client, own, who):
    answer = client.sign_in_as(who).get(f"/classes/{own}/cards.pdf")
    assert answer.mimetype == "application/pdf"
    assert len(zxing(pages(answer.data)[0])) == 1
    event = AuditEvent.get(AuditEvent.action == "cards.printed")
    assert (event.actor, event.subject, event.detail) == (who, "护理2001", {"cards": 1})


def test_a_college_prints_cards_and_makes_no_codes(client, others):
    client.sign_in_as(DEAN)
    assert client.get(f"/classes/{others}/cards.pdf").status_code == 200
    assert "activation-slips" not in client.get(f"/classes/{others}").text
    assert make(client, others).status_code == 403
    assert not Activation.select().exists()


def test_a_class_without_cards_is_told_so(client, own, season):
    cards.revoke(season.an.id, ADMIN, "lost")
    client.sign_in_as(COUNSELOR)
    assert "cards.pdf" not in client.get(f"/classes/{own}").text
    assert client.get(f"/classes/{own}/cards.pdf").status_code == 409


@pytest.mark.parametrize("who", [COUNSELOR, ADMIN])
def test_the_slips_of_a_class_let_their_owners_in(client, own, season, who):
    answer = make(client.sign_in_as(who), own)
    assert answer.mimetype == "application/pdf"
    text = poppler(answer.data, "pdftotext", "-layout")
    assert "安然" in text
    assert season.an.number in text
    assert "http://localhost/activate" in text
    [code] = CODE.findall(text)
    assert activations.activate(season.an.number, code, "Lib-rary9Desk").id == season.an.number


def test_making_slips_is_recorded_without_a_code(client, own):
    text = poppler(make(client.sign_in_as(COUNSELOR), own).data, "pdftotext", "-layout")
    event = AuditEvent.get(AuditEvent.action == "activations.printed")
    assert (event.actor, event.subject, event.detail) == (COUNSELOR, "护理2001", {"accounts": 1, "left_out": 0})
    assert not any(CODE.findall(text)[0] in str(event.detail) for event in AuditEvent.select())


def test_the_page_says_before_that_unused_codes_end_and_new_slips_end_them(client, own, season):
    code = activations.issue_activation(season.an.number, ADMIN)
    assert "不再有效" in client.sign_in_as(COUNSELOR).get(f"/classes/{own}").text
    assert make(client, own).status_code == 200
    with pytest.raises(Exception, match="invalid"):
        activations.activate(season.an.number, code, "Lib-rary9Desk")


def test_a_second_press_does_not_end_what_the_first_one_printed(client, own, season):
    client.sign_in_as(COUNSELOR)
    text = poppler(make(client, own, 0).data, "pdftotext", "-layout")
    assert make(client, own, 0).status_code == 409
    activations.activate(season.an.number, CODE.findall(text)[0], "Lib-rary9Desk")


def test_who_is_activated_or_closed_is_left_out(client, own):
    for n, state in enumerate(({"password_hash": "x"}, {"disabled_at": 1}, {})):
        graduate = Graduate.create(ref=f"gr_more{n:06}", number=f"20209900{n}", name=f"学生{n}", class_group=own)
        accounts.add_graduates([graduate], ADMIN)
        if state:
            Account.update(**state).where(Account.id == graduate.number).execute()
    Graduate.create(ref="gr_left000000", number="2020990099", name="离开", class_group=own, removed_at=1)
    client.sign_in_as(COUNSELOR)
    assert "1 个已激活，1 个已停用" in client.get(f"/classes/{own}").text
    assert len(CODE.findall(poppler(make(client, own).data, "pdftotext", "-layout"))) == 2


def test_where_nobody_waits_nothing_is_made(client, own):
    Account.update(password_hash="x").where(Account.graduate.is_null(False)).execute()
    client.sign_in_as(COUNSELOR)
    assert "activation-slips" not in client.get(f"/classes/{own}").text
    assert make(client, own).status_code == 409
    assert not Activation.select().exists()


@pytest.mark.parametrize("newest", ["", "x", "-1", "9" * 30])
def test_a_form_that_does_not_say_what_it_saw_makes_nothing(client, own, newest):
    assert make(client.sign_in_as(COUNSELOR), own, newest).status_code == 422
    assert not Activation.select().exists()


def test_the_page_costs_the_same_for_many_classes(db, database_url, tmp_path, monkeypatch):
    make_season(more=60)
    client = portal(database_url, tmp_path).sign_in_as(ADMIN)
    client.get("/classes")
    with counted(monkeypatch) as few:
        assert client.get("/classes").status_code == 200
    college = ClassGroup.get().college
    for n, graduate in enumerate(Graduate.select()):
        group = ClassGroup.create(college=college, name=f"新班{n}")
        Graduate.update(class_group=group).where(Graduate.id == graduate.id).execute()
    with counted(monkeypatch) as many:
        assert client.get("/classes").text.count("<tr>") == 67
    assert len(many) == len(few) <= 7


def test_card_sheets_come_in_the_order_in_which_people_count(client, season):
    for group, name in zip(ClassGroup.select().order_by(ClassGroup.id), ("护理10班", "护理2班", "会计1班"), strict=True):
        ClassGroup.update(name=name).where(ClassGroup.id == group.id).execute()
    drawn = faces(client.application.extensions["keys"].card_key)
    assert [cards[0].class_name for cards in drawn] == ["护理2班", "护理10班", "会计1班"]


def test_an_empty_class_is_called_so_wherever_it_is_opened_or_printed(client, season):
    Graduate.update(class_group=season.cheng.class_id).execute()
    empty = ClassGroup.get(ClassGroup.name == "护理2001").id
    said = "这个班里没有人"
    for who, path in (
        (ADMIN, f"/classes/{empty}"), (ADMIN, f"/paper/library/{LIBRARY}/{empty}"), (COUNSELOR, "/class-desk?class=护理2001"),
    ):  # fmt: skip
        answer = client.sign_in_as(who).get(path)
        assert (answer.status_code, said in answer.text) == (200, True), path
    for who, path in (
        (ADMIN, f"/classes/{empty}/cards.pdf"), (ADMIN, f"/paper/library/{LIBRARY}/{empty}/sheet.pdf"),
        (COUNSELOR, f"/class-desk/classes/{empty}/sheet.pdf"),
    ):  # fmt: skip
        answer = client.sign_in_as(who).get(path)
        assert (answer.status_code, said in answer.text) == (409, True), path
    assert "您负责的班级里没有人" in client.get("/class-desk").text


def test_an_empty_roster_is_called_so(client, season):
    assert "没有找到" in client.sign_in_as(ADMIN).get("/graduates?q=nobody").text
    assert "没有可领取的人" not in client.get(f"/register/{DIPLOMA}/uncollected").text
    Graduate.update(removed_at=now()).execute()
    for path in ("/graduates", "/graduates?q=nobody"):
        assert "还没有毕业生" in client.get(path).text
    text = client.get(f"/register/{DIPLOMA}/uncollected").text
    assert "没有可领取的人" in text
    assert "应领的都已领取" not in text


def test_who_can_bring_a_roster_is_led_to_it_where_there_are_no_classes(client, season, monkeypatch):
    monkeypatch.setattr("portal.classes.classes.in_care", lambda _account: [])
    assert 'href="/roster"' in client.sign_in_as(ADMIN).get("/classes").text
    assert 'href="/roster"' not in client.sign_in_as(DEAN).get("/classes").text
