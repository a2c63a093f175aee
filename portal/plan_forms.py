"""The online form of a step as pages show it: its fields, its answers as facts, and what is wrong or doubtful in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import forms
from db.forms import CHANGE, EDITABLE, StepForm
from db.people import Graduate
from db.refusals import Invalid
from db.rules.form import Fault, Question
from db.rules.step import Step
from db.standing import StepStanding
from portal.words import the_plan
from web import sentences
from web.forms import Choice, Day, Field, Form, LongText, Text
from web.i18n import dayname, language
from web.kept_form import Kept

NOBODY: Any = _l("nobody, it counts at once")
REVIEWERS: dict[str, Any] = {"counselor": _l("Counselor"), "college": _l("College"), "department": _l("Department")}
DOUBTS: dict[str, Any] = {
    "look-at-answer": _l("This answer asks for somebody to look at it."),
    "looks-no-unit": _l("It does not look like the name of an organisation."),
    "looks-private": _l("It looks like a private address."),
}

sentences.add(
    {
        "answer-too-long": (_l("At most %(most)d characters; these are %(count)d."), ""),
        "answer-unusable": (_l("This holds characters that cannot be used."), ""),
        "answer-no-email": (_l("This is no e-mail address, such as name@example.com."), ""),
        "answer-no-phone": (
            _l("Enter a mobile number of 11 digits, a landline with its area code, or + and the country's code."), "",
        ),
        "answer-no-date": (_l("Enter a day as year-month-day, such as %(day)s."), ""),
        "answer-in-future": (_l("This day has not come yet: enter today or a day before."), ""),
        "answer-without-phone": (_l("Add the telephone number of this person."), ""),
        "answer-not-offered": (_l("Choose one of the list."), ""),
        "answer-outside-season": (_l("Enter a day from %(first)s to %(last)s."), ""),
        "answer-address-short": (_l("Write the whole address: at least %(least)d characters."), ""),
        "answer-private-address": (
            _l("A private address or person is not accepted; write the full name of the receiving unit."), "",
        ),
        "answer-oneself": (_l("It is never sent to yourself or your family; write who receives it at the unit."), ""),
        "form-changed": (
            _l("This form does not stand any more as your page showed it; nothing was changed."),
            _l("Load the page again and look at how it stands now."),
        ),
        "form-withdrawn": (
            _l("The graduate took this form back; nothing was changed."),
            _l("It is among the forms again once it is sent anew."),
        ),
        "form-words": (_l("Choose a reason, or write one; the graduate reads it."), ""),
        "unknown-form": (_l("There is no such form among those you may look at."), _l("Go back to the forms.")),
    }
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.globals.update(
        answers_of=answers_of, doubt_word=doubt_word, reviewer_word=reviewer_word, reviews_word=reviews_word
    )


def form_of(step: Step, typed: Mapping[str, str], faults: Mapping[str, Fault] | None = None) -> Form:
    """The step's questions as a form, filled with what was typed, with what is wrong."""
    kind = type("PlanForm", (Form,), {question.code: _field(question) for question in step.form})
    form = kind(typed)
    if faults:
        form.refuse(Invalid(faults))
    return form


def shown(graduate: Graduate, each: StepStanding, form: Form | None = None, back: Kept | None = None) -> dict[str, Any]:
    """What a graduate's page of a step needs of its form: `form` as it was refused, else as it came `back`, else as it was kept."""
    if not each.step.form:
        return {"phase": None}
    kept = forms.of(graduate.id, each.step.code)
    phase = forms.phase(each, graduate.number, kept)
    if phase not in EDITABLE:
        return {"phase": phase, "kept": kept, "drafted": False}
    if back and back.fields.get("whose", graduate.ref) != graduate.ref:
        back = None
    if back and back.fields:
        form = form_of(each.step, back.fields)
    drafted = kept is not None and any(kept.draft.values()) and kept.draft != (kept.sent or {})
    return {
        "phase": phase, "kept": kept, "drafted": drafted, "form": form or form_of(each.step, kept.draft if kept else {}),
        "back": back, "whose": graduate.ref,
        "changing": form is not None and phase == CHANGE,
        "whens": {question.code: "=".join(question.when) for question in each.step.form if question.when},
    }  # fmt: skip


def answers_of(form: StepForm, step: Step | None = None) -> list[tuple[str, str, str]]:
    """What was sent: the question's code, its name, the answer as pages tell it. Of a step no longer planned: bare codes."""
    step = step or the_plan().steps_by_code.get(form.step)
    sent: dict[str, str] = form.sent or {}
    if step is None:
        return [(code, code, answer) for code, answer in sent.items()]
    return [(one.code, one.name.pick(language()), _on_page(one, sent[one.code])) for one in step.form if one.code in sent]


def answer_word(question: Question, answer: str) -> str:
    """An answer as people read it; dates stay ISO 8601, as files want them."""
    return next((option.name.pick(language()) for option in question.options if option.code == answer), answer)


def _on_page(question: Question, answer: str) -> str:
    return dayname(answer) if question.kind == "date" else answer_word(question, answer)


def doubt_word(code: str) -> str:
    """What a reviewer should look at, in a sentence."""
    return str(DOUBTS.get(code, code))


def reviewer_word(reviewer: str | None, step: Step | None = None) -> str:
    """Whose review it is; with the step, its department by name."""
    if reviewer == "department" and step:
        return the_plan().department(step.department).name.pick(language())
    return str(REVIEWERS.get(reviewer or "", reviewer or ""))


def reviews_word(step: Step) -> str:
    """Who reviews the step's form, in order."""
    return _(", then ").join(reviewer_word(one, step) for one in step.reviews) if step.reviews else str(NOBODY)


def _field(question: Question) -> Field:
    label = question.name.pick(language())
    more: dict[str, Any] = {"required": question.required, "hint": question.hint.pick(language()) if question.hint else ""}
    match question.kind:
        case "choice":
            return Choice(label, [(option.code, option.name.pick(language())) for option in question.options], **more)
        case "date":
            return Day(label, **more)
        case "long" | "address":
            return LongText(label, most=question.most, **more)
        case "phone":
            return Text(label, most=question.most, inputmode="tel", **more)
        case "email":
            return Text(label, most=question.most, inputmode="email", **more)
    return Text(label, most=question.most, **more)
