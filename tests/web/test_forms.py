"""Forms give cleaned values, or all errors at once and what was typed."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from db.refusals import Invalid
from tests.web.sample import SampleForm
from web import forms

GOOD = {"name": " 欧阳 ", "amount": "1,234.50", "count": "30", "day": "2023-06-26", "reason": "lost", "via": "post",
        "steps": ["dorm", "library"], "secret": "  kept  ", "sure": "1"}


def sent(**changes) -> SampleForm:
    return SampleForm(MultiDict({**GOOD, **changes}))


@pytest.fixture(autouse=True)
def english(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def test_good_input_comes_out_clean():
    form = sent()
    assert form.valid()
    assert form.values == {
        "name": "欧阳", "amount": 123450, "count": 30, "day": date(2023, 6, 26), "reason": "lost", "via": "post",
        "steps": ["library", "dorm"], "text": "", "secret": "  kept  ", "sure": True}


def test_an_empty_form_names_every_field_that_is_needed():
    form = SampleForm(MultiDict())
    assert not form.valid()
    assert set(form.errors) == {"name", "amount", "reason", "via", "secret", "sure"}


@pytest.mark.parametrize(("field", "typed"), [
    ("name", "一二三四五六七八九十一二三"), ("name", "a\x00b"), ("amount", "-1"), ("amount", "1.234"), ("amount", "NaN"),
    ("amount", "1e9"), ("amount", "Infinity"), ("amount", "五元"), ("count", "0"), ("count", "31"), ("count", "3.5"),
    ("count", "9" * 19), ("day", "26.6.2023"), ("day", "2023-02-30"), ("day", "9999-12-31"), ("reason", "stolen"), ("via", "owl"),
    ("steps", ["library", "moon"]), ("text", "x" * 2001), ("secret", "x" * 513),
])
def test_bad_input_is_refused_with_a_sentence_and_what_was_typed(field, typed):
    form = sent(**{field: typed})
    assert not form.valid()
    assert list(form.errors) == [field]
    assert form.errors[field]
    assert form[field].typed == ("" if field == "secret" else typed)


@pytest.mark.parametrize(("typed", "fen"), [("0", 0), ("0.1", 10), ("￥35.50", 3550), ("1000000", 10**8)])
def test_money_is_exact(typed, fen):
    form = sent(amount=typed)
    assert form.valid()
    assert form.values["amount"] == fen


def test_a_form_is_filled_from_a_record():
    form = SampleForm.of(amount=5, day=date(2023, 6, 8), steps=["dorm"], sure=True)
    assert (form["amount"].typed, form["day"].typed, form["steps"].typed, form["sure"].typed) == (
        "0.05", "2023-06-08", ["dorm"], "1")


def test_what_a_verb_found_wrong_joins_the_forms_own_errors():
    form = sent()
    assert form.valid()
    form.refuse(Invalid({"amount": "At most what is owed."}))
    assert form["amount"].error == "At most what is owed."


def test_fields_that_belong_together_are_checked_together():
    class Span(forms.Form):
        first, last = forms.Day("first"), forms.Day("last")

        def check(self) -> None:
            if self.values["last"] < self.values["first"]:
                self.errors["last"] = "before the first"

    assert Span({"first": "2023-06-01", "last": "2023-06-02"}).valid()
    assert not Span({"first": "2023-06-02", "last": "2023-06-01"}).valid()


def test_a_wrong_form_is_shown_again_with_422_and_without_the_password(client):
    answer = client.post("/sample/form", data={**GOOD, "amount": "lots"}, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert 'value="lots"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "kept" not in answer.text
