"""What a reviewer does about quarantine: admit an entry, adopt what a token says, or dismiss either. All of it stays, marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db import audit
from db import season as seasons
from db.accounts import Account
from db.database import lock, now, to_ms, writing
from db.ledger import Entry as Stored
from db.ledger import Quarantined
from db.people import Graduate
from db.projection import refold
from db.refusals import Conflict, Invalid, NotFound
from db.review import UNPLACED, Review, scope_of
from db.review_case import QUARANTINED, counting, names_of, picture_of
from db.rules import jws
from db.rules.entry import ACTING, PORTAL, Entry, from_payload
from db.rules.fold import Cell, Picture
from db.signoffs import Act, record_all
from db.stations import Device

ENTRY, TOKEN = "entry", "token"
ADOPTED = (*sorted(ACTING), "undo")
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing in quarantine. `entry` is what it says, None where its signature does not fit; `device` what it names.

    `hash` is an entry's own, or a token's SHA-256. `graduate` is None where nobody here has that reference. `review`: what was
    settled, by `names`. `trouble` is the code of what stands against letting it count, None: it may. `now` and `then` are the
    step as it stands and as it would stand.
    """

    kind: str
    hash: str
    code: str
    received: datetime
    via: str
    uploader: str | None
    device: str | None
    tablet: Device | None
    entry: Entry | None
    student: str | None
    step: str | None
    graduate: Graduate | None
    admitted: datetime | None
    review: Review | None
    trouble: str | None
    now: Cell | None
    then: Cell | None
    names: dict[str, str]

    @property
    def waits(self) -> bool:
        return self.admitted is None and self.review is None


def find_entry(hash_: str, by: Account) -> Kept:
    """The quarantined entry of that hash. Raises NotFound, and Forbidden for a step of somebody else."""
    row = Stored.get_or_none(Stored.hash == hash_, Stored.outcome == QUARANTINED)
    if row is None:
        raise NotFound("unknown-quarantined")
    scope_of(by, seasons.current().plan).require(row.step)
    payload = jws.payload_of(row.jws)
    review = Review.get_or_none(Review.entry == hash_)
    return _kept(ENTRY, hash_, row.code, row.received_at, row.via, None, row.device, payload, review, row.admitted_at, by)


def find_token(token_hash: str, by: Account) -> Kept:
    """The token kept aside. Raises NotFound, and Forbidden for all but administrators."""
    scope_of(by, seasons.current().plan).require(None)
    row = Quarantined.get_or_none(Quarantined.token_hash == token_hash)
    if row is None:
        raise NotFound("unknown-quarantined")
    payload = jws.payload_of(row.jws) if row.code in UNPLACED else None
    review = Review.get_or_none(Review.token == token_hash)
    return _kept(TOKEN, token_hash, row.code, row.received_at, row.via, row.uploader, row.device, payload, review, None, by)


def admit(by: Account, hash_: str, reason: str) -> Kept:
    """Let a quarantined entry count from now on, as it was signed. Safe to repeat.

    Raises NotFound, Forbidden, Invalid without a reason, and Conflict: `settled-already` where it was dismissed,
    `student-still-unknown`, `step-still-unknown` where it makes no sense yet.
    """
    with writing():
        lock("change")
        found = _to_settle(find_entry(hash_, by), "admitted", reason)
        if found.waits:
            if found.trouble:
                raise Conflict(found.trouble)
            moment = now()
            Stored.update(admitted_at=moment, admitted_by=by.id).where(Stored.hash == hash_).execute()
            Review.create(entry=hash_, verdict="admitted", reason=reason, by=by.id, at=moment)
            if found.student and found.step:
                refold([(found.student, found.step)])
            _audit(by, "review.admitted", found, reason)
    return find_entry(hash_, by)


