"""Requests for help: a graduate asks, the counselor of the class or its college answers or hands it on to a step's officers.

Nobody else sees any of it: officers only what is handed to them, and only as long as it is. What was said stands in events that are
only added; every act names how many events its page showed, so of two at once the second is told to look again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import peewee

from db import messages
from db import season as seasons
from db.accounts import Account
from db.audit import record
from db.database import Model, Moment, lock_row, now, writing
from db.grants import classes_near, powers_of
from db.people import ClassGroup, College, Graduate
from db.refusals import Conflict, Invalid, NotFound
from db.rules import help as rules
from db.rules.help import CLOSED, COUNSELOR, GRADUATE, OFFICER, OPEN, STATES

LONGEST, LONGEST_TOPIC = 2000, 80
MOST_OPEN = 5
"""So many requests of one graduate may be open at once."""
SHOWN = 200
TOLD = frozenset(("answer", "close"))


class HelpRequest(Model):
    """One request. `step` is what it is about, empty for none; `handed_to` the step whose officers have it now, empty for none.

    `due_at`: by when the college has to answer, None when it has. `version`: how many events there are.
    """

    graduate = peewee.ForeignKeyField(Graduate, backref="help_requests")
    topic = peewee.TextField()
    step = peewee.TextField(default="")
    state = peewee.TextField()
    version = peewee.IntegerField()
    due_at = Moment(null=True)
    handed_to = peewee.TextField(default="", index=True)
    asked_at = Moment()
    changed_at = Moment()

    class Meta:
        constraints = (peewee.Check("state IN ({})".format(",".join(f"'{state}'" for state in STATES))),)

    @property
    def overdue(self) -> bool:
        return rules.overdue(self.state, self.due_at, now())

    @property
    def may_reopen(self) -> bool:
        return self.state == CLOSED and rules.may_reopen(self.changed_at, now())


class HelpEvent(Model):
    """What somebody said or did. `no` counts those of a request from 1; `step` is where it was handed on. Append-only."""

    request = peewee.ForeignKeyField(HelpRequest, backref="events")
    no = peewee.IntegerField()
    act = peewee.TextField()
    by = peewee.TextField()
    at = Moment()
    text = peewee.TextField(default="")
    step = peewee.TextField(default="")

    class Meta:
        indexes = ((("request", "no"), True),)


def ask(graduate: Graduate, by: str, topic: str, text: str, step: str, within: timedelta) -> HelpRequest:
    """Write a request. The same words again while it is open are the same request.

    Raises Invalid for words that are missing or too long and a step that is none, Conflict (`help-too-many`).
    """
    topic, text = topic.strip(), text.strip()
    wrong: dict[str, object] = {}
    if not topic or len(topic) > LONGEST_TOPIC:
        wrong["topic"] = ("wrong-note", {"most": LONGEST_TOPIC})
    if not text or len(text) > LONGEST:
        wrong["text"] = ("wrong-note", {"most": LONGEST})
    if step and step not in seasons.current().plan.steps_by_code:
        wrong["step"] = "unknown-step"
    if wrong:
        raise Invalid(wrong)
    with writing():
        lock_row(Graduate, graduate.id)
        still = list(HelpRequest.select().where(HelpRequest.graduate == graduate.id, HelpRequest.state != CLOSED))
        for one in still:
            first = HelpEvent.get(HelpEvent.request == one.id, HelpEvent.no == 1)
            if (one.topic, one.step, first.text) == (topic, step, text):
                return one
        if len(still) >= MOST_OPEN:
            raise Conflict("help-too-many", most=MOST_OPEN)
        moment = now()
        made = HelpRequest.create(
            graduate=graduate.id, topic=topic, step=step, state=OPEN, version=1, due_at=moment + within, asked_at=moment,
            changed_at=moment,
        )  # fmt: skip
        HelpEvent.create(request=made.id, no=1, act="ask", by=by, at=moment, text=text)
        record(by, "help.ask", graduate.number, {"request": made.id, "step": step})
    return made


def go_on(graduate: Graduate, by: str, id_: int, seen: int, act: str, text: str, within: timedelta) -> HelpRequest:
    """What a graduate does about an own request: `write` more, `close` it, `reopen` it within `REOPEN_WITHIN`.

    Raises as `handle`, and Conflict (`help-too-late`).
    """
    with writing():
        lock_row(HelpRequest, id_)
        found = own(graduate, id_)
        if act == "reopen" and found.state == CLOSED and not found.may_reopen:
            raise Conflict("help-too-late")
        return _act(found, seen, act, GRADUATE, by, text, "", within)


def handle(account: Account, id_: int, seen: int, act: str, text: str, within: timedelta, step: str = "") -> HelpRequest:
    """What staff do: `answer`, `hand-on` to the officers of a step, `hand-back` to the counselor, `close`.

    The same again by the same person in the same words: nothing more happens.

    Raises NotFound for whoever may not see it, Conflict (`help-changed`) when it stands otherwise, Invalid without needed words.
    """
    with writing():
        lock_row(HelpRequest, id_)
        standing = HelpRequest.get_or_none(HelpRequest.id == id_)
        if standing is not None and _made_already(standing, seen, act, account.id, text.strip()):
            return standing  # who handed it back may see it no more
        found = find(account, id_)
        if act == "hand-on" and step not in seasons.current().plan.steps_by_code:
            raise Invalid({"step": "unknown-step"})
        return _act(found, seen, act, role_of(account, found), account.id, text, step, within)


def of(graduate: Graduate) -> list[HelpRequest]:
    """The graduate's requests, newest first."""
    query = HelpRequest.select().where(HelpRequest.graduate == graduate.id)
    return list(query.order_by(HelpRequest.changed_at.desc(), HelpRequest.id.desc()).limit(SHOWN))


