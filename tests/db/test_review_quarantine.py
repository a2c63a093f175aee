"""Quarantine: what makes sense is admitted, what is genuine is adopted, the rest is dismissed; all of it stays."""

import pytest

from db import admitting, grants
from db import season as seasons
from db.accounts import Account
from db.audit import AuditEvent
from db.clearance import Clearance
from db.intake import receive
from db.keys import KeyStore
from db.ledger import Entry, Quarantined
from db.people import Graduate
from db.projection import rebuild, verify
from db.refusals import Conflict, Forbidden, Invalid, NotFound
from db.review import Review, Wanted, counts, scope_of, waiting
from db.rules import jws
from db.stations import revoke
from tests.cast import ADMIN, CARD, LIBRARY, SUPERVISOR, TabletDouble, plan_text

WHY = "checked with the desk"


@pytest.fixture
def key(tmp_path):
    return KeyStore.create(tmp_path / "keys").entry_key


@pytest.fixture
def admin(season):
    return Account.get_by_id(ADMIN)


@pytest.fixture
def desk(season):
    return TabletDouble.enrol("library")


def cell(graduate, step=LIBRARY):
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == step)


def take(*made):
    return [answer.code for answer in receive([one.token for one in made], "direct")]


def token_of(code):
    return Quarantined.get(Quarantined.code == code).token_hash


def list_of(account, **wanted):
    scope = scope_of(account, seasons.current().plan)
    return waiting(scope, Wanted(**wanted))[0]


def chain_broken(season, desk, act="clear", step=LIBRARY):
    """A tablet set back to an old copy signs its second entry twice."""
    first = desk.act("note", season.an, LIBRARY)
    second = desk.act("note", season.an, LIBRARY)
    desk.made.pop()
    again = desk.act(act, season.an, step, reason="book-lost" if act == "hold" else None)
    assert take(first, second, again)[-1] == "chain-broken"
    return again


def test_an_entry_of_a_withdrawn_tablet_counts_once_it_is_admitted(season, desk, admin):
    revoke(desk.device, ADMIN)
    made = desk.act("clear", season.an, LIBRARY)
    assert take(made) == ["device-revoked"]
    seen = admitting.find_entry(made.hash, admin)
    assert (seen.now.state, seen.then.state, seen.waits) == ("open", "cleared", True)
    kept = admitting.admit(admin, made.hash, WHY)
    assert (cell(season.an).state, cell(season.an).by) == ("cleared", "wang")
    assert (kept.waits, kept.review.verdict, kept.review.by) == (False, "admitted", ADMIN)
    assert verify() == []
    assert rebuild() == 0


def test_admitting_again_changes_nothing(season, desk, admin):
    revoke(desk.device, ADMIN)
    made = desk.act("clear", season.an, LIBRARY)
    take(made)
    first, again = admitting.admit(admin, made.hash, WHY), admitting.admit(admin, made.hash, WHY)
    assert first.admitted == again.admitted
    assert AuditEvent.select().where(AuditEvent.action == "review.admitted").count() == 1


def test_the_first_answer_stays_the_answer_to_the_tablet(season, desk, admin):
    revoke(desk.device, ADMIN)
    made = desk.act("clear", season.an, LIBRARY)
    take(made)
    admitting.admit(admin, made.hash, WHY)
    answer = receive([made.token], "direct")[0]
    assert (answer.outcome, answer.code) == ("duplicate", "quarantined")


def test_an_unknown_graduate_has_to_be_on_the_roster_first(season, desk, admin):
    made = desk.act("clear", "gr_later00001", LIBRARY)
    assert take(made) == ["unknown-student"]
    with pytest.raises(Conflict) as refused:
        admitting.admit(admin, made.hash, WHY)
    assert refused.value.code == "student-still-unknown"
    Graduate.update(ref="gr_later00001").where(Graduate.id == season.bai.id).execute()
    admitting.admit(admin, made.hash, WHY)
    assert cell(season.bai).state == "cleared"
    assert verify() == []


