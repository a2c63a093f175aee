"""The administrator's page for accounts."""

import re
import time

import pytest

from db import accounts, activations, grants, passwords
from db import season as seasons
from db.accounts import Account, Activation, Grant
from tests.cast import plan_text
from tests.client import Client, portal

pytest_plugins = ["tests.db.staff"]

GOOD = "Lib-rary9Desk"
CODE = re.compile(r"<code>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</code>")


@pytest.fixture
def client(house, quick_hashes, database_url, tmp_path) -> Client:
    seasons.load_plan(plan_text(), "test.toml", "s_admin")
    grants.grant("s_admin", "admin", "all", "", "console")
    return portal(database_url, tmp_path).sign_in_as("s_admin")


@pytest.mark.parametrize("role", ["auditor", "leadership"])
def test_only_administrators_see_accounts(client, role):
    grants.grant("s_boss", role, "all", "", "s_admin")
    client.sign_in_as("s_boss")
    for path in ("/accounts", "/accounts/s_desk"):
        assert client.get(path).status_code == 403
    for path in ("/accounts", "/accounts/s_desk/grants", "/accounts/s_desk/activations", "/accounts/s_desk/closings"):
        assert client.send(path, id="s_new", name="x", reason="x").status_code == 403


def test_people_are_found_by_number_and_name(client, house):
    assert "s_desk" in client.get("/accounts").text
    assert house.owner.id not in client.get("/accounts").text
    assert house.owner.id in client.get("/accounts?of=graduates").text
    found = client.get("/accounts?q=s_bo").text
    assert "s_books" in found
    assert "s_desk" not in found


@pytest.mark.parametrize("query", ["q=%25", "q=%00", "q=" + "x" * 5000, "after=~~~", "after=%00", "of=nobody"])
def test_no_search_makes_it_fail(client, query):
    assert client.get(f"/accounts?{query}").status_code == 200


def test_a_long_list_is_shown_a_page_at_a_time_with_the_same_number_of_queries(client, monkeypatch):
    Account.insert_many([{"id": f"t_{n:04}", "name": f"教师{n}"} for n in range(120)]).execute()
    for n in range(0, 120, 2):
        Grant.create(account=f"t_{n:04}", role="operator", scope_kind="station", scope="library", granted_by="s_admin", from_at=0)
    asked = []
    engine = type(Account._meta.database.obj)
    execute = engine.execute_sql
    client.get("/accounts")
    monkeypatch.setattr(engine, "execute_sql", lambda *a, **k: asked.append(a[1]) or execute(*a, **k))
    client.get("/accounts?q=t_0000")
    few = len(asked)
    asked.clear()
    first = client.get("/accounts?q=t_").text
    assert len(asked) == few <= 6
    assert "t_0049" in first
    assert "t_0050" not in first
    assert "t_0050" in client.get("/accounts?q=t_&after=t_0049").text


def test_a_new_member_of_staff_gets_an_account_a_right_and_a_code(client):
    assert client.send("/accounts", id="st_new", name="新同事").location == "/accounts/st_new"
    assert client.send("/accounts/st_new/grants", role="operator", scope="station:library").status_code == 303
    answer = client.send_on("/accounts/st_new/activations")
    code = CODE.search(answer.text)[1]
    assert "no-store" in answer.headers["Cache-Control"]
    activations.activate("st_new", code, GOOD)
    assert grants.may(Account.get_by_id("st_new"), "operator", station="library")


@pytest.mark.parametrize(("number", "name", "status"), [("s_desk", "别人", 409), ("2020", "别人", 422), ("", "", 422)])
def test_an_account_that_cannot_be_is_told_in_the_form(client, number, name, status):
    answer = client.send("/accounts", id=number, name=name)
    assert answer.status_code == status
    assert "f-id-error" in answer.text


@pytest.mark.parametrize(
    ("role", "scope"),
    [("admin", "station:library"), ("officer", "all:"), ("emperor", "all:"), ("operator", "station:moon"), ("operator", ""),
     ("", "")],
)
def test_a_right_that_makes_no_sense_is_told_in_the_form(client, role, scope):
    before = Grant.select().count()
    answer = client.send("/accounts/s_desk/grants", role=role, scope=scope)
    assert answer.status_code == 422
    assert "-error" in answer.text
    assert Grant.select().count() == before


def test_a_right_can_be_ended_once_and_only_where_it_belongs(client):
    right = grants.grant("s_desk", "operator", "station", "library", "s_admin")
    assert client.send(f"/accounts/s_head/grants/{right.id}/endings").status_code == 404
    for _ in range(2):
        assert client.send(f"/accounts/s_desk/grants/{right.id}/endings").status_code == 303
    assert not grants.may(Account.get_by_id("s_desk"), "operator")


