"""One's own account: password, recent sign-ins, language, other sessions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import accounts, mail, signin
from db.accounts import Account
from db.audit_search import about
from db.refusals import Invalid, TooMany
from db.rules import email_address
from portal import caller
from portal.audit_words import word_of
from portal.new_password import NewPassword
from web import sentences
from web.access import roles, signed_in
from web.forms import Choice, Form, Password, Text
from web.fragments import go, page
from web.i18n import LANGUAGES, language, remember_language

SHOWN = 10

sentences.add({"wrong-email": (_l("This is not an e-mail address."), _l("Enter one such as name@example.com."))})

blueprint = Blueprint("account", __name__, url_prefix="/account")


class PasswordForm(Form):
    current = Password(_l("Current password"), autocomplete="current-password")
    password = NewPassword()
    again = Password(_l("New password once more"), autocomplete="new-password")

    def check(self) -> None:
        if self.values["password"] != self.values["again"]:
            self.errors["again"] = _("This differs from the password above.")


class LanguageForm(Form):
    language = Choice(_l("Language"), choices=lambda: list(LANGUAGES.items()))


class AddressForm(Form):
    email = Text(
        _l("E-mail address"), most=email_address.LONGEST, required=False, autocomplete="email", inputmode="email",
        hint=_l("Empty: the address that the college has of you, if there is one."),
    )  # fmt: skip


@blueprint.get("")
@signed_in
def show() -> Response:
    return _show(PasswordForm())


@blueprint.post("/password")
@signed_in
def change_password() -> Response:
    """Change the password; this session goes on, every other one ends."""
    form = PasswordForm(request.form)
    if not form.valid():
        return _show(form, 422)
    values = form.values
    try:
        account = signin.change_password(caller.me().id, values["current"], values["password"])
    except Invalid as refusal:
        form.refuse(refusal)
        return _show(form, refusal.status)
    except TooMany as refusal:
        form.errors[""] = " ".join(sentences.say(refusal.code, refusal.status, refusal.params))
        return _show(form, refusal.status)
    caller.continue_session(account)
    return go(url_for(".show"), notice=_("Your password is changed. You are signed out everywhere else."))


@blueprint.post("/session-endings")
@signed_in
def end_other_sessions() -> Response:
    """Sign out everywhere but here."""
    account_id = caller.me().id
    caller.continue_session(accounts.end_sessions(account_id, account_id))
    return go(url_for(".show"), notice=_("You are signed out everywhere else."))


@blueprint.post("/language")
@signed_in
def speak() -> Response:
    """Remember the language with the account, and speak it in this browser."""
    form = LanguageForm(request.form)
    if not form.valid():
        raise Invalid(form.errors)
    accounts.speak(caller.me().id, form.values["language"])
    response = go(url_for(".show"))
    remember_language(response, form.values["language"])
    return response


@blueprint.post("/email")
@roles("graduate")
def give_address() -> Response:
    """Say where one's e-mails go."""
    form = AddressForm(request.form)
    try:
        if form.valid():
            account = caller.me()
            mail.give_address(account.graduate_id, form.values["email"], account.id)
            return go(url_for(".show", _anchor="email"), notice=_("Kept. Your e-mails go there from now on."))
    except Invalid as refusal:
        form.refuse(refusal)
    return _show(PasswordForm(), 422, address_form=form)


def _of_mail(account: Account) -> dict[str, Any]:
    """Where this graduate's e-mails go, and whether the last of them arrived; empty for staff."""
    if account.graduate_id is None:
        return {}
    graduate = account.graduate
    address = mail.address_of(graduate)
    undelivered = mail.undelivered(graduate) if address else None
    return {"graduate": graduate, "address": address, "undelivered": undelivered, "address_form": AddressForm()}


def _show(form: PasswordForm, status: int = 200, **forms: Form) -> Response:
    account = caller.me()
    own = LanguageForm.of(language=account.language or language())
    recent = about(account.id, ("sign-in", "activation", "password", "account", "email"), SHOWN)
    return page(
        "account/show.html", status=status, account=account, form=form, language_form=own, events=recent, word_of=word_of,
        **{**_of_mail(account), **forms},
    )  # fmt: skip