def test_an_unknown_step_has_to_be_in_the_plan_first(season, desk, admin):
    made = desk.act("clear", season.an, "keys")
    assert take(made) == ["unknown-step"]
    with pytest.raises(Conflict) as refused:
        admitting.admit(admin, made.hash, WHY)
    assert refused.value.code == "step-still-unknown"
    steps = (("keys", "desk", "all", ()), (LIBRARY, "desk", "all", ()))
    seasons.load_plan(plan_text(steps, (("library", (LIBRARY, "keys")),)), "second.toml", ADMIN)
    admitting.admit(admin, made.hash, WHY)
    assert cell(season.an, "keys").state == "cleared"


@pytest.mark.parametrize(
    ("fields", "code"), [({"operator": "nobody"}, "unknown-operator"), ({"station": "cards"}, "wrong-station")]
)
def test_a_stranger_or_a_wrong_station_is_for_the_reviewer_to_judge(season, desk, fields, code):
    made = desk.act("clear", season.an, LIBRARY, **fields)
    assert take(made) == [code]
    admitting.admit(Account.get_by_id(SUPERVISOR), made.hash, WHY)
    assert cell(season.an).state == "cleared"


def test_what_is_admitted_may_turn_out_a_conflict(season, desk, admin):
    revoke(desk.device, ADMIN)
    made = desk.act("hold", season.an, LIBRARY)
    take(made, TabletDouble.enrol("library").act("clear", season.an, LIBRARY))
    assert admitting.find_entry(made.hash, admin).then.conflict == "clear-vs-hold"
    admitting.admit(admin, made.hash, WHY)
    assert cell(season.an).conflict == "clear-vs-hold"


def test_what_is_dismissed_stays_and_never_counts(season, desk, admin):
    revoke(desk.device, ADMIN)
    made = desk.act("clear", season.an, LIBRARY)
    take(made)
    for _ in range(2):
        admitting.dismiss(admin, "entry", made.hash, "stolen tablet")
    assert cell(season.an).state == "open"
    assert Entry.select().where(Entry.hash == made.hash).exists()
    assert [(row.hash, row.verdict) for row in list_of(admin, settled=True)] == [(made.hash, "dismissed")]
    assert list_of(admin) == []
    with pytest.raises(Conflict) as refused:
        admitting.admit(admin, made.hash, WHY)
    assert refused.value.code == "settled-already"


@pytest.mark.parametrize(("act", "state"), [("clear", "cleared"), ("hold", "held")])
def test_a_genuine_token_without_a_place_is_adopted_as_the_reviewers_own_decision(season, desk, admin, key, act, state):
    again = chain_broken(season, desk, act)
    token = token_of("chain-broken")
    seen = admitting.find_token(token, admin)
    assert (seen.entry.act, seen.entry.operator, seen.now.state, seen.then.state) == (act, "wang", "open", state)
    kept = admitting.adopt(key, admin, token, cell(season.an).heads.split(), WHY)
    made = Entry.get(Entry.hash == kept.review.made_id)
    payload = jws.payload_of(made.jws)
    assert (made.device, made.operator, made.act, cell(season.an).state) == ("portal", ADMIN, act, state)
    assert WHY in payload["reason"]
    assert token[:16] in payload["reason"]
    assert payload["reason"].startswith("book-lost: ") == (act == "hold")
    assert Entry.get_or_none(Entry.hash == again.hash) is None
    assert Quarantined.select().count() == 1
    assert verify() == []


def test_a_handing_over_is_adopted_too(season, key, admin):
    hall = TabletDouble.enrol("hall")
    chain_broken(season, hall, "collect", CARD)
    admitting.adopt(key, admin, token_of("chain-broken"), [], WHY)
    assert cell(season.an, CARD).state == "collected"


def test_adopting_again_changes_nothing(season, desk, admin, key):
    chain_broken(season, desk)
    seen = cell(season.an).heads.split()
    for _ in range(2):
        admitting.adopt(key, admin, token_of("chain-broken"), seen, WHY)
    assert Entry.select().where(Entry.device == "portal").count() == 1


def test_heads_that_changed_meanwhile_stop_the_adoption(season, desk, admin, key):
    chain_broken(season, desk)
    take(TabletDouble.enrol("library").act("hold", season.an, LIBRARY))
    with pytest.raises(Conflict) as refused:
        admitting.adopt(key, admin, token_of("chain-broken"), [], WHY)
    assert refused.value.code == "heads-changed"
    assert Review.select().count() == 0


