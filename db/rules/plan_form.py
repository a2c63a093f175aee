"""The online form of a step as a plan file writes it: read, and checked as a whole. What it means is in `db/rules/form.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from db.rules.form import KINDS, LONGEST, RULES, Option, Question
from db.rules.message import Message, Names, _
from db.rules.needs import OF_ANSWERS
from db.rules.plan_read import Table

if TYPE_CHECKING:
    from db.rules.step import Step

MOST_QUESTIONS, LONGEST_ANSWER = 20, 2000


def questions(step: Table) -> tuple[Question, ...]:
    """The questions of a step, none where it has no form of its own."""
    return tuple(_question(table) for table in step.tables("form"))


def check_form(step: Step) -> Iterator[tuple[str, Message]]:
    """Yield (key path, sentence) for what does not hold together in the step's form."""
    key = f"steps.{step.code}.form"
    if step.form and "form" not in step.ways:
        yield key, Message(_("only a step that is settled by a form has questions."))
    if len(step.form) > MOST_QUESTIONS:
        yield key, Message(_("at most %(most)s questions."), {"most": MOST_QUESTIONS})
    if sum(question.calendar for question in step.form) > 1:
        yield key, Message(_("one date at most is shown as a calendar."))
    before: dict[str, Question] = {}
    for question in step.form:
        yield from _question_is_sound(f"{key}.{question.code}", question, before)
        before[question.code] = question


def _question_is_sound(key: str, question: Question, before: dict[str, Question]) -> Iterator[tuple[str, Message]]:
    if question.kind == "choice" and len(question.options) < 2:
        yield f"{key}.options", Message(_("a choice needs at least two options."))
    if question.kind and question.kind != "choice" and question.options:
        yield f"{key}.options", Message(_("only a choice has options."))
    if question.rule and question.kind and question.kind != RULES[question.rule]:
        args = {"rule": question.rule, "kind": RULES[question.rule]}
        yield f"{key}.rule", Message(_("“%(rule)s” is asked only of kind “%(kind)s”."), args)
    for name, wanted in (("within_season", question.within), ("past", question.past), ("calendar", question.calendar)):
        if wanted and question.kind and question.kind != "date":
            yield f"{key}.{name}", Message(_("only a date has this."))
    if question.when:
        asked, option = question.when
        if asked not in before or before[asked].kind != "choice":
            yield f"{key}.when", Message(_("there is no choice “%(code)s” before this question."), {"code": asked})
        elif option not in {one.code for one in before[asked].options}:
            yield f"{key}.when", Message(_("“%(code)s” has no such option: “%(option)s”."), {"code": asked, "option": option})


def _question(table: Table) -> Question:
    kind = table.choice("kind", KINDS)
    found = Question(
        code=table.code("code"),
        kind=kind,
        name=table.names("name"),
        hint=table.names("hint") if table.has("hint") else None,
        required=table.flag("required", True),
        most=table.whole("most", 1, LONGEST_ANSWER) or LONGEST.get(kind, 60),
        rule=table.choice("rule", tuple(RULES)) if table.has("rule") else "",
        options=tuple(_option(one) for one in table.tables("options")),
        when=_when(table),
        within=table.flag("within_season", False),
        past=table.flag("past", False),
        calendar=table.flag("calendar", False),
    )
    table.done()
    return found


def _option(table: Table) -> Option:
    found = Option(
        code=table.code("code"),
        name=Names(zh=table.text("zh"), en=table.text("en")),
        settles=table.flag("settles", False),
        look=table.flag("look", False),
        need=table.choice("need", OF_ANSWERS) if table.has("need") else "",
    )
    table.done()
    return found


def _when(table: Table) -> tuple[str, str] | tuple[()]:
    if not table.has("when"):
        return ()
    question, _sign, option = table.text("when").partition("=")
    if not question or not option:
        table.complain("when", _("write the question and its option, such as “answer=error”."))
        return ()
    return question.strip(), option.strip()
