"""Is the portal alive, and can it read its database? For the machine that watches it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from db.database import database
from db.refusals import Unavailable
from web.access import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """200 when the database answers, 503 when it does not. Says nothing else."""
    try:
        database.execute_sql("SELECT 1").fetchone()
    except Exception as error:
        database.close()
        raise Unavailable from error
    return jsonify(status="ok")
