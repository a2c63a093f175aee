"""`clearance mail send` and `mail test`: send what waits, and see whether the mail server takes anything."""

from __future__ import annotations

import argparse
import smtplib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from db import mail
from db.rules import email_address
from portal import create_app, mailing
from portal.commands.common import CommandError, Commands, add, group, open_season
from portal.config import Config
from portal.smtp import Smtp

NONE = "No mail server is set: messages stay in the portal. Set CLEARANCE_SMTP_HOST and CLEARANCE_SMTP_FROM (docs/operations.md)."

WORDS = "收到这封邮件，说明离校系统可以发出邮件。\nIf you read this, the clearance portal can send e-mails.\n"


def add_to(commands: Commands) -> None:
    """Add these commands."""
    room = group(commands, "mail", "E-mails to graduates.")
    add(room, "send", _send, "Send what is due now; a serving portal does it by itself every 15 seconds.")
    test = add(room, "test", _test, "Send one e-mail to an address of your own, to see whether the server takes it.")
    test.add_argument("address", help="where it goes")


def _send(_options: argparse.Namespace) -> None:
    config, smtp = _server()
    app = create_app(config)
    count = 0
    while taken := mailing.send_due(app, smtp):
        count += taken
    print(f"{count} sent, {mail.waiting()} waiting.")


def _test(options: argparse.Namespace) -> None:
    _config, smtp = _server()
    letter = EmailMessage(policy=SMTP)
    try:
        letter["To"] = Address(addr_spec=email_address.clean(options.address))
    except ValueError:
        raise CommandError(f"{options.address} is no e-mail address.") from None
    letter["From"] = Address(addr_spec=smtp.sender)
    letter["Subject"] = "离校系统测试邮件 · Clearance test"
    letter.set_content(WORDS, cte="base64")
    try:
        with smtp.connect() as server:
            server.send_message(letter)
    except (OSError, smtplib.SMTPException) as error:
        raise CommandError(f"{smtp.host}:{smtp.port} did not take it: {type(error).__name__}: {error}") from error
    print(f"{smtp.host}:{smtp.port} took it. Look whether it arrives at {options.address}.")


def _server() -> tuple[Config, Smtp]:
    config = open_season()
    if config.mail is None:
        raise CommandError(NONE)
    return config, config.mail
