"""What a reviewer does about a conflict or a finding. Nothing is deleted: a settlement is an entry, a note is a row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from db import audit
from db import season as seasons
from db.accounts import Account
from db.clearance import Clearance, Finding
from db.database import lock, now, to_ms, writing
from db.people import Graduate
from db.refusals import Conflict, Invalid, NotFound
from db.review import Review, reviews_of, scope_of
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


def take_notes(by: Account, number: str, step: str, finding_ids: Collection[int], reason: str) -> int:
    """Say of findings that they were seen, and why they may stand; return how many were noted. They wait again when they come back.

    Safe to repeat: the same words about the same findings note nothing more. Raises NotFound, Forbidden, Invalid without a
    reason, and Conflict (`finding-gone`, `noted-already`) where one no longer waits; then none is noted.
    """
    with writing():
        lock("change")
        scope_of(by, seasons.current().plan).require(step)
        graduate = find_graduate(number)
        known = (Finding.student == graduate.ref, Finding.step == step, Finding.entry != "")
        found = list(Finding.select().where(Finding.id.in_(list(finding_ids)), *known).order_by(Finding.id))
        if not found or len(found) < len(set(finding_ids)):
            raise NotFound("unknown-finding")
        if not reason.strip():
            raise Invalid({"note": "required"})
        said = reviews_of(found)
        fresh = [finding for finding in found if not _noted_by(finding, said.get(finding.id, ()), by.id, reason)]
        moment = now()
        for finding in fresh:
            Finding.update(noted_at=moment).where(Finding.id == finding.id).execute()
            Review.create(finding=finding, verdict="seen", reason=reason, by=by.id, at=moment)
        if fresh:
            codes = sorted({finding.code for finding in fresh})
            audit.record(by.id, "review.noted", number, {"step": step, "findings": codes, "reason": reason})
    return len(fresh)


def _noted_by(finding: Finding, said: Sequence[Review], by: str, reason: str) -> bool:
    """Whether this very note stands already. Raises Conflict where another does, or where the finding has ended."""
    if finding.noted_at is not None:
        if said and (said[0].by, said[0].reason) == (by, reason):
            return True
        raise Conflict("noted-already")
    if finding.gone_at is not None:
        raise Conflict("finding-gone")
    return False


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
