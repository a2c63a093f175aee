"""The reviewer's pages: lists, both sides, one action, nothing that disappears."""

import hashlib
import re

import pytest

from db import grants
from db.accounts import Account
from db.audit import AuditEvent
from db.clearance import Clearance, Finding
from db.database import now
from db.intake import receive
from db.ledger import Attachment, Entry, Quarantined
from db.people import Graduate
from db.review import Review
from db.stations import Device, revoke
from tests.cast import ADMIN, CARD, DORM, LIBRARY, SUPERVISOR, TabletDouble
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER, counted

pytest_plugins = ["tests.portal.office_fixtures"]

OTHER = "sun"
"""Supervisor of the desk for cards."""


@pytest.fixture
def sun(client):
    Account.create(id=OTHER, name="孙老师")
    grants.grant(OTHER, "supervisor", "station", "cards", ADMIN)


@pytest.fixture
def torn(client, season):
    """One desk cleared An at the library, another held her with a clock 20 minutes slow; neither knew."""
    one, other = TabletDouble.enrol("library"), TabletDouble.enrol("hall", offset=1_200_000)
    made = one.act("clear", season.an, LIBRARY), other.act("hold", season.an, LIBRARY, reason="third floor")
    receive([each.token for each in made], "direct")
    return made


@pytest.fixture
def odd(client, season):
    """Bai was cleared by a tablet whose clock was off."""
    receive([TabletDouble.enrol("library", offset=1_200_000).act("clear", season.bai, LIBRARY).token], "direct")
    return Finding.get(Finding.code == "clock-off", Finding.student == season.bai.ref)


@pytest.fixture
def stray(client, season):
    """An entry of a withdrawn tablet."""
    desk = TabletDouble.enrol("library")
    revoke(desk.device, ADMIN)
    made = desk.act("clear", season.an, LIBRARY)
    receive([made.token], "direct")
    return made


def cell(graduate, step=LIBRARY):
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == step)


def path(graduate, step=LIBRARY, tail=""):
    return f"/reviews/steps/{graduate.number}/{step}{tail}"


def settle(client, graduate, choice, heads=None, **fields):
    heads = cell(graduate).heads if heads is None else heads
    return client.send(path(graduate, tail="/settlements"), heads=heads, choice=choice, **fields)


@pytest.mark.parametrize(
    ("who", "status"),
    [(OFFICER, 200), (SUPERVISOR, 200), (ADMIN, 200), *((who, 403) for who in (COUNSELOR, DEAN, BOSS, AUDITOR, "wang"))]
)
def test_the_lists_are_for_reviewers(client, season, torn, who, status):
    client.sign_in_as(who)
    assert client.get("/reviews").status_code == status
    assert client.get(path(season.an)).status_code == status


def test_reviewers_see_only_their_own_steps(client, season, torn, odd, stray, sun):
    client.sign_in_as(OTHER)
    for tab in ("conflicts", "findings", "quarantine"):
        text = client.get(f"/reviews?tab={tab}").text
        assert season.an.name not in text
        assert season.bai.name not in text
    for address in (path(season.an), path(season.bai), f"/reviews/entries/{stray.hash}"):
        assert client.get(address).status_code == 403


def test_others_steps_are_not_settled_noted_or_admitted_by_their_real_ids(client, season, torn, odd, stray, sun):
    heads = cell(season.an).heads
    client.sign_in_as(OTHER)
    assert settle(client, season.an, "clear", heads).status_code == 403
    assert client.send(path(season.bai, tail="/notes"), findings=odd.id, note="fine").status_code == 403
    for verb in ("admissions", "dismissals"):
        assert client.send(f"/reviews/entries/{stray.hash}/{verb}", words="fine").status_code == 403
    assert cell(season.an).conflict == "clear-vs-hold"
    assert Review.select().count() == 0


def test_a_finding_is_not_noted_by_way_of_another_case(client, season, torn, odd):
    grants.grant(OFFICER, "officer", "step", DORM, ADMIN)
    answer = client.send(path(season.an, tail="/notes"), findings=odd.id, note="fine")
    assert answer.status_code == 422
    assert Finding.get_by_id(odd.id).noted_at is None


