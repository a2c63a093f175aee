"""Custody: which tablet has which class's diplomas (and whatever else is handed out), given and moved here."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import custody, register
from db.accounts import Account
from db.grants import powers_of
from db.people import ClassGroup, College, in_order
from db.refusals import Invalid, NotFound
from db.review_case import names_of
from db.rules.step import Step
from db.stations import Device
from portal.caller import me
from portal.words import station_name, tablet_name, the_plan
from web import sentences
from web.access import may_reach, roles
from web.fragments import go, page
from web.paging import page_number

blueprint = Blueprint("custody", __name__, url_prefix="/custody")

VIEWERS = ("supervisor", "admin", "leadership", "auditor")
NOBODY = "-"
A_PAGE = 60

sentences.add({
    "tablet-not-for-class": (
        _l("This tablet's station does not hand this over to every class that was ticked; nothing was changed."),
        _l("Choose a tablet of the right station, or tick other classes."),
    ),
    "tablet-has-classes": (
        _l("This tablet has custody of classes and stays where it is until it has let go of them."),
        _l("Move its classes to another tablet on the custody page first."),
    ),
    "custody-unclear": (
        _l("Tick at least one class and choose who shall have it; nothing was changed."),
        _l("Go back to the page of custody."),
    ),
})  # fmt: skip


@blueprint.get("")
@roles(*VIEWERS)
def index() -> Response:
    """The classes of one step: which tablet has them, and how far it is. Step and college are in the address."""
    step, college = _chosen()
    plan = the_plan()
    colleges = list(College.select().order_by(College.id))
    groups = _groups(college)
    pages = -(-len(groups) // A_PAGE)
    number = page_number(pages)
    shown = groups[A_PAGE * (number - 1) : A_PAGE * number]
    return page(
        "custody/index.html", steps=custody.collect_steps(plan), step=step, college=college, colleges=colleges, groups=shown,
        total=len(groups), page_number=number, pages=pages,
        standing=custody.standing(step.code, {group.id for group in shown}) if step else {},
        counts=register.counts(step.code) if step else {},
        targets=_targets(me(), step) if step else [], nobody=NOBODY, may_move=may_reach("custody.create_move"),
    )  # fmt: skip


@blueprint.get("/<step>/<int(max=2147483647):class_id>")
@roles(*VIEWERS)
def show(step: str, class_id: int) -> Response:
    """Every move of a class, the newest first."""
    found = _step(step)
    group = ClassGroup.get_or_none(ClassGroup.id == class_id)
    if found is None or group is None:
        raise NotFound("unknown-class")
    moves = custody.history(found.code, class_id)
    names = names_of({move.by for move in moves})
    return page("custody/show.html", step=found, group=group, moves=moves, names=names)


@blueprint.post("/<step>/moves")
@roles("supervisor", "admin")
def create_move(step: str) -> Response:
    """Let a tablet, or nobody, have these classes. The same again: nothing more happens."""
    college, to = request.form.get("college", ""), request.form.get("to", "")
    ticked = [int(one) for one in request.form.getlist("classes") if one.isascii() and one.isdigit() and len(one) < 10]
    wanted = [group.id for group in _groups(college)] if request.form.get("all") else ticked
    if not wanted or not to:
        raise Invalid(code="custody-unclear")
    done = custody.move(me(), step, wanted, None if to == NOBODY else to)
    told = _("%(given)d handed out, %(asked)d asked back, %(unchanged)d as they were.", **done._asdict())
    if done.asked:
        told += " " + _("What was asked back moves by itself as soon as the tablet is in contact and has sent everything.")
    return go(url_for(".index", step=step, college=college or None), notice=told)


def _chosen() -> tuple[Step | None, str]:
    """The step, the plan's last one where none is named, and the college."""
    plan = the_plan()
    steps = custody.collect_steps(plan)
    asked = request.args.get("step", "")
    found = next((step for step in steps if step.code == asked), steps[-1] if steps else None)
    return found, request.args.get("college", "")[:120]


def _step(code: str) -> Step | None:
    return next((step for step in custody.collect_steps(the_plan()) if step.code == code), None)


def _groups(college: str) -> list[ClassGroup]:
    every = ClassGroup.select(ClassGroup, College).join(College)
    known = college and college.isprintable() and College.get_or_none(College.name == college)
    return in_order(every.where(College.name == college) if known else every)


def _targets(account: Account, step: Step) -> list[tuple[str, str]]:
    """The tablets that can have classes of this step and that the caller may give them to."""
    powers = powers_of(account)
    codes = [station.code for station in the_plan().stations_for(step.code)]
    own = [code for code in codes if powers.may("admin") or powers.may("supervisor", station=code)]
    devices = Device.select().where(Device.station.in_(own), Device.revoked_at.is_null()).order_by(Device.station, Device.name)
    return [(device.id, f"{tablet_name(device)} · {station_name(device.station_id)}") for device in devices]
