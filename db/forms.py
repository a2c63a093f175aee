"""Online forms of steps, on the graduate's side: a draft, sending, withdrawing.

What was typed stands in one row for each graduate and step and can be erased; what was done about it are entries of the ledger,
like every other sign-off: `submit` when it is sent, `clear` where nobody has to review it, `reopen` when it is withdrawn. So the
step's state comes from the ledger alone, and the heads that a page was made with tell whether anything happened since.
"""

from __future__ import annotations

from collections.abc import Mapping

import peewee

from db import audit, pictures
from db import season as seasons
from db.database import Json, Model, Moment, lock, lock_row, now, writing
from db.people import Graduate
from db.refusals import Conflict, Invalid, NotFound
from db.rules import form as rules
from db.rules import jws
from db.rules.form import About
from db.rules.season import Plan
from db.rules.step import REVIEWERS, Step
from db.season import today
from db.signoffs import Act, record_all
from db.standing import StepStanding, standing_of

WRITE, CHANGE, WAITS, REVIEWED, EARLY, OVER, SHUT = "write", "change", "waits", "reviewed", "early", "over", "shut"
"""How a form stands for its graduate: to be written; counts already and may be changed; sent and to be withdrawn; reviewed by
somebody and on its way; not open yet; no longer accepted; settled some other way."""
EDITABLE = (WRITE, CHANGE)
LONGEST = 4000


class StepForm(Model):
    """The form of a graduate for a step. `draft` and `sent` are answers by the question's code; `waits`: whose review it waits for.

    `late`: it was sent after the step's last day.
    """

    graduate = peewee.ForeignKeyField(Graduate, backref="forms")
    step = peewee.TextField()
    draft = Json(default=dict)
    draft_at = Moment()
    sent = Json(null=True)
    sent_at = Moment(null=True)
    late = peewee.BooleanField(default=False)
    waits = peewee.TextField(null=True, index=True)

    class Meta:
        indexes = ((("graduate", "step"), True),)
        constraints = (
            peewee.Check("waits IN ({})".format(",".join(f"'{one}'" for one in REVIEWERS))),
            peewee.Check("(sent IS NULL) = (sent_at IS NULL)"),
            peewee.Check("waits IS NULL OR sent IS NOT NULL"),
        )

    @property
    def erased(self) -> bool:
        """Whether it was sent and its answers are gone with the season (`db/form_retention.py`)."""
        return self.sent == {} and pictures.season_over()


def about(name: str, plan: Plan) -> About:
    """What the rules need to know of whose form it is, of the season, and of what day it is."""
    assert plan.opens is not None
    assert plan.closes is not None
    return About(name, plan.opens, plan.closes, today())


def of(graduate_id: int, step: str) -> StepForm | None:
    """What the graduate wrote for this step, if anything."""
    return StepForm.get_or_none(StepForm.graduate == graduate_id, StepForm.step == step)


def phase(each: StepStanding, number: str, form: StepForm | None) -> str:
    """How the form of a step stands today for the graduate of that number: one of the words above."""
    if not each.step.form or each.conflict:
        return SHUT
    if each.state == "submitted":
        if form is None or not form.waits:
            return SHUT
        return WAITS if form.waits == next(iter(each.step.reviews), None) else REVIEWED
    own = each.state == "cleared" and each.by == number and form is not None and form.sent is not None
    if each.state not in ("open", "unknown") and not own:
        return SHUT
    if each.step.opens and each.today < each.step.opens:
        return EARLY
    if pictures.season_over() or (each.step.closes and each.today > each.step.closes and not each.step.late):
        return OVER
    return CHANGE if own else WRITE


