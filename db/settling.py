"""What a reviewer does about a conflict or a finding. Nothing is deleted: a settlement is an entry, a note is a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from db import audit
from db import season as seasons
from db.accounts import Account
from db.clearance import Clearance, Finding
from db.database import lock, now, to_ms, writing
from db.people import Graduate
from db.refusals import Conflict, Invalid, NotFound
from db.review import Review, scope_of
from db.review_case import counting, find_graduate, find_step, picture_of
from db.rules import jws
from db.rules.entry import Entry
from db.rules.settlement import UNDO, Choice, choices, made_already
from db.signoffs import Act, record_all


def settle(
    key: jws.SigningKey,
    by: Account,
    number: str,
    step: str,
    choice: str,
    saw: Sequence[str],
    reason: str | None = None,
    amount: int | None = None,
) -> Clearance:
    """End the conflict of a graduate's step in one of the ways offered, and return the row as it then stands.

    `saw` are the heads of the page that the reviewer decided on. The same settlement sent again changes nothing. Of two
    reviewers the first one's counts; the second gets Conflict (`heads-changed`). Raises also NotFound, Forbidden for a step of
    somebody else, Conflict (`nothing-to-settle`), and Invalid for a choice that is none, or a missing reason.
    """
    with writing():
        lock("change")
        season = seasons.current()
        found = find_step(season, step)
        scope_of(by, season.plan).require(step)
        graduate = find_graduate(number)
        entries = counting(graduate.ref, step)
        if made_already(entries, by.id, choice, saw, reason, amount):
            return _row(graduate, step)
        picture = picture_of(graduate, step, entries)
        if set(picture.heads) != set(saw):
            raise Conflict("heads-changed", state=picture.cell.state)
        offered = {one.name: one for one in choices(picture, found.how, by.id, to_ms(now()))}
        if not offered:
            raise Conflict("nothing-to-settle")
        if choice not in offered:
            # What could be taken back a moment ago and cannot now has changed like any head.
            raise Conflict("heads-changed") if choice.startswith(UNDO) else Invalid({"choice": "unknown-choice"})
        chosen = offered[choice]
        if chosen.act == "hold" and reason is None:
            reason, amount = _standing_hold(picture.heads.values())
        if chosen.act in ("hold", "waive", UNDO) and not (reason or "").strip():
            raise Invalid({"words": "required"})
        acts = _acts(chosen, graduate.ref, step, saw, reason, amount, {entry.hash: entry.id for entry in entries})
        record_all(key, by.id, acts, "hand")
        row = _row(graduate, step)
        told = {"step": step, "conflict": picture.cell.conflict, "act": chosen.act, "state": row.state, "reason": reason}
        audit.record(by.id, "review.settled", graduate.number, told | {"targets": list(chosen.targets)})
    return row


def take_note(by: Account, finding_id: int, reason: str) -> Finding:
    """Say of a finding that it was seen, and why it may stand; it waits again when it comes back. Safe to repeat.

    Raises NotFound, Forbidden, Invalid without a reason, and Conflict (`finding-gone`, `noted-already`) where it no longer waits.
    """
    with writing():
        lock("change")
        found = Finding.get_or_none(Finding.id == finding_id, Finding.entry != "")
        if found is None:
            raise NotFound("unknown-finding")
        scope_of(by, seasons.current().plan).require(found.step)
        if not reason.strip():
            raise Invalid({"reason": "required"})
        if found.noted_at is not None:
            last = Review.select().where(Review.finding == found).order_by(Review.id.desc()).first()
            if last is not None and (last.by, last.reason) == (by.id, reason):
                return found
            raise Conflict("noted-already")
        if found.gone_at is not None:
            raise Conflict("finding-gone")
        moment = now()
        Finding.update(noted_at=moment).where(Finding.id == found.id).execute()
        Review.create(finding=found, verdict="seen", reason=reason, by=by.id, at=moment)
        number = Graduate.select(Graduate.number).where(Graduate.ref == found.student).scalar() or found.student
        audit.record(by.id, "review.noted", number, {"step": found.step, "finding": found.code, "reason": reason})
    return Finding.get_by_id(found.id)


def _acts(
    choice: Choice, ref: str, step: str, saw: Sequence[str], reason: str | None, amount: int | None, ids: dict[str, str]
) -> list[Act]:
    seen = tuple(sorted(saw))
    if choice.act != UNDO:
        return [Act(ref, step, choice.act, reason, amount if choice.act == "hold" else None, seen)]
    return [Act(ref, step, UNDO, reason, None, seen, target=ids[hash_]) for hash_ in choice.targets]


def _standing_hold(heads: Iterable[Entry]) -> tuple[str | None, int | None]:
    """Reason and amount of the hold that stands, the earliest if there are several."""
    holds = sorted((e for e in heads if e.act == "hold"), key=lambda e: (e.corrected, e.id))
    return (holds[0].reason, holds[0].amount) if holds else (None, None)


def _row(graduate: Graduate, step: str) -> Clearance:
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == step)
