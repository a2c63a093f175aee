"""Journal files."""

import base64
import hashlib
import io
import json

import pytest

from db.attachments import path_of
from db.audit import AuditEvent
from db.clearance import Clearance
from db.ledger import Attachment, Entry, Quarantined
from tests.cast import ADMIN, LIBRARY, TabletDouble
from tests.portal.office_case import AUDITOR, BOSS, OFFICER

pytest_plugins = ["tests.portal.office_fixtures"]


@pytest.fixture
def admin(client):
    return client.sign_in_as(ADMIN)


def journal(*tokens, **more):
    return json.dumps({"format": "clearance-journal/1", "device": "dv_1", "entries": list(tokens), **more}).encode()


def upload(client, content, name="journal.json"):
    data = {"csrf_token": client.token()}
    if content is not None:
        data["file"] = (io.BytesIO(content), name)
    return client.post("/journals", data=data, content_type="multipart/form-data", follow_redirects=True)


def test_its_entries_come_into_the_ledger(admin, season):
    desk = TabletDouble.enrol("library")
    made = [desk.act("clear", one, LIBRARY).token for one in season.everybody]
    answer = upload(admin, journal(*made))
    assert answer.status_code == 200
    assert "<strong>3</strong>" in answer.text
    assert Clearance.select().where(Clearance.step == LIBRARY, Clearance.state == "cleared").count() == 3
    assert {entry.via for entry in Entry.select()} == {"journal"}


def test_the_same_file_again_changes_nothing(admin, season):
    desk = TabletDouble.enrol("library")
    content = journal(desk.act("clear", season.an, LIBRARY).token)
    upload(admin, content)
    assert "此前已有" in upload(admin, content).text
    assert Entry.select().count() == 1


def test_more_than_one_upload_holds_goes_in_whole(admin, season):
    desk = TabletDouble.enrol("library")
    made = [desk.act("note", season.an, LIBRARY).token for _ in range(550)]
    assert "<strong>550</strong>" in upload(admin, journal(*made)).text
    assert Entry.select().count() == 550


def test_what_was_set_aside_is_named_by_its_place_with_the_reason(admin, season):
    desk = TabletDouble.enrol("library")
    good, bad = desk.act("clear", season.an, LIBRARY), desk.act("clear", season.bai, LIBRARY, operator="nobody")
    text = upload(admin, journal(good.token, "rubbish", bad.token)).text
    assert "没有这个工号的工作人员" in text
    assert '<td class="number" data-label="文件中的位置">2</td>' in text


def test_it_is_recorded_who_brought_it(admin, season):
    upload(admin, journal(TabletDouble.enrol("library").act("clear", season.an, LIBRARY).token))
    event = AuditEvent.get(AuditEvent.action == "journal.imported")
    assert (event.actor, event.detail) == (ADMIN, {"accepted": 1})


@pytest.mark.parametrize(
    "content",
    [None, b"", b"not json", b"[]", b'{"format":"other/1","entries":[]}', b'{"format":"clearance-journal/1"}', b"\xff\xfe",
     b"[" * 99_999, b'{"format":"clearance-journal/1","entries":{"a":1}}'],
)  # fmt: skip
def test_another_kind_of_file_is_refused_with_a_word(admin, content):
    answer = upload(admin, content)
    assert answer.status_code == 422
    assert 'id="f-file-error"' in answer.text
    assert Entry.select().count() == Quarantined.select().count() == 0


@pytest.mark.parametrize("tokens", [(None, 1, {}, []), ("x" * 99_999,), ("a.b.c", "\u0000")])
def test_hostile_entries_are_set_aside(admin, tokens):
    assert upload(admin, journal(*tokens)).status_code == 200
    assert Entry.select().count() == 0
    assert Quarantined.select().count() == len({json.dumps(token) for token in tokens})


def test_its_pictures_are_kept_where_tablets_send_theirs(admin, season):
    content = b"a photo"
    name = hashlib.sha256(content).hexdigest()
    entry = TabletDouble.enrol("library").act("hold", season.an, LIBRARY, reason="book-lost", attachments=[name])
    picture = {"sha256": name, "type": "image/jpeg", "data": base64.b64encode(content).decode()}
    changes = ({"data": "AAAA"}, {"data": "?"}, {"data": None}, {"sha256": "../x"}, {"type": "text/html"})
    wrong = [None, {}, *({**picture, **change} for change in changes)]
    text = upload(admin, journal(entry.token, attachments=[picture, *wrong])).text
    assert "已保存的照片和签名：1" in text
    assert "无法使用：7" in text
    assert [kept.sha256 for kept in Attachment.select()] == [name]
    assert path_of(admin.application.extensions["config"].attachments, name).read_bytes() == content
    assert AuditEvent.get(AuditEvent.action == "journal.imported").detail == {"accepted": 1, "pictures": 1}
    assert upload(admin, journal(attachments=[picture])).status_code == 200
    assert Attachment.select().count() == 1


def test_an_empty_journal_is_called_so(admin):
    assert "内容为空" in upload(admin, journal()).text


@pytest.mark.parametrize("who", [OFFICER, BOSS, AUDITOR, "wang"])
def test_only_the_administrator_brings_files_in(client, who):
    client.sign_in_as(who)
    assert client.get("/journals").status_code == 403
    assert upload(client, journal()).status_code == 403


def test_the_result_stays_when_the_page_is_loaded_again_or_changes_its_language(admin, season):
    desk = TabletDouble.enrol("library")
    answer = upload(admin, journal(desk.act("clear", season.an, LIBRARY).token, "rubbish"), "desk-1.json")
    place = answer.request.path
    assert place.startswith("/journals/results/")
    assert f'name="next" value="{place}"' in answer.text
    again = admin.get(place, headers={"Accept-Language": "en"}).text
    assert "Read: desk-1.json" in again
    assert "Not readable as an entry" in again
    assert AuditEvent.select().where(AuditEvent.action == "journal.imported").count() == 1
    assert admin.sign_in_as(OFFICER).get(place).status_code == 403
