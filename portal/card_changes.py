"""A graduate's card as counselors and administrators look after it: revoke it, or put a new one in its place."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from peewee import JOIN

from db.accounts import Account
from db.cards import Card, reissue, revoke
from db.people import Graduate
from db.refusals import Conflict, Forbidden
from portal.caller import me
from portal.graduates import find, sight_of
from web import sentences
from web.access import roles
from web.forms import Form, Text, Whole
from web.fragments import go, page

blueprint = Blueprint("card_changes", __name__, url_prefix="/graduates/<number>/card")

sentences.add(
    {
        "card-changed": (
            _l("Somebody else has put a new card in its place meanwhile; nothing was changed by you."),
            _l("Look at what it says now, then decide again."),
        ),
    }
)


class CardForm(Form):
    """Why; and the card that was looked at."""

    reason = Text(_l("Reason"), most=200, hint=_l("For example: phone lost, card found by somebody else."))
    gen = Whole(_l("Card no."), least=0, required=False)


@blueprint.get("")
@roles("counselor", "admin")
def show(number: str) -> Response:
    return _page(_mine(number), CardForm())


@blueprint.post("/reissues")
@roles("counselor", "admin")
def replace(number: str) -> Response:
    """Put a new card in the place of the one that was looked at. The same press twice makes one."""
    graduate, form = _mine(number), CardForm(request.form)
    if not form.valid():
        return _page(graduate, form, 422)
    card = reissue(graduate.id, me().id, form.values["reason"], form.values["gen"])
    return go(
        url_for("graduates.show", number=number),
        notice=_("Card no. %(gen)d counts from now on. The graduate sees it on the phone at once.", gen=card.gen),
    )


@blueprint.post("/revocations")
@roles("counselor", "admin")
def withdraw(number: str) -> Response:
    """Revoke the card that was looked at."""
    graduate, form = _mine(number), CardForm(request.form)
    if not form.valid():
        return _page(graduate, form, 422)
    try:
        revoke(graduate.id, me().id, form.values["reason"], form.values["gen"])
    except Conflict as refusal:
        form.errors[""] = " ".join(sentences.say(refusal.code, refusal.status))
        return _page(_mine(number), form, refusal.status)
    return go(url_for("graduates.show", number=number), notice=_("The card is revoked. Stations turn it away from now on."))


def _mine(number: str) -> Graduate:
    """The graduate, if the caller looks after the card; who may only see the graduate is told so."""
    graduate = find(number)
    if not sight_of(graduate).card:
        raise Forbidden("out-of-scope")
    return graduate


def _page(graduate: Graduate, form: CardForm, status: int = 200) -> Response:
    cards = list(
        Card.select(Card, Account.name.alias("issuer"))
        .join(Account, JOIN.LEFT_OUTER, on=(Account.id == Card.issued_by))
        .where(Card.graduate == graduate.id)
        .order_by(Card.gen.desc())
        .objects()
    )
    return page("graduates/card.html", status=status, graduate=graduate, cards=cards, form=form)
