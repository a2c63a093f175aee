"""The plan page: everything the plan says, in both languages, and findings only for those who can mend them."""

import re
from collections.abc import Iterator

import html5lib
import pytest
from flask import Flask

from db import season
from db.database import close_database
from db.keys import KeyStore
from db.rules.plan_lint import lint
from portal import create_app
from portal.config import Config
from tests.db.rules.planfile import SHIPPED, shipped
from tests.engines import Sqlite

PLAN = shipped()
MOVED = 100


@pytest.fixture(scope="module")
def app(sqlite_engine: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    url = sqlite_engine.create()
    folder = tmp_path_factory.mktemp("plan") / "keys"
    KeyStore.create(folder)
    app = create_app(Config(url, folder))
    season.load_plan(SHIPPED.read_text("utf-8"), "2023.toml", "test", MOVED)
    yield app
    close_database()
    sqlite_engine.drop(url)


@pytest.fixture
def ask(app, monkeypatch):
    """The plan page as somebody with this role reads it (None: nobody is signed in)."""

    def ask(role: str | None = "graduate", language: str = "en"):
        monkeypatch.setattr(app.extensions["access"], "roles_of", lambda: None if role is None else frozenset({role}))
        client = app.test_client()
        client.set_cookie("language", language)
        return client.get("/plan")

    return ask


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)).replace("&#39;", "'")


def test_who_is_not_signed_in_is_led_to_the_sign_in(ask):
    answer = ask(None)
    assert answer.status_code in (302, 303, 401)
    assert "Diploma" not in answer.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_shows_every_step_department_and_station_in_the_language_asked_for(ask, language):
    shown = text(ask(language=language))
    asked = {step.department for step in PLAN.steps}
    for part in (*PLAN.steps, *PLAN.stations, *(d for d in PLAN.departments if d.code in asked)):
        assert part.name.pick(language) in shown


def said_day(day):
    return f"{day.day} {day:%b %Y}"


def test_dates_are_those_of_the_moved_plan(ask):
    library = PLAN.shifted(MOVED).step("library")
    assert f"{said_day(library.opens)} – {said_day(library.closes)}" in text(ask())
    assert said_day(PLAN.step("library").closes) not in text(ask())


def test_circles_are_told_in_the_plans_own_words(ask):
    assert "Departed and not Delayed graduation" in text(ask())
    assert "非延缓毕业" in text(ask(language="zh")).replace(" ", "")


@pytest.mark.parametrize("role", ["admin", "leadership", "officer", "auditor"])
def test_those_who_plan_see_what_the_dates_contradict(ask, role):
    shown = text(ask(role))
    assert "4 contradictions in the dates" in shown
    for finding in lint(PLAN.shifted(MOVED)):
        assert finding.sentence.id % finding.sentence.values("en", said_day) in shown
        assert not any(key in shown for key in finding.keys)
    assert "milestone “Personal files complete”, last day; milestone “Transcripts printed”, last day" in shown


@pytest.mark.parametrize("role", ["graduate", "operator", "counselor"])
def test_others_are_not_bothered_with_contradictions(ask, role):
    assert "contradiction" not in ask(role).text


def test_the_picture_is_hidden_from_screen_readers_who_get_a_list_in_its_place(ask):
    page = html5lib.parse(ask().text, namespaceHTMLElements=False)
    figure = page.find(".//figure[@id='flow']")
    assert [
        svg.get("aria-hidden") for svg in figure.iter("{http://www.w3.org/2000/svg}svg") if "flow-picture" in svg.get("class", "")
    ] == ["true", "true"]
    items = [" ".join("".join(item.itertext()).split()) for item in figure.findall("ol/li")]
    assert len(items) == len(PLAN.steps)
    assert any(
        item.startswith("Compensation settled: ") and item.endswith("Waits for: Book return, Dorm return and damage check.")
        for item in items
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_valid_html_without_inline_style(ask, language):
    answer = ask(language=language)
    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert "style=" not in answer.text


def test_links_within_the_page_lead_to_steps_on_it(ask):
    body = ask().text
    ids = re.findall(r'\bid="([^"]+)"', body)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#(step-[^"]+)"', body)) <= set(ids)


def test_it_shows_what_is_looked_at_in_rooms_and_what_damages_cost(ask):
    shown = text(ask())
    rounds = PLAN.step("dorm").rounds
    assert rounds is not None
    assert all(check.name.en in shown for check in rounds.inspection)
    assert "Chair ¥65.00" in shown
    assert rounds.pay.en in shown
    assert rounds.prices[2].name.zh in text(ask(language="zh"))
