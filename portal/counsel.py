"""The class desk: the matrix of those in one's care, on screen, as a workbook, on paper; for colleges also their counselors."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Flask, Response, request, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import classes
from db.clearance import STATES
from db.covers import standing_for
from db.matrix import CONFLICT, Asked, matrix
from db.refusals import Conflict
from db.rules.needs import NEEDS
from portal import private_file
from portal.audited import note
from portal.caller import me
from portal.cardart.class_list import ListRow, class_list
from portal.care import MARKS
from portal.words import step_name, the_plan
from portal.workbook import XLSX, workbook
from web.access import roles
from web.fragments import page
from web.i18n import language
from web.paging import page_number
from web.states import state_word

blueprint = Blueprint("counsel", __name__, url_prefix="/class-desk")

ROLES = ("counselor", "college")
A_PAGE = 500
WORDS: dict[str, Any] = {"unfinished": _l("Unfinished"), "debt": _l("In debt"), **MARKS, "help": _l("Help asked")}


def init_app(app: Flask) -> None:
    """Give templates the words of needs."""
    app.jinja_env.globals["need_word"] = need_word


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """Graduates × steps, filtered by the address. That it was opened is recorded: it names many at once."""
    asked = wanted()
    found = matrix(me(), asked)
    start = A_PAGE * (page_number() - 1)
    shown = found.rows[start : start + A_PAGE]
    note("matrix.viewed", asked.class_, graduates=len(shown))
    return page(
        "counsel/index.html", "counsel/_matrix.html", found=found, asked=asked, shown=shown, chosen=chosen(asked),
        states=[*((state, state_word(state)) for state in STATES), (CONFLICT, _("In conflict"))],
        needs=NEEDS, page_number=start // A_PAGE + 1, pages=-(-len(found.rows) // A_PAGE), offices=offices(found.offices),
        covered=standing_for(me()),
    )  # fmt: skip


@blueprint.get("/matrix.xlsx")
@roles(*ROLES)
def as_workbook() -> Response:
    """Everybody whom the filters find, as a workbook. That it was taken along is recorded."""
    asked = wanted()
    found = matrix(me(), asked)
    note("matrix.exported", asked.class_, graduates=len(found.rows))
    words = {state: state_word(state) for state in STATES} | {CONFLICT: _("In conflict")}
    headings = [_("Student number"), _("Name"), _("Class"), _("Settled"), _("Required"), _("Who needs somebody"), _("Owed (yuan)"),
                _("Who blocks now"), *(step_name(step.code) for step in found.steps)]  # fmt: skip
    rows = [
        (row.number, row.name, row.group.name, row.settled, row.required, _named(map(need_word, sorted(row.needs))),
         Decimal(row.owes) / 100, _named(step_name(step.code) for step in row.blocking), *(words[state] for state in row.states))
        for row in found.rows
    ]  # fmt: skip
    response = Response(workbook(_("Class desk"), headings, rows), mimetype=XLSX)
    response.headers["Content-Disposition"] = "attachment; filename=class-desk.xlsx"
    return response


@blueprint.get("/classes/<int(max=2147483647):class_id>/sheet.pdf")
@roles(*ROLES)
def sheet(class_id: int) -> Response:
    """The class on paper, with what each has not settled. In Chinese, as all sheets are."""
    group = classes.find(me(), class_id).group
    rows = matrix(me(), Asked(class_=group.name)).rows
    if not rows:
        raise Conflict("class-empty")
    drawn = [
        ListRow(row.number, row.name, f"{row.settled}/{row.required}", "、 ".join(step.name.zh for step in row.open_steps),
                f"{row.owes / 100:.2f}" if row.owes else "") for row in rows
    ]  # fmt: skip
    plan = the_plan()
    moment = datetime.now(plan.zone).strftime("%Y-%m-%d %H:%M")
    unfinished = sum(1 for row in rows if row.open_steps)
    about = f"{group.college.name} · {plan.name.zh} · 共 {len(rows)} 人，未办结 {unfinished} 人 · 截至 {moment}"
    content = class_list(group.name, about, drawn)
    note("class-sheet.printed", group.name, graduates=len(rows))
    name = f"{private_file.name(group.name, 'class-sheet')}.pdf"
    return send_file(io.BytesIO(content), "application/pdf", as_attachment=True, download_name=name)


def need_word(need: str) -> str:
    """What a need is called."""
    return str(WORDS.get(need, need))


def _named(words: Iterable[str]) -> str:
    return _(", ").join(words)


def wanted() -> Asked:
    """The filters of the address; what names nothing is left out."""
    plan = the_plan()
    known = {
        "need": set(NEEDS),
        "office": {department.code for department in plan.departments},
        "step": {step.code for step in plan.steps},
    }
    values = {name: request.args.get(name, "") for name in known}
    return Asked(
        request.args.get("class", "").strip()[:60], **{name: value for name, value in values.items() if value in known[name]}
    )


def chosen(asked: Asked) -> dict[str, str]:
    """The filters as the address names them, empty ones left out."""
    return {name.rstrip("_"): value for name, value in asked._asdict().items() if value}


def offices(counts: Any) -> list[tuple[str, str, int]]:
    """Departments that block somebody now: code, name, how many, most first."""
    names = {department.code: department.name.pick(language()) for department in the_plan().departments}
    return [(code, names.get(code, code), count) for code, count in sorted(counts.items(), key=lambda pair: -pair[1])]
