"""Online forms of steps, on the reviewers' side: what waits for whom, and the decisions, which are entries of the ledger.

A counselor reviews for the own classes, and for those of whom the counselor covers; a college for its classes, and in the place
of a counselor whom nobody has named; an officer for the own steps. Whoever is not the last to review hands a form on: that is a
`submit` of the reviewer's, made knowing the graduate's. The last one's approval is a `clear`; what goes back is a `return`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import peewee

from db import audit, messages
from db import season as seasons
from db.accounts import Account
from db.clearance import Clearance
from db.covers import vacant
from db.database import lock, writing
from db.forms import StepForm
from db.grants import powers_of
from db.ledger import Entry
from db.messages import News
from db.people import ClassGroup, College, Graduate
from db.refusals import Conflict, Invalid, NotFound
from db.rules import form as rules
from db.rules import jws
from db.rules.natural import natural
from db.signoffs import Act, record_all

APPROVE, RETURN = ACTS = ("approve", "return")
MOST_AT_ONCE = 200


class Sheet(NamedTuple):
    """A form that was sent, with its graduate (class and college loaded), how the step stands, and what to look at."""

    form: StepForm
    graduate: Graduate
    state: str
    since: datetime | None
    heads: frozenset[str]
    doubts: Mapping[str, str]
    mine: bool

    @property
    def clean(self) -> bool:
        return not self.doubts


class Done(NamedTuple):
    """What came of many approvals: settled, handed on to the next review, left as they were, approved `already` by this person."""

    settled: int
    passed: int
    left: int
    already: int = 0


def waiting(
    account: Account, step: str = "", among: Collection[int] | None = None, start: int = 0, most: int | None = None
) -> list[Sheet]:
    """What waits for this account's review, of one step or of all, longest first. A fixed number of queries.

    `among`: of these forms only; `start` and `most`: so many from there on, and no more is read.
    """
    query = _query().where(_mine(account))
    if step:
        query = query.where(StepForm.step == step)
    if among is not None:
        query = query.where(StepForm.id.in_(among))
    return _sheets(query.order_by(Clearance.as_of, StepForm.id).limit(most).offset(start), lambda _row: True)


def counts(account: Account) -> dict[str, int]:
    """How many forms of each step wait for this account's review."""
    query = _joined(StepForm.step, peewee.fn.COUNT(StepForm.id)).where(_mine(account)).group_by(StepForm.step)
    return dict(query.tuples())


def sent(account: Account, step: str) -> list[Sheet]:
    """Every form of a step that was sent and that this account may see, class by class."""
    ids = _own_ids(account)
    query = _query().where(_seen(account), StepForm.step == step, Clearance.state != "not-applicable")
    found = _sheets(query.order_by(Graduate.number), lambda row: row.id in ids)
    return sorted(found, key=lambda sheet: natural(sheet.graduate.class_group.name))


def find(account: Account, id_: int) -> Sheet:
    """One form that was sent, if this account may see it; NotFound (`unknown-form`) alike where not and where there is none.

    Raises Conflict (`form-withdrawn`) while its graduate has taken it back.
    """
    mine = _own_ids(account, id_)
    found = _sheets(_query().where(_seen(account), StepForm.id == id_), lambda row: row.id in mine)
    if not found:
        back = (Clearance.state == "open") & (Clearance.by == Graduate.number)
        if _joined(StepForm.id).where(_seen(account), StepForm.id == id_, back, Graduate.removed_at.is_null()).exists():
            raise Conflict("form-withdrawn")
        raise NotFound("unknown-form")
    return found[0]


def decide(key: jws.SigningKey, account: Account, id_: int, saw: frozenset[str], act: str, reason: str | None = None) -> Sheet:
    """Approve what the page `saw`, or return it with a reason. The same by the same person again: nothing more happens.

    Raises NotFound, Conflict (`form-changed`) when somebody acted meanwhile, and Invalid.
    """
    if act not in ACTS:
        raise Invalid({"act": "unknown-act"})
    if act == RETURN and not reason:
        raise Invalid({"words": "form-words"})
    with writing():
        lock("change")
        sheet = find(account, id_)
        if saw != sheet.heads and _made(account, sheet, saw, act):
            return sheet
        if saw != sheet.heads or not sheet.mine:
            raise Conflict("form-changed")
        _record(key, account, [(sheet, act)], reason)
    return find(account, id_)


def approve_all(key: jws.SigningKey, account: Account, seen: Mapping[int, frozenset[str]]) -> Done:
    """Approve many, of which each was `seen` with these heads. Those with doubts, and those that changed since, are left alone.

    The same by the same person again: nothing more happens, and they count as approved `already`.
    """
    ids = list(seen)[:MOST_AT_ONCE]
    with writing():
        lock("change")
        rows = _sheets(_query().where(_mine(account), StepForm.id.in_(ids)), lambda _row: True)
        ready = [sheet for sheet in rows if sheet.clean and sheet.heads == seen[sheet.form.id]]
        already = _approved(account, {id_: seen[id_] for id_ in set(ids) - {sheet.form.id for sheet in ready}})
        passed = _record(key, account, [(sheet, APPROVE) for sheet in ready], None)
    return Done(len(ready) - passed, passed, len(seen) - len(ready) - already, already)


