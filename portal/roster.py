"""The roster: upload a file, read its dry run row by row, decide."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import roster, season, uploads
from db.people import ClassGroup, College, Graduate
from db.refusals import Invalid, Refusal, TooLarge
from db.rules.roster import ImportPlan
from db.rules.roster_columns import HEADINGS
from db.tables import MOST_BYTES, MOST_ROWS, read_table
from portal.audited import note
from portal.caller import me
from portal.uploaded import SHOWN, csv_file, keep, said
from portal.words import flag_words
from web import sentences
from web.access import roles
from web.forms import Form, Tick, Whole
from web.fragments import go
from web.i18n import masked, spoken

KIND = "roster"
FIELDS = {
    "name": _l("Name"), "class": _l("Class"), "flags": _l("Flags"), "building": _l("Building"), "room": _l("Room"),
    "phone": _l("Phone"), "email": _l("E-mail"), "id_number": _l("ID number"),
}  # fmt: skip
MASKED = ("phone", "id_number")

blueprint = Blueprint("roster", __name__, url_prefix="/roster")

sentences.add({
    "roster-has-errors": (_l("Some rows are wrong; nothing was changed."),
                          _l("Mend them in the file, or have them left out; nobody can be removed then.")),
    "roster-moved": (_l("People or classes have changed since this dry run; nothing was changed by you."),
                     _l("Look at the new dry run, then decide again.")),
    "roster-without-rows": (_l("This file has no row that can be taken in: nobody can be removed by it."),
                            _l("Upload the file with everybody who is to stay.")),
    "roster-count-removed": (_l("%(count)s people would be removed; nothing was changed."),
                             _l("If that is meant, type this number beside the button.")),
    "roster-new-classes": (_l("The file makes classes that are not known yet; nothing was changed."),
                           _l("Look at their names, and tick that they are right.")),
})  # fmt: skip


class Decision(Form):
    """What is decided about a dry run."""

    leave_out = Tick(_l("Leave out the rows with errors"), required=False)
    new_classes = Tick("", required=False)  # the page names how many it is about, beside these two
    remove = Tick("", required=False)
    counted = Whole(_l("How many people are removed"), required=False)


@blueprint.get("")
@roles("admin")
def show() -> Response:
    """What is known, and the place to upload."""
    return _upload_page()


@blueprint.post("/uploads")
@roles("admin")
def upload() -> Response:
    """Keep the file and lead to its dry run."""
    try:
        kept = keep(KIND)
    except (Invalid, TooLarge) as refusal:
        return _upload_page(refusal)
    note("roster.checked", kept.name)
    return go(url_for(".dry_run", upload=kept.id))


@blueprint.get("/uploads/<upload>")
@roles("admin")
def dry_run(upload: str) -> Response:
    """What the file would change now, and what is wrong with it."""
    kept = uploads.find(KIND, upload)
    return _report_page(kept, _plan(kept))


@blueprint.post("/uploads/<upload>/imports")
@roles("admin")
def carry_out(upload: str) -> Response:
    """Do what the dry run said, if nothing has moved since."""
    kept = uploads.find(KIND, upload)
    form = Decision(request.form)
    if not form.valid():
        return _report_page(kept, _plan(kept), form, Invalid(form.errors))
    planned = replace(_plan(kept), basis=request.form.get("basis", ""))
    try:
        done = roster.apply(
            planned, season.current().plan, me().id, leave_out_errors=form.values["leave_out"],
            remove_missing=form.values["remove"], counted=form.values["counted"], new_classes=form.values["new_classes"],
        )  # fmt: skip
    except Refusal as refusal:
        return _report_page(kept, _plan(kept), form, refusal)
    uploads.drop(kept.id)
    counts = {"new": done.new, "changed": done.changed, "removed": done.removed}
    return go(url_for(".show"), notice=_("Done: %(new)d new, %(changed)d changed, %(removed)d removed.", **counts))


@blueprint.get("/uploads/<upload>/report.csv")
@roles("admin")
def report(upload: str) -> Response:
    """The whole dry run as a file."""
    kept = uploads.find(KIND, upload)
    note("roster.report", kept.name)
    headings = (_("Row"), _("Student number"), _("Column"), _("Remark"))
    return csv_file("roster-report.csv", headings, _lines(_plan(kept)))


def _plan(kept: uploads.Upload) -> ImportPlan:
    return roster.dry_run(read_table(bytes(kept.content)), season.current().plan)


def _upload_page(refusal: Refusal | None = None) -> Response:
    classes = ClassGroup.select().count()
    people = Graduate.select().where(Graduate.removed_at.is_null()).count()
    context = {
        "people": people, "classes": classes, "colleges": College.select().count(), "headings": HEADINGS,
        "flags": season.current().plan.flags, "most_rows": MOST_ROWS, "most_mib": MOST_BYTES // 2**20,
        "problem": refusal and said(refusal),
    }  # fmt: skip
    return Response(render_template("roster/show.html", **context), refusal.status if refusal else 200)


def _report_page(kept: uploads.Upload, plan: ImportPlan, form: Form | None = None, refusal: Refusal | None = None) -> Response:
    context = {
        "kept": kept, "plan": plan, "form": form or Decision(), "shown": SHOWN, "fields": FIELDS, "value": _value,
        "problem": refusal and said(refusal),
    }  # fmt: skip
    return Response(render_template("roster/dry_run.html", **context), refusal.status if refusal else 200)


def _lines(plan: ImportPlan):
    """The report's rows: row in the file, student number, column, what is to be said."""
    for problem in plan.problems:
        kind = _("warning") if problem.warning else _("error")
        yield problem.row, "", problem.column, f"{kind}: {spoken(problem.message)}"
    for name, rows in plan.created.items():
        yield "", "", str(FIELDS["class"]), _("new class: %(name)s, %(rows)d rows", name=name, rows=rows)
    for new in plan.new:
        yield new.row, new.person.number, "", _("new: %(name)s, %(group)s", name=new.person.name, group=new.person.class_name)
    for changed in plan.changed:
        now = changed.person.texts()
        if changed.returns:
            yield changed.row, changed.person.number, "", _("returns: %(name)s", name=changed.person.name)
        for field, was in changed.was.items():
            yield changed.row, changed.person.number, str(FIELDS[field]), f"{_value(field, was)} → {_value(field, now[field])}"
    for person in plan.missing:
        yield "", person.number, "", _("not in the file: %(name)s", name=person.name)


def _value(field: str, text: str) -> str:
    if field == "flags":
        text = _(", ").join(flag_words(text))
    return masked(text) if field in MASKED else text or "–"
