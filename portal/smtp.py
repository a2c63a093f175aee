"""The mail server, as the environment names it, and a connection to it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from db.rules import email_address

PORTS = {"starttls": 587, "tls": 465, "none": 25}
TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Smtp:
    """Where e-mails go out. `security` is starttls, tls or none; `user` is empty where the server wants none."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    def connect(self) -> smtplib.SMTP:
        """A connection, signed in and ready to send. Raises OSError or SMTPException with the server's word."""
        context = ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def read(env: Mapping[str, str], faults: list[str]) -> Smtp | None:
    """The `CLEARANCE_SMTP_…` variables; None without a host: then nothing goes out. Faults are added to the list."""

    def said(name: str, usual: str = "") -> str:
        return env.get(f"CLEARANCE_SMTP_{name}", usual).strip()

    host = said("HOST")
    if not host:
        return None
    security = said("SECURITY", "starttls").lower()
    if security not in PORTS:
        faults.append("CLEARANCE_SMTP_SECURITY must be starttls, tls or none.")
    port = said("PORT") or str(PORTS.get(security, 587))
    if not port.isdecimal() or not 0 < int(port) < 65536:
        faults.append("CLEARANCE_SMTP_PORT must be a port number.")
    try:
        sender = email_address.clean(said("FROM"))
    except ValueError:
        sender = ""
        faults.append("CLEARANCE_SMTP_FROM must be the address e-mails come from, for example clearance@example.edu.")
    password = _password(env, faults)
    if said("USER") and security == "none" and host not in ("localhost", "127.0.0.1", "::1"):
        faults.append("CLEARANCE_SMTP_USER would send its password in clear: set CLEARANCE_SMTP_SECURITY to starttls or tls.")
    if bool(said("USER")) != bool(password):
        faults.append("CLEARANCE_SMTP_USER and CLEARANCE_SMTP_PASSWORD (or …_PASSWORD_FILE) belong together.")
    return None if faults else Smtp(host, int(port), security, sender, said("USER"), password)


def _password(env: Mapping[str, str], faults: list[str]) -> str:
    file = env.get("CLEARANCE_SMTP_PASSWORD_FILE", "").strip()
    if not file:
        return env.get("CLEARANCE_SMTP_PASSWORD", "")
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"CLEARANCE_SMTP_PASSWORD_FILE cannot be read: {getattr(error, 'strerror', error)}.")
        return "?"