def _approved(account: Account, seen: Mapping[int, frozenset[str]]) -> int:
    """How many of these forms this account has approved as they were `seen`, whatever became of them since. One query."""
    if not seen:
        return 0
    theirs = (Entry.student == Graduate.ref) & (Entry.step == StepForm.step)
    query = StepForm.select(StepForm.id, Entry.jws).join(Graduate).join_from(Graduate, Entry, on=theirs)
    own = query.where(StepForm.id.in_(list(seen)), Entry.operator == account.id, Entry.act.in_(("submit", "clear")))
    return len({id_ for id_, signed in own.tuples() if frozenset(jws.payload_of(signed).get("saw", ())) == seen[id_]})


def _record(key: jws.SigningKey, account: Account, decided: Sequence[tuple[Sheet, str]], reason: str | None) -> int:
    """Write entries, rows, messages and audit events; how many were handed on to another review."""
    acts, follows, events = [], [], []
    steps = seasons.current().plan.steps_by_code
    for sheet, act in decided:
        step = steps.get(sheet.form.step)
        following = rules.after(step.reviews if step else (), sheet.form.waits, not sheet.graduate.class_group.counselor)
        name = "return" if act == RETURN else "submit" if following else "clear"
        acts.append(Act(sheet.graduate.ref, sheet.form.step, name, reason if act == RETURN else None, saw=tuple(sheet.heads)))
        follows.append((sheet.form.id, following if name == "submit" else ""))
        word = {"return": "form.returned", "submit": "form.passed", "clear": "form.approved"}[name]
        events.append((word, sheet.graduate.number, {"step": sheet.form.step, **({"reason": reason} if reason else {})}))
    record_all(key, account.id, acts, "form")
    for following in {one for _id, one in follows}:
        ids = [id_ for id_, one in follows if one == following]
        StepForm.update(waits=following or None).where(StepForm.id.in_(ids)).execute()
    messages.send_all([
        News(sheet.graduate.id, f"form.{act}", " ".join(("form", str(sheet.form.id), *sorted(sheet.heads))),
             {"step": sheet.form.step, "words": reason}, by=account.id)
        for (sheet, act), (_id, following) in zip(decided, follows, strict=True) if not following
    ])  # fmt: skip
    for word, number, detail in events:
        audit.record(account.id, word, number, detail)
    return sum(1 for _id, following in follows if following)


def _made(account: Account, sheet: Sheet, saw: frozenset[str], act: str) -> bool:
    """Whether it stands as this very decision left it: a page that was sent twice."""
    entry = Entry.get_or_none(Entry.hash == next(iter(sheet.heads))) if len(sheet.heads) == 1 else None
    if entry is None or entry.operator != account.id or frozenset(jws.payload_of(entry.jws)["saw"]) != saw:
        return False
    return entry.act in (("return",) if act == RETURN else ("submit", "clear"))


_SAME = (Clearance.graduate == StepForm.graduate) & (Clearance.step == StepForm.step)


def _query() -> peewee.ModelSelect:
    query = _joined(StepForm, Graduate, ClassGroup, College, Clearance)
    return query.where(Graduate.removed_at.is_null(), StepForm.sent.is_null(False))


def _joined(*columns: Any) -> peewee.ModelSelect:
    query = StepForm.select(*columns).join(Graduate).join(ClassGroup).join(College)
    return query.join_from(StepForm, Clearance, on=_SAME, attr="cell")


def _mine(account: Account) -> peewee.Expression:
    """The condition that a form waits for this account."""
    powers = powers_of(account)
    unattended = (StepForm.waits == "counselor") & vacant()
    mine = reduce(or_, (
        (StepForm.waits == "counselor") & ClassGroup.name.in_(powers.scopes("counselor", "class")),
        ((StepForm.waits == "college") | unattended) & College.name.in_(powers.scopes("college", "college")),
        (StepForm.waits == "department") & StepForm.step.in_(powers.scopes("officer", "step")),
    ))  # fmt: skip
    return mine & (Clearance.state == "submitted") & Clearance.conflict.is_null() & Graduate.removed_at.is_null()


def _seen(account: Account) -> peewee.Expression:
    powers = powers_of(account)
    return (
        ClassGroup.name.in_(powers.scopes("counselor", "class"))
        | College.name.in_(powers.scopes("college", "college"))
        | StepForm.step.in_(powers.scopes("officer", "step"))
    )


def _own_ids(account: Account, id_: int | None = None) -> set[int]:
    query = _joined(StepForm.id).where(_mine(account))
    query = query if id_ is None else query.where(StepForm.id == id_)
    return {one for (one,) in query.tuples()}


def _sheets(query: peewee.ModelSelect, mine: Any) -> list[Sheet]:
    steps = seasons.current().plan.steps_by_code
    found = []
    for row in query:
        step = steps.get(row.step)
        doubts = rules.doubts(step.form, row.sent, row.graduate.name) if step else {}
        heads = frozenset(row.cell.heads.split())
        found.append(Sheet(row, row.graduate, row.cell.state, row.cell.as_of, heads, doubts, mine(row)))
    return found