def test_the_lists_tell_what_waits_and_how_many(client, season, torn, odd, stray):
    text = client.get("/reviews").text
    assert path(season.an) in text
    assert path(season.bai) not in text
    assert re.findall(r'class="count">(\d+)', text) == ["1", "2", "1"]
    assert path(season.bai) in client.get("/reviews?tab=findings").text
    assert f"/reviews/entries/{stray.hash}" in client.get("/reviews?tab=quarantine").text


@pytest.mark.parametrize(
    ("query", "found"),
    [("", True), ("step=library", True), ("step=dorm", False), ("station=library", True), ("station=hall", True),
     ("station=cards", False),     ("kind=-vs-", True), ("kind=collected-twice", False),
     ("state=settled", False), ("step=nonsense&kind=x", True),
     ("before=1.1", False), ("before=x.y", True), ("before=9999999999999.1", True), ("tab=nonsense", True)],
)  # fmt: skip
def test_conflicts_are_narrowed_by_the_address(client, season, torn, query, found):
    answer = client.sign_in_as(ADMIN).get(f"/reviews?{query}")
    assert answer.status_code == 200
    assert (path(season.an) in answer.text) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [("", True), ("step=library", True), ("step=dorm", False), ("station=library", True), ("station=hall", False),
     ("kind=device-revoked", True), ("kind=malformed", False), ("state=settled", False), ("before=1.x", False), ("before=0", True)],
)  # fmt: skip
def test_quarantine_is_narrowed_by_the_address(client, stray, query, found):
    answer = client.sign_in_as(ADMIN).get(f"/reviews?tab=quarantine&{query}")
    assert (f"/reviews/entries/{stray.hash}" in answer.text) == found


