"""The class desk: the matrix of those in one's care, for counselors (own classes) and colleges (all of theirs)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db.clearance import STATES
from db.matrix import CONFLICT, Asked, matrix
from db.rules.needs import NEEDS
from portal.audited import note
from portal.caller import me
from portal.words import the_plan
from web.access import roles
from web.fragments import page
from web.i18n import language
from web.states import state_word

blueprint = Blueprint("counsel", __name__, url_prefix="/class-desk")

ROLES = ("counselor", "college")
A_PAGE = 500
WORDS: dict[str, Any] = {"unfinished": _l("Unfinished"), "debt": _l("In debt"), "delayed": _l("Delayed")}


def init_app(app: Flask) -> None:
    """Give templates the words of needs."""
    app.jinja_env.globals["need_word"] = lambda need: str(WORDS.get(need, need))


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """Graduates × steps, filtered by the address. That it was opened is recorded: it names many at once."""
    asked = wanted()
    found = matrix(me(), asked)
    start = A_PAGE * (_page_number() - 1)
    shown = found.rows[start : start + A_PAGE]
    note("matrix.viewed", asked.class_, graduates=len(shown))
    return page(
        "counsel/index.html", "counsel/_matrix.html", found=found, asked=asked, shown=shown, chosen=chosen(asked),
        states=[*((state, state_word(state)) for state in STATES), (CONFLICT, _("In conflict"))],
        needs=NEEDS, page_number=start // A_PAGE + 1, pages=-(-len(found.rows) // A_PAGE), offices=offices(found.offices),
    )  # fmt: skip


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


def _page_number() -> int:
    text = request.args.get("page", "1")
    return int(text) if text.isdecimal() and 0 < int(text[:4]) < 1000 and len(text) < 5 else 1
