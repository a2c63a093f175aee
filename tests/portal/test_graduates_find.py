"""Finding graduates within one's scope."""

import time

import pytest

from db.cards import reissue, revoke
from db.intake import receive
from db.rules.card import sign_card
from tests.cast import ADMIN, LIBRARY, TabletDouble, make_season
from tests.client import portal
from tests.portal.office_case import BOSS, COUNSELOR, DEAN, OFFICER, counted

pytest_plugins = ["tests.portal.office_fixtures"]


def names(answer) -> set[str]:
    return {name for name in ("安然", "白露", "程远") if f">{name}</a>" in answer.text}


@pytest.mark.parametrize(
    ("who", "seen"),
    [(OFFICER, {"安然", "白露", "程远"}), (ADMIN, {"安然", "白露", "程远"}), (COUNSELOR, {"安然"}), (DEAN, {"程远"})],
)
def test_everybody_finds_the_graduates_of_their_own_scope(client, who, seen):
    assert names(client.sign_in_as(who).get("/graduates")) == seen


@pytest.mark.parametrize("who", [BOSS, "auditor", "wang"])
def test_those_who_need_no_names_get_none(client, who):
    assert client.sign_in_as(who).get("/graduates").status_code == 403


@pytest.mark.parametrize(
    ("query", "seen"),
    [("q=安", {"安然"}), ("q=0000001", {"白露"}), ("college=商学院", {"程远"}), ("class=护理2002", {"白露"}), ("q=%25", set()),
     ("q=_", set()), ("q=Ａ", set()), ("college=商学院&class=护理2001", {"安然"}), ("step=library&state=held", set()),
     ("step=library&state=open", {"安然", "白露", "程远"}),
     ("state=%00&step=%00&class=%00&college=%00&after=%00", {"安然", "白露", "程远"}),
     ("state=nonsense&step=nonsense&class=nonsense&college=nonsense", {"安然", "白露", "程远"})],
)  # fmt: skip
def test_filters_stand_in_the_url(client, query, seen):
    assert names(client.get(f"/graduates?{query}")) == seen


def test_it_finds_what_is_held_and_what_is_in_conflict(client, season):
    first, second = TabletDouble.enrol("library"), TabletDouble.enrol("hall")
    receive([first.act("hold", season.an, LIBRARY, reason="lost").token, first.act("clear", season.bai, LIBRARY).token], "direct")
    receive([second.act("hold", season.bai, LIBRARY).token], "direct")
    assert names(client.get("/graduates?step=library&state=held")) == {"安然", "白露"}
    assert names(client.get("/graduates?state=conflict")) == {"白露"}
    assert names(client.get("/graduates?state=unsettled&step=library")) == {"安然", "白露", "程远"}


def test_what_somebody_is_not_shown_cannot_be_looked_for(client, season):
    desk = TabletDouble.enrol("cards")
    receive([desk.act("hold", season.cheng, "campus-card").token], "direct")
    assert names(client.get("/graduates?state=held")) == set()
    assert names(client.get("/graduates?state=held&step=campus-card")) == set()
    assert names(client.sign_in_as(DEAN).get("/graduates?state=held&step=campus-card")) == {"程远"}
    assert names(client.sign_in_as(COUNSELOR).get("/graduates?state=held&step=campus-card")) == set()


def test_a_whole_number_leads_straight_to_the_page(client, season):
    answer = client.get(f"/graduates?q={season.an.number}")
    assert (answer.status_code, answer.location) == (303, f"/graduates/{season.an.number}")
    assert client.get(f"/graduates?q={season.an.ref}").location == f"/graduates/{season.an.number}"


def test_a_number_outside_of_the_scope_leads_nowhere(client, season):
    answer = client.sign_in_as(COUNSELOR).get(f"/graduates?q={season.cheng.number}")
    assert answer.status_code == 200
    assert names(answer) == set()


def scanned(client, graduate, gen=1, exp=None, key=None):
    store = client.application.extensions["keys"]
    token = sign_card(key or store.card_key, graduate.ref, gen, exp or int(time.time()) + 999)
    return client.get("/graduates", query_string={"q": token}), token


def test_a_scanned_card_opens_its_graduate(client, season):
    answer, _ = scanned(client, season.an)
    assert answer.location == f"/graduates/{season.an.number}"
    assert "note-warn" not in client.get(answer.location).text


@pytest.mark.parametrize("wrong", ["expired", "replaced", "revoked"])
def test_a_card_that_no_longer_counts_opens_its_graduate_with_a_word(client, season, wrong):
    if wrong == "replaced":
        reissue(season.an.id, ADMIN, "lost")
    if wrong == "revoked":
        revoke(season.an.id, ADMIN, "stolen")
    answer, _ = scanned(client, season.an, exp=1 if wrong == "expired" else None)
    assert "note-warn" in client.get(answer.location).text


def test_a_forged_card_opens_nobody(client, season):
    _, token = scanned(client, season.an)
    forged = token[:-8] + ("AAAAAAAA" if not token.endswith("AAAAAAAA") else "BBBBBBBB")
    answer = client.get("/graduates", query_string={"q": forged})
    assert answer.status_code == 200
    assert "note-warn" in answer.text
    assert names(answer) == set()


def test_a_card_of_somebody_elses_graduate_opens_nobody(client, season):
    answer, _ = scanned(client.sign_in_as(COUNSELOR), season.cheng)
    assert answer.status_code == 200
    assert "note-warn" in answer.text


def test_htmx_gets_the_list_alone(client):
    answer = client.get("/graduates?q=安", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="results">')
    assert names(answer) == {"安然"}


@pytest.mark.parametrize(
    "query", ["q=" + "x" * 5000, "q=%00", "after=%00%ff", "q=a.b.c" + "x" * 99, "state=%27;--", "q=%F0%9F%98%80"]
)
def test_no_url_makes_it_fail(client, query):
    assert client.get(f"/graduates?{query}").status_code == 200


def test_pages_follow_one_another_without_loss_in_a_fixed_number_of_queries(db, database_url, tmp_path, monkeypatch):
    season = make_season(more=120)
    client = portal(database_url, tmp_path).sign_in_as(ADMIN)
    client.get("/graduates")  # the season is read once
    seen, path, counts = [], "/graduates", set()
    while path:
        with counted(monkeypatch) as asked:
            text = client.get(path).text
        counts.add(len(asked))
        seen += [one.number for one in season.everybody if f'href="/graduates/{one.number}"' in text]
        after = text.partition('rel="next" href="')[2].partition('"')[0]
        path = after.replace("&amp;", "&")
    assert seen == [one.number for one in season.everybody]
    assert len(counts) == 1
    assert counts.pop() <= 9


def test_the_count_and_the_queries_are_the_same_for_one_and_for_many(client, monkeypatch):
    client.get("/graduates")  # the season is read once
    counts = []
    for query in ("q=安", "", "step=library&state=open&college=护理学院"):
        with counted(monkeypatch) as asked:
            client.get(f"/graduates?{query}")
        counts.append(len(asked))
    assert len(set(counts)) == 1
