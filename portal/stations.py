"""Stations and their tablets: what the plan says of a desk, who is at it, and how a tablet comes and goes."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import stations
from db.database import now, to_ms
from db.overview import tablets
from db.refusals import NotFound
from db.rules.season import Plan, Station
from db.season import current
from db.work import stations_today
from portal import tablet_host
from portal.caller import me
from portal.cardart import qr_svg
from portal.words import tablet_name
from web import sentences, shown_once
from web.access import roles
from web.fragments import go, page

blueprint = Blueprint("stations", __name__)

VIEWERS = ("admin", "leadership", "auditor")

sentences.add(
    {
        "unknown-tablet": (_l("There is no such tablet."), _l("Choose one on its station's page.")),
        "nothing-fast": (
            _l("The plan calls none of this station's steps fast."),
            _l("Only low-risk steps may be cleared by the scan alone; the plan file says which."),
        ),
    }
)


@blueprint.get("/stations")
@roles(*VIEWERS)
def index() -> Response:
    """Every station of the plan with what it did today and its tablets."""
    serving: dict[str, list] = {}
    for tablet in tablets():
        serving.setdefault(tablet.device.station_id, []).append(tablet)
    return page("stations/index.html", plan=current().plan, counts=stations_today(), serving=serving)


@blueprint.get("/stations/<code>")
@roles(*VIEWERS)
def show(code: str) -> Response:
    """What the plan says of it, what it did today, its tablets and its fast lane."""
    plan, station = _find(code)
    fast = [step for step in station.steps if plan.step(step).fast]
    return page(
        "stations/show.html", plan=plan, station=station, count=stations_today()[code], tablets=tablets(code),
        fast=fast, fast_lane=code in current().fast_lanes,
    )  # fmt: skip


@blueprint.post("/stations/<code>/enrol-codes")
@roles("admin")
def issue(code: str) -> Response:
    """A new code, to be seen by whoever made it: only its hash is kept."""
    _find(code)
    word = stations.issue_code(code, me().id)
    there = url_for(".show_code", code=code)
    shown_once.keep(there, {"word": word, "expires": to_ms(now() + stations.CODE_TIME)})
    return go(there)


@blueprint.get("/stations/<code>/enrol-codes")
@roles("admin")
def show_code(code: str) -> Response:
    """The code just made, to whoever made it, until it expires; then the station.

    The link carries the code behind `#`, which browsers keep to themselves: it stands in no server's log.
    """
    _plan, station = _find(code)
    kept = shown_once.kept()
    if kept is None:
        return go(url_for(".show", code=code), notice=_("The code is shown no more. Make another one if you need it."), tone="warn")
    word, address = kept["word"], tablet_host.address()
    drawn = qr_svg(f"{address}#code={word}", _("Link that sets up a tablet"))
    response = page(
        "stations/code.html",
        station=station,
        code=word,
        address=address,
        expires=kept["expires"],
        picture="data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode(),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/stations/<code>/fast-lanes")
@roles("admin")
def open_fast_lane(code: str) -> Response:
    """From now on a scan clears here."""
    stations.set_fast_lane(code, True, me().id)
    notice = _("A scan clears at this station from now on. Its tablets hear of it within seconds.")
    return go(url_for(".show", code=code), notice=notice)


@blueprint.post("/stations/<code>/fast-lane-endings")
@roles("admin")
def end_fast_lane(code: str) -> Response:
    """From now on every sign-off is confirmed here."""
    stations.set_fast_lane(code, False, me().id)
    return go(url_for(".show", code=code), notice=_("Every sign-off at this station is confirmed by hand again."))


@blueprint.post("/tablets/<id>/revocations")
@roles("admin")
def withdraw(id: str) -> Response:
    """Withdraw a tablet. Again: nothing more happens."""
    if not id.isprintable():  # what no database can hold, none can find
        raise NotFound("unknown-tablet")
    device = stations.revoke(id, me().id)
    notice = _("%(tablet)s is withdrawn. What it still sends is kept and waits for a reviewer.", tablet=tablet_name(device))
    return go(url_for(".show", code=device.station_id), notice=notice)


def _find(code: str) -> tuple[Plan, Station]:
    plan = current().plan
    station = next((one for one in plan.stations if one.code == code), None)
    if station is None:
        raise NotFound("unknown-station", station=code)
    return plan, station
