"""A proxy's card as pages show it, to the graduate who sends it and to the proxy: its code, what it is for, and how that stands."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _
from markupsafe import Markup

from db import proxy_cards
from db import season as seasons
from db.people import Graduate
from db.proxies import ProxyApplication
from db.refusals import Conflict
from db.rules.season import Station
from db.rules.step import Step
from db.standing import standing_of
from portal.cardart import qr_svg
from portal.cardart.proxy_card import Errands, ProxyFace
from web.i18n import masked

MOST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Errand:
    """One step that the proxy may settle. `state` is done, ready or waiting: why it waits is none of the proxy's business."""

    step: Step
    state: str
    stations: tuple[Station, ...]


def token_of(application: ProxyApplication) -> str:
    """What the proxy's QR holds; Conflict (`proxy-changed`) where none counts today."""
    return proxy_cards.token(current_app.extensions["keys"].card_key, application)


def code_of(application: ProxyApplication | None) -> Markup | None:
    """The proxy's QR as SVG, None where none counts today."""
    if application is None or not proxy_cards.card_counts(application):
        return None
    return Markup(qr_svg(token_of(application), _("Code of the proxy's card")))  # noqa: S704 - built by an XML writer


def errands(application: ProxyApplication) -> list[Errand]:
    """The steps of the application that apply, in the plan's order. One query."""
    standing = standing_of(seasons.current(), application.graduate_id)
    found = []
    for each in standing.steps if standing else ():
        if each.step.code in application.step_codes and each.state != "not-applicable":
            ready = each.ready and not each.conflict
            found.append(Errand(each.step, "done" if each.group == "done" else "ready" if ready else "waiting", each.stations))
    return found


def face_of(application: ProxyApplication, graduate: Graduate) -> ProxyFace:
    """The card for paper and pictures. Raises Conflict (`proxy-changed`) where none counts today."""
    if application.from_day is None or application.until_day is None:
        raise Conflict("proxy-changed")
    plan = seasons.current().plan
    where: Errands = []
    for errand in errands(application):
        station = next(iter(errand.stations), None)
        place = f"{station.name.zh} · {station.place.zh} · {station.hours.zh}" if station else ""
        where.append((errand.step.name.zh, place))
    return ProxyFace(
        token_of(application), plan.name.zh, first_of(application.name), first_of(graduate.name), masked(graduate.number),
        application.from_day, application.until_day, where,
    )  # fmt: skip


def first_of(name: str) -> str:
    """A name as it travels on other people's phones: its first letter, and no more of it than that others follow."""
    return masked(name[:MOST_LETTERS], 1, 0)