def test_a_page_of_the_list_leads_on_and_none_is_left_out(client, season, monkeypatch):
    monkeypatch.setattr("db.review.PAGE", 1)
    monkeypatch.setattr("db.review.cases.__defaults__", ("", 1))
    desk = TabletDouble.enrol("library", offset=1_200_000)
    receive([desk.act("clear", each, LIBRARY).token for each in season.everybody], "direct")
    address, seen = "/reviews?tab=findings", []
    while address:
        text = client.get(address).text
        seen += re.findall(r"/reviews/steps/(\d+)/library", text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = following and following[1].replace("&amp;", "&")
    assert sorted(seen) == [each.number for each in season.everybody]


@pytest.mark.parametrize("tab", ["conflicts", "findings", "quarantine"])
def test_a_list_asks_the_database_as_often_for_many_as_for_one(client, season, torn, odd, stray, monkeypatch, tab):
    client.get("/plan")  # the season is read once
    with counted(monkeypatch) as few:
        client.get(f"/reviews?tab={tab}")
    more = [TabletDouble.enrol("library", offset=1_200_000), TabletDouble.enrol("hall")]
    receive([more[0].act("clear", each, LIBRARY).token for each in season.everybody], "direct")
    receive([more[1].act("hold", each, LIBRARY).token for each in season.everybody], "direct")
    revoke(more[0].device, ADMIN)
    receive([more[0].act("clear", each, LIBRARY).token for each in season.everybody], "direct")
    with counted(monkeypatch) as many:
        client.get(f"/reviews?tab={tab}")
    assert len(many) == len(few) <= 8


def test_both_sides_are_shown_with_who_when_where_and_what_each_had_seen(client, season, torn):
    text = client.get(path(season.an)).text
    for told in ("third floor", "wang", torn[0].payload["device"], torn[1].payload["device"], "扫描"):
        assert told in text
    assert "09:20:00" in text  # what it was
    assert "09:00:00" in text  # what the slow clock showed
    assert text.count('class="card side"') == 2
    TabletDouble.enrol("library", device="dv_another")
    Device.update(name="平板").where(Device.station == "library").execute()
    assert f"平板（{torn[0].payload['device'][-4:]}）" in client.get(path(season.an)).text
    assert re.findall('name="choice" value="([a-z]+)"', text) == ["clear", "hold", "waive", "reopen"]


def test_a_signature_is_shown_to_reviewers_of_the_step_and_runs_nothing(client, season, sun):
    """The conflict names both and their signatures; one has not arrived yet."""
    drawn = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    name, missing = hashlib.sha256(drawn).hexdigest(), "0" * 64
    folder = client.application.extensions["config"].attachments / name[:2]
    folder.mkdir(parents=True)
    (folder / name).write_bytes(drawn)
    for station, attached in (("cards", name), ("hall", missing)):
        receive([TabletDouble.enrol(station).act("collect", season.an, CARD, attachments=[attached]).token], "direct")
    Attachment.create(sha256=name, size=len(drawn), media_type="image/svg+xml", device="x", received_at=now())
    where = path(season.an, CARD, f"/attachments/{name}")
    client.sign_in_as(OTHER)
    text = client.get(path(season.an, CARD)).text
    assert f'src="{where}"' in text
    assert "尚未收到" in text
    answer = client.get(where)
    assert (answer.data, answer.mimetype) == (drawn, "image/svg+xml")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(path(season.an, CARD, f"/attachments/{missing}")).status_code == 404
    assert client.sign_in_as(ADMIN).get(path(season.bai, CARD, f"/attachments/{name}")).status_code == 404
    assert client.sign_in_as(OFFICER).get(where).status_code == 403


def test_a_case_asks_the_database_as_often_for_many_entries_as_for_two(client, season, torn, monkeypatch):
    client.get("/plan")
    with counted(monkeypatch) as few:
        client.get(path(season.an))
    receive([TabletDouble.enrol("hall").act("clear", season.an, LIBRARY).token for _ in range(5)], "direct")
    client.get("/plan")
    with counted(monkeypatch) as many:
        client.get(path(season.an))
    assert len(many) == len(few)


def test_that_a_case_was_opened_is_recorded(client, season, torn):
    client.get(path(season.an))
    event = AuditEvent.get(AuditEvent.action == "graduate.viewed")
    assert (event.actor, event.subject, event.detail["step"]) == (OFFICER, season.an.number, LIBRARY)


def test_one_action_settles_it_and_it_stays_in_the_history(client, season, torn):
    answer = settle(client, season.an, "clear", words="seen the receipt")
    assert (answer.status_code, answer.location) == (303, path(season.an))
    assert (cell(season.an).state, cell(season.an).conflict) == ("cleared", None)
    text = client.get(path(season.an)).text
    assert "third floor" in text
    assert "seen the receipt" in text
    assert 'name="choice"' not in text
    assert path(season.an) in client.get("/reviews?state=settled").text
    assert path(season.an) not in client.get("/reviews").text


def test_the_second_reviewer_is_shown_what_changed(client, season, torn):
    seen = cell(season.an).heads
    settle(client, season.an, "clear", seen)
    answer = settle(client.sign_in_as(ADMIN), season.an, "hold", seen, words="still two books")
    assert answer.status_code == 409
    assert "note-warn" in answer.text
    assert f"{OFFICER}老师" in answer.text
    assert (cell(season.an).state, Entry.select().count()) == ("cleared", 3)


def test_what_was_typed_stays_when_a_new_entry_came_first(client, season, torn):
    seen = cell(season.an).heads
    receive([TabletDouble.enrol("hall").act("clear", season.an, LIBRARY).token], "direct")
    answer = settle(client, season.an, "hold", seen, words="still two books")
    assert answer.status_code == 409
    assert "still two books" in answer.text
    assert 'value="hold" required checked' in answer.text
    assert f'name="heads" value="{cell(season.an).heads}"' in answer.text


def test_the_same_form_sent_twice_settles_once(client, season, torn):
    seen = cell(season.an).heads
    assert [settle(client, season.an, "clear", seen).status_code for _ in range(2)] == [303, 303]
    assert Entry.select().count() == 3


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({"choice": ""}, "choice"), ({"choice": "collect"}, "choice"), ({"choice": "waive"}, "words"),
     ({"choice": "clear", "amount": "3"}, "amount"), ({"choice": "hold", "words": "x" * 501}, "words"),
     ({"choice": "x" * 3000}, "choice"), ({"choice": "hold", "reason": "moon"}, "reason")],
)  # fmt: skip
def test_what_cannot_be_settled_so_is_said_at_its_field(client, season, torn, fields, wrong):
    more = {name: value for name, value in fields.items() if name != "choice"}
    answer = settle(client, season.an, fields["choice"], **more)
    assert answer.status_code == 422
    assert f'href="#f-{wrong}"' in answer.text
    assert Entry.select().count() == 2


