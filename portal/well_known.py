"""The public keys of clearance cards: all that anybody needs to check one."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from web.access import public

blueprint = Blueprint("well_known", __name__, url_prefix="/.well-known")


@blueprint.get("/jwks.json")
@public
def jwks() -> Response:
    response = jsonify(current_app.extensions["keys"].jwks())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
