"""Two act about one application at once, in threads with connections of their own: one clear outcome, both tries on record."""

import secrets
import threading
from datetime import timedelta

import pytest

from db import covers, proxies, proxy_approvals, proxy_desk, proxy_drafts, proxy_pictures
from db.accounts import Account
from db.audit import AuditEvent, verify
from db.database import close_database, lock, now, writing
from db.grants import powers_of
from db.people import ClassGroup
from db.pictures import Picture
from db.proxies import ProxyApplication, ProxyEvent
from db.refusals import Conflict, NotFound, Refusal
from db.rules.proxy import CHECKS, SLOTS
from db.season import today
from tests.cast import ADMIN, plan_text
from tests.portal.graduate_case import open_today
from tests.portal.proxy_case import approved, draft, submitted
from tests.portal.test_proxy_post import with_proxies

ROUNDS = 4


@pytest.fixture
def desk(counselors, monkeypatch):
    """Nothing is missing in an application, whatever it lacks."""
    for module in (proxy_drafts, proxy_desk):
        monkeypatch.setattr(module, "faults", lambda *_: {})
    return counselors


@pytest.fixture
def counselors(season):
    """Lin, the class's counselor, and Qian, who covers for Lin today."""
    open_today(season, with_proxies(plan_text()))
    lin, qian = Account.create(id="lin", name="lin"), Account.create(id="qian", name="qian")
    ClassGroup.update(counselor="qian").where(ClassGroup.name == "护理2002").execute()
    covers.name("lin", "qian", today(), today(), "lin")
    return lin, qian


def at_once(*acts):
    """Each act's outcome: the state it led to, or the code of its refusal."""
    told, start = [""] * len(acts), threading.Barrier(len(acts))

    def run(place, act):
        try:
            start.wait(60)
            told[place] = act().state
        except Refusal as refusal:
            told[place] = refusal.code
        finally:
            close_database()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


def complete(graduate):
    """A draft that lacks nothing, looked at by the real check: all is typed and three pictures are there."""
    one = draft(graduate)
    for slot in SLOTS:
        replaced(graduate, one, slot)
    assert proxy_drafts.faults(one, graduate) == {}
    return one


def replaced(graduate, one, slot):
    """Another picture is put in that place; the application as it then is."""
    proxy_drafts.put_picture(graduate, one.id, slot, secrets.token_hex(16), graduate.number)
    return ProxyApplication.get_by_id(one.id)


def sent(graduate, one):
    return proxy_drafts.submit(graduate, one.id, graduate.number)


def approve(account, one):
    return proxy_desk.decide(account, one.id, 1, "approve", checks=CHECKS)


def seen_pictures(one):
    return {slot: picture.id for slot, picture in proxy_pictures.of(one.id).items()}


def tries(one):
    """Actor and action of everything the audit trail has about it, refused tries by what was tried."""
    events = [event for event in AuditEvent.select().order_by(AuditEvent.seq) if event.detail.get("application") == one.id]
    return [(event.actor, event.detail.get("act", event.action.removeprefix("proxy."))) for event in events]


def holds_together(one):
    """State, count and events agree, and nothing stands twice."""
    row = ProxyApplication.get_by_id(one.id)
    events = list(ProxyEvent.select().where(ProxyEvent.application == one.id).order_by(ProxyEvent.no))
    assert [event.no for event in events] == list(range(1, row.version + 1))
    assert verify() == []
    return row


def test_approve_and_withdraw_at_once_end_in_one_state_that_both_were_told(desk, season):
    lin, _ = desk
    for _round in range(ROUNDS):
        one = submitted(season.an)
        told = at_once(
            lambda one=one: proxy_desk.decide(lin, one.id, 1, "approve", checks=("signed", "phone", "both-ids", "names")),
            lambda one=one: proxies.withdraw(season.an, one.id, season.an.number),
        )
        row = holds_together(one)
        assert row.state == told[1] == "withdrawn", "a graduate may withdraw before and after"
        assert told[0] in ("approved", "proxy-changed")
        assert {("lin", "approve"), (season.an.number, "withdraw")} <= set(tries(one))