def own(graduate: Graduate, id_: int) -> HelpRequest:
    """The graduate's request of that id; NotFound (`unknown-help`) alike where it is another's and where there is none."""
    found = HelpRequest.get_or_none(HelpRequest.id == id_, HelpRequest.graduate == graduate.id)
    if found is None:
        raise NotFound("unknown-help")
    return found


def queue(account: Account, state: str) -> list[HelpRequest]:
    """The requests in that state that this account may see: open ones by when they are due, others the newest first."""
    order = HelpRequest.due_at if state == OPEN else HelpRequest.changed_at.desc()
    return list(_visible(account).where(HelpRequest.state == state).order_by(order, HelpRequest.id).limit(SHOWN))


def counts(account: Account) -> dict[str, int]:
    """How many requests this account may see are in each state."""
    query = _visible(account).select(HelpRequest.state, peewee.fn.COUNT(HelpRequest.id)).group_by(HelpRequest.state)
    return dict.fromkeys(STATES, 0) | dict(query.tuples())


def find(account: Account, id_: int) -> HelpRequest:
    """The request with graduate, class and college if this account may see it; NotFound (`unknown-help`) alike if not."""
    found = _visible(account).where(HelpRequest.id == id_).first()
    if found is None:
        raise NotFound("unknown-help")
    return found


def role_of(account: Account, request: HelpRequest) -> str:
    """As what this account stands to a request that it may see: `counselor` (the college too) or `officer`."""
    group, powers = request.graduate.class_group, powers_of(account)
    near = powers.may("counselor", class_=group.name) or powers.may("college", college=group.college.name)
    return COUNSELOR if near else OFFICER


def events(request: HelpRequest) -> list[HelpEvent]:
    """What was said and done, oldest first."""
    return list(HelpEvent.select().where(HelpEvent.request == request.id).order_by(HelpEvent.no))


def offers(account: Account, request: HelpRequest) -> Sequence[str]:
    """What this account may do about it now."""
    return rules.offers(request.state, role_of(account, request))


def _act(
    request: HelpRequest, seen: int, act: str, role: str, by: str, text: str, step: str, within: timedelta
) -> HelpRequest:
    text = text.strip()
    if _made_already(request, seen, act, by, text):
        return request
    state = rules.after(request.state, act, role)
    if state is None or request.version != seen:
        raise Conflict("help-changed")
    if (not text and act not in ("close", "hand-back")) or len(text) > LONGEST:
        raise Invalid({"text": ("wrong-note", {"most": LONGEST})})
    moment, no = now(), request.version + 1
    HelpEvent.create(request=request.id, no=no, act=act, by=by, at=moment, text=text, step=step)
    handed = {"hand-on": step, "hand-back": "", "reopen": ""}.get(act, request.handed_to)
    due = rules.due(act, request.due_at, moment, within)
    change = HelpRequest.update(state=state, version=no, due_at=due, handed_to=handed, changed_at=moment)
    change.where(HelpRequest.id == request.id).execute()
    if act in TOLD and role != GRADUATE:
        facts = {"topic": request.topic, "words": text}
        messages.send(request.graduate_id, f"help.{act}", f"help {request.id} {no}", facts, by=by)
    number = Graduate.select(Graduate.number).where(Graduate.id == request.graduate_id).scalar()
    record(by, f"help.{act}", number, {"request": request.id, "step": step})
    return HelpRequest.get_by_id(request.id)


def _made_already(request: HelpRequest, seen: int, act: str, by: str, text: str) -> bool:
    if request.version != seen + 1:
        return False
    last = HelpEvent.get_or_none(HelpEvent.request == request.id, HelpEvent.no == request.version)
    return last is not None and (last.act, last.by, last.text) == (act, by, text)


def _visible(account: Account) -> peewee.ModelSelect:
    powers = powers_of(account)
    handed = [step.code for step in seasons.current().plan.steps if powers.may("officer", step=step.code)]
    query = HelpRequest.select(HelpRequest, Graduate, ClassGroup, College).join(Graduate).join(ClassGroup).join(College)
    near = Graduate.class_group.in_(classes_near(powers))
    return query.where(near | HelpRequest.handed_to.in_(handed), Graduate.removed_at.is_null())
