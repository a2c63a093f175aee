"""Applications of graduates who cannot come: that a proxy collects, or that the diploma is posted.

What was typed stands in one row and can be erased; what was done about it stands in events, which are only ever added. Every act
takes the lock of `change` and then looks at the newest event, so of two that race one is refused, and `(application, no)` is unique
in the database itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import peewee

from db import messages, proxy_pictures
from db import season as seasons
from db.audit import record
from db.database import Json, LocalDay, Model, Moment, lock, now, writing
from db.people import ClassGroup, College, Graduate
from db.projection import mark_changed, refold
from db.refusals import Conflict, NotFound
from db.rules import proxy as rules
from db.rules.proxy import GRADUATE, OPEN_STATES, PROXY
from db.rules.season import Proxy
from db.season import today

TYPED = ("reason", "words", "steps", "name", "id_number", "phone", "own_phone", "from_day", "until_day", "address")
"""The columns that the graduate fills."""
TOLD = frozenset(("approve", "return", "reject", "revoke", "post"))
"""Acts of others, of which the graduate gets a message."""


class ProxyApplication(Model):
    """One application. `state` and `version` (how many events there are) follow the newest event; `running` is true or NULL.

    `name` and `phone`: of the proxy, or of whoever receives the parcel. `steps`: codes, one blank between them.
    `erased_at`: since when what was typed is blank (`db/proxy_retention.py`).
    """

    id = peewee.TextField(primary_key=True)
    graduate = peewee.ForeignKeyField(Graduate, backref="proxy_applications")
    kind = peewee.TextField()
    running = peewee.BooleanField(null=True)
    state = peewee.TextField(index=True)
    version = peewee.IntegerField()
    reason = peewee.TextField(default="")
    words = peewee.TextField(default="")
    steps = peewee.TextField(default="")
    name = peewee.TextField(default="")
    id_number = peewee.TextField(default="", index=True)
    phone = peewee.TextField(default="")
    own_phone = peewee.TextField(default="")
    from_day = LocalDay(null=True)
    until_day = LocalDay(null=True)
    address = peewee.TextField(default="")
    tracking = peewee.TextField(default="")
    changed_at = Moment()
    erased_at = Moment(null=True)

    class Meta:
        indexes = ((("graduate", "running"), True),)
        constraints = (
            peewee.Check("kind IN ('proxy','post')"),
            peewee.Check(
                "state IN ('draft','submitted','returned','approved','rejected','withdrawn','revoked','expired','posted')"
            ),
            peewee.Check("(running IS NOT NULL) = (state IN ('draft','submitted','returned','approved'))"),
        )

    @property
    def step_codes(self) -> list[str]:
        return self.steps.split()

    @property
    def standing(self) -> str:
        """The state as it is today."""
        return rules.standing(self.state, self.kind, self.until_day, today())


class ProxyEvent(Model):
    """One act. `no` counts those of an application from 1. `detail` never holds what was typed about the proxy."""

    application = peewee.ForeignKeyField(ProxyApplication, column_name="application_id", backref="events")
    no = peewee.IntegerField()
    act = peewee.TextField()
    by = peewee.TextField()
    at = Moment()
    words = peewee.TextField(default="")
    detail = Json(default=dict)

    class Meta:
        indexes = ((("application", "no"), True),)


def offered() -> Proxy | None:
    """What the season's plan allows, None where it says nothing of proxies."""
    return seasons.current().plan.proxy


def over() -> bool:
    """Whether the season's last day has passed: nothing is handed in any more; what was approved may still be posted."""
    closes = seasons.current().plan.closes
    return closes is not None and today() > closes


def latest(graduate_id: int) -> ProxyApplication | None:
    """The graduate's newest application, whatever became of it."""
    query = ProxyApplication.select().where(ProxyApplication.graduate == graduate_id)
    return query.order_by(ProxyApplication.running.is_null(), ProxyApplication.changed_at.desc()).first()


def events(application: ProxyApplication) -> list[ProxyEvent]:
    """What was done about it, newest first."""
    return list(ProxyEvent.select().where(ProxyEvent.application == application.id).order_by(ProxyEvent.no.desc()))


