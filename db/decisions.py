"""What an officer decides about a step by hand, with its place in the audit trail."""

from __future__ import annotations

from db import audit, signoffs
from db import season as seasons
from db.clearance import Clearance
from db.database import lock, writing
from db.ledger import Entry
from db.people import Graduate
from db.refusals import Conflict, Invalid, NotFound
from db.rules import jws
from db.rules.decision import UNDO, offers
from db.rules.entry import PORTAL
from db.rules.fold import Cell
from db.signoffs import Act


def decide(key: jws.SigningKey, operator: str, act: Act) -> Cell:
    """Record the decision and return the cell it makes. The same decision sent again changes nothing and gives the cell.

    Raises NotFound, Invalid (`act-does-not-fit` where the step does not stand so) and Conflict (`heads-changed`) as
    `db.signoffs.sign_off` does; then nothing is recorded.
    """
    with writing():
        lock("change")
        cell = _cell(act)
        if set(cell.heads.split()) != set(act.saw):
            if _made_already(operator, act, cell):
                return Cell(cell.state, heads=tuple(cell.heads.split()))
            raise Conflict("heads-changed", state=cell.state)
        how, posted = seasons.current().plan.step(act.step).how, _posted(cell)
        if act.act in signoffs.BY_HAND and act.act not in offers(cell.state, cell.conflict, how, bool(posted)):
            raise Invalid({"act": "act-does-not-fit"})
        made = signoffs.sign_off(key, operator, act._replace(target=posted) if act.act == UNDO else act)
        facts = {"act": act.act, "step": act.step, "before": cell.state, "state": made.state}
        said = {name: value for name, value in (("reason", act.reason), ("amount", act.amount)) if value is not None}
        audit.record(operator, "step.decided", cell.graduate.number, facts | said)
    return made


def _cell(act: Act) -> Clearance:
    found = (
        Clearance.select(Clearance, Graduate)
        .join(Graduate)
        .where(Graduate.ref == act.ref, Clearance.step == act.step, Graduate.removed_at.is_null())
        .get_or_none()
    )
    if found is None:
        raise NotFound("unknown-clearance")
    return found


def _posted(cell: Clearance) -> str | None:
    """The id of the hand-over by post that stands there."""
    heads = Entry.select(Entry.id).where(Entry.hash.in_(cell.heads.split()), Entry.device == PORTAL, Entry.act == "collect")
    return heads.order_by(Entry.corrected).scalar()


def _made_already(operator: str, act: Act, cell: Clearance) -> bool:
    """Whether the step stands as this very decision left it: a form that was sent twice."""
    heads = cell.heads.split()
    entry = Entry.get_or_none(Entry.hash == heads[0]) if len(heads) == 1 else None
    if entry is None or entry.device != PORTAL or entry.operator != operator:
        return False
    made = jws.payload_of(entry.jws)
    same = (made["act"], made["reason"], made["amount"]) == (act.act, act.reason, act.amount)
    return same and set(made["saw"]) == set(act.saw)
