"""What a photo or a signature may be."""

import hashlib
import re

MOST_BYTES = 4 << 20
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/svg+xml")

_NAME = re.compile(r"[0-9a-f]{64}")


def is_name(text: object) -> bool:
    """Whether this could name an attachment: the SHA-256 of its bytes in small hex digits."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def name_of(content: bytes) -> str:
    """The name of these bytes."""
    return hashlib.sha256(content).hexdigest()
