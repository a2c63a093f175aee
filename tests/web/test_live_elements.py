"""`static/portal/live.js`: an element keeps itself up to date, cheaply, and knows when to stop."""

import pytest

from tests.browser import hold_time, pass_time

pytestmark = pytest.mark.engine("sqlite")

LIVE = '<section id="part" data-live="/sample/live/9" data-live-every="2"><p>{}</p></section>'


NEVER = 0  # neither an answer nor an end


class Answers:
    """Plays the server: one answer after the other, the last one for ever. Each is a status and a text."""

    def __init__(self, page, *answers: tuple[int, str]) -> None:
        self._answers = list(answers)
        self.asked: list[str | None] = []
        page.route("**/sample/live/9", self._answer)

    def _answer(self, route) -> None:
        status, text = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(route.request.headers.get("if-none-match"))
        if status == NEVER:
            return
        body = "" if status == 304 else LIVE.format(text)
        route.fulfill(status=status, body=body, headers={"ETag": '"' + text + '"', "Content-Type": "text/html"})


@pytest.fixture
def page(server, open_page):
    page = open_page(base_url=server.url)
    hold_time(page)
    page.goto("/sample/live")
    return page


def see(page, selector: str) -> None:
    """Let time pass until it is there: two minutes at most."""
    for _ in range(120):
        if page.locator(selector).first.is_visible():
            return
        pass_time(page, 1)
    raise AssertionError(f"never came: {selector}")


def test_it_takes_over_what_changed_and_then_asks_only_for_changes(page):
    answers = Answers(page, (200, "first"), (304, "first"), (200, "second"))
    see(page, "text=second")
    assert answers.asked[:3] == [None, '"first"', '"first"']


def test_a_failure_leaves_what_stands_there_and_says_nothing(page):
    answers = Answers(page, (500, "broken"), (200, "mended"))
    with page.expect_response("**/sample/live/9"):
        pass_time(page, 2.5)
    assert answers.asked == [None]
    assert page.locator("text=count 9").is_visible()
    assert page.locator("#notice .note").count() == 0
    see(page, "text=mended")


def test_an_answer_that_never_comes_is_not_waited_for(page):
    answers = Answers(page, (NEVER, ""), (200, "mended"))
    pass_time(page, 14, patience=1)
    assert len(answers.asked) == 1
    see(page, "text=mended")


def test_it_asks_nothing_while_nobody_looks(page):
    answers = Answers(page, (200, "seen"))
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => window.unseen})")
    page.evaluate("window.unseen = true")
    pass_time(page, 20)
    assert answers.asked == []
    page.evaluate("window.unseen = false; document.dispatchEvent(new Event('visibilitychange'))")
    see(page, "text=seen")


def test_what_was_opened_stays_open_and_three_failures_in_a_row_show(page):
    details = '<details id="more"><summary>more</summary>{}</details>'
    Answers(page, (200, "first"), (500, ""), (500, ""), (500, ""), (200, details.format("mended")))
    see(page, "text=first")
    page.evaluate("(html) => { document.querySelector('#part').innerHTML = html }", details.format("old"))
    page.evaluate("document.querySelector('#more').open = true")
    for moment in ("#part[data-live-stale]", "#part:not([data-live-stale]) #more[open]"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # asks at once instead of waiting longer
        see(page, moment)


def test_it_stops_at_the_time_it_is_given(page):
    answers = Answers(page, (200, "late"))
    page.evaluate("document.querySelector('#part').dataset.liveUntil = '2023-06-26T01:00:00Z'")
    pass_time(page, 20)
    assert answers.asked == []


def test_a_real_fragment_of_the_server_is_swapped_in(page):
    page.evaluate("document.querySelector('#part').dataset.live = '/sample/live/8'")
    see(page, "text=count 8")