@pytest.mark.parametrize("address", ["steps/999/library", "steps/2020000000/moon", "entries/x", "tokens/x"])
def test_what_is_not_there_is_not_found(client, season, address):
    assert client.sign_in_as(ADMIN).get(f"/reviews/{address}").status_code == 404


def test_one_who_has_left_the_roster_is_in_no_list(client, season, torn):
    Graduate.update(removed_at=1).where(Graduate.id == season.an.id).execute()
    assert path(season.an) not in client.get("/reviews").text
    assert client.get(path(season.an)).status_code == 404


def test_a_finding_is_noted_with_a_reason_and_waits_no_more(client, season, odd):
    for _ in range(2):
        answer = client.send(path(season.bai, tail="/notes"), findings=odd.id, note="the tablet was new")
        assert (answer.status_code, answer.location) == (303, path(season.bai))
    assert path(season.bai) not in client.get("/reviews?tab=findings").text
    assert path(season.bai) in client.get("/reviews?tab=findings&state=settled").text
    assert "the tablet was new" in client.get(path(season.bai)).text
    assert [(row.by, row.reason) for row in Review.select()] == [(OFFICER, "the tablet was new")]
    assert AuditEvent.get(AuditEvent.action == "review.noted").subject == season.bai.number


def test_a_note_by_another_reviewer_is_shown_instead_of_a_second(client, season, odd):
    client.send(path(season.bai, tail="/notes"), findings=odd.id, note="the tablet was new")
    answer = client.sign_in_as(ADMIN).send(path(season.bai, tail="/notes"), findings=odd.id, note="I see")
    assert answer.status_code == 409
    assert "the tablet was new" in answer.text
    assert Review.select().count() == 1


def test_a_finding_that_comes_back_waits_again_and_keeps_its_notes(client, season):
    """Somebody's right is taken, given again and taken once more."""
    receive([TabletDouble.enrol("library", operator="zhou").act("clear", season.an, LIBRARY).token], "direct")
    found = Finding.get(Finding.code == "operator-without-right")
    client.send(path(season.an, tail="/notes"), findings=found.id, note="he helped out")
    right = grants.grant("zhou", "operator", "station", "library", ADMIN)
    assert Finding.get_by_id(found.id).gone_at is not None
    grants.Grant.update(until_at=1).where(grants.Grant.id == right.id).execute()
    grants.end(grants.grant("zhou", "operator", "station", "dorm", ADMIN).id, ADMIN)
    back = Finding.get_by_id(found.id)
    assert (back.gone_at, back.noted_at) == (None, None)
    text = client.get(path(season.an)).text
    assert "he helped out" in text
    assert path(season.an) in client.get("/reviews?tab=findings").text


def test_a_note_needs_words(client, season, odd):
    assert client.send(path(season.bai, tail="/notes"), findings=odd.id, note=" ").status_code == 422
    assert client.send(path(season.bai, tail="/notes"), findings="x", note="y").status_code == 422


