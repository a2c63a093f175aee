"""The administrator's page for accounts: who can sign in, with which rights, and a new code for whoever cannot."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import accounts, activations, grants
from db.account_search import rights_of, search, staff_names
from db.accounts import Account
from db.covers import own_classes
from db.refusals import Conflict, Forbidden, Invalid, NotFound
from portal.caller import me
from portal.role_words import right_word, role_choices, scope_choices
from web import sentences, shown_once
from web.access import roles
from web.forms import Choice, Form, Text
from web.fragments import go, page

sentences.add(
    {
        "account-taken": (_l("There is an account of this number already."), _l("Choose another one, or search for it.")),
        "wrong-staff-id": (
            _l("2 to 32 small letters, digits, hyphens and underscores, beginning with a letter."),
            _l("Change it and send the form again."),
        ),
        "kept-staff-id": (_l("The system itself goes by this name in the records."), _l("Choose another one.")),
        "wrong-name": (_l("A name of at most 100 characters."), _l("Change it and send the form again.")),
        "wrong-scope-kind": (_l("This role cannot be held there."), _l("Choose another place.")),
        "wrong-scope": (_l("This role cannot be held there."), _l("Choose another place.")),
        "unknown-scope": (_l("There is no such place."), _l("Choose another place.")),
        "graduate-has-no-roles": (
            _l("A graduate's account has no other role."),
            _l("Open an account with a staff ID for work."),
        ),
        "not-oneself": (_l("You cannot take this away from yourself."), _l("Ask another administrator.")),
    }
)

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")


class StaffForm(Form):
    id = Text(_l("Staff ID"), most=32, autocomplete="off", hint=_l("Small letters, digits, hyphens; begins with a letter."))
    name = Text(_l("Name"), most=100, autocomplete="off")


class RightForm(Form):
    role = Choice(_l("Role"), choices=role_choices)
    scope = Choice(_l("Responsible for"), choices=scope_choices)


class ClosingForm(Form):
    reason = Text(_l("Reason"), most=200)


@blueprint.get("")
@roles("admin")
def index() -> Response:
    """Staff, or graduates; what was looked for is in the URL."""
    return _index(StaffForm())


@blueprint.post("")
@roles("admin")
def add() -> Response:
    """Open an account for a member of staff."""
    form = StaffForm(request.form)
    if not form.valid():
        return _index(form, 422)
    try:
        account = accounts.add_staff(form.values["id"], form.values["name"], me().id)
    except Invalid as refusal:
        form.refuse(refusal)
        return _index(form, refusal.status)
    except Conflict as refusal:
        form.refuse(Invalid({"id": refusal.code}))
        return _index(form, refusal.status)
    return go(url_for(".show", account_id=account.id), notice=_("The account is open. Give it a right, then a code."))


@blueprint.get("/<account_id>")
@roles("admin")
def show(account_id: str) -> Response:
    return _show(_account(account_id), RightForm())


@blueprint.post("/<account_id>/grants")
@roles("admin")
def give(account_id: str) -> Response:
    """Give a right."""
    account, form = _account(account_id), RightForm(request.form)
    if not form.valid():
        return _show(account, form, 422)
    kind, _colon, name = form.values["scope"].partition(":")
    try:
        right = grants.grant(account.id, form.values["role"], kind, name, me().id)
    except Invalid as refusal:
        form.errors["scope"] = sentences.say("wrong-scope", 422)[0]
        return _show(account, form, refusal.status)
    return go(url_for(".show", account_id=account.id), notice=_("Given: %(right)s.", right=right_word(right)))


@blueprint.post("/<account_id>/grants/<int:grant_id>/endings")
@roles("admin")
def end(account_id: str, grant_id: int) -> Response:
    """End a right."""
    if grant_id not in {right.id for right in grants.grants_of(_account(account_id).id)}:
        raise NotFound("unknown-grant")
    right = grants.end(grant_id, me().id)
    return go(url_for(".show", account_id=account_id), notice=_("Ended: %(right)s.", right=right_word(right)))


@blueprint.post("/<account_id>/activations")
@roles("admin", "counselor", "college")
def issue_code(account_id: str) -> Response:
    """A new code, shown once, to be handed over after checking who asks: by the administrator, and for graduates by their own
    counselor and college."""
    account = _account(account_id)
    _require_care_of(account)
    code = activations.issue_activation(account.id, me().id)
    there = url_for(".show_code", account_id=account.id)
    shown_once.keep(there, {"code": code})
    return go(there)


@blueprint.get("/<account_id>/activations")
@roles("admin", "counselor", "college")
def show_code(account_id: str) -> Response:
    """The code just made, to whoever made it; later that it can be seen no more."""
    account = _account(account_id)
    _require_care_of(account)
    code = (shown_once.kept() or {}).get("code")
    return page("accounts/code.html", account=account, code=code, reset=account.password_hash is not None)


@blueprint.post("/<account_id>/closings")
@roles("admin")
def close(account_id: str) -> Response:
    """Let nobody in on this account."""
    form = ClosingForm(request.form)
    if not form.valid():
        raise Invalid(form.errors)
    account = accounts.disable(account_id, me().id, form.values["reason"])
    return go(url_for(".show", account_id=account.id), notice=_("The account is closed."))


@blueprint.post("/<account_id>/openings")
@roles("admin")
def reopen(account_id: str) -> Response:
    """Open a closed account again."""
    account = accounts.enable(account_id, me().id)
    return go(url_for(".show", account_id=account.id), notice=_("The account is open again."))


def _account(account_id: str) -> Account:
    found = accounts.find(account_id)
    if found is None:
        raise NotFound("unknown-account")
    return found


def _require_care_of(account: Account) -> None:
    powers = grants.powers_of(me())
    if powers.may("admin"):
        return
    if account.graduate is None:
        raise Forbidden("out-of-scope")
    group = account.graduate.class_group
    if not (powers.may("counselor", class_=group.name) or powers.may("college", college=group.college.name)):
        raise Forbidden("out-of-scope")


def _index(form: StaffForm, status: int = 200) -> Response:
    words, graduates = request.args.get("q", "").replace("\0", "").strip()[:100], request.args.get("of") == "graduates"
    found, more = search(words, graduates, request.args.get("after", "").replace("\0", "")[:64])
    return page(
        "accounts/index.html",
        status=status,
        form=form,
        found=found,
        more=more,
        words=words,
        graduates=graduates,
        rights=rights_of(account.id for account in found),
        right_word=right_word,
    )


def _show(account: Account, form: RightForm, status: int = 200) -> Response:
    rights = grants.grants_of(account.id)
    return page(
        "accounts/show.html",
        status=status,
        account=account,
        form=form,
        closing=ClosingForm(),
        held=[right for right in rights if right.until_at is None],
        ended=[right for right in rights if right.until_at is not None],
        right_word=right_word,
        names=staff_names({right.granted_by for right in rights}),
        classes=sorted(own_classes([account.id])),
    )
