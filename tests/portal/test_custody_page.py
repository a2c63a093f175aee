"""The page on which classes are given to tablets."""

import pytest

from db import custody, stations
from db.audit import AuditEvent
from db.people import ClassGroup
from tests.cast import ADMIN, DIPLOMA, SUPERVISOR, TabletDouble
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, OFFICER

pytest_plugins = ["tests.portal.office_fixtures"]


@pytest.fixture
def tablets(season):
    return [TabletDouble.enrol("hall", name) for name in ("dv_left", "dv_right")]


@pytest.fixture
def admin(client):
    return client.sign_in_as(ADMIN)


def give(client, to, *classes, step=DIPLOMA, **more):
    return client.send(f"/custody/{step}/moves", to=to, classes=list(map(str, classes)), **more)


def holder(graduate):
    found = custody.holder_of(DIPLOMA, graduate.ref)
    return found and found.id


def test_administrators_and_supervisors_move_leadership_and_auditors_look(client, tablets, season):
    expected = {ADMIN: (200, 303), SUPERVISOR: (200, 303), BOSS: (200, 403), AUDITOR: (200, 403), OFFICER: (403, 403)}
    for who, (looks, moves) in expected.items():
        client.sign_in_as(who)
        assert client.get(f"/custody/{DIPLOMA}/{season.an.class_id}").status_code == looks
        assert client.get("/custody").status_code == looks
        assert give(client, "dv_left", season.an.class_id).status_code == moves, who


def test_classes_are_given_asked_back_and_the_page_says_so(admin, tablets, season):
    assert give(admin, "dv_left", season.an.class_id).status_code == 303
    assert holder(season.an) == "dv_left"
    give(admin, "dv_right", season.an.class_id)
    text = admin.get(f"/custody?step={DIPLOMA}").text
    assert "正在收回，将交给 dv_right" in text
    (kept,) = custody.recalled_from("dv_left")
    custody.let_go("dv_left", {kept.id}, 0)
    moves = admin.get(f"/custody/{DIPLOMA}/{season.an.class_id}").text
    assert moves.index("已交还") < moves.index("要求交还")
    assert "平板自动" in moves
    assert holder(season.an) == "dv_right"
    assert AuditEvent.select().where(AuditEvent.action == "custody.moved").count() == 2


def test_all_classes_shown_are_given_at_once_and_back(admin, tablets, season):
    assert give(admin, "dv_left", all="1", college="护理学院").status_code == 303
    assert [holder(one) for one in season.everybody] == ["dv_left", "dv_left", None]
    give(admin, "-", all="1")
    assert len(custody.recalled_from("dv_left")) == 2


@pytest.mark.parametrize(("to", "classes", "step", "status"), [
    ("dv_left", [], DIPLOMA, 422), ("", [1], DIPLOMA, 422), ("dv_left", ["x", "²"], DIPLOMA, 422),
    ("dv_left", [999_999_999], DIPLOMA, 404), ("dv_left", [1], "library", 404), ("dv_nothing", [1], DIPLOMA, 404),
    ("dv_left", [1], "moon", 404),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_with_a_word(admin, tablets, to, classes, step, status):
    assert give(admin, to, *classes, step=step).status_code == status
    assert not custody.CustodyMove.select().exists()


@pytest.mark.parametrize("query", ["?step=moon", "?college=%00", "?step=%00&college=x", "?college=月球学院"])
def test_an_address_that_names_nothing_shows_all(admin, tablets, query):
    answer = admin.get(f"/custody{query}")
    assert answer.status_code == 200
    assert "会计2001" in answer.text


def test_a_withdrawn_tablet_s_class_says_how_it_is_freed(admin, tablets, season):
    give(admin, "dv_left", season.an.class_id)
    stations.revoke("dv_left", ADMIN)
    assert "核销后才能另行交付" in admin.get("/custody").text
    admin.send("/tablets/dv_left/write-offs", reason="lost")
    assert holder(season.an) is None


def test_a_tablet_with_classes_is_not_moved_to_another_station(admin, tablets, season):
    give(admin, "dv_left", season.an.class_id)
    answer = admin.send("/tablets/dv_left/moves", station="library")
    assert answer.status_code == 409
    assert "不能调往其他站点" in answer.text


def test_counselors_have_no_part_in_it(client, tablets, season):
    assert give(client.sign_in_as(COUNSELOR), "dv_left", season.an.class_id).status_code == 403


def test_many_classes_stand_on_several_pages_and_can_be_given_all_at_once(admin, tablets, season):
    college = ClassGroup.get_by_id(season.an.class_id).college_id
    ClassGroup.insert_many({"college": college, "name": f"护理31{n:02}"} for n in range(97)).execute()
    first, second = (admin.get(f"/custody?page={page}").text for page in (1, 2))
    rows = [text.count('name="classes"') for text in (first, second)]
    assert rows == [60, 40]
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert "本列表全部 100 个班 （含其他页）" in first
    give(admin, "dv_left", all="1")
    assert len(custody.held_by("dv_left")) == 100
    assert admin.get("/custody?page=99").text.count('name="classes"') == 40


def test_since_when_a_class_is_there_is_told_in_its_own_words(admin, tablets, season):
    give(admin, "dv_left", season.an.class_id)
    text = admin.get("/custody").text
    assert "保管起始时间" in text
    assert "办理时间" not in text
