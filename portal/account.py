"""One's own account: password, recent sign-ins, language, other sessions."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import accounts, signin
from db.audit_search import about
from db.refusals import Invalid, TooMany
from portal import caller
from portal.audit_words import word_of
from portal.new_password import NewPassword
from web import sentences
from web.access import signed_in
from web.forms import Choice, Form, Password
from web.fragments import go, page
from web.i18n import LANGUAGES, language, remember_language

SHOWN = 10

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
        account = signin.change_password(caller.me().id, values["current"], values["password"], request.remote_addr or "")
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


def _show(form: PasswordForm, status: int = 200) -> Response:
    account = caller.me()
    own = LanguageForm.of(language=account.language or language())
    recent = about(account.id, ("sign-in", "activation", "password", "account"), SHOWN)
    return page("account/show.html", status=status, account=account, form=form, language_form=own, events=recent, word_of=word_of)
