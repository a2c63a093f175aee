"""Finding graduates, and the page of one of them, as far as the caller may look."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db import accounts
from db.cards import Card
from db.clearance import Finding
from db.database import now, to_ms
from db.grants import powers_of
from db.history import Event, history
from db.people import ClassGroup, Graduate, anybody
from db.refusals import NotFound
from db.rules.card import EXPIRED, VALID, public_keys, read_card
from db.rules.decision import offers
from db.rules.sight import Sight, sight
from db.search import CHOICES, CONFLICT, UNSETTLED, Wanted, by_ref, classes, load, search, steps_to_filter
from db.standing import Standing, StepStanding, standing
from portal.audited import note
from portal.caller import me
from portal.care import written
from portal.words import college_name, the_plan
from web import sentences
from web.access import roles
from web.fragments import go, live, page
from web.i18n import language
from web.states import state_word

sentences.add(
    {
        "unknown-graduate": (
            _l("No graduate of this number is among those you may look at."),
            _l("Check the number. If your work needs this graduate, ask the administrator."),
        ),
        "unknown-step-here": (_l("You may not look at this step of this graduate."), _l("Go back to the graduate's page.")),
    }
)

blueprint = Blueprint("graduates", __name__, url_prefix="/graduates")

ROLES = ("officer", "counselor", "college", "admin")
FILTERS = ("q", "college", "class", "step", "state")
LONGEST = 4096  # a card's code, as a scanner types it, stands in the address
_REF = re.compile(r"gr_[A-Za-z0-9_-]{7,13}|[A-Za-z0-9_-]{10,16}")


@dataclass(frozen=True)
class Sheet:
    """One graduate as the caller sees them. `events` are of the steps in full sight, newest first."""

    graduate: Graduate
    sight: Sight
    standing: Standing
    events: dict[str, list[Event]]
    findings: list[Finding]
    card: Card | None

    @property
    def seen(self) -> list[StepStanding]:
        """The steps in full sight, in the plan's order."""
        return [each for each in self.standing.steps if each.step.code in self.sight.full]

    @property
    def counted(self) -> list[StepStanding]:
        """Those of them that have to be settled."""
        return [each for each in self.seen if each in self.standing.applicable]

    @property
    def settled(self) -> int:
        return sum(each.group == "done" for each in self.counted)

    @property
    def groups(self) -> list[tuple[str, list[StepStanding]]]:
        """What is seen, by what it asks of people; groups without a step are left out."""
        order = ("conflict", "held", "todo", "waiting", "done", "not-applicable")
        sorted_ = [(name, [each for each in self.seen if _group(each) == name]) for name in order]
        return [(name, steps) for name, steps in sorted_ if steps]

    @property
    def prerequisites(self) -> list[StepStanding]:
        """Steps of which the caller is told only whether they are settled."""
        return [each for each in self.standing.steps if each.step.code in self.sight.settled]

    @property
    def timeline(self) -> list[Event]:
        """Every event in sight, newest first."""
        return sorted((event for events in self.events.values() for event in events), key=lambda event: -event.at)

    def name_of(self, staff_id: str | None) -> str:
        """The name of somebody who signed, as far as an event tells it."""
        known = {event.operator: event.name for events in self.events.values() for event in events if event.name}
        return known.get(staff_id or "", staff_id or "")

    @property
    def rooms(self) -> bool:
        """Whether the caller's work asks for the room."""
        return self.sight.person or any(each.step.rooms for each in self.seen)

    def decides(self, each: StepStanding) -> bool:
        """Whether the caller has something to decide about this step."""
        return each.step.code in self.sight.decides and bool(offers(each.state, each.conflict, each.step.how))

    def may_clear_at_once(self, each: StepStanding) -> bool:
        """Whether one press clears it: the caller decides this step, it is in no conflict, and no list of it is awaited."""
        if each.conflict or each.state == "unknown":
            return False
        return each.step.code in self.sight.decides and "clear" in offers(each.state, None, each.step.how)


@blueprint.get("")
@roles(*ROLES)
def index() -> Response:
    """Find graduates. A scanned card, or a whole number, leads straight to the one it belongs to."""
    chosen = {name: request.args.get(name, "").strip()[:LONGEST] for name in FILTERS}
    chosen["q"] = _tidy(chosen["q"])
    found, problem = _exactly(chosen["q"])
    if found is not None and not any(chosen[name] for name in FILTERS[1:]):
        return go(url_for(".show", number=found.number), notice=problem, tone="warn")
    account = me()
    choices = classes(account)
    wanted = _wanted(chosen, choices)
    result = search(account, wanted, after=_tidy(request.args.get("after", ""))[:64]) if problem is None else None
    return page(
        "graduates/index.html",
        "graduates/_results.html",
        chosen={name: value for name, value in chosen.items() if value},
        classes=choices,
        colleges=[(name, college_name(name)) for name in dict.fromkeys(one.college.name for one in choices)],
        steps=_step_choices(),
        states=_state_choices(),
        result=result,
        empty_roster=result is not None and not result.rows and not anybody(),
        problem=problem,
        step=wanted.step,
        first="after" not in request.args,
    )


