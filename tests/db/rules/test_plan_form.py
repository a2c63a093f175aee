"""The form of a step in a plan file: what does not hold together is told with file, key and a sentence."""

import pytest

from tests.db.rules.planfile import both, made, problems

OPTIONS = [{"code": "yes", **both("Yes"), "settles": True}, {"code": "no", **both("No")}]


def field(code="words", kind="text", **more):
    return {"code": code, "kind": kind, "name": both(code)} | more


def form(*fields):
    """A change that makes the first step one with this form."""

    def change(values):
        values["steps"][1]["form"] = list(fields)

    return change


def test_a_form_is_read_whole():
    read = made(form(field("answer", "choice", options=OPTIONS), field("why", "long", when="answer=no", most=90), field(
        "day", "date", within_season=True, calendar=True))).steps[1]  # fmt: skip
    answer, why, day = read.form
    assert (answer.options[0].settles, answer.options[1].settles, why.when, why.most) == (True, False, ("answer", "no"), 90)
    assert read.dated == day


@pytest.mark.parametrize(
    ("fields", "key", "sentence"),
    [
        ([field(kind="txt")], "words.kind", "“txt” is none of: text, long, phone, email, address, date, choice."),
        ([field(), field()], "words", "the code is used twice."),
        ([field("q", "choice", options=OPTIONS[:1])], "q.options", "a choice needs at least two options."),
        ([field("q", "choice", options=[*OPTIONS, OPTIONS[0]])], "q.options.yes", "the code is used twice."),
        ([field(options=OPTIONS)], "words.options", "only a choice has options."),
        ([field(rule="no-dwelling")], "words.rule", "“no-dwelling” is asked only of kind “address”."),
        ([field(rule="x")], "words.rule", "“x” is none of: unit, not-oneself, with-phone, no-dwelling."),
        ([field(calendar=True)], "words.calendar", "only a date has this."),
        ([field(past=True)], "words.past", "only a date has this."),
        ([field(within_season=True)], "words.within_season", "only a date has this."),
        ([field(when="q=yes")], "words.when", "there is no choice “q” before this question."),
        ([field("q", "choice", options=OPTIONS), field(when="q=x")], "words.when", "“q” has no such option: “x”."),
        ([field(when="q")], "words.when", "write the question and its option, such as “answer=error”."),
        ([field(most=0)], "words.most", "must be a whole number from 1 to 2000."),
        ([field(limit=3)], "words.limit", "is not a key that belongs here."),
    ],
)
def test_each_mistake_is_told_with_its_key(fields, key, sentence):
    assert (f"steps.transfer.form.{key}", sentence) in problems(form(*fields))


def test_only_a_form_step_has_a_form_and_only_one_date_is_a_calendar():
    elsewhere = problems(lambda v: v["steps"][0].update(form=[field()]))
    assert elsewhere == [("steps.books.form", "only a step that is settled by a form has questions.")]
    two = [field(code, "date", calendar=True) for code in ("one", "two")]
    assert problems(form(*two)) == [("steps.transfer.form", "one date at most is shown as a calendar.")]
