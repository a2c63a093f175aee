"""A graduate's messages. Opening the page is reading them."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_login import current_user

from db import messages
from db.messages import Message
from db.review_case import names_of
from portal.graduate import mine
from portal.message_words import told
from web.access import roles
from web.fragments import page

blueprint = Blueprint("messages", __name__, url_prefix="/me/messages")


@blueprint.get("")
@roles("graduate")
def index() -> Response:
    """The newest messages; those not read before are marked as new, this once."""
    graduate = mine()[1].graduate
    found: list[Message] = messages.of(graduate.id)
    if any(one.read_at is None for one in found):
        messages.mark_read(graduate.id, max(one.id for one in found))
    current_user.unread = 0
    shown = [(one, told(one)) for one in found]
    names = names_of({one.by for one in found if one.by})
    return page("messages/index.html", graduate=graduate, shown=shown, names=names, most=messages.SHOWN)
