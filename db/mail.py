"""The outbox: an e-mail for each message to a graduate who has an address, with how far it has come.

Several senders may work at once. `claim` takes one e-mail by moving its next time beyond what a sender needs, so each is sent by
one of them; a sender that dies leaves it to be sent again after that time, perhaps a second time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import peewee

from db.audit import record
from db.database import Model, Moment, now, writing
from db.messages import Message
from db.people import Graduate
from db.refusals import Invalid
from db.rules import email_address

WAITING, SENT, FAILED, GIVEN_UP = STATES = ("waiting", "sent", "failed", "given-up")
LEASE = timedelta(minutes=10)
"""Longer than one e-mail can take; after it, whoever had claimed it is taken to be dead."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 4, 15, 60, 240, 720))
"""After the first failure, the second …; the last holds on."""
TOO_OLD = timedelta(days=3)
"""What could not be sent for so long is not sent any more: it would only surprise. It stays in the portal."""
LONGEST_WORD = 300


class Mail(Model):
    """One e-mail. `due_at`: when to try next, or until when somebody is trying. `said`: the server's last word."""

    message = peewee.ForeignKeyField(Message, backref="mails", unique=True)
    address = peewee.TextField()
    state = peewee.TextField()
    attempts = peewee.IntegerField(default=0)
    due_at = Moment()
    said = peewee.TextField(default="")
    changed_at = Moment()

    class Meta:
        indexes = ((("state", "due_at"), False),)
        constraints = (peewee.Check("state IN ('waiting','sent','failed','given-up')"),)


def claim(moment: datetime | None = None) -> Mail | None:
    """The next e-mail that is due, with its message and graduate; nobody else gets it for `LEASE`. None: nothing is due.

    None goes to who was removed from the roster meanwhile: theirs wait, in case they come back, until they are too old.
    """
    moment = moment or now()
    while True:
        present = Mail.select(Mail).join(Message).join(Graduate).where(Graduate.removed_at.is_null())
        due = present.where(Mail.state.in_((WAITING, FAILED)), Mail.due_at <= moment).order_by(Mail.due_at, Mail.id).first()
        if due is None:
            return None
        with writing():
            mine = Mail.update(attempts=due.attempts + 1, due_at=moment + LEASE, changed_at=now()).where(
                Mail.id == due.id, Mail.attempts == due.attempts, Mail.state.in_((WAITING, FAILED))
            )
            taken = mine.execute()
        if taken:
            return Mail.select(Mail, Message, Graduate).join(Message).join(Graduate).where(Mail.id == due.id).get()


def sent(mail: Mail, said: str = "") -> None:
    """The server took it."""
    _settle(mail, state=SENT, said=said)


def failed(mail: Mail, said: str) -> None:
    """It did not work this time: it is tried again after a pause that grows."""
    _settle(mail, state=FAILED, said=said, due_at=now() + PAUSES[min(mail.attempts, len(PAUSES)) - 1])


def give_up(mail: Mail, said: str) -> None:
    """It will never work, such as for an address that the server does not know."""
    _settle(mail, state=GIVEN_UP, said=said)


def give_up_old() -> int:
    """Give up what has waited too long; how many. Those that somebody is trying to send at this moment are left to them."""
    old = Message.select(Message.id).where(Message.at < now() - TOO_OLD)
    with writing():
        waiting = (Mail.state.in_((WAITING, FAILED)), Mail.message.in_(old), (Mail.attempts == 0) | (Mail.due_at <= now()))
        return Mail.update(state=GIVEN_UP, changed_at=now()).where(*waiting).execute()


def keep_in_portal() -> int:
    """Where no mail server is set: what was never tried becomes a message in the portal only, the rest is given up; how many.

    So a server that is set later sends nothing that is days old.
    """
    with writing():
        gone = Mail.delete().where(Mail.state == WAITING, Mail.attempts == 0).execute()
        tried = (Mail.state.in_((WAITING, FAILED)), Mail.due_at <= now())
        return gone + Mail.update(state=GIVEN_UP, changed_at=now()).where(*tried).execute()


def waiting() -> int:
    """How many are still to be sent."""
    return Mail.select().where(Mail.state.in_((WAITING, FAILED))).count()


def address_of(graduate: Graduate) -> str:
    """Where this graduate's e-mails go: the address they gave, else the roster's; empty where there is none."""
    return graduate.own_email or graduate.email


def undelivered(graduate: Graduate) -> Mail | None:
    """The graduate's newest e-mail to the present address, if it was given up with a word of the server's."""
    query = Mail.select().join(Message).where(Message.graduate == graduate.id, Mail.address == address_of(graduate))
    last = query.where(Mail.state.in_((SENT, GIVEN_UP))).order_by(Mail.changed_at.desc(), Mail.id.desc()).first()
    return last if last is not None and last.state == GIVEN_UP and last.said else None


def give_address(graduate_id: int, typed: str, by: str) -> None:
    """Send this graduate's e-mails to the address that they give, or (empty) to the roster's again. Safe to repeat.

    What still waits goes there too. Raises Invalid for what is no address.
    """
    try:
        address = email_address.clean(typed) if typed.strip() else ""
    except ValueError:
        raise Invalid({"email": "wrong-email"}) from None
    with writing():
        changed = Graduate.update(own_email=address).where(Graduate.id == graduate_id, Graduate.own_email != address).execute()
        if changed:
            to = address_of(Graduate.get_by_id(graduate_id))
            own = Message.select(Message.id).where(Message.graduate == graduate_id)
            if to:
                Mail.update(address=to).where(Mail.message.in_(own), Mail.state.in_((WAITING, FAILED))).execute()
            record(by, "email.changed", by)


def _settle(mail: Mail, **columns: object) -> None:
    """Write the outcome, unless the lease ran out and somebody else tries meanwhile."""
    said = " ".join(str(columns.pop("said", "")).split())[:LONGEST_WORD].replace("\0", "")
    with writing():
        change = Mail.update(**columns, said=said, changed_at=now())
        change.where(Mail.id == mail.id, Mail.attempts == mail.attempts, Mail.state.in_((WAITING, FAILED))).execute()