def keep(graduate: Graduate, step: Step, typed: Mapping[str, str]) -> StepForm:
    """Keep what was typed, whatever is wrong with it; questions that are not named stay as they were.

    Raises Conflict (`form-changed`) once it is not being written any more.
    """
    known = {question.code for question in step.form}
    with writing():
        _hold(graduate)
        form = of(graduate.id, step.code)
        if phase(_standing(graduate, step), graduate.number, form) not in EDITABLE:
            raise Conflict("form-changed")
        draft = {**(form.draft if form else {}), **{code: text[:LONGEST] for code, text in typed.items() if code in known}}
        if form is None:
            return StepForm.create(graduate=graduate.id, step=step.code, draft=draft, draft_at=now())
        if draft != form.draft:
            StepForm.update(draft=draft, draft_at=now()).where(StepForm.id == form.id).execute()
        return StepForm.get_by_id(form.id)


def send(key: jws.SigningKey, graduate: Graduate, step: Step, typed: Mapping[str, str], saw: frozenset[str]) -> StepForm:
    """Send it to its first review, or let it count at once where there is none. The same again: nothing more happens.

    Raises Invalid with every fault, and Conflict (`form-changed`) where the step does not stand as the page `saw` it.
    """
    plan = seasons.current().plan
    found = rules.read(step.form, typed, about(graduate.name, plan))
    with writing():
        lock("change")
        _hold(graduate)
        each, form = _standing(graduate, step), of(graduate.id, step.code)
        stands = phase(each, graduate.number, form)
        if form is not None and form.sent == found.answers and not found.faults and stands in (WAITS, CHANGE):
            return form
        if stands not in EDITABLE or saw != frozenset(each.heads):
            raise Conflict("form-changed")
        if found.faults:
            raise Invalid(found.faults)
        waits = None if not step.reviews or rules.settles(step.form, found.answers) else step.reviews[0]
        record_all(key, graduate.number, [_act(graduate, each, "submit" if waits else "clear")], "form")
        late = step.closes is not None and each.today > step.closes
        values = {"draft": found.answers, "draft_at": now(), "sent": found.answers, "sent_at": now(), "late": late, "waits": waits}
        if form is None:
            StepForm.create(graduate=graduate.id, step=step.code, **values)
        else:
            StepForm.update(**values).where(StepForm.id == form.id).execute()
        audit.record(graduate.number, "form.sent", graduate.number, {"step": step.code, "late": late})
    return StepForm.get(StepForm.graduate == graduate.id, StepForm.step == step.code)


def withdraw(key: jws.SigningKey, graduate: Graduate, step: Step, saw: frozenset[str]) -> None:
    """Take it back, as long as nobody has reviewed it; the answers are a draft again. Again: nothing more happens.

    Raises Conflict (`form-changed`) where somebody has, or it was sent anew since the page was made.
    """
    with writing():
        lock("change")
        each, form = _standing(graduate, step), of(graduate.id, step.code)
        if each.state == "open" and each.by == graduate.number:
            return
        if form is None or phase(each, graduate.number, form) != WAITS or saw != frozenset(each.heads):
            raise Conflict("form-changed")
        record_all(key, graduate.number, [_act(graduate, each, "reopen")], "form")
        # The draft has the same answers; what stands as sent is for reviewers.
        StepForm.update(waits=None, sent=None, sent_at=None, late=False).where(StepForm.id == form.id).execute()
        audit.record(graduate.number, "form.withdrawn", graduate.number, {"step": step.code})


def _hold(graduate: Graduate) -> None:
    """Let nobody else keep or send a form of this graduate until the transaction ends. The form's row may not be there yet.

    A field that is left is kept by itself, so a press on *send* always meets a draft that is just being kept.
    """
    lock_row(Graduate, graduate.id)


def _act(graduate: Graduate, each: StepStanding, act: str) -> Act:
    return Act(graduate.ref, each.step.code, act, saw=each.heads)


def _standing(graduate: Graduate, step: Step) -> StepStanding:
    season = seasons.current()
    standing = standing_of(season, graduate.id)
    each = standing.of(step.code) if standing else None
    if each is None:
        raise NotFound("unknown-step")
    return each
