"""The issue register (签领表): per class as PDF and workbook, with counts, and the list of who has not collected."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, request, send_file, url_for
from flask_babel import gettext as _

from db import custody, register
from db.database import now
from db.grants import powers_of
from db.people import ClassGroup, in_order
from db.refusals import NotFound
from db.rules.step import Step
from portal import private_file
from portal.audited import note
from portal.caller import me
from portal.csv_text import csv_text
from portal.register_pdf import Heading, register_pdf
from portal.register_rows import rows
from portal.words import college_name, step_name, the_plan
from portal.workbook import XLSX, workbook
from web.access import roles
from web.fragments import page
from web.i18n import localtime
from web.paging import page_number
from web.states import state_word

blueprint = Blueprint("register", __name__, url_prefix="/register")

ROLES = ("college", "counselor", "officer", "admin")
REGISTER = "/<step>/classes/<int(max=2147483647):class_id>"
PAGE = 100


class Chosen(NamedTuple):
    """The step, its classes that the caller may see, narrowed by college and class, and what was asked for."""

    step: Step
    every: list[ClassGroup]
    groups: list[ClassGroup]
    college: str
    class_name: str


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """The classes in numbers, with their registers. Step and college are in the address."""
    steps = _steps()
    code = request.args.get("step", "")
    step = next((one for one in steps if one.code == code), steps[-1] if steps else None)
    if step is None:
        return page("register/index.html", steps=(), chosen=None, counts={})
    return page("register/index.html", steps=steps, chosen=_chosen(step), counts=register.counts(step.code))


@blueprint.get(f"{REGISTER}.pdf")
@roles(*ROLES)
def pdf(step: str, class_id: int) -> Response:
    """The register of a class on paper. That it was made is recorded."""
    found, group = _find(step, class_id)
    lines = register.lines(class_id, found)
    plan = the_plan()
    printed = f"{localtime(now(), 'yyyy-MM-dd HH:mm')} · {me().name}"
    collected = sum(bool(line.handed) for line in lines)
    heading = Heading(found.name.zh, group.name, group.college.name, plan.name.zh, len(lines), collected, printed)
    return _file(register_pdf(heading, list(rows(lines, _folder()))), "application/pdf", found, group, "pdf")


@blueprint.get(f"{REGISTER}.xlsx")
@roles(*ROLES)
def xlsx(step: str, class_id: int) -> Response:
    """The register of a class as a workbook, the signatures in it."""
    found, group = _find(step, class_id)
    made = list(rows(register.lines(class_id, found), _folder()))
    headings = (
        _("No."), _("Student number"), _("Name"), _("Taken by"), _("When"), _("Where"), _("Tablet"), _("Handed over by"),
        _("Signature"), _("Remark"),
    )  # fmt: skip
    table = [
        (row.place or "", row.number, row.name, row.taken_by, row.when, row.where, row.tablet, row.operator, row.signed, row.remark)
        for row in made
    ]
    pictures = {(n, 8): row.picture for n, row in enumerate(made) if row.picture is not None}
    return _file(workbook(group.name, headings, table, pictures), XLSX, found, group, "xlsx")


@blueprint.get("/<step>/uncollected")
@roles(*ROLES)
def uncollected(step: str) -> Response:
    """Who has not collected, a hundred a page."""
    chosen = _chosen(_step(step))
    left = register.uncollected(chosen.groups, chosen.step)
    pages = max(1, -(-len(left) // PAGE))
    number = page_number(pages)
    note("register.uncollected", step, college=chosen.college, **{"class": chosen.class_name})
    kept: dict[str, Any] = {"college": chosen.college or None, "class": chosen.class_name or None}
    return page(
        "register/uncollected.html", chosen=chosen, left=left[(number - 1) * PAGE : number * PAGE], total=len(left),
        entitled=bool(left) or register.entitled(chosen.groups, chosen.step),
        number=number, pages=pages, kept=kept, link=lambda n: url_for(".uncollected", step=step, page=n, **kept),
    )  # fmt: skip


@blueprint.get("/<step>/uncollected.csv")
@roles(*ROLES)
def uncollected_csv(step: str) -> Response:
    """The same as CSV, whole."""
    return _uncollected_file(step, "csv")


@blueprint.get("/<step>/uncollected.xlsx")
@roles(*ROLES)
def uncollected_xlsx(step: str) -> Response:
    """The same as a workbook, whole."""
    return _uncollected_file(step, "xlsx")


def _uncollected_file(step: str, kind: str) -> Response:
    """The list whole, as a file. That it was made is recorded."""
    chosen = _chosen(_step(step))
    left = register.uncollected(chosen.groups, chosen.step)
    headings = (_("College"), _("Class"), _("Student number"), _("Name"), _("How it stands"), _("Missing first"))
    table = [
        (college_name(one.college), one.class_name, one.number, one.name, state_word(one.state),
         _(", ").join(map(step_name, one.missing)))
        for one in left
    ]  # fmt: skip
    note("register.exported", step, rows=len(left), format=kind, college=chosen.college, **{"class": chosen.class_name})
    name = f"uncollected-{chosen.step.code}.{kind}"
    if kind == "csv":
        content, media_type = csv_text(headings, table).encode(), "text/csv"
    else:
        content, media_type = workbook(step_name(chosen.step.code), headings, table), XLSX
    return send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=name)


def _steps() -> tuple[Step, ...]:
    """What is handed out and concerns the caller: an officer who is nothing else has own steps only."""
    powers = powers_of(me())
    near = powers.may("college") or powers.may("counselor")
    return tuple(step for step in custody.collect_steps(the_plan()) if near or powers.settles(step.code))


def _step(code: str) -> Step:
    found = next((step for step in custody.collect_steps(the_plan()) if step.code == code), None)
    if found is None:
        raise NotFound("unknown-clearance")
    return found


def _chosen(step: Step) -> Chosen:
    every = in_order(register.classes_for(me(), step))
    college, class_name = request.args.get("college", "")[:120], request.args.get("class", "")[:120]
    college = college if any(group.college.name == college for group in every) else ""
    class_name = class_name if any(group.name == class_name for group in every) else ""
    groups = [one for one in every if (not college or one.college.name == college) and (not class_name or one.name == class_name)]
    return Chosen(step, every, groups, college, class_name)


def _find(step: str, class_id: int) -> tuple[Step, ClassGroup]:
    found = _step(step)
    return found, register.find_class(me(), found, class_id)


def _folder() -> Path:
    return current_app.extensions["config"].attachments


def _file(content: bytes, media_type: str, step: Step, group: ClassGroup, kind: str) -> Response:
    note("register.exported", group.name, step=step.code, format=kind)
    name = f"{private_file.name(step.name.zh, group.name)}.{kind}"
    response = send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