def test_an_entry_is_admitted_from_its_page(client, season, stray):
    text = client.get(f"/reviews/entries/{stray.hash}").text
    assert "badge-cleared" in text
    for _ in range(2):
        answer = client.send(f"/reviews/entries/{stray.hash}/admissions", words="the tablet was found")
        assert (answer.status_code, answer.location) == (303, f"/reviews/entries/{stray.hash}")
    assert cell(season.an).state == "cleared"
    text = client.get(f"/reviews/entries/{stray.hash}").text
    assert "the tablet was found" in text
    assert "admissions" not in text
    assert AuditEvent.select().where(AuditEvent.action == "review.admitted").count() == 1


def test_an_entry_is_dismissed_with_a_reason_and_stays(client, season, stray):
    assert client.send(f"/reviews/entries/{stray.hash}/dismissals", words="").status_code == 422
    client.send(f"/reviews/entries/{stray.hash}/dismissals", words="stolen")
    assert cell(season.an).state == "open"
    assert f"/reviews/entries/{stray.hash}" in client.get("/reviews?tab=quarantine&state=settled").text
    answer = client.send(f"/reviews/entries/{stray.hash}/admissions", words="no, it was fine")
    assert answer.status_code == 409
    assert "stolen" in answer.text


def test_an_entry_of_an_unknown_graduate_says_what_is_missing(client, season):
    made = TabletDouble.enrol("library").act("clear", "gr_later00001", LIBRARY)
    receive([made.token], "direct")
    text = client.get(f"/reviews/entries/{made.hash}").text
    assert "admissions" not in text
    assert client.send(f"/reviews/entries/{made.hash}/admissions", words="x").status_code == 409


def test_tokens_without_a_place_are_for_administrators(client, season):
    desk = TabletDouble.enrol("library")
    first = desk.act("note", season.an, LIBRARY)
    second = desk.act("clear", season.an, LIBRARY, id=first.id)
    receive([first.token, second.token, "nonsense"], "direct")
    genuine, malformed = (Quarantined.get(Quarantined.code == code).token_hash for code in ("id-reused", "malformed"))
    assert client.get(f"/reviews/tokens/{genuine}").status_code == 403
    client.sign_in_as(ADMIN)
    assert "adoptions" in client.get(f"/reviews/tokens/{genuine}").text
    assert "adoptions" not in client.get(f"/reviews/tokens/{malformed}").text
    assert client.send(f"/reviews/tokens/{malformed}/adoptions", words="x").status_code == 409
    assert client.send(f"/reviews/tokens/{genuine}/adoptions", words="right", heads="gone").status_code == 409
    assert client.send(f"/reviews/tokens/{genuine}/adoptions", words="right", heads="").status_code == 303
    assert cell(season.an).state == "cleared"
    assert client.send(f"/reviews/tokens/{malformed}/dismissals", words="noise").status_code == 303
    assert 'class="count">0' in client.get("/reviews?tab=quarantine").text


def test_two_cards_handed_over_are_settled_on_the_page(client, season, sun):
    for station in ("cards", "hall"):
        receive([TabletDouble.enrol(station).act("collect", season.an, CARD).token], "direct")
    client.sign_in_as(OTHER)
    text = client.get(path(season.an, CARD)).text
    choice = re.search(r'name="choice" value="(undo\.[^"]+)"', text)[1]
    fields = {"heads": cell(season.an, CARD).heads, "choice": choice}
    assert client.send(path(season.an, CARD, "/settlements"), **fields).status_code == 422
    assert client.send(path(season.an, CARD, "/settlements"), **fields, words="one came back").status_code == 303
    assert (cell(season.an, CARD).state, cell(season.an, CARD).conflict) == ("collected", None)


def test_the_old_page_leads_to_the_new_list(client, season):
    answer = client.sign_in_as(ADMIN).get("/quarantine")
    assert (answer.status_code, answer.location) == (303, "/reviews?tab=quarantine")


def test_a_form_without_its_token_changes_nothing(client, season, torn, stray):
    for address in (path(season.an, tail="/settlements"), f"/reviews/entries/{stray.hash}/admissions"):
        assert client.post(address, data={"choice": "clear", "words": "x"}).status_code == 400
    assert cell(season.an).conflict == "clear-vs-hold"
