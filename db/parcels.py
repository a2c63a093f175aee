"""What is posted to a graduate who cannot come: noting the parcel's number hands it over in the ledger, once, as a desk does."""

from __future__ import annotations

from typing import NamedTuple

from db.accounts import Account
from db.proxies import ProxyApplication, act, trying
from db.proxy_desk import find
from db.refusals import Conflict
from db.rules import jws
from db.rules import proxy as rules
from db.rules import reason as reasons
from db.rules.plan import Step
from db.rules.proxy import COUNSELOR
from db.season import today
from db.signoffs import Act, record_all
from db.standing import StepStanding, standing


class Obstacle(NamedTuple):
    """Why a step cannot be handed over by post now: its state where that is not open, its conflict, the steps it waits for."""

    step: Step
    state: str
    conflict: str | None
    waits_for: tuple[Step, ...]


def obstacles(application: ProxyApplication) -> list[Obstacle]:
    """What keeps the things of this application from being posted, as it would at a desk; empty when nothing does."""
    return [
        Obstacle(one.step, one.state, one.conflict, one.waits_for)
        for one in _steps(application)
        if one.state != "open" or one.conflict or one.waits_for
    ]


def post(key: jws.SigningKey, account: Account, id_: str, number: str) -> ProxyApplication:
    """Note under which number the parcel was posted, and record what it holds as handed over. The same number again: nothing more.

    Raises Conflict: `parcel-too-early` while a desk could not hand it over either, `proxy-changed` where it does not stand so.
    """
    with trying("post", id_, account.id):
        application = find(account, id_)
        if application.state == rules.POSTED and application.tracking == number:
            return application
        if rules.after(application.state, "post", COUNSELOR, application.kind) and obstacles(application):
            raise Conflict("parcel-too-early")
        said = reasons.of_parcel(number)
        handed = [
            Act(application.graduate.ref, one.step.code, "collect", said, saw=one.heads) for one in _steps(application)
        ]
        posted = act(application, "post", COUNSELOR, account.id, detail={"tracking": number}, tracking=number)
        record_all(key, account.id, handed, "hand")
    return posted


def _steps(application: ProxyApplication) -> list[StepStanding]:
    chosen = application.step_codes
    return [one for one in standing(application.graduate, today()).steps if one.step.code in chosen]
