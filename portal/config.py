"""What the portal needs to know before it starts, read once from the environment. There is no default for a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from portal import smtp
from portal.smtp import Smtp

DEFAULT_URL = "http://127.0.0.1:8000"
DATABASE_KINDS = ("sqlite", "postgresql")


class ConfigError(Exception):
    """The environment does not let the portal start; the text names every fault and what to do about it."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that differs between installations.

    `url` is the address people type, without a slash at its end; where it is https, cookies are sent by https alone.
    `tablets` is the address of the tablet app where it has a host name of its own, else empty.
    `mail` is the server that e-mails go out by, None: messages stay in the portal.
    `help_hours`: within so many hours a request for help has to be answered.
    `proxies` is how many reverse proxies stand before the portal and name the caller truly in X-Forwarded-For.
    """

    database: str
    keys: Path
    url: str = DEFAULT_URL
    proxies: int = 0
    tablets: str = ""
    mail: Smtp | None = None
    help_hours: int = 24

    @property
    def attachments(self) -> Path:
        """Where photos and signatures lie: beside the keys, outside the database."""
        return self.keys.parent / "attachments"

    @property
    def pictures(self) -> Path:
        """Where uploaded letters and ID cards lie, encrypted."""
        return self.keys.parent / "pictures"

    @property
    def picture_keys(self) -> Path:
        """Where the keys of the pictures lie, one for each: apart, so that backups can forget them."""
        return self.keys.parent / "picture-keys"

    @property
    def https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def tablet_url(self) -> str:
        """The address under which tablets open their app."""
        return self.tablets or self.url

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Config:
        """Read the `CLEARANCE_…` variables named in the sentences below; ConfigError tells all faults at once."""
        faults: list[str] = []
        database = env.get("CLEARANCE_DATABASE", "").strip()
        if urlsplit(database).scheme not in DATABASE_KINDS:
            faults.append("CLEARANCE_DATABASE must say where the database is, for example "
                          "sqlite:///var/clearance.sqlite or postgresql://clearance@localhost/clearance.")
        keys = env.get("CLEARANCE_KEYS", "").strip()
        if not keys:
            faults.append("CLEARANCE_KEYS must name the folder of key files. To make one: clearance init")
        url = env.get("CLEARANCE_URL", DEFAULT_URL).strip().rstrip("/")
        if not _is_address(url):
            faults.append("CLEARANCE_URL must be the address people type, for example https://clearance.example.edu, "
                          "without a path.")
        proxies = env.get("CLEARANCE_PROXIES", "0").strip()
        if not proxies.isdecimal() or int(proxies) > 5:
            faults.append("CLEARANCE_PROXIES must be the number of reverse proxies before the portal, 0 to 5.")
        tablets = env.get("CLEARANCE_TABLET_URL", "").strip().rstrip("/")
        if tablets and not (_is_address(tablets) and (not _is_address(url) or _keeps_apart(tablets, url))):
            faults.append("CLEARANCE_TABLET_URL must be the address of the tablet app under a host name of its own, for example "
                          "https://tablets.example.edu, without a path; not the name of CLEARANCE_URL, and https where that is.")
        mail = smtp.read(env, faults)
        hours = env.get("CLEARANCE_HELP_HOURS", "24").strip()
        if not hours.isdecimal() or not 1 <= int(hours) <= 720:
            faults.append("CLEARANCE_HELP_HOURS must be a number of hours, 1 to 720.")
        if faults:
            raise ConfigError("The portal cannot start:\n- " + "\n- ".join(faults))
        return cls(database, Path(keys), url, int(proxies), tablets, mail, int(hours))


def _is_address(url: str) -> bool:
    """Scheme and host, and nothing behind."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0
        return parts.scheme in ("http", "https") and named and not parts.path and not parts.query
    except ValueError:
        return False


def _keeps_apart(tablets: str, url: str) -> bool:
    """Whether tablets have another name than the portal. Another port would not do: cookies do not know ports."""
    one, other = urlsplit(tablets), urlsplit(url)
    return one.hostname != other.hostname and (one.scheme == "https" or other.scheme != "https")
