"""The key files: outside the database, readable by their owner alone.

    <directory>/            mode 700
        keys.json           what each key is for, when it was made, when it was retired
        card-<kid>.pem      signs clearance cards; the newest signs, all that are not retired are published
        entry-<kid>.pem     signs the ledger entries of the device `portal`; the newest signs
        secret              signs sessions

A running process notices a rotation by itself: `keys.json` is replaced as a whole, and read again when it has changed.
Every fault is a `KeysUnusable` whose sentence names the file and says what to do.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from db.rules import jws
from db.rules.card import REHEARSAL_KID, of_rehearsal

CARD, ENTRY = "card", "entry"
PORTAL = "portal"  # the device whose entries the entry key signs, and so their kid
KID_CHARACTERS = 4  # short, so that the usual card fits QR version 10
_FORMAT = "clearance-keys/1"
_INIT = "To make it, run: clearance init"
_RESTORE = "Restore it from the backup."


class KeysUnusable(Exception):
    """The key files cannot be used; the sentence says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key as `keys.json` lists it. Moments are RFC 3339 in UTC."""

    kid: str
    use: str
    created: str
    thumbprint: str
    retired: str | None = None

    @property
    def file(self) -> str:
        return f"{self.use}-{self.kid}.pem"


class KeyStore:
    """The keys of one installation, loaded and checked at once: a fault shows at the start, not at the first card."""

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)
        self._load()

    @classmethod
    def create(cls, directory: Path | str, rehearsal: bool = False) -> "KeyStore":
        """The store in `directory`, made first if it is not there. Keys that exist are never touched."""
        path = Path(directory)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_mode(path, 0o700, _INIT)
        with _locked(path):
            if not (path / "keys.json").exists():
                if strays := sorted(file.name for file in path.glob("*.pem")):
                    raise KeysUnusable(
                        f"{path} has key files ({', '.join(strays)}) but no keys.json. Restore it from the backup, "
                        "or move those files away to begin anew; no card signed with them can then be checked."
                    )
                _write_records(path, [_make(path, CARD, set(), rehearsal), _make(path, ENTRY, set())])
            if not (path / "secret").exists():
                _write(path / "secret", secrets.token_hex(32).encode())
        return cls(path)

    @property
    def card_key(self) -> jws.SigningKey:
        """Signs new cards."""
        self._refresh()
        record = self._of(CARD)[0]
        return jws.SigningKey(record.kid, self._private[record.kid])

    @property
    def card_public_keys(self) -> dict[str, ec.EllipticCurvePublicKey]:
        """Every published card key by kid: what `read_card` takes."""
        self._refresh()
        return {record.kid: self._private[record.kid].public_key() for record in self._of(CARD)}

    @property
    def entry_key(self) -> jws.SigningKey:
        """Signs the portal's own ledger entries."""
        self._refresh()
        return jws.SigningKey(PORTAL, self._private[self._of(ENTRY)[0].kid])

    @property
    def entry_public_keys(self) -> list[ec.EllipticCurvePublicKey]:
        """All keys that portal entries may have been signed with, newest first."""
        self._refresh()
        return [self._private[record.kid].public_key() for record in self._of(ENTRY)]

    @property
    def card_records(self) -> list[KeyRecord]:
        """Every card key there ever was, retired ones included, oldest first; the last one signs new cards."""
        self._refresh()
        return [record for record in self._records if record.use == CARD]

    @property
    def rehearsal(self) -> bool:
        """Whether these are the keys of a rehearsal: their cards count nowhere else, and say so."""
        return of_rehearsal(self.card_key.kid)

    @property
    def secret(self) -> str:
        """Signs sessions; 64 hexadecimal characters."""
        return self._secret

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The JWKS document: every card key that an unexpired card may carry, newest first."""
        return {
            "keys": [
                {**jws.public_key_to_jwk(key), "kid": kid, "use": "sig", "alg": jws.ALG}
                for kid, key in self.card_public_keys.items()
            ]
        }

    def rotate_card_key(self) -> str:
        """Makes a new current card key and returns its kid. The one before stays published until it is retired."""
        with _locked(self.directory):
            self._load()
            record = _make(self.directory, CARD, {each.kid.casefold() for each in self._records}, self.rehearsal)
            _write_records(self.directory, [*self._records, record])
            self._load()
        return record.kid

    def retire(self, kid: str) -> None:
        """Stops publishing a card key: cards that carry it can no longer be checked. Its file stays. Safe to repeat.

        ValueError for an unknown kid and for the current key: rotate first.
        """
        with _locked(self.directory):
            self._load()
            if kid not in {record.kid for record in self._records if record.use == CARD}:
                raise ValueError(f"there is no card key {kid}")
            if kid == self._of(CARD)[0].kid:
                raise ValueError(f"{kid} is the current card key: rotate first, then retire it")
            records = [
                replace(record, retired=_now()) if record.kid == kid and record.retired is None else record
                for record in self._records
            ]
            _write_records(self.directory, records)
            self._load()

    def _of(self, use: str) -> list[KeyRecord]:
        """The keys in use for a purpose, newest first."""
        return [record for record in reversed(self._records) if record.use == use and not record.retired]

    def _refresh(self) -> None:
        if _version(self.directory / "keys.json") != self._seen:
            self._load()

    def _load(self) -> None:
        _check_mode(self.directory, 0o700, _INIT)
        seen = _version(self.directory / "keys.json")
        records = _read_records(self.directory)
        private = {record.kid: _read_key(self.directory, record) for record in records if not record.retired}
        secret = _read(self.directory / "secret").decode("ascii", "replace").strip()
        if len(secret) < 32:
            raise KeysUnusable(
                f"{self.directory / 'secret'} is too short. Remove it and run: clearance init "
                "(everybody will have to sign in again)"
            )
        self._seen, self._records, self._private, self._secret = seen, records, private, secret
        for use in (CARD, ENTRY):
            if not self._of(use):
                raise KeysUnusable(f"{self.directory / 'keys.json'} lists no {use} key. {_RESTORE}")


def _make(directory: Path, use: str, taken: set[str], rehearsal: bool = False) -> KeyRecord:
    """A new key in its file. Its kid is the beginning of its thumbprint, and differs from all `taken` (case-folded).

    A rehearsal's card key has a name that no other has.
    """
    while True:
        key = ec.generate_private_key(ec.SECP256R1())
        thumbprint = jws.thumbprint(jws.public_key_to_jwk(key.public_key()))
        kid = ((REHEARSAL_KID if rehearsal else "") + thumbprint)[:KID_CHARACTERS]
        if kid.isalnum() and kid.casefold() not in taken and of_rehearsal(kid) == rehearsal:
            break
    record = KeyRecord(kid, use, _now(), thumbprint)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(directory / record.file, pem)
    return record


def _read_records(directory: Path) -> list[KeyRecord]:
    """What `keys.json` lists, oldest first."""
    path = directory / "keys.json"
    try:
        document: Any = json.loads(_read(path))
        if document["format"] != _FORMAT:
            raise ValueError(f"its format is {document['format']!r}, not {_FORMAT!r}")
        return sorted((KeyRecord(**record) for record in document["keys"]), key=lambda record: record.created)
    except (ValueError, KeyError, TypeError) as error:
        raise KeysUnusable(f"{path} is damaged ({error}). {_RESTORE}") from error


def _write_records(directory: Path, records: list[KeyRecord]) -> None:
    document = {"format": _FORMAT, "keys": [asdict(record) for record in records]}
    _write(directory / "keys.json", json.dumps(document, indent=2).encode())


def _read_key(directory: Path, record: KeyRecord) -> ec.EllipticCurvePrivateKey:
    path = directory / record.file
    try:
        key = serialization.load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeysUnusable(f"{path} is damaged: it holds no readable key. {_RESTORE}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise KeysUnusable(f"{path} is not a P-256 key. {_RESTORE}")
    if jws.thumbprint(jws.public_key_to_jwk(key.public_key())) != record.thumbprint:
        raise KeysUnusable(f"{path} holds another key than keys.json says. Restore both from the same backup.")
    return key


def _read(path: Path) -> bytes:
    """The file's bytes, once it is known that only its owner can read it."""
    _check_mode(path, 0o600, _RESTORE if path.suffix == ".pem" else _INIT)
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeysUnusable(f"{path} cannot be read ({error.strerror}). Run the program as the file's owner.") from error


def _write(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all, mode 600 from its first byte."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def _check_mode(path: Path, allowed: int, if_missing: str) -> None:
    try:
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        raise KeysUnusable(f"{path} is missing. {if_missing}") from None
    except OSError as error:
        raise KeysUnusable(f"{path} cannot be read ({error.strerror}). Run the program as the file's owner.") from error
    if mode & ~allowed:
        raise KeysUnusable(f"{path} is open to others (mode {mode:o}). Run: chmod {allowed:o} {path}")


def _version(path: Path) -> tuple[int, int] | None:
    """Changes whenever the file is replaced."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """One process at a time changes the keys."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