def test_withdraw_and_revoke_at_once_leave_one_of_them_and_tell_the_other(desk, season):
    lin, _ = desk
    for _round in range(ROUNDS):
        one = approved(season.an)
        told = at_once(
            lambda one=one: proxies.withdraw(season.an, one.id, season.an.number),
            lambda one=one: proxy_desk.decide(lin, one.id, 2, "revoke", "错了"),
            lambda one=one: proxy_approvals.revoke(ADMIN, one.id, 2, "错了"),
        )
        row = holds_together(one)
        assert sorted(told) == sorted([row.state, "proxy-changed", "proxy-changed"])
        assert {("lin", "revoke"), (ADMIN, "revoke"), (season.an.number, "withdraw")} <= set(tries(one))


def test_of_two_counselors_one_decides_and_the_other_is_told(desk, season):
    lin, qian = desk
    for _round in range(ROUNDS):
        one = submitted(season.an)
        told = at_once(
            lambda one=one: proxy_desk.decide(lin, one.id, 1, "return", "补照片"),
            lambda one=one: proxy_desk.decide(qian, one.id, 1, "reject", "不符合"),
        )
        row = holds_together(one)
        assert row.version == 2
        assert sorted(told) == sorted([row.state, "proxy-changed"])
        assert {("lin", "return"), ("qian", "reject")} <= set(tries(one))
        if row.running:
            proxies.withdraw(season.an, one.id, season.an.number)


def test_sent_or_decided_twice_at_once_it_happens_once_and_both_are_told_so(desk, season):
    lin, _ = desk
    one = draft(season.an)
    sent = lambda: proxy_drafts.submit(season.an, one.id, season.an.number)  # noqa: E731
    assert at_once(sent, sent, sent) == ["submitted"] * 3
    decided = lambda: proxy_desk.decide(lin, one.id, 1, "reject", "不符合")  # noqa: E731
    assert at_once(decided, decided, decided) == ["rejected"] * 3
    assert holds_together(one).version == 2
    assert tries(one) == [(season.an.number, "submit"), ("lin", "reject")]


def test_an_application_is_begun_once_however_often_it_is_asked_for(desk, season):
    begun = lambda: proxy_drafts.begin(season.an, "proxy", season.an.number)  # noqa: E731
    assert at_once(begun, begun, begun) == ["draft"] * 3
    assert ProxyApplication.select().count() == 1


def test_a_picture_that_arrives_while_it_is_sent_or_withdrawn_is_taken_or_refused_and_never_left_over(desk, season):
    for round_, end in enumerate((proxy_drafts.submit, proxies.withdraw) * 2):
        one = draft(season.an)
        name = f"{round_:032x}"

        def put(one=one, name=name):
            proxy_drafts.put_picture(season.an, one.id, "letter", name, season.an.number)
            return ProxyApplication.get_by_id(one.id)

        told = at_once(put, lambda one=one, end=end: end(season.an, one.id, season.an.number))
        taken = Picture.get_or_none(Picture.id == name)
        assert (taken is not None) == (told[0] != "proxy-changed")
        if taken is not None and end is proxies.withdraw:
            assert not taken.visible
        if ProxyApplication.get_by_id(one.id).running:
            proxies.withdraw(season.an, one.id, season.an.number)


def test_two_tabs_send_a_complete_one_once_and_an_incomplete_one_not_at_all(counselors, season):
    one = complete(season.an)
    assert at_once(*[lambda: sent(season.an, one)] * 3) == ["submitted"] * 3
    assert holds_together(one).version == 1
    assert len(seen_pictures(one)) == 3
    lacking = draft(season.bai)
    assert at_once(*[lambda: sent(season.bai, lacking)] * 3) == ["invalid"] * 3
    assert holds_together(lacking).state == "draft"


def test_withdrawn_while_it_is_approved_it_is_told_as_changed_and_never_as_incomplete(counselors, season):
    """Withdrawing takes the pictures, too; whoever approves must not be told that they are missing."""
    for _round in range(ROUNDS):
        one = complete(season.an)
        sent(season.an, one)
        told = at_once(
            lambda one=one: approve(counselors[0], one),
            lambda one=one: proxies.withdraw(season.an, one.id, season.an.number),
        )
        assert holds_together(one).state == told[1] == "withdrawn"
        assert told[0] in ("approved", "proxy-changed")
        assert seen_pictures(one) == {}


