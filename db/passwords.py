"""Passwords: what makes a good one, and how they are kept (argon2id, never inside a transaction).

The platform's rule is letters, digits and symbols, at least 8. Our reading: a pass-phrase of 20 characters or more need not mix the
three kinds, because its length does more than any mixture; letters of every script are letters, a space is a symbol. Text is
compared after NFKC, so that the same word counts as the same from every keyboard, full-width digits included.
"""

from __future__ import annotations

import re
import string
import threading
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from db.database import database

LEAST, PHRASE, MOST = 8, 20, 256
DIFFERENT = 5

# About 60 ms and 32 MiB each. The lanes keep a rush of sign-ins from taking all memory and both cores of a small machine.
hasher = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
_lanes = threading.BoundedSemaphore(2)

_DISGUISES = str.maketrans("@0$35!", "aosesi")
_SEQUENCES = ("01234567890123456789", "98765432109876543210", "147258369", "159357", "1470", "2580", "5201314", "7758521")
# Three digits at most, one digit or group repeated, a year, a date with or without its century.
_DATE = r"(0\d|1[012])([012]\d|3[01])"
_SIMPLE_NUMBER = re.compile(rf"\d{{0,3}}|(\d)\1*|(\d\d+)\2+|(19|20)\d\d({_DATE})?|\d\d{_DATE}")
_ONE_WORD = re.compile(r"(.+?)\1*")


def problems(password: str, *, name: str = "", numbers: Collection[str] = ()) -> list[str]:
    """Everything that is wrong with a new password, as codes; empty when it is good.

    `name` and `numbers` (account, student, phone, ID) are the owner's: it must not contain them, nor the last six of a number.
    """
    text = _normal(password)
    found = []
    if not storable(password):
        return ["password-unusable"]
    if len(text) < LEAST:
        found.append("password-short")
    if len(text) > MOST:
        return [*found, "password-long"]
    if len(text) < PHRASE:
        found += [code for code, fits in _KINDS.items() if not any(map(fits, text))]
    if len(set(text)) < DIFFERENT:
        found.append("password-repetitive")
    elif _is_common(text):
        found.append("password-common")
    if any(part in text.casefold() for part in _name_parts(name)):
        found.append("password-own-name")
    if any(part in text.casefold() for part in _number_parts(numbers)):
        found.append("password-own-number")
    return found


def make_hash(password: str) -> str:
    """The hash to keep. Slow on purpose: raises RuntimeError inside a transaction, where everybody else would wait for it."""
    _outside_transactions()
    with _lanes:
        return hasher.hash(_normal(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long when there is none to compare with (`kept` None), and then is False."""
    _outside_transactions()
    if len(password) > 2 * MOST or not storable(password):
        password, kept = "", None
    with _lanes:
        try:
            hasher.verify(kept or _nobodys(), _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Whether a hash was made with other costs than today's and should be made anew."""
    return hasher.check_needs_rehash(kept)


def storable(text: str) -> bool:
    """Whether text is free of control characters and broken Unicode."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


_KINDS = {
    "password-no-letter": str.isalpha,
    "password-no-digit": str.isdigit,
    "password-no-symbol": lambda sign: not sign.isalnum(),
}


def _is_common(text: str) -> bool:
    """A word everybody tries, alone or with a simple number and any symbols, also as P@ssw0rd."""
    plain = text.casefold()
    stem = plain.rstrip(string.punctuation + string.digits)
    for guise in {plain, stem.translate(_DISGUISES) + plain[len(stem) :]}:
        bare = "".join(filter(str.isalnum, guise))
        letters = "".join(filter(str.isalpha, guise))
        number = "".join(filter(str.isdigit, guise))
        if bare in _common() or (_is_simple(number) and _is_worn(letters)):
            return True
    return False


def _is_worn(letters: str) -> bool:
    """Up to three letters of any kind, or a common word, be it repeated."""
    word = _ONE_WORD.fullmatch(letters)
    return len(letters) <= 3 or letters in _common() or (word is not None and word[1] in _common())


def _is_simple(number: str) -> bool:
    return bool(_SIMPLE_NUMBER.fullmatch(number)) or any(number in row for row in _SEQUENCES)


def _name_parts(name: str) -> Iterator[str]:
    """The whole name and its words; a Chinese given name alone is too short to forbid."""
    whole = _normal(name).casefold()
    for part in {whole, whole.replace(" ", ""), *whole.split()}:
        if len(part) >= (3 if part.isascii() else 2):
            yield part


def _number_parts(numbers: Collection[str]) -> Iterator[str]:
    for number in numbers:
        text = _normal(number).casefold()
        if len(text) >= 4:
            yield text
        if len(text) > 6:
            yield text[-6:]


@cache
def _common() -> frozenset[str]:
    lines = (files("db") / "common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _nobodys() -> str:
    return hasher.hash("nobody has this password")


def _outside_transactions() -> None:
    if database.obj is not None and database.in_transaction():
        raise RuntimeError("a password is never hashed inside a transaction")
