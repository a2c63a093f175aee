"""Roles and scopes: given and ended as rows, answered in one place."""

import pytest

from db import grants
from db.accounts import Account, Grant
from db.audit import AuditEvent
from db.database import now
from db.people import Graduate
from db.refusals import Conflict, Forbidden, Invalid, NotFound
from db.rights import load_rights

pytest_plugins = ["tests.db.staff"]


def fresh(account_id):
    return Account.get_by_id(account_id)


def numbers(account_id):
    return sorted(graduate.number for graduate in grants.graduates_in_scope(fresh(account_id)))


def test_nobody_may_anything_to_begin_with(house):
    assert not grants.may(fresh("s_desk"), "operator")
    assert grants.powers_of(fresh("s_desk")).roles == frozenset()


def test_a_right_holds_in_its_scope_and_nowhere_else(house):
    grants.grant("s_books", "officer", "step", "library", "s_admin")
    books = fresh("s_books")
    assert grants.may(books, "officer")
    assert grants.may(books, "officer", step="library")
    assert not grants.may(books, "officer", step="dorm")
    assert not grants.may(books, "officer", college="护理学院")
    assert not grants.may(books, "admin", step="library")


def test_giving_a_right_twice_gives_it_once(house):
    first = grants.grant("s_desk", "operator", "station", "library", "s_admin")
    assert grants.grant("s_desk", "operator", "station", "library", "s_admin") == first
    assert AuditEvent.select().where(AuditEvent.action == "grant.given").count() == 1


def test_an_ended_right_holds_no_more_and_stays_on_record(house):
    row = grants.grant("s_desk", "operator", "station", "library", "s_admin")
    ended = grants.end(row.id, "s_admin")
    assert not grants.may(fresh("s_desk"), "operator")
    assert grants.end(row.id, "s_boss").until_at == ended.until_at
    assert [event.action for event in AuditEvent.select().order_by(AuditEvent.seq)] == ["grant.given", "grant.ended"]


@pytest.mark.parametrize(
    ("role", "kind", "scope", "field"),
    [
        ("emperor", "all", "", "role"),
        ("admin", "college", "护理学院", "scope_kind"),
        ("officer", "all", "", "scope_kind"),
        ("admin", "all", "x", "scope"),
        ("counselor", "class", "", "scope"),
        ("counselor", "class", "护理2099", "scope"),
        ("college", "college", "no such", "scope"),
        ("operator", "station", "moon", "scope"),
    ],
)
def test_it_refuses_rights_that_make_no_sense(house, role, kind, scope, field):
    with pytest.raises(Invalid) as refused:
        grants.grant("s_desk", role, kind, scope, "s_admin")
    assert list(refused.value.errors) == [field]
    assert Grant.select().count() == 0


def test_it_refuses_unknown_accounts_and_unknown_grants(house):
    with pytest.raises(NotFound):
        grants.grant("nobody", "admin", "all", "", "s_admin")
    with pytest.raises(NotFound):
        grants.end(999_999, "s_admin")


def test_nobody_ends_their_own_administration(house):
    own = grants.grant("s_admin", "admin", "all", "", "s_head")
    with pytest.raises(Conflict):
        grants.end(own.id, "s_admin")
    assert grants.may(fresh("s_admin"), "admin")
    grants.end(own.id, "s_head")
    assert not grants.may(fresh("s_admin"), "admin")


def test_a_graduates_account_is_a_graduate_and_nothing_else(house):
    with pytest.raises(Conflict):
        grants.grant(house.owner.id, "admin", "all", "", "s_admin")
    assert grants.powers_of(fresh(house.owner.id)).roles == {"graduate"}
    assert numbers(house.owner.id) == [house.graduates[0].number]


