"""The start page: leads everybody to their own work."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import navigation
from web.access import signed_in

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@signed_in
def index() -> ResponseReturnValue:
    """To the first place that the caller may reach; who has no place yet is told whom to ask."""
    places = navigation.reachable()
    return redirect(url_for(places[0].endpoint), 303) if places else render_template("home/no_place.html")
