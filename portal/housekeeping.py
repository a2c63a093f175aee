"""What a serving portal does by itself once an hour: delete pictures whose time is over, give up e-mails that nobody could send,
forget sessions that are long over. Where no mail server is set it leaves no e-mail waiting, also when it starts.

Several portals may do it at once.
"""

from __future__ import annotations

import logging
import threading

from db import mail, retention, sessions
from db.database import close_database
from db.refusals import Refusal
from db.vault import Vault
from portal.config import Config

EVERY_S = 3600
BY = "portal"

_log = logging.getLogger(__name__)


def begin(config: Config) -> threading.Event:
    """Keep house beside the portal until the answered event is set."""
    stop = threading.Event()

    def keep() -> None:
        keep_mail_once(config)
        while not stop.wait(EVERY_S):
            keep_house_once(config)

    threading.Thread(target=keep, name="housekeeping", daemon=True).start()
    return stop


def keep_mail_once(config: Config) -> bool:
    """Whether any e-mail waits no more. A fault is logged and met again with the next run."""
    try:
        return _keep_mail(config) > 0
    except Exception:
        _log.exception("e-mails that nobody sends could not be given up")
    finally:
        close_database()
    return False


def _keep_mail(config: Config) -> int:
    return mail.give_up_old() if config.mail else mail.keep_in_portal()


def keep_house_once(config: Config) -> bool:
    """Whether anything was deleted. A fault is logged and met again with the next run."""
    try:
        _keep_mail(config)
        sessions.forget_old()
        return retention.run(Vault(config.pictures, config.picture_keys), BY).anything
    except Refusal as refusal:  # no plan yet: nothing can be due
        _log.info("no retention run: %s", refusal.code)
    except Exception:
        _log.exception("the retention run failed")
    finally:
        close_database()
    return False
