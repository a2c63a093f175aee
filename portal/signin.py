"""Sign in, sign in for the first time, sign out."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from db import activations, signin
from db.accounts import Account
from db.refusals import Forbidden, Invalid, Refusal, TooMany
from portal import caller, known_browser
from portal.audited import note
from portal.new_password import NewPassword
from web import kept_form, sentences
from web.access import public, safe_next, signed_in
from web.forms import Form, Password, Text
from web.fragments import go, page
from web.i18n import remember_language

blueprint = Blueprint("signin", __name__)


class SignInForm(Form):
    number = Text(_l("Student number or staff ID"), most=64, autocomplete="username")
    password = Password(_l("Password"), autocomplete="current-password")


class ActivationForm(Form):
    number = Text(_l("Student number or staff ID"), most=64, autocomplete="username")
    code = Text(
        _l("Code on your slip"), most=40, hint=_l("Three groups of four; capitals and hyphens do not matter."), autocomplete="off"
    )
    password = NewPassword()
    again = Password(_l("New password once more"), autocomplete="new-password")

    def check(self) -> None:
        if self.values["password"] != self.values["again"]:
            self.errors["again"] = _("This differs from the password above.")


@blueprint.get("/sign-in")
@public
def show() -> Response:
    """The form; who is signed in already is led on."""
    if current_user.is_authenticated:
        return go(_next())
    return page("signin/show.html", form=SignInForm(), next=_next(), kept=kept_form.waits_for(_next()))


@blueprint.post("/sign-in")
@public
def sign_in() -> Response:
    """Open a session, or say what is wrong without saying which part."""
    form = SignInForm(request.form)
    if form.valid():
        try:
            values = form.values
            account = signin.sign_in(values["number"], values["password"], request.remote_addr or "", known_browser.known())
        except (Invalid, TooMany, Forbidden) as refusal:
            return _again("signin/show.html", form, refusal)
        return _enter(account)
    return page("signin/show.html", status=422, form=form, next=_next())


@blueprint.get("/activate")
@public
def show_activation() -> Response:
    """The form for the first time."""
    return page("signin/activate.html", form=ActivationForm(), next=_next())


@blueprint.post("/activate")
@public
def activate() -> Response:
    """Use up the code, set the password and open a session."""
    form = ActivationForm(request.form)
    if form.valid():
        values = form.values
        try:
            account = activations.activate(values["number"], values["code"], values["password"], request.remote_addr or "")
        except (Invalid, TooMany) as refusal:
            return _again("signin/activate.html", form, refusal)
        return _enter(account, _("Your password is set. From now on sign in with it."))
    return page("signin/activate.html", status=422, form=form, next=_next())


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this session; `next` is where whoever signs in then wants to go."""
    note("sign-out", current_user.id)
    caller.end_session()
    wanted = _next()
    return go(url_for(".show", next=None if wanted == "/" else wanted), notice=_("You are signed out."))


def _enter(account: Account, notice: str | None = None) -> Response:
    caller.begin_session(account)
    response = go(_next(), notice=notice)
    known_browser.remember(response, account)
    if account.language:
        remember_language(response, account.language)
    return response


def _again(template: str, form: Form, refusal: Refusal) -> Response:
    """The form with what is wrong; for a refusal that is no field's, its sentence and what to do."""
    if isinstance(refusal, Invalid):
        form.refuse(refusal)
        if isinstance(code := refusal.errors.get("code"), str):
            form.errors["code"] = " ".join(sentences.say(code, refusal.status))
    else:
        form.errors[""] = " ".join(sentences.say(refusal.code, refusal.status, refusal.params))
    response = page(template, status=refusal.status, form=form, next=_next())
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _next() -> str:
    return safe_next(request.values.get("next"))
