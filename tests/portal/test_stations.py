"""Stations and their tablets."""

import html
import re

import pytest

from db.audit import AuditEvent
from db.stations import Device, EnrolCode, enrol
from tests.cast import ADMIN, TabletDouble, key_of, make_season, plan_text
from tests.client import portal
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, OFFICER, counted

pytest_plugins = ["tests.portal.office_fixtures"]

CODE = re.compile(r"<code>([A-Z2-9]{4}-[A-Z2-9]{4})</code>")
FORM = re.compile(r'<form[^>]+action="([^"]+)"')


@pytest.fixture
def admin(client):
    return client.sign_in_as(ADMIN)


@pytest.mark.parametrize("path", ["/stations", "/stations/library"])
def test_the_administrator_the_leadership_and_the_auditor_look(client, path):
    assert [client.sign_in_as(who).get(path).status_code for who in (ADMIN, BOSS, AUDITOR)] == [200, 200, 200]
    assert [client.sign_in_as(who).get(path).status_code for who in (OFFICER, COUNSELOR, "wang")] == [403, 403, 403]


@pytest.mark.parametrize("code", ["nothing", "%00", "library%20"])
def test_a_station_that_the_plan_does_not_have_is_not_found(admin, code):
    assert admin.get(f"/stations/{code}").status_code == 404
    assert admin.send(f"/stations/{code}/enrol-codes").status_code == 404


def test_a_code_is_shown_once_with_its_address_and_works(admin):
    answer = admin.send_on("/stations/library/enrol-codes")
    code = CODE.search(answer.text)[1]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "http://127.0.0.1:8000/tablet/" in answer.text
    assert "data:image/svg+xml" in answer.text
    assert code not in admin.get("/stations/library").text
    jwk = {**_public(key_of("new"))}
    assert enrol(code, "Desk 1", jwk, "secret", "127.0.0.1").device.station_id == "library"


def _public(key):
    from db.rules import jws

    return jws.public_key_to_jwk(key.public_key())


def test_every_press_makes_another_code_and_is_recorded(admin):
    codes = {CODE.search(admin.send_on("/stations/library/enrol-codes").text)[1] for _ in range(2)}
    assert len(codes) == 2
    events = list(AuditEvent.select().where(AuditEvent.action == "enrol-code.issued"))
    assert [(event.actor, event.subject) for event in events] == [(ADMIN, "library")] * 2
    assert not any(code in str(event.detail) for code in codes for event in events)


@pytest.mark.parametrize("who", [BOSS, AUDITOR, OFFICER, COUNSELOR, "wang"])
@pytest.mark.parametrize("path", ["/stations/library/enrol-codes", "/tablets/{}/revocations", "/stations/library/fast-lanes"])
def test_only_the_administrator_changes_anything(client, who, path):
    tablet = TabletDouble.enrol("library")
    assert client.sign_in_as(who).send(path.format(tablet.device)).status_code == 403
    assert EnrolCode.select().count() == 0
    assert Device.get_by_id(tablet.device).revoked_at is None
    shown = client.get("/stations/library").text.partition("<main")[2]
    assert set(FORM.findall(shown)) <= {"/sign-out"}  # an auditor sees the page; whoever may not is offered another account


def test_a_tablet_is_withdrawn_once_however_often_it_is_asked(admin):
    tablet = TabletDouble.enrol("library")
    answers = [admin.send(f"/tablets/{tablet.device}/revocations") for _ in range(2)]
    assert [(one.status_code, one.location) for one in answers] == [(303, "/stations/library")] * 2
    assert Device.get_by_id(tablet.device).revoked_by == ADMIN
    assert AuditEvent.select().where(AuditEvent.action == "tablet.revoked").count() == 1
    assert f"/tablets/{tablet.device}/revocations" not in admin.get("/stations/library").text


@pytest.mark.parametrize("device", ["dv_nothing", "%00", "portal"])
def test_a_tablet_that_does_not_exist_is_not_found(admin, device):
    assert admin.send(f"/tablets/{device}/revocations").status_code == 404


def test_a_hostile_tablet_name_is_shown_as_text(admin):
    tablet = TabletDouble.enrol("library")
    Device.update(name="<script>x</script>", app="<b>").where(Device.id == tablet.device).execute()
    for path in ("/stations/library", "/overview"):
        text = admin.get(path).text
        assert "<script>x" not in text
        assert html.escape("<script>x</script>") in text


def test_the_fast_lane_is_for_stations_with_a_fast_step(db, database_url, tmp_path):
    fast = plan_text().replace('code = "library"\nname', 'code = "library"\nfast = true\nname', 1)
    make_season(plan=fast)
    admin = portal(database_url, tmp_path).sign_in_as(ADMIN)
    assert "/stations/library/fast-lanes" in admin.get("/stations/library").text
    for _ in range(2):
        assert admin.send("/stations/library/fast-lanes").status_code == 303
    assert "/stations/library/fast-lane-endings" in admin.get("/stations/library").text
    assert admin.send("/stations/library/fast-lane-endings").status_code == 303
    assert [event.action for event in AuditEvent.select().where(AuditEvent.action.startswith("fast-lane"))] == [
        "fast-lane.on", "fast-lane.off",
    ]  # fmt: skip
    assert admin.send("/stations/dorm/fast-lanes").status_code == 409
    assert "fast-lane" not in admin.get("/stations/dorm").text


def test_the_number_of_queries_does_not_grow_with_the_tablets(admin, monkeypatch):
    TabletDouble.enrol("library")
    admin.get("/stations")
    counts = []
    for _ in range(2):
        with counted(monkeypatch) as asked:
            admin.get("/stations")
        counts.append(len(asked))
        for _ in range(5):
            TabletDouble.enrol("hall")
    assert counts[0] == counts[1] <= 14


def test_a_code_stays_on_its_page_until_another_is_made_or_the_session_ends(admin):
    place = "/stations/library/enrol-codes"
    assert "失效之前只有您能看到" in admin.get("/stations/library").text
    code = CODE.search(admin.send_on(place).text)[1]
    assert f"<code>{code}</code>" in admin.get(place, headers={"Accept-Language": "en"}).text
    assert EnrolCode.select().count() == 1
    assert code not in admin.send_on(place).text
    answer = admin.sign_in_as(ADMIN).get(place)
    assert (answer.status_code, answer.location) == (303, "/stations/library")
