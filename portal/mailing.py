"""Sends what lies in the outbox (`db/mail.py`): one e-mail at a time, to one receiver, in both languages.

E-mails carry a message's title and text, never what only the signed-in graduate reads; no name and no number stands in them.
"""

from __future__ import annotations

import logging
import smtplib
import threading
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from flask import Flask, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from db import mail
from db.database import close_database, to_ms
from db.mail import Mail
from db.rules import email_address
from portal.message_words import told
from portal.smtp import Smtp
from web.i18n import LANGUAGES

EVERY_S = 15
MOST_A_RUN = 200

_log = logging.getLogger(__name__)


def begin(app: Flask, smtp: Smtp) -> threading.Event:
    """Send beside the portal until the answered event is set."""
    stop = threading.Event()

    def keep() -> None:
        while not stop.wait(EVERY_S):
            send_once(app, smtp)

    threading.Thread(target=keep, name="mailing", daemon=True).start()
    return stop


def send_once(app: Flask, smtp: Smtp) -> bool:
    """Send what is due; whether anything was sent. A fault is logged and met again with the next run."""
    try:
        return send_due(app, smtp) > 0
    except Exception:
        _log.exception("sending e-mails failed")
    finally:
        close_database()
    return False


def send_due(app: Flask, smtp: Smtp, most: int = MOST_A_RUN) -> int:
    """Send up to so many e-mails that are due, over one connection; how many the server took.

    Ends early where the server does not answer: what was claimed then waits for its pause, everything else stays as it was.
    """
    mail.give_up_old()
    count = 0
    server: smtplib.SMTP | None = None
    try:
        while count < most and (one := mail.claim()) is not None:
            try:
                letter = compose(app, one, smtp.sender)
            except ValueError:
                mail.give_up(one, "This is not an e-mail address.")
                continue
            try:
                server = server or smtp.connect()
                server.send_message(letter)
            except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as error:
                if not _refused(one, error, server):
                    break
            except (OSError, smtplib.SMTPException) as error:
                mail.failed(one, f"{type(error).__name__}: {error}")
                break
            else:
                mail.sent(one)
                count += 1
    finally:
        if server is not None:
            _leave(server)
    return count


def compose(app: Flask, one: Mail, sender: str) -> EmailMessage:
    """The e-mail of a message, Chinese first. ValueError for an address that is none.

    Its id stays the same when it has to be sent again, so a receiver's program can tell that it is one.
    """
    config = app.extensions["config"]
    subjects, texts = [], []
    with app.test_request_context("/", base_url=config.url):
        for language in LANGUAGES:
            with force_locale(language):
                found = told(one.message)
                subjects.append(found.title)
                texts += [found.title, *([found.text] if found.text else [])]
                texts += [_("Sign in to read more: %(address)s", address=url_for("messages.index", _external=True)),
                          _("This e-mail was sent by a program; answers reach nobody."), ""]  # fmt: skip
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = " · ".join(subjects)
    letter["From"] = Address(addr_spec=sender)
    letter["To"] = Address(addr_spec=email_address.clean(one.address))
    letter["Date"] = format_datetime(one.message.at)
    letter["Message-ID"] = f"<{one.message_id}.{to_ms(one.message.at)}@{urlsplit(config.url).hostname}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content("\n".join(texts), cte="base64")
    return letter


def _refused(one: Mail, error: smtplib.SMTPException, server: smtplib.SMTP | None) -> bool:
    """Note what the server said about this one; whether it will take others over the same connection."""
    code, word = _word(error)
    for_good = 500 <= code < 600
    ours = server is None or isinstance(error, smtplib.SMTPSenderRefused)  # before the receiver was even named
    if for_good and not ours:
        mail.give_up(one, word)
    else:
        mail.failed(one, word)
    if ours or server is None or code == 421:
        return False
    try:
        server.rset()
    except (OSError, smtplib.SMTPException):
        return False
    return True


def _word(error: smtplib.SMTPException) -> tuple[int, str]:
    code: int
    said: str | bytes
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    else:
        code, said = 550, str(error)
    return code, f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
