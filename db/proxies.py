"""Applications of graduates who cannot come: that a proxy collects, or that the diploma is posted.

What was typed stands in one row and can be erased; what was done about it stands in events, which are only ever added. Every act
takes the lock of `change` and then looks at the newest event, so of two that race one is refused, and `(application, no)` is unique
in the database itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import peewee

from db import messages, proxy_pictures
from db import season as seasons
from db.audit import record
from db.clearance import Clearance
from db.database import Json, LocalDay, Model, Moment, lock, now, writing
from db.people import ClassGroup, College, Graduate
from db.projection import mark_changed, refold
from db.refusals import Conflict, Invalid, NotFound
from db.rules import proxy as rules
from db.rules.fold import SETTLED
from db.rules.form import Fault
from db.rules.proxy import EDITABLE, GRADUATE, OPEN_STATES, POST, PROXY, SYSTEM
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


def left_for(graduate: Graduate, kind: str) -> list[str]:
    """The steps that the plan lets a proxy settle, or posts, and that this graduate has still to settle. One query."""
    plan = offered()
    steps = {PROXY: plan.steps, POST: plan.post}.get(kind, ()) if plan else ()
    unsettled = _unsettled(graduate) if steps else frozenset()
    return [code for code in steps if code in unsettled]


def begin(graduate: Graduate, kind: str, by: str) -> ProxyApplication:
    """Open an application, or return the one of that kind that is being written already.

    Raises NotFound where the plan offers none of this kind, and Conflict while another one is going on (`proxy-running`), when
    nothing is left that somebody else could settle (`proxy-nothing-left`) or the season's last day has passed (`season-over`).
    """
    plan = offered()
    if plan is None or not {PROXY: plan.steps, POST: plan.post}.get(kind):
        raise NotFound("proxy-not-offered")
    if over():
        raise Conflict("season-over")
    with writing():
        lock("change")
        found = ProxyApplication.get_or_none(ProxyApplication.graduate == graduate.id, ProxyApplication.running == True)  # noqa: E712
        if found is not None and found.standing == rules.EXPIRED:
            act(found, "expire", SYSTEM, SYSTEM)
        elif found is not None and found.kind == kind and found.state in EDITABLE:
            return found
        elif found is not None:
            raise Conflict("proxy-running")
        left = left_for(graduate, kind)
        if not left:
            raise Conflict("proxy-nothing-left")
        return ProxyApplication.create(
            id=secrets.token_urlsafe(9), graduate=graduate.id, kind=kind, running=True, state=rules.DRAFT, version=0,
            steps=" ".join(left) if kind == POST else "", phone="",
            own_phone=graduate.phone, changed_at=now(),
        )  # fmt: skip


def save(graduate: Graduate, seen: str, values: Mapping[str, Any]) -> ProxyApplication:
    """Keep what was typed into the draft `seen`. Raises Conflict (`proxy-changed`) once it is no draft any more."""
    with writing():
        lock("change")
        application = own(graduate, seen)
        if application.state not in EDITABLE:
            raise Conflict("proxy-changed")
        known = {name: value for name, value in values.items() if name in TYPED}
        # Were it erased before, it is due again: what is typed after the season is over must not stay for ever.
        ProxyApplication.update(**known, changed_at=now(), erased_at=None).where(ProxyApplication.id == application.id).execute()
    return ProxyApplication.get_by_id(application.id)


def faults(application: ProxyApplication, graduate: Graduate) -> dict[str, Fault]:
    """What keeps it from being submitted: field → code, with what belongs into its sentence."""
    plan = offered()
    if plan is None:
        raise NotFound("proxy-not-offered")
    data = {name: getattr(application, name) for name in (*TYPED, "kind")}
    found = rules.faults(data, plan, graduate.id_number, _unsettled(graduate), today())
    closes = seasons.current().plan.closes
    if application.kind == PROXY and application.until_day and closes and application.until_day > closes:
        found.setdefault("until_day", "days-after-season")  # no desk hands anything out then
    if application.kind == PROXY and len(proxy_pictures.of(application.id)) < len(rules.SLOTS):
        found["pictures"] = "pictures-missing"
    if application.kind == PROXY and not found and not _free(application, plan.most_graduates):
        found["id_number"] = "proxy-of-too-many"
    return found


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


def submit(graduate: Graduate, seen: str, by: str, **detail: Any) -> ProxyApplication:
    """Hand it to the counselor. Again: nothing more happens.

    Raises Invalid with all that is missing, and Conflict where it stands otherwise (`proxy-changed`) or the season's last day has
    passed (`season-over`).
    """
    with trying("submit", seen, by):
        application = own(graduate, seen)
        if application.state == rules.SUBMITTED:
            return application
        if over():
            raise Conflict("season-over")
        found = faults(application, graduate)
        if found:
            raise Invalid(found)
        return act(application, "submit", GRADUATE, by, detail=detail)


def put_picture(graduate: Graduate, seen: str, slot: str, picture: str, by: str) -> list[str]:
    """Put a picture of the vault in its place in the draft; returns those whose place it takes, to be deleted after the commit.

    Raises Conflict (`proxy-changed`) once it is no draft any more: the picture in the vault is then nobody's, and swept.
    """
    with writing():
        lock("change")
        application = own(graduate, seen)
        if application.state not in EDITABLE or application.kind != PROXY:
            raise Conflict("proxy-changed")
        return proxy_pictures.replace(graduate, seen, slot, picture, by)


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


def _free(application: ProxyApplication, most: int) -> bool:
    """Whether this proxy may stand for one more graduate, of at most so many."""
    others = ProxyApplication.select(ProxyApplication.graduate).where(
        ProxyApplication.id_number == application.id_number,
        ProxyApplication.kind == PROXY,
        ProxyApplication.graduate != application.graduate_id,
        ProxyApplication.state.in_((rules.SUBMITTED, rules.APPROVED)),
        ProxyApplication.until_day >= today(),
    )
    return others.distinct().count() < most


def _unsettled(graduate: Graduate) -> frozenset[str]:
    """The steps that apply to the graduate and are still to be settled."""
    plan = seasons.current().plan
    rows = Clearance.select(Clearance.step).where(Clearance.graduate == graduate.id, Clearance.state.in_(SETTLED)).tuples()
    settled = {step for (step,) in rows}
    return frozenset(step.code for step in plan.steps if step.code not in settled and plan.applies(step, graduate.circle))


def with_people() -> peewee.ModelSelect:
    """Applications together with graduate, class and college."""
    query = ProxyApplication.select(ProxyApplication, Graduate, ClassGroup, College)
    return query.join(Graduate).join(ClassGroup).join(College)
