"""The day board: how the clearance day goes, live, at a desk, on a phone and on the wall."""

from __future__ import annotations

from flask import Blueprint, Response

from db.board import board
from db.season import current
from portal.caller import me
from web.access import roles
from web.fragments import live, page

blueprint = Blueprint("board", __name__, url_prefix="/board")

VIEWERS = ("admin", "leadership", "auditor", "college")


@blueprint.get("")
@roles(*VIEWERS)
def show() -> Response:
    """The board with everything behind it."""
    return page("board/show.html", now=board(me()), plan=current().plan)


@blueprint.get("/live")
@roles(*VIEWERS)
def follow() -> Response:
    """The part that keeps itself up to date."""
    return live("board/_board.html", now=board(me()), plan=current().plan)


@blueprint.get("/wall")
@roles(*VIEWERS)
def wall() -> Response:
    """The same for a big screen that everybody can read: large, without scrolling, and without anybody's name."""
    return page("board/wall.html", now=board(me()), plan=current().plan)


@blueprint.get("/wall/live")
@roles(*VIEWERS)
def follow_wall() -> Response:
    return live("board/_wall.html", now=board(me()), plan=current().plan)
