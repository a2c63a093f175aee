"""Two act about one application at once, in threads with connections of their own: one clear outcome, both tries on record."""

import threading
from datetime import timedelta

import pytest

from db import covers, proxies, proxy_approvals, proxy_desk, proxy_drafts
from db.accounts import Account
from db.audit import AuditEvent, verify
from db.database import close_database, lock, now, writing
from db.grants import powers_of
from db.people import ClassGroup
from db.pictures import Picture
from db.proxies import ProxyApplication, ProxyEvent
from db.refusals import Conflict, NotFound, Refusal
from db.season import today
from tests.cast import ADMIN, plan_text
from tests.portal.graduate_case import open_today
from tests.portal.proxy_case import approved, draft, submitted
from tests.portal.test_proxy_post import with_proxies

ROUNDS = 4


@pytest.fixture
def desk(season, monkeypatch):
    """Lin, the class's counselor, and Qian, who covers for Lin today. Nothing is missing in an application."""
    for module in (proxy_drafts, proxy_desk):
        monkeypatch.setattr(module, "faults", lambda *_: {})
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
            start.wait(10)
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
        assert asked.wait(10)
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