@blueprint.get("/<number>")
@roles(*ROLES)
def show(number: str) -> Response:
    """One graduate. That the page was opened is recorded."""
    sheet = sheet_of(number)
    note("graduate.viewed", sheet.graduate.number)
    account = accounts.find(number) if sheet.sight.person else None  # a code for it may be made by who sees the person
    return page(
        "graduates/show.html", sheet=sheet, graduate=sheet.graduate, account=account, refreshed=False, **written(sheet.graduate)
    )


@blueprint.get("/<number>/clearance")
@roles(*ROLES)
def clearance(number: str) -> Response:
    """The part of the page that keeps itself up to date."""
    return live("graduates/_clearance.html", sheet=sheet_of(number), refreshed=True)


def find(number: str) -> Graduate:
    """The graduate of the address. NotFound alike where there is none and where the caller may not look."""
    found = load(me(), number) if number.isprintable() else None  # what no database can hold, none can find
    if found is None:
        raise NotFound("unknown-graduate")
    return found


def sight_of(graduate: Graduate) -> Sight:
    """What the caller sees of this graduate, and may do."""
    group = graduate.class_group
    return sight(powers_of(me()), the_plan().steps, group.name, group.college.name)


def sheet_of(number: str) -> Sheet:
    """Everything the caller may see of the graduate. A fixed number of queries."""
    graduate = find(number)
    seen = sight_of(graduate)
    plan = the_plan()
    today = datetime.now(plan.zone).date()
    open_findings = Finding.select().where(
        Finding.student == graduate.ref, Finding.step.in_(seen.full), Finding.gone_at.is_null(), Finding.entry != ""
    )
    return Sheet(
        graduate=graduate,
        sight=seen,
        standing=standing(graduate, today),
        events=history(graduate, sorted(seen.full)),
        findings=list(open_findings.order_by(Finding.id)),
        card=Card.get_or_none(Card.graduate == graduate.id, Card.gen == graduate.gen),
    )


def _group(each: StepStanding) -> str:
    return "conflict" if each.conflict else each.group


def _tidy(text: str) -> str:
    """As people mean it: full-width signs are plain ones, and what no name or number holds is gone."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isprintable()).strip()


def _exactly(text: str) -> tuple[Graduate | None, str | None]:
    """The one graduate that a card's code, a ref or a whole number names, and what is to be said about it."""
    if text.count(".") == 2 and len(text) > 64:
        return _scanned(text)
    if text.isdecimal() and len(text) >= 6:
        return load(me(), text), None
    return (by_ref(me(), text) if _REF.fullmatch(text) else None), None


def _scanned(text: str) -> tuple[Graduate | None, str | None]:
    reading = read_card(text, public_keys(current_app.extensions["keys"].jwks()), to_ms(now()))
    if reading.status not in (VALID, EXPIRED):
        return None, _("This is not a clearance card that can be checked here.")
    found = by_ref(me(), reading.ref or "")
    if found is None:
        return None, _("The card is genuine, but you may not look at this graduate, or the graduate is no longer on the roster.")
    if reading.status == EXPIRED:
        return found, _("This card has expired.")
    if reading.prx is None and (reading.gen or 0) < found.gen:
        return found, _("This card has been replaced by a newer one.")
    if reading.prx is None and found.card_revoked:
        return found, _("This card has been revoked.")
    return found, None


def _wanted(chosen: dict[str, str], choices: list[ClassGroup]) -> Wanted:
    """The filters, those that name nothing left out. A class decides its college."""
    group = next((one for one in choices if one.name == chosen["class"]), None)
    named = group.college.name if group else chosen["college"]
    college = named if any(named == one.college.name for one in choices) else ""
    step = chosen["step"] if chosen["step"] in steps_to_filter(powers_of(me()), the_plan()) else ""
    state = chosen["state"] if chosen["state"] in CHOICES else ""
    return Wanted(chosen["q"], college, group.name if group else "", step, state)


def _step_choices() -> list[tuple[str, str]]:
    plan = the_plan()
    return [(code, plan.step(code).name.pick(language())) for code in steps_to_filter(powers_of(me()), the_plan())]


def _state_choices() -> list[tuple[str, Any]]:
    words = {UNSETTLED: _l("Not settled"), CONFLICT: _l("In conflict")}
    return [(code, words.get(code) or state_word(code)) for code in CHOICES]