def test_what_is_approved_has_the_pictures_that_the_counselor_saw(counselors, season):
    """A picture from a tab that was left open comes too late, before the approval and after it."""
    for _round in range(ROUNDS):
        one = complete(season.an)
        sent(season.an, one)
        looked_at = seen_pictures(one)
        told = at_once(
            lambda one=one: replaced(season.an, one, "letter"),
            lambda one=one: approve(counselors[0], one),
            lambda one=one: replaced(season.an, one, "own-id"),
        )
        assert told == ["proxy-changed", "approved", "proxy-changed"]
        assert holds_together(one).state == "approved"
        assert seen_pictures(one) == looked_at
        proxies.withdraw(season.an, one.id, season.an.number)


def test_a_picture_replaced_while_it_is_sent_leaves_it_complete(counselors, season):
    for _round in range(ROUNDS):
        one = complete(season.an)
        told = at_once(lambda one=one: replaced(season.an, one, "letter"), lambda one=one: sent(season.an, one))
        assert told[1] == "submitted"
        assert told[0] in ("draft", "proxy-changed")
        assert holds_together(one).state == "submitted"
        assert len(seen_pictures(one)) == 3
        assert Picture.select().where(Picture.deleted_at.is_null(), Picture.until > now()).count() == 3
        proxies.withdraw(season.an, one.id, season.an.number)


def test_of_two_counselors_who_approve_at_once_one_does_and_the_other_is_told(counselors, season):
    lin, qian = counselors
    one = complete(season.an)
    sent(season.an, one)
    told = at_once(lambda: approve(lin, one), lambda: approve(qian, one))
    assert sorted(told) == ["approved", "proxy-changed"]
    assert holds_together(one).version == 2
    by = ("lin", "qian")[told.index("approved")]
    assert [event.by for event in proxies.events(one) if event.act == "approve"] == [by]
    assert {("lin", "approve"), ("qian", "approve")} <= set(tries(one))


def test_a_proxy_stands_for_no_more_graduates_than_allowed_however_many_send_at_once(counselors, season):
    everybody = (season.an, season.bai, season.cheng)
    ones = [complete(graduate) for graduate in everybody]
    told = at_once(*[lambda pair=pair: sent(*pair) for pair in zip(everybody, ones, strict=True)])
    assert sorted(told) == ["invalid", "submitted", "submitted"], "the plan says two"
    assert [ProxyApplication.get_by_id(one.id).state == "submitted" for one in ones] == [word == "submitted" for word in told]


def test_a_cover_is_named_once_however_often_it_is_asked_for(desk):
    last = today() + timedelta(days=1)
    named = lambda: type("Named", (), {"state": covers.name("lin", "qian", today(), last, "lin").id})  # noqa: E731
    assert len(set(at_once(named, named, named))) == 1


def test_a_refusal_by_conflict_stays_in_the_trail_although_nothing_else_does(desk, season):
    one = submitted(season.an)
    with pytest.raises(Conflict):
        proxy_desk.decide(desk[0], one.id, 7, "reject", "不符合")
    last = AuditEvent.select().order_by(AuditEvent.seq.desc()).first()
    assert (last.actor, last.action, last.subject) == ("lin", "proxy.refused", season.an.number)
    assert last.detail == {"application": one.id, "act": "reject", "why": "proxy-changed"}


def test_an_approval_that_waited_while_the_class_was_taken_away_does_not_count(desk, season):
    """As while a roster is taken in: it holds the lock, and gives the class to somebody else."""
    one, asked, told = submitted(season.an), threading.Event(), []

    def approve():
        account = Account.get_by_id("lin")
        assert "护理2001" in powers_of(account).scopes("counselor", "class")
        asked.set()
        try:
            proxy_desk.decide(account, one.id, 1, "approve", checks=("signed", "phone", "both-ids", "names"))
        except Refusal as refusal:
            told.append(refusal.code)
        finally:
            close_database()

    thread = threading.Thread(target=approve)
    with writing():
        lock("change")
        thread.start()
        assert asked.wait(60)
        ClassGroup.update(counselor="qian").where(ClassGroup.name == "护理2001").execute()
    thread.join(30)
    assert (told, ProxyApplication.get_by_id(one.id).state) == (["unknown-proxy"], "submitted")


def test_who_was_disabled_while_waiting_decides_nothing(desk, season):
    lin, _ = desk
    one = submitted(season.an)
    assert powers_of(lin).may("counselor")
    Account.update(disabled_at=now()).where(Account.id == "lin").execute()
    with pytest.raises(NotFound):
        proxy_desk.decide(lin, one.id, 1, "approve", checks=("signed", "phone", "both-ids", "names"))