@contextmanager
def trying(name: str, id_: str, by: str) -> Iterator[None]:
    """One transaction that may act about an application. A refused try stays in the audit trail: of two at once it has both."""
    try:
        with writing():
            lock("change")
            yield
    except Conflict as refusal:
        number = Graduate.select(Graduate.number).join(ProxyApplication).where(ProxyApplication.id == id_).scalar()
        record(by, "proxy.refused", number or "", {"application": id_, "act": name, "why": refusal.code})
        raise


def withdraw(graduate: Graduate, seen: str, by: str) -> ProxyApplication:
    """Take it back, at any time. Again: nothing more happens."""
    with trying("withdraw", seen, by):
        application = own(graduate, seen)
        if application.state == rules.WITHDRAWN:
            return application
        return act(application, "withdraw", GRADUATE, by)


def act(
    application: ProxyApplication, name: str, role: str, by: str, words: str = "", detail: Mapping[str, Any] | None = None,
    **columns: Any,
) -> ProxyApplication:  # fmt: skip
    """Add an event and let the row follow it. Inside `writing()` with the lock of `change`, on a row that was read under it.

    Raises Conflict (`proxy-changed`) where the act does not fit the state.
    """
    state = rules.after(application.state, name, role, application.kind)
    if state is None:
        raise Conflict("proxy-changed")
    no, moment = application.version + 1, now()
    ProxyEvent.create(application=application.id, no=no, act=name, by=by, at=moment, words=words, detail=dict(detail or {}))
    running = True if state in OPEN_STATES else None
    changes = {"state": state, "version": no, "running": running, "changed_at": moment, **columns}
    ProxyApplication.update(**changes).where(ProxyApplication.id == application.id).execute()
    proxy_pictures.follow(application.id, name)
    if application.kind == PROXY and rules.APPROVED in (application.state, state):
        mark_changed(_stood_for(application))
        refold([(application.graduate.ref, step) for step in application.step_codes])  # what named this proxy is judged anew
    if name in TOLD:
        facts = {"kind": application.kind, "words": words, **({"tracking": columns["tracking"]} if "tracking" in columns else {})}
        messages.send(application.graduate_id, f"proxy.{name}", f"proxy {application.id} {no}", facts)
    number = Graduate.select(Graduate.number).where(Graduate.id == application.graduate_id).scalar()
    record(by, f"proxy.{name}", number, {"application": application.id, "kind": application.kind})
    return ProxyApplication.get_by_id(application.id)


def made_already(application: ProxyApplication, seen: int, name: str, by: str) -> bool:
    """Whether this very act, by the same person, is what happened after `seen` events."""
    if application.version != seen + 1:
        return False
    last = ProxyEvent.get_or_none(ProxyEvent.application == application.id, ProxyEvent.no == application.version)
    return last is not None and (last.act, last.by) == (name, by)


def own(graduate: Graduate, id_: str) -> ProxyApplication:
    """The graduate's application of that id; NotFound (`unknown-proxy`) alike where it is another's and where there is none."""
    query = ProxyApplication.select().where(ProxyApplication.id == id_, ProxyApplication.graduate == graduate.id)
    found = query.first() if id_.isprintable() else None
    if found is None:
        raise NotFound("unknown-proxy")
    return found


def _stood_for(application: ProxyApplication) -> set[int]:
    """The ids of the graduates for whom this proxy stands: tablets name the others beside each."""
    same = (ProxyApplication.id_number == application.id_number, ProxyApplication.kind == PROXY)
    rows = ProxyApplication.select(ProxyApplication.graduate).where(*same, ProxyApplication.state == rules.APPROVED)
    return {application.graduate_id, *(row.graduate_id for row in rows)}


def with_people() -> peewee.ModelSelect:
    """Applications together with graduate, class and college."""
    query = ProxyApplication.select(ProxyApplication, Graduate, ClassGroup, College)
    return query.join(Graduate).join(ClassGroup).join(College)