def test_counselors_see_the_classes_that_name_them_and_those_they_were_given(house):
    one, two, three = (graduate.number for graduate in house.graduates)
    assert numbers("c_lin") == [one]
    grants.grant("c_lin", "counselor", "class", "会计2001", "s_admin")
    assert numbers("c_lin") == [one, three]
    assert grants.may(fresh("c_lin"), "counselor", class_="护理2001")
    assert not grants.may(fresh("c_lin"), "counselor", class_="护理2002")
    with pytest.raises(NotFound):
        grants.find_graduate(fresh("c_lin"), two)


def test_colleges_see_their_own_graduates(house):
    grants.grant("s_dean", "college", "college", "护理学院", "s_admin")
    assert numbers("s_dean") == [house.graduates[0].number, house.graduates[1].number]


@pytest.mark.parametrize(("role", "kind", "scope"), [("admin", "all", ""), ("officer", "step", "library")])
def test_administrators_and_officers_see_everybody(house, role, kind, scope):
    grants.grant("s_admin", role, kind, scope, "s_admin")
    assert len(numbers("s_admin")) == 3


@pytest.mark.parametrize("role", ["leadership", "auditor", "operator", "supervisor"])
def test_leadership_auditors_and_desks_open_nobodys_data(house, role):
    grants.grant("s_boss", role, "all", "", "s_admin")
    assert numbers("s_boss") == []


def test_steps_in_scope_keep_the_plans_order(house):
    grants.grant("s_books", "officer", "step", "library", "s_admin")
    grants.grant("s_admin", "admin", "all", "", "s_admin")
    plan = ("tuition", "library", "dorm")
    assert grants.powers_of(fresh("s_books")).steps(plan) == ("library",)
    assert grants.powers_of(fresh("s_admin")).steps(plan) == plan
    grants.require_step(fresh("s_books"), "library")
    with pytest.raises(Forbidden):
        grants.require_step(fresh("s_books"), "dorm")
    with pytest.raises(Forbidden):
        grants.require(fresh("s_books"), "leadership")


def test_a_disabled_account_may_nothing(house):
    grants.grant("s_admin", "admin", "all", "", "s_admin")
    Account.update(disabled_at=now()).where(Account.id.in_(["s_admin", house.owner.id])).execute()
    assert not grants.may(fresh("s_admin"), "admin")
    assert numbers("s_admin") == []
    assert numbers(house.owner.id) == []


def test_operators_of_a_station_are_those_who_may_work_there_now_with_the_higher_role(house):
    grants.grant("s_desk", "operator", "station", "library", "s_admin")
    grants.grant("s_head", "operator", "station", "library", "s_admin")
    grants.grant("s_head", "supervisor", "all", "", "s_admin")
    grants.grant("s_books", "operator", "station", "dorm", "s_admin")
    grants.end(grants.grant("s_boss", "operator", "station", "library", "s_admin").id, "s_admin")
    grants.grant("s_log", "operator", "station", "library", "s_admin")
    Account.update(disabled_at=now()).where(Account.id == "s_log").execute()
    assert grants.operators_of("library") == [
        ("s_desk", "名字s_desk", "operator"),
        ("s_head", "名字s_head", "supervisor"),
    ]


def test_rights_are_loaded_in_one_query_with_their_history(house, db):
    grants.grant("s_desk", "operator", "station", "library", "s_admin")
    ended = grants.end(grants.grant("s_head", "supervisor", "station", "library", "s_admin").id, "s_admin")
    grants.grant("s_admin", "admin", "all", "", "s_admin")
    Account.update(disabled_at=now()).where(Account.id == "s_admin").execute()
    rights = load_rights()
    until = round(ended.until_at.timestamp() * 1000)
    gone = round(fresh("s_admin").disabled_at.timestamp() * 1000)
    assert rights.had_right("s_desk", "library", until)
    assert rights.operator_known("s_log")
    assert not rights.operator_known(house.owner.id)
    assert rights.supervisors(["library"], "library") == {"s_head": until, "s_admin": gone}


def test_scopes_are_asked_without_a_query_per_graduate(house):
    query = grants.graduates_in_scope(fresh("c_lin")).where(Graduate.removed_at.is_null())
    assert query.count() == 1
