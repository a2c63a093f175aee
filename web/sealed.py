"""What a browser keeps for the portal and can neither read nor make up: packed JSON under a key of its own for each purpose."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app


def seal(purpose: str, content: Any) -> str:
    """The content as a word for a cookie."""
    return _box(purpose).encrypt(zlib.compress(json.dumps(content, ensure_ascii=False).encode())).decode()


def unseal(purpose: str, word: str, seconds: int) -> Any | None:
    """The content of a word that was sealed for this purpose, here, within this time; None for any other."""
    try:
        return json.loads(zlib.decompress(_box(purpose).decrypt(word.encode(), ttl=seconds)))
    except (InvalidToken, ValueError, zlib.error):
        return None


def _box(purpose: str) -> Fernet:
    secret = current_app.config["SECRET_KEY"]
    raw = secret if isinstance(secret, bytes) else secret.encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(purpose.encode() + b"\n" + raw).digest()))
