"""Chinese by default, English complete; times in the season's zone, money exact, numbers masked."""

import re
from datetime import UTC, date, datetime

import pytest
from flask_babel import force_locale, gettext

from db.rules.message import Message
from web import catalogue, i18n
from web.catalogue import ROOT

AT = datetime(2023, 6, 26, 1, 31, 5, 120000, tzinfo=UTC)


@pytest.mark.parametrize(("accept", "spoken"), [
    ("", "zh"), ("zh-CN,zh;q=0.9", "zh"), ("en-US,en;q=0.9,zh;q=0.5", "en"), ("zh,en;q=0.9", "zh"), ("de,fr;q=0.8", "zh"),
    ("de,en;q=0.5", "en"), ("zh-HK,en;q=0.5", "zh"), ("*", "zh"), ("en;q=oops", "zh"),
])
def test_the_browsers_preference_chooses_and_chinese_is_the_default(app, accept, spoken):
    with app.test_request_context(headers={"Accept-Language": accept}):
        assert i18n.language() == spoken


def test_the_switch_outweighs_the_browser_and_leads_back(client):
    answer = client.post("/language", data={"language": "en", "next": "/sample/gallery?a=1"})
    assert (answer.status_code, answer.location) == (303, "/sample/gallery?a=1")
    page = client.get("/sample/gallery", headers={"Accept-Language": "zh-CN"}).text
    assert '<html lang="en"' in page
    assert "Skip to the content" in page


def test_a_language_that_is_not_spoken_is_refused(client):
    assert client.post("/language", data={"language": "xx"}).status_code == 422
    assert client.post("/theme", data={"theme": "pink"}).status_code == 422


def test_light_or_dark_is_remembered(client):
    assert 'data-theme="auto"' in client.get("/sample/gallery").text
    client.post("/theme", data={"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/sample/gallery").text


def test_times_are_shown_in_the_seasons_zone(app):
    with app.test_request_context():
        assert i18n.localtime(AT, "yyyy-MM-dd HH:mm") == "2023-06-26 09:31"
        assert i18n.localtime(1687743065120, "yyyy-MM-dd HH:mm") == "2023-06-26 09:31"
        assert i18n.clocktime(AT) == "09:31"
        assert i18n.localdate(datetime(2023, 6, 25, 16, 0, tzinfo=UTC)) == "2023年6月26日"
        assert i18n.utctime(AT) == "2023-06-26T01:31:05.120Z"
        assert i18n.localtime(None) == ""


def test_a_moment_without_zone_is_an_error(app):
    with app.test_request_context(), pytest.raises(ValueError, match="zone"):
        i18n.localtime(datetime(2023, 6, 26))


@pytest.mark.parametrize(("fen", "text"), [(0, "¥0.00"), (5, "¥0.05"), (123456789, "¥1,234,567.89"), (-250, "-¥2.50")])
def test_money_is_shown_to_the_fen(fen, text):
    assert i18n.yuan(fen) == text


@pytest.mark.parametrize(("text", "shown"), [
    ("13800001234", "13******234"), ("110101199001011234", "110***********1234"),
    ("abc", "*" * 2 + "c"), ("", ""), (None, ""),
])
def test_masking_hides_at_least_half(text, shown):
    assert i18n.masked(text) == shown


def test_every_sentence_has_chinese_that_somebody_confirmed():
    known = catalogue.read()
    unknown = [entry.id for entry in catalogue.extract() if entry.id and known.get(catalogue._key(entry), entry.context) is None]
    assert not unknown, "run: python -m web.i18n update"
    assert not [entry.id for entry in catalogue.missing(known)], "run: python -m web.i18n missing"


def test_chinese_fills_the_same_places_as_its_english():
    import re
    places = re.compile(r"%\(\w+\)[sd]")
    for entry in catalogue.read():
        english = entry.id if isinstance(entry.id, str) else entry.id[-1]
        for chinese in [entry.string] if isinstance(entry.string, str) else entry.string or ():
            if english and chinese:
                assert sorted(set(places.findall(chinese))) == sorted(set(places.findall(english))), english


def test_the_catalogue_says_nothing_that_no_code_says_any_more():
    said = catalogue.extract()
    stale = [entry.id for entry in catalogue.read() if entry.id and said.get(catalogue._key(entry), entry.context) is None]
    assert not stale, "run: python -m web.i18n prune"


def test_both_languages_speak(app):
    with app.test_request_context():
        with force_locale("zh"):
            assert gettext("Sign out") == "退出登录"
        with force_locale("en"):
            assert gettext("Sign out") == "Sign out"


@pytest.mark.parametrize(("language", "minute", "seconds", "short", "day", "week"), [
    ("zh", "2023年6月26日 09:31", "2023年6月26日 09:31:05", "6月26日 09:31", "2023年6月26日", "2023年6月26日 周一"),
    ("en", "26 Jun 2023, 09:31", "26 Jun 2023, 09:31:05", "26 Jun, 09:31", "26 Jun 2023", "Mon 26 Jun 2023"),
])  # fmt: skip
def test_a_date_looks_the_same_wherever_it_stands(app, language, minute, seconds, short, day, week):
    with app.test_request_context(headers={"Accept-Language": language}):
        assert [i18n.localtime(AT, style) for style in ("", "seconds", "short")] == [minute, seconds, short]
        assert [i18n.localdate(AT), i18n.dayname(date(2023, 6, 26)), i18n.dayname(date(2023, 6, 26), "week")] == [day, day, week]
        assert [i18n.dayname("2023-06-26"), i18n.dayname("some day")] == [day, "some day"]
        assert i18n.spoken(Message("It begins on %(day)s.", {"day": date(2023, 6, 26)})) == f"It begins on {day}."


def test_no_page_has_a_pattern_of_dates_of_its_own():
    found = {
        f"{path.name}: {pattern}" for path in (ROOT / "templates").rglob("*.html")
        for pattern in re.findall(r'strftime\([^)]*\)|"[^"]*(?:yyyy|MM-dd|MMM|d日)[^"]*"', path.read_text())
    }  # fmt: skip
    assert found == set()


def test_no_page_puts_a_blank_behind_a_colon_that_chinese_sets_wide():
    pages = [page for page in (ROOT / "templates").rglob("*.html") if page.parent.name != "tablet"]
    assert [page.name for page in pages if re.search(r':"\) \}\} ', page.read_text())] == []


def test_pages_name_no_length_of_a_time_but_those_there_are():
    named = {
        length
        for page in (ROOT / "templates").rglob("*.html")
        for length in re.findall(r"""(?:moment\([^()]*, |localtime\()"([a-z]+)"\)""", page.read_text())
    }
    assert "seconds" in named
    assert named <= i18n.TIMES.keys()
