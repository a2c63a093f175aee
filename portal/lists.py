"""Department lists: which have arrived, and a new one uploaded, looked at, taken in. By the step's officers and administrators."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import list_files, uploads
from db.database import now
from db.grants import powers_of, require_step
from db.list_files import DryRun
from db.lists import Row
from db.refusals import Conflict, Invalid, Refusal, TooLarge
from db.rules.list_rows import HEADINGS
from db.rules.step import Step
from db.tables import MOST_BYTES, MOST_ROWS, read_table
from portal.audited import note
from portal.caller import me
from portal.uploaded import SHOWN, csv_file, keep, said
from portal.words import reason_words, the_plan
from web import sentences
from web.access import roles
from web.forms import Form, Whole
from web.fragments import go, page
from web.i18n import spoken, yuan
from web.states import state_word

blueprint = Blueprint("lists", __name__, url_prefix="/lists")

ROLES = ("officer", "admin")
UPLOAD = "/<step>/uploads/<upload>"

sentences.add({
    "unknown-list": (
        _l("No list settles such a step."),
        _l("Go back to the lists and choose one."),
    ),
    "unknown-list-version": (
        _l("There is no such version of this list."),
        _l("Go back to the list and choose one."),
    ),
    "list-has-errors": (
        _l("Some rows are wrong; nothing was changed."),
        _l("Mend them in the file and upload it again. No row can be left out: whoever is not on the list is cleared."),
    ),
    "list-moved": (
        _l("Another version of this list has been taken in since this dry run; nothing was changed by you."),
        _l("Look at the new dry run, then decide again."),
    ),
})  # fmt: skip


class Decision(Form):
    """Which version the dry run was made after."""

    seen = Whole(_l("Version"))


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """The lists that concern the caller: here or not, since when, and by when."""
    plan = the_plan()
    own = powers_of(me()).steps(step.code for step in list_files.steps(plan))
    versions = list_files.versions(own)
    found = [(plan.step(code), list_files.due(plan, plan.step(code)), versions[code]) for code in own]
    return page("lists/index.html", found=found, now=now())


@blueprint.get("/<step>")
@roles(*ROLES)
def show(step: str) -> Response:
    """One list with its versions, and the place to upload the next."""
    return _show(_mine(step))


@blueprint.get("/<step>/versions/<int(max=2147483647):version>")
@roles(*ROLES)
def version(step: str, version: int) -> Response:
    """A version beside the one before: whose rows came, went or changed."""
    found = _mine(step)
    different = list_files.differences(step, version)
    note("list.viewed", step, version=version)
    every = {one.version: one for one in list_files.versions([step])[step]}
    return page(
        "lists/version.html", step=found, this=every[version], last=every.get(version - 1), different=different[:SHOWN],
        came=sum(one.before is None for one in different), went=sum(one.after is None for one in different), total=len(different),
    )  # fmt: skip


@blueprint.get("/<step>/versions/<int(max=2147483647):version>.csv")
@roles(*ROLES)
def version_csv(step: str, version: int) -> Response:
    """The same whole, as a file."""
    _mine(step)
    different = list_files.differences(step, version)
    note("list.exported", step, version=version)
    versions = (_("Version %(version)d", version=number) for number in (version - 1, version))
    rows = ((one.number, one.name, _row_words(one.before, step), _row_words(one.after, step)) for one in different)
    return csv_file(f"list-{step}-{version}.csv", (_("Student number"), _("Name"), *versions), rows)


@blueprint.post("/<step>/uploads")
@roles(*ROLES)
def upload(step: str) -> Response:
    """Keep the file and lead to its dry run."""
    found = _mine(step)
    try:
        kept = keep(_kind(step))
    except (Invalid, TooLarge) as refusal:
        return _show(found, refusal)
    note("list.checked", step, name=kept.name)
    return go(url_for(".dry_run", step=step, upload=kept.id))


@blueprint.get(UPLOAD)
@roles(*ROLES)
def dry_run(step: str, upload: str) -> Response:
    """What the list would do now, and what is wrong with it."""
    kept = _kept(step, upload)
    return _report_page(kept, _planned(step, kept))


@blueprint.post(f"{UPLOAD}/arrivals")
@roles(*ROLES)
def carry_out(step: str, upload: str) -> Response:
    """Take the list in, unless another has arrived since the dry run."""
    kept = _kept(step, upload)
    form = Decision(request.form)
    if not form.valid():
        raise Invalid(form.errors)
    try:
        key = current_app.extensions["keys"].entry_key
        done = list_files.take_in(key, _planned(step, kept), me().id, form.values["seen"])
    except (Conflict, Invalid) as refusal:
        return _report_page(kept, _planned(step, kept), refusal)
    uploads.drop(kept.id)
    counts = {"version": done.version, "held": done.held, "cleared": done.cleared, "kept": len(done.kept)}
    words = _("Version %(version)d is here: %(held)d held, %(cleared)d cleared, %(kept)d left as others decided.", **counts)
    return go(url_for(".show", step=step), notice=words)


@blueprint.get(f"{UPLOAD}/report.csv")
@roles(*ROLES)
def report(step: str, upload: str) -> Response:
    """The whole dry run as a file."""
    kept = _kept(step, upload)
    note("list.report", step, name=kept.name)
    headings = (_("Row"), _("Student number"), _("Name"), _("Remark"))
    return csv_file(f"list-{step}-report.csv", headings, _lines(_planned(step, kept)))


def _mine(code: str) -> Step:
    """The step, if a list settles it and the caller acts on it."""
    found = list_files.step_of(code)
    require_step(me(), code)
    return found


def _kept(step: str, upload: str) -> uploads.Upload:
    return uploads.find(_kind(_mine(step).code), upload)


def _kind(step: str) -> str:
    return f"list:{step}"


def _planned(step: str, kept: uploads.Upload) -> DryRun:
    return list_files.dry_run(step, read_table(bytes(kept.content)))


def _show(step: Step, refusal: Refusal | None = None) -> Response:
    return page(
        "lists/show.html", status=refusal.status if refusal else 200, step=step, due=list_files.due(the_plan(), step), now=now(),
        versions=list_files.versions([step.code])[step.code], headings=HEADINGS, most_rows=MOST_ROWS,
        most_mib=MOST_BYTES // 2**20, problem=refusal and said(refusal),
    )  # fmt: skip


def _report_page(kept: uploads.Upload, planned: DryRun, refusal: Refusal | None = None) -> Response:
    return page(
        "lists/dry_run.html", status=refusal.status if refusal else 200, kept=kept, planned=planned, shown=SHOWN,
        problem=refusal and said(refusal),
    )  # fmt: skip


def _row_words(row: Row | None, step: str) -> str:
    return _("no row") if row is None else " ".join(filter(None, (reason_words(row.reason, step), yuan(row.amount)))) or _("holds")


def _lines(planned: DryRun) -> Iterator[tuple[object, ...]]:
    """The report's rows: row in the file, student number, name, what is to be said."""
    for problem in planned.file.problems:
        kind = _("warning") if problem.warning else _("error")
        yield problem.row, "", "", f"{kind}: {problem.column}: {spoken(problem.message)}"
    code = planned.step.code
    for row in planned.held:
        yield row.row, row.number, row.name, " ".join(filter(None, (_("holds"), reason_words(row.reason, code), yuan(row.amount))))
    for cleared in planned.effect.clears if planned.effect else ():
        yield "", cleared.number, cleared.name, _("not on the list: cleared; until now %(state)s", state=state_word(cleared.state))
    for kept in planned.effect.kept if planned.effect else ():
        says = _("the list holds") if kept.act == "hold" else _("the list clears")
        yield "", kept.number, kept.name, _("stays as others decided: %(state)s; %(says)s", state=state_word(kept.state), says=says)