def test_nobody_locks_themselves_out(client):
    own = Grant.get(Grant.account == "s_admin")
    assert client.send(f"/accounts/s_admin/grants/{own.id}/endings").status_code == 409
    assert client.send("/accounts/s_admin/closings", reason="x").status_code == 409
    assert client.get("/accounts").status_code == 200


def test_an_account_is_closed_with_a_reason_and_opened_again(client):
    assert client.send("/accounts/s_desk/closings", reason="").status_code == 422
    assert client.send("/accounts/s_desk/closings", reason="已离职").status_code == 303
    assert Account.get_by_id("s_desk").disabled_at is not None
    assert client.send("/accounts/s_desk/activations").status_code == 409
    assert client.send("/accounts/s_desk/openings").status_code == 303
    assert Account.get_by_id("s_desk").disabled_at is None


@pytest.mark.parametrize("path", ["", "/grants", "/activations", "/closings", "/openings"])
def test_an_unknown_account_is_told(client, path):
    address = f"/accounts/nobody{path}"
    answer = client.send(address, role="admin", scope="all:", reason="x") if path else client.get(address)
    assert answer.status_code == 404


def test_counselors_and_colleges_make_codes_for_their_own_graduates_only(client, house):
    accounts.add_graduates(house.graduates, "s_admin")
    grants.grant("s_dean", "college", "college", "商学院", "s_admin")
    grants.grant("s_dean", "officer", "step", "library", "s_admin")
    first, second, third = (graduate.number for graduate in house.graduates)
    allowed = {"c_lin": {first}, "s_dean": {third}, "s_admin": {first, second, third, "s_desk"}}
    for staff, own in allowed.items():
        client.sign_in_as(staff)
        answers = {one: client.send(f"/accounts/{one}/activations").status_code for one in (first, second, third, "s_desk")}
        assert {one for one, status in answers.items() if status == 303} == own, staff
        assert set(answers.values()) <= {303, 403}


def test_a_code_for_a_forgotten_password_keeps_the_old_one_until_it_is_used(client):
    kept = passwords.make_hash(GOOD)
    Account.update(password_hash=kept).where(Account.id == "s_desk").execute()
    assert "15" in client.send_on("/accounts/s_desk/activations").text
    assert Account.get_by_id("s_desk").password_hash == kept
    assert Activation.select().count() == 1


def test_changes_need_the_forms_token(client):
    for path in ("/accounts", "/accounts/s_desk/grants", "/accounts/s_desk/activations", "/accounts/s_desk/closings"):
        assert client.post(path).status_code == 400


def test_a_code_stays_for_whoever_made_it_in_either_language_and_for_nobody_else(client):
    place = "/accounts/s_desk/activations"
    made = client.send_on(place)
    code = CODE.search(made.text)[1]
    assert (made.request.path, made.headers["Cache-Control"]) == (place, "no-store")
    assert f'name="next" value="{place}"' in made.text
    assert client.send_on("/language", language="en", next=place).text.count(code) == 1
    assert Activation.select().count() == 1
    with client.session_transaction() as session:
        assert code not in str(dict(session))
    assert code not in client.get("/accounts/s_head/activations").text
    assert code not in client.sign_in_as("s_admin").get(place).text


def test_a_code_is_shown_for_a_quarter_of_an_hour(client, monkeypatch):
    place = "/accounts/s_desk/activations"
    code = CODE.search(client.send_on(place).text)[1]
    later = time.time() + 15 * 60 + 2
    monkeypatch.setattr(time, "time", lambda: later)
    answer = client.get(place)
    assert answer.status_code == 200
    assert code not in answer.text
    assert "不再显示" in answer.text


def test_what_takes_forms_only_leads_to_its_page_when_it_is_asked_for(client):
    for path in ("/accounts/s_desk/grants", "/accounts/s_desk/closings", "/accounts/s_desk/grants/1/endings"):
        assert (client.get(path).status_code, client.get(path).location) == (303, "/accounts/s_desk"), path


def test_a_right_says_by_name_who_gave_it(client):
    client.send("/accounts/s_desk/grants", role="leadership", scope="all:")
    assert "· 名字s_admin</small>" in client.get("/accounts/s_desk").text


def test_ones_own_page_has_no_button_that_is_always_refused_and_says_why(client):
    own = grants.grants_of("s_admin")[0]
    grants.grant("s_head", "admin", "all", "", "s_admin")
    text = client.get("/accounts/s_admin").text
    assert f"/grants/{own.id}/endings" not in text
    assert 'action="/accounts/s_admin/closings"' not in text
    assert text.count("只有其他管理员") == 2
    other = client.get("/accounts/s_head").text
    assert "/endings" in other
    assert 'action="/accounts/s_head/closings"' in other
