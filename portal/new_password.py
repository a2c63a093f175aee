"""A field for a new password, and what refusals of accounts say to people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from db import passwords
from web import sentences
from web.forms import Password
from web.refusals import field_sentence

_AGAIN = _l("Change the password and send the form again.")
_ASK = _l("Ask your college's office (students) or the administrator (staff).")
_RULES = _l(
    "At least 8 characters with letters, digits and symbols, or a sentence of 20 characters and more. "
    "Without your name and your numbers, and nothing that everybody would try."
)

sentences.add(
    {
        "sign-in-wrong": (_l("Number and password do not fit together."), _l("Check both and try again.")),
        "account-disabled": (_l("This account is closed."), _ASK),
        "too-many-tries": (
            _l("Too many wrong tries. Please wait %(minutes)s minutes, then try again."),
            _l("Clearance goes on meanwhile: the card works without signing in."),
        ),
        "activation-wrong": (_l("Number and code do not fit together."), _l("Check both on your slip.")),
        "activation-used": (_l("This code was used already."), _l("Sign in with your password.")),
        "activation-expired": (_l("This code is no longer valid."), _ASK),
        "password-wrong": (_l("This is not the current password."), _AGAIN),
        "password-unchanged": (_l("It is the password you have now."), _AGAIN),
        "password-short": (_l("At least 8 characters."), _AGAIN),
        "password-long": (_l("At most 256 characters."), _AGAIN),
        "password-no-letter": (_l("A letter is missing."), _AGAIN),
        "password-no-digit": (_l("A digit is missing."), _AGAIN),
        "password-no-symbol": (_l("A symbol such as ! - or a space is missing."), _AGAIN),
        "password-repetitive": (_l("At least 5 different characters."), _AGAIN),
        "password-common": (_l("This is among the first that anybody would try."), _AGAIN),
        "password-own-name": (_l("It contains your name."), _AGAIN),
        "password-own-number": (_l("It contains one of your numbers."), _AGAIN),
        "password-unusable": (_l("It contains characters that cannot be used."), _AGAIN),
        "unknown-account": (_l("There is no such account."), _l("Check the number and try again.")),
        "unknown-grant": (_l("There is no such right."), _l("Load the page again and look at what it says now.")),
        "out-of-scope": (
            _l("This is outside of what your account is responsible for."),
            _l("Go back to your start page, or ask the administrator if your work needs it."),
        ),
    }
)


class NewPassword(Password):
    """A password that is good by itself; whether it holds its owner's name or number is told by the verb that keeps it."""

    def __init__(self) -> None:
        super().__init__(_l("New password"), hint=_RULES, autocomplete="new-password")

    def value(self, typed: str) -> str:
        password = super().value(typed)
        faults = passwords.problems(password)
        if faults:
            raise ValueError(field_sentence(faults))
        return password
