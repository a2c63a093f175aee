"""An application while its graduate writes it: begun, kept with every answer, looked at for what keeps it back, sent.

Safe to repeat, each act under the lock of `change`, like all that happens to an application: see `proxies.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from db import proxy_pictures
from db import season as seasons
from db.clearance import Clearance
from db.database import lock, now, writing
from db.people import Graduate
from db.proxies import TYPED, ProxyApplication, act, offered, over, own, trying
from db.refusals import Conflict, Invalid, NotFound
from db.rules import proxy as rules
from db.rules.fold import SETTLED
from db.rules.form import Fault
from db.rules.proxy import EDITABLE, GRADUATE, POST, PROXY, SYSTEM
from db.season import today


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
