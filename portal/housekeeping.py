"""What a serving portal does by itself once an hour: delete pictures whose time is over, give up e-mails that nobody could send,
forget sessions that are long over.

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
        while not stop.wait(EVERY_S):
            keep_house_once(config)

    threading.Thread(target=keep, name="housekeeping", daemon=True).start()
    return stop


def keep_house_once(config: Config) -> bool:
    """Whether anything was deleted. A fault is logged and met again with the next run."""
    try:
        mail.give_up_old()
        sessions.forget_old()
        return retention.run(Vault(config.pictures, config.picture_keys), BY).anything
    except Refusal as refusal:  # no plan yet: nothing can be due
        _log.info("no retention run: %s", refusal.code)
    except Exception:
        _log.exception("the retention run failed")
    finally:
        close_database()
    return False
