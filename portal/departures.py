"""The calendar of the class desk: who leaves on which day and how, and who has not said; on screen, on paper, as a workbook."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request
from flask_babel import gettext as _

from db import departures, pictures
from db.departures import Calendar, Person
from db.refusals import NotFound
from db.rules.step import Step
from portal.audited import note
from portal.caller import me
from portal.plan_forms import answer_word
from portal.words import the_plan
from portal.workbook import XLSX, workbook
from web.access import roles
from web.fragments import page
from web.i18n import language
from web.paging import page_number
from web.states import state_word

blueprint = Blueprint("departures", __name__, url_prefix="/class-desk/calendar")

ROLES = ("counselor", "college")
A_PAGE = 200


def init_app(app: Flask) -> None:
    """Let the class desk know which calendars there are."""
    app.jinja_env.globals.update(dated_steps=dated_steps, answer_word=answer_word)


def dated_steps() -> list[Step]:
    """The steps whose form asks for a date that is shown as a calendar."""
    return [step for step in the_plan().steps if step.dated]


@blueprint.get("")
@roles(*ROLES)
def show() -> Response:
    """Day by day. That it was opened is recorded: it names many at once."""
    found, chosen = _asked()
    pages = -(-found.total // A_PAGE)
    number = page_number(pages)
    days, without = found.part(A_PAGE * (number - 1), A_PAGE)
    note("calendar.viewed", chosen.get("class", ""), graduates=sum(map(len, days.values())) + len(without))
    return page(
        "counsel/calendar.html", "counsel/_calendar.html", found=found, days=days, without=without, chosen=chosen,
        page_number=number, pages=pages, told=_told(found.step), gone=pictures.season_over(),
    )  # fmt: skip


@blueprint.get("/dates.xlsx")
@roles(*ROLES)
def as_workbook() -> Response:
    """What is shown, those without a date last. That it was taken along is recorded."""
    found, chosen = _asked()
    note("calendar.exported", chosen.get("class", ""), graduates=found.total)
    told = _told(found.step)
    headings = [found.step.dated.name.pick(language()) if found.step.dated else "", _("Student number"), _("Name"), _("Class"),
                _("How it stands"), *(question.name.pick(language()) for question in told)]  # fmt: skip
    dated = [(day.isoformat(), person) for day, people in found.days.items() for person in people]
    rows = [_row(day, person, told) for day, person in [*dated, *(("", person) for person in found.without)]]
    response = Response(workbook(found.step.name.pick(language()), headings, rows), mimetype=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename={found.step.code}.xlsx"
    return response


def _row(day: str, person: Person, told: list) -> list[str]:
    answers = [answer_word(question, person.answers.get(question.code, "")) for question in told]
    return [day, person.number, person.name, person.group.name, state_word(person.state), *answers]


def _told(step: Step) -> list:
    """The questions beside the date."""
    return [question for question in step.form if question != step.dated]


def _asked() -> tuple[Calendar, dict[str, str]]:
    """The calendar that the address asks for; the plan's first one where it names none."""
    steps = dated_steps()
    wanted = request.args.get("step", "")
    step = next((one for one in steps if not wanted or one.code == wanted), None)
    if step is None:
        raise NotFound("unknown-step")
    class_ = request.args.get("class", "").strip()[:60]
    chosen = {"step": step.code if len(steps) > 1 else "", "class": class_}
    return departures.calendar(me(), step, class_), {name: value for name, value in chosen.items() if value}
