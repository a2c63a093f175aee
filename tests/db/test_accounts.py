"""Accounts are opened, disabled and opened again."""

import pytest

from db import accounts
from db.accounts import Account
from db.audit import AuditEvent
from db.people import Graduate
from db.refusals import Conflict, Invalid, NotFound

pytest_plugins = ["tests.db.staff"]


def test_staff_get_an_account_without_a_password(house):
    account = accounts.add_staff("st_new", " 新同事 ", "s_admin", "new@example.edu")
    assert (account.name, account.password_hash, account.session_version) == ("新同事", None, 1)
    assert AuditEvent.select().where(AuditEvent.action == "account.added", AuditEvent.subject == "st_new").count() == 1


def test_an_id_is_given_once(house):
    with pytest.raises(Conflict):
        accounts.add_staff("s_desk", "别人", "s_admin")
    assert Account.get_by_id("s_desk").name == "名字s_desk"


@pytest.mark.parametrize("wrong", ["", "x", "2020000001", "With Space", "UPPER", "a" * 33, "a\0b", "../etc"])
def test_it_refuses_ids_that_could_be_mistaken(house, wrong):
    with pytest.raises(Invalid) as refused:
        accounts.add_staff(wrong, "", "s_admin")
    assert set(refused.value.errors) == {"id", "name"}


def test_every_graduate_gets_one_account_however_often_it_is_asked(house):
    everybody = Graduate.select().order_by(Graduate.id)
    assert accounts.add_graduates(everybody, "s_admin") == 2
    assert accounts.add_graduates(everybody, "s_admin") == 0
    assert [account.graduate_id for account in Account.select().where(Account.graduate.is_null(False)).order_by(Account.id)] == [
        graduate.id for graduate in house.graduates
    ]


def test_a_number_that_is_a_staff_id_is_told_and_nothing_is_opened(house):
    Account.create(id=house.graduates[2].number, name="错")
    with pytest.raises(Conflict):
        accounts.add_graduates(Graduate.select(), "s_admin")
    assert Account.get_or_none(Account.id == house.graduates[1].number) is None


@pytest.mark.parametrize("staff_id", sorted(accounts.NOBODYS))
def test_nobody_goes_by_the_name_of_what_no_person_does(house, staff_id):
    with pytest.raises(Invalid) as refused:
        accounts.add_staff(staff_id, "冒名", "s_admin")
    assert refused.value.errors == {"id": "kept-staff-id"}


def test_disabling_ends_every_session_and_can_be_taken_back(house):
    before = Account.get_by_id("s_desk").session_version
    disabled = accounts.disable("s_desk", "s_admin", "left")
    assert disabled.disabled_at is not None
    assert accounts.disable("s_desk", "s_admin").session_version == before + 1
    assert accounts.enable("s_desk", "s_admin").disabled_at is None
    assert [event.action for event in AuditEvent.select().order_by(AuditEvent.seq)] == ["account.disabled", "account.enabled"]


@pytest.mark.parametrize("verb", [accounts.disable, accounts.enable, accounts.end_sessions])
def test_an_unknown_account_is_told(house, verb):
    with pytest.raises(NotFound):
        verb("nobody", "s_admin")


@pytest.mark.parametrize("typed", ["s_desk", " S_DESK ", "ｓ_ｄｅｓｋ"])
def test_an_account_is_found_as_people_type_it(house, typed):
    assert accounts.find(typed).id == "s_desk"


@pytest.mark.parametrize("typed", ["", "nobody", "s_desk\0", "\ud800", "x" * 10_000, "' OR 1=1 --"])
def test_no_text_finds_a_strangers_account_or_fails(house, typed):
    assert accounts.find(typed) is None