def test_a_reused_id_is_adopted_or_dismissed(season, desk, admin, key):
    first = desk.act("note", season.an, LIBRARY)
    second = desk.act("clear", season.an, LIBRARY, id=first.id)
    assert take(first, second) == [None, "id-reused"]
    admitting.adopt(key, admin, token_of("id-reused"), [], WHY)
    assert cell(season.an).state == "cleared"


def test_a_token_that_decides_nothing_is_only_dismissed(season, desk, admin, key):
    chain_broken(season, desk, "note")
    with pytest.raises(Conflict) as refused:
        admitting.adopt(key, admin, token_of("chain-broken"), [], WHY)
    assert refused.value.code == "nothing-to-adopt"


@pytest.mark.parametrize("code", ["malformed", "bad-signature"])
def test_what_nobody_signed_is_only_dismissed_and_tells_nothing_of_itself(season, desk, admin, key, code):
    forged = desk.sign({**desk.act("clear", season.an, LIBRARY).payload}, key="somebody else").token
    receive([forged if code == "bad-signature" else "nonsense"], "direct")
    token = token_of(code)
    kept = admitting.find_token(token, admin)
    assert (kept.entry, kept.graduate, kept.then) == (None, None, None)
    with pytest.raises(Conflict) as refused:
        admitting.adopt(key, admin, token, [], WHY)
    assert refused.value.code == "not-genuine"
    assert admitting.dismiss(admin, "token", token, "not ours").review.verdict == "dismissed"
    assert Quarantined.select().count() == 1
    assert cell(season.an).state == "open"


def test_nothing_is_settled_without_a_reason(season, desk, admin, key):
    revoke(desk.device, ADMIN)
    made = desk.act("clear", season.an, LIBRARY)
    take(made)
    for settle in (lambda: admitting.admit(admin, made.hash, " "), lambda: admitting.dismiss(admin, "entry", made.hash, "")):
        with pytest.raises(Invalid):
            settle()
    assert Review.select().count() == 0


@pytest.mark.parametrize("find", [admitting.find_entry, admitting.find_token])
def test_what_is_not_in_quarantine_is_not_found(season, desk, admin, find):
    accepted = desk.act("clear", season.an, LIBRARY)
    take(accepted)
    for hash_ in (accepted.hash, "nothing"):
        with pytest.raises(NotFound):
            find(hash_, admin)


def test_each_reviewer_sees_the_own_steps_and_administrators_everything(season, desk, admin, key):
    Account.create(id="sun", name="sun")
    grants.grant("sun", "supervisor", "station", "cards", ADMIN)
    sun = Account.get_by_id("sun")
    revoke(desk.device, ADMIN)
    made = desk.act("clear", season.an, LIBRARY)
    take(made)
    receive(["nonsense"], "direct")
    assert {row.code for row in list_of(admin)} == {"device-revoked", "malformed"}
    assert [row.code for row in list_of(Account.get_by_id(SUPERVISOR))] == ["device-revoked"]
    assert list_of(sun) == []
    for refused in (
        lambda: admitting.admit(sun, made.hash, WHY),
        lambda: admitting.dismiss(sun, "entry", made.hash, WHY),
        lambda: admitting.dismiss(Account.get_by_id(SUPERVISOR), "token", token_of("malformed"), WHY),
        lambda: admitting.adopt(key, Account.get_by_id(SUPERVISOR), token_of("malformed"), [], WHY),
    ):
        with pytest.raises(Forbidden):
            refused()
    scope = scope_of(sun, seasons.current().plan)
    assert not counts(scope)["quarantine"]
    assert counts(scope_of(admin, seasons.current().plan))["quarantine"] == {"device-revoked": 1, "malformed": 1}


def test_the_pages_of_the_list_follow_one_another_without_loss(season, admin):
    receive([f"rubbish {n}" for n in range(120)], "direct")
    scope = scope_of(admin, seasons.current().plan)
    seen, before = [], ""
    while before is not None:
        rows, before = waiting(scope, Wanted(), before)
        seen += [row.key for row in rows]
    assert len(seen) == len(set(seen)) == 120
