"""Approvals for those who cannot come, as an administrator sees them: whose they are and for what, to be revoked with a reason."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from db import proxies, proxy_approvals
from db.proxies import ProxyApplication
from db.review_case import names_of
from portal.audited import note
from portal.caller import me
from portal.proxy_desk import RevocationForm
from portal.shown_proxy import first_of
from web.access import roles
from web.forms import Form
from web.fragments import go, page

blueprint = Blueprint("proxy_approvals", __name__, url_prefix="/approvals")


@blueprint.get("")
@roles("admin")
def index() -> Response:
    """Every approval that counts now, or those of one graduate."""
    words = request.args.get("q", "").replace("\0", "").strip()[:100]
    found, more = proxy_approvals.standing(words)
    note("proxy.approvals-viewed", count=len(found))
    return page("proxy_approvals/index.html", found=found, more=more, words=words, first_of=first_of)


@blueprint.get("/<id>")
@roles("admin")
def show(id: str) -> Response:
    """One approval, with what was done about it."""
    application = proxy_approvals.find(id)
    note("proxy.viewed", application.graduate.number, application=application.id)
    return _show(application, RevocationForm())


@blueprint.post("/<id>/revocations")
@roles("admin")
def revoke(id: str) -> Response:
    """Take it back: tablets learn of it with their next changes, the graduate by a message."""
    form = RevocationForm(request.form)
    if not form.valid():
        return _show(proxy_approvals.find(id), form, 422)
    proxy_approvals.revoke(me().id, id, form.values["seen"], form.values["words"])
    return go(url_for(".show", id=id), notice=_("Revoked. The graduate sees it at once."))


def _show(application: ProxyApplication, form: Form, status: int = 200) -> Response:
    events = proxies.events(application)
    return page(
        "proxy_approvals/show.html", status=status, application=application, graduate=application.graduate, form=form,
        events=events, names=names_of({event.by for event in events}), first_of=first_of,
    )  # fmt: skip
