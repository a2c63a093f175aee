"""A graduate's own pages: where the clearance stands and what to do next, each step, and the flow picture.

All of it is about the one who is signed in: no address names anybody.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template
from flask_babel import lazy_gettext as _l

from db import proxies
from db import season as seasons
from db.history import history
from db.refusals import Gone, NotFound
from db.rules.flow import layout
from db.rules.step import Step
from db.season import Season
from db.standing import GROUPS, Standing, standing_of
from db.work import lately
from portal import caller
from portal.plan_forms import shown
from portal.shown_card import shown_card
from portal.words import act_word, said
from web import kept_form, sentences
from web.access import roles
from web.forms import Form
from web.fragments import live, page
from web.i18n import language
from web.kept_form import Kept

sentences.add(
    {
        "left-season": (
            _l("You are not on this season's list of graduates any more."),
            _l("If this is wrong, ask your counselor or the student office of your college."),
        ),
        "unknown-step": (_l("The plan has no such step."), _l("Go back to your steps and choose one of the list.")),
    }
)

HEADINGS = {
    "held": _l("Held"),
    "todo": _l("To do"),
    "waiting": _l("With the offices"),
    "done": _l("Done"),
    "not-applicable": _l("Does not apply"),
}

MOST_STATIONS = 4
"""Most stations that the next step names."""

blueprint = Blueprint("graduate", __name__, url_prefix="/me")


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {"said": said, "act_word": act_word, "headings": HEADINGS, "groups": GROUPS}


@blueprint.get("")
@roles("graduate")
def home() -> str:
    """The card, how far it has come, and the one thing to do next."""
    season, standing = mine()
    card = shown_card(standing.graduate)
    application = proxies.latest(standing.graduate.id) if season.plan.proxy else None
    return render_template(
        "graduate/home.html", card=card, delayed=_kept_back(season, standing), application=application, **_next(season, standing)
    )


@blueprint.get("/clearance")
@roles("graduate")
def clearance() -> Response:
    """The part of the home page that keeps itself up to date."""
    season, standing = mine()
    return live("graduate/_live.html", **_next(season, standing))


@blueprint.get("/steps")
@roles("graduate")
def steps() -> str:
    """Every step, by what it asks of the graduate."""
    season, standing = mine()
    return render_template("graduate/steps.html", plan=season.plan, standing=standing)


@blueprint.get("/steps/<code>")
@roles("graduate")
def step(code: str) -> Response:
    """Everything about one step, with its form and its history."""
    return step_page(code, back=kept_form.bring_back())


def step_page(code: str, refused: Form | None = None, back: Kept | None = None) -> Response:
    """The page of a step; with its form as it was `refused`, or as it came `back` after a session had ended."""
    season, standing = mine()
    one = standing.of(code)
    if one is None:
        raise NotFound("unknown-step")
    events = [each for each in history(standing.graduate, [code]).get(code, []) if each.act != "note"]  # notes are among staff
    owed = [each for each in events if each.act == "hold" and each.amount and each.hash in one.heads]
    after = [standing.of(each.code) for each in season.plan.blocks(code)]
    return page(
        "graduate/step.html", status=422 if refused else 200, plan=season.plan, standing=standing, one=one, events=events,
        owed=owed, after=after, **shown(standing.graduate, one, refused, back),
    )  # fmt: skip


@blueprint.get("/flow")
@roles("graduate")
def flow() -> str:
    """The plan's flow picture with one's own position in it."""
    season, standing = mine()
    states = {each.step.code: each.state for each in standing.steps}
    return render_template("graduate/flow.html", standing=standing, flow=layout(season.plan, states, language()))


def mine() -> tuple[Season, Standing]:
    """The season, and where the one who asks stands in it. Two queries; raises Gone for who left the season."""
    season = seasons.current()
    graduate_id = caller.me().graduate_id
    standing = None if graduate_id is None else standing_of(season, graduate_id)
    if standing is None:
        raise Gone("left-season")
    return season, standing


def _next(season: Season, standing: Standing) -> dict[str, Any]:
    following = standing.next, standing.meanwhile
    shown = [one.stations[:MOST_STATIONS] for one in following if one and one.step.at_station and not one.conflict]
    busy = lately(season, [station.code for stations in shown for station in stations])
    return {"plan": season.plan, "standing": standing, "next": standing.next, "meanwhile": standing.meanwhile, "busy": busy}


def _kept_back(season: Season, standing: Standing) -> list[Step]:
    """Steps that apply to everybody like this graduate whose graduation is not delayed."""
    circle = standing.graduate.circle
    if "delayed" not in circle:
        return []
    plan = season.plan
    return [each for each in plan.steps if not plan.applies(each, circle) and plan.applies(each, circle - {"delayed"})]
