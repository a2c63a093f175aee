"""Cover for an absence: for those days a colleague does for the classes whatever their counselor does, and then nothing more."""

import re
from datetime import timedelta

import pytest

from db import covers, grants
from db.accounts import Account
from db.audit import AuditEvent
from db.care import GraduateNote
from db.covers import Cover
from db.grants import powers_of
from db.help import HelpRequest
from db.messages import Message
from db.people import ClassGroup, College
from db.refusals import Invalid
from db.season import today
from tests.cast import ADMIN
from tests.portal.graduate_case import open_today
from tests.portal.office_case import BOSS, COUNSELOR, DEAN, counted

pytest_plugins = ["tests.portal.office_fixtures"]

COLLEAGUE, THIRD = "qian", "zhou"
ASKED = {"topic": "A lost book", "step": "", "text": "The book was stolen"}


@pytest.fixture
def house(client, season):
    """An's counselor is away today, and qian covers; An has asked for help."""
    open_today(season)
    college = College.get(College.name == "护理学院")
    for who in (COLLEAGUE, THIRD):
        Account.get_or_create(id=who, defaults={"name": f"{who}老师"})
        ClassGroup.create(name=f"{who}的班", college=college, counselor=who)
    client.sign_in_as(season.an.number).send("/me/help", **ASKED)
    return client


def cover(away=COUNSELOR, by=COLLEAGUE, first=0, last=0):
    return covers.name(away, by, today() + timedelta(first), today() + timedelta(last), away)


def classes(who):
    return powers_of(Account.get_by_id(who)).scopes("counselor", "class")


def reached(client, season):
    """What of An the colleague gets: class desk, page, request for help, reminder's form."""
    client.sign_in_as(COLLEAGUE)
    asked = HelpRequest.get()
    paths = ("/class-desk", f"/graduates/{season.an.number}", f"/help/{asked.id}", f"/reminders/new?number={season.an.number}")
    return [season.an.name in client.get(path).text for path in paths]


def test_a_cover_reaches_whatever_the_counselor_reaches_and_nothing_before_or_after(house, season):
    assert reached(house, season) == [False] * 4
    later = cover(first=1, last=2)
    assert reached(house, season) == [False] * 4
    covers.end(later.id, COUNSELOR)
    named = cover()
    assert reached(house, season) == [True] * 4
    covers.end(named.id, COUNSELOR)
    assert reached(house, season) == [False] * 4


def test_the_colleague_answers_reminds_and_notes_under_the_own_name(house, season):
    cover()
    house.sign_in_as(COLLEAGUE)
    assert house.send(f"/help/{HelpRequest.get().id}/answers", seen=1, text="Come at nine").status_code == 303
    house.send(f"/graduates/{season.an.number}/notes", text="Called")
    form = dict(re.findall(r'name="(token|numbers)" value="([^"]*)"', house.get(f"/reminders/new?number={season.an.number}").text))
    house.send("/reminders", kind="reminder.steps", **form)
    assert GraduateNote.get().by == COLLEAGUE
    told = {message.kind for message in Message.select().where(Message.graduate == season.an.id)}
    assert told >= {"help.answer", "reminder.steps"}


def test_the_class_desk_says_for_whom_and_until_when(house, season):
    assert "lin老师" not in house.sign_in_as(COLLEAGUE).get("/class-desk").text
    cover(last=3)
    text = house.get("/class-desk").text
    assert "lin老师" in text
    last = today() + timedelta(3)
    assert f"{last.year}年{last.month}月{last.day}日" in text


def test_it_is_not_handed_on_and_stands_when_the_absent_account_is_closed(house):
    cover()
    cover(away=COLLEAGUE, by=THIRD)
    assert "护理2001" in classes(COLLEAGUE)
    assert classes(THIRD) == {f"{THIRD}的班", f"{COLLEAGUE}的班"}
    Account.update(disabled_at=0).where(Account.id == COUNSELOR).execute()
    assert "护理2001" in classes(COLLEAGUE)


def test_the_day_after_the_last_it_is_over(house):
    cover(first=-3, last=0)
    Cover.update(until_day=today() - timedelta(1)).execute()
    assert classes(COLLEAGUE) == {f"{COLLEAGUE}的班"}


def test_who_counsels_no_class_any_more_covers_for_nobody(house):
    cover()
    ClassGroup.update(counselor=None).where(ClassGroup.counselor == COLLEAGUE).execute()
    assert classes(COLLEAGUE) == frozenset()


def test_the_desk_costs_the_same_however_many_one_covers_for(house, monkeypatch):
    cover()
    house.sign_in_as(COLLEAGUE).get("/class-desk")
    with counted(monkeypatch) as once:
        house.get("/class-desk")
    cover(away=THIRD)
    with counted(monkeypatch) as twice:
        assert house.get("/class-desk").text.count("您同时负责") == 2
    assert len(twice) == len(once)


def test_the_college_names_a_cover_for_who_could_not_and_ends_it(house, season):
    day = str(today())
    fields = {"absent": COUNSELOR, "cover": COLLEAGUE, "from_day": day, "until_day": day}
    house.sign_in_as(DEAN)
    grants.grant(DEAN, "college", "college", "护理学院", ADMIN)
    for _twice in range(2):
        assert house.send("/class-desk/counselors/covers", **fields).status_code == 303
    (row,) = Cover.select()
    event = AuditEvent.get(AuditEvent.action == "proxy.cover-named")
    assert (event.actor, event.subject, event.detail["absent"]) == (DEAN, COLLEAGUE, COUNSELOR)
    assert "qian老师" in house.get("/class-desk/counselors").text
    assert reached(house, season) == [True] * 4
    house.sign_in_as(DEAN).send(f"/class-desk/counselors/covers/{row.id}/ends")
    assert reached(house, season) == [False] * 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"absent": "nobody"}, {"absent": ""}, {"absent": THIRD}, {"cover": "nobody"}, {"cover": COUNSELOR},
        {"until_day": "2020-01-01"},
    ],
)  # fmt: skip
def test_what_cannot_be_a_cover_is_said_at_its_field(house, wrong):
    grants.grant(BOSS, "college", "college", "护理学院", ADMIN)
    if wrong.get("absent") == THIRD:
        ClassGroup.create(name="别院的班", college=College.get(College.name == "商学院"), counselor=THIRD)
    fields = {"absent": COUNSELOR, "cover": COLLEAGUE, "from_day": str(today()), "until_day": str(today())} | wrong
    answer = house.sign_in_as(BOSS).send("/class-desk/counselors/covers", **fields)
    assert (answer.status_code, Cover.select().count()) == (422, 0)


def test_another_college_ends_no_cover_and_counselors_have_no_such_page(house):
    row = cover(last=2)
    house.sign_in_as(BOSS)
    grants.grant(BOSS, "college", "college", "商学院", ADMIN)
    assert house.send(f"/class-desk/counselors/covers/{row.id}/ends").status_code == 404
    assert house.sign_in_as(COLLEAGUE).send(f"/class-desk/counselors/covers/{row.id}/ends").status_code == 403
    assert Cover.get().ended_at is None


def test_only_somebody_who_counsels_a_class_covers(house):
    with pytest.raises(Invalid) as refused:
        cover(by=BOSS)
    assert refused.value.errors == {"cover": "no-counselor"}
    assert not Cover.select().exists()
