"""Cards for the tests of card art, signed with a key of their own."""

import secrets

from cryptography.hazmat.primitives.asymmetric import ec

from db.rules.card import sign_card
from db.rules.jws import SigningKey
from portal.cardart import Face

KEY = SigningKey("k1Ab", ec.generate_private_key(ec.SECP256R1()))


def token(prx: str | None = None, gen: int = 1) -> str:
    return sign_card(KEY, secrets.token_urlsafe(9), gen, 1_704_038_400, prx)


def card(name: str = "王小雨", number: str = "202001010101", class_name: str = "2020级会计1班", college: str = "会计学院") -> Face:
    return Face(token(), name, number, college, class_name, "2023届毕业生")