def adopt(key: jws.SigningKey, by: Account, token_hash: str, saw: Sequence[str], reason: str) -> Kept:
    """Make the decision of a genuinely signed token one's own: a portal entry that names the token in its reason. Safe to repeat.

    `saw` are the heads of the page that the reviewer decided on. Raises as `admit` does, and Conflict: `heads-changed`,
    `not-genuine` for a token whose signature does not fit, `nothing-to-adopt` where it decides nothing.
    """
    with writing():
        lock("change")
        found = _to_settle(find_token(token_hash, by), "adopted", reason)
        if found.waits:
            if found.trouble or found.entry is None or found.graduate is None or found.step is None:
                raise Conflict(found.trouble or "not-genuine")
            entries = counting(found.graduate.ref, found.step)
            if set(picture_of(found.graduate, found.step, entries).heads) != set(saw):
                raise Conflict("heads-changed")
            said = _reason(found.entry, token_hash, reason)
            own = found.entry
            act = Act(found.graduate.ref, found.step, own.act, said, own.amount, tuple(sorted(saw)), target=own.target)
            record_all(key, by.id, [act], "hand")
            made = ({e.hash for e in counting(found.graduate.ref, found.step)} - {e.hash for e in entries}).pop()
            Review.create(token=token_hash, verdict="adopted", reason=reason, made=made, by=by.id, at=now())
            _audit(by, "review.adopted", found, reason)
    return find_token(token_hash, by)


def dismiss(by: Account, kind: str, hash_: str, reason: str) -> Kept:
    """Say that an entry or a token (`kind`) shall never count, and why. It stays, marked. Safe to repeat. Raises as `admit`."""
    find = find_entry if kind == ENTRY else find_token
    with writing():
        lock("change")
        found = _to_settle(find(hash_, by), "dismissed", reason)
        if found.waits:
            Review.create(**{kind: hash_}, verdict="dismissed", reason=reason, by=by.id, at=now())
            _audit(by, "review.dismissed", found, reason)
    return find(hash_, by)


def _to_settle(found: Kept, verdict: str, reason: str) -> Kept:
    """What still waits, or was settled in the same way before."""
    if not found.waits and (found.review is None or found.review.verdict != verdict):
        raise Conflict("settled-already")
    if not reason.strip():
        raise Invalid({"reason": "required"})
    return found


def _kept(
    kind: str, hash_: str, code: str, received: datetime, via: str, uploader: str | None, device: str | None,
    payload: dict[str, Any] | None, review: Review | None, admitted: datetime | None, by: Account,
) -> Kept:  # fmt: skip
    own_hash = hash_ if kind == ENTRY else f"token {hash_}"
    entry = from_payload(payload, own_hash) if payload else None
    student, step = (payload.get("student"), payload.get("step")) if payload else (None, None)
    graduate = Graduate.get_or_none(Graduate.ref == student) if student else None
    trouble = _trouble(kind, entry, student, step, graduate)
    before: Picture | None = None
    after: Cell | None = None
    if graduate and step and step in seasons.current().plan.steps_by_code:
        before = picture_of(graduate, step, counting(graduate.ref, step))
        after = _after(before, entry, kind, by.id) if entry and trouble is None else None
    people = {person for person in (entry and entry.operator, review and review.by) if person}
    return Kept(
        kind, hash_, code, received, via, uploader, device, Device.get_or_none(Device.id == device), entry, student, step, graduate,
        admitted, review, trouble, before.cell if before else None, after, names_of(people),
    )  # fmt: skip


def _trouble(kind: str, entry: Entry | None, student: str | None, step: str | None, graduate: Graduate | None) -> str | None:
    if entry is None:
        return "not-genuine"
    if student and (graduate is None or graduate.removed_at is not None):
        return "student-still-unknown"
    if step and step not in seasons.current().plan.steps_by_code:
        return "step-still-unknown"
    if kind == TOKEN and (entry.act not in ADOPTED or not student or not step):
        return "nothing-to-adopt"
    if kind == TOKEN and graduate and step and not seasons.current().facts_of_all_steps(graduate.circle)[step].applies:
        return "step-not-applicable"
    return None


def _after(picture: Picture, entry: Entry, kind: str, by: str) -> Cell:
    """The step with this entry counted, as itself or as a decision of the reviewer's own."""
    if kind == TOKEN:
        entry = entry._replace(
            id=entry.hash, device=PORTAL, seq=None, operator=by, corrected=to_ms(now()), offset=0, saw=tuple(picture.heads)
        )
    return Picture([*picture.entries.values(), entry], picture.facts).cell


def _reason(entry: Entry, token_hash: str, words: str) -> str:
    """Why, with the token's own reason first (a hold's reason may be one of the plan's) and the token named."""
    own = f"{entry.reason}{'; ' if ': ' in entry.reason else ': '}" if entry.reason else ""
    return f"{own}{words} [{token_hash[:16]}]"


def _audit(by: Account, action: str, found: Kept, reason: str) -> None:
    subject = found.graduate.number if found.graduate else found.hash
    told = {"code": found.code, "step": found.step, "device": found.device, "entry": found.hash, "reason": reason}
    audit.record(by.id, action, subject, told)
