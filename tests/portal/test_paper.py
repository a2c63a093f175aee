"""Desk sheets: printed, signed on paper, typed in afterwards, marked for good."""

import hashlib
import io
from datetime import timedelta

import pytest
from PIL import Image
from pypdfium2 import PdfDocument

from db import season as seasons
from db.accounts import Account, Grant
from db.audit import AuditEvent
from db.clearance import Clearance, Finding
from db.database import now
from db.grants import end, grant
from db.intake import receive
from db.ledger import Attachment, Entry
from db.people import ClassGroup
from db.projection import verify
from db.redraw import redraw
from db.refusals import Unavailable
from db.rules import jws
from tests.cast import ADMIN, CARD, DIPLOMA, FORMER, LIBRARY, OPERATOR, SUPERVISOR, TabletDouble, plan_text
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, OFFICER

pytest_plugins = ["tests.portal.office_fixtures"]

DAY = "2023-06-26"


def picture(kind="JPEG", colour="white"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, kind)
    return out.getvalue()


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    """What the uploaded file becomes; that a process beside draws it anew is shown in one test, and takes a second."""
    monkeypatch.setattr("portal.paper_scan.redraw", lambda content: picture())


def path(graduate, step=LIBRARY, station="library", tail=""):
    return f"/paper/{station}/{step}/{graduate.class_id}{tail}"


def row(graduate, act="clear", time="9:31", reason="", heads="", amount=""):
    at = graduate.number
    return {f"act-{at}": act, f"time-{at}": time, f"reason-{at}": reason, f"heads-{at}": heads, f"amount-{at}": amount}


def send(client, graduate, *rows, file=None, step=LIBRARY, station="library", **fields):
    data = {"csrf_token": client.token(), "day": DAY, "signer": OPERATOR, "scan": ""}
    for each in rows:
        data |= each
    data |= fields
    if file is not None:
        data["scan"] = [data["scan"], (io.BytesIO(file), "sheet.jpg")]
    return client.post(path(graduate, step, station, "/entries"), data=data, content_type="multipart/form-data")


def cell(graduate, step=LIBRARY):
    return Clearance.get(Clearance.graduate == graduate, Clearance.step == step)


def stored():
    return [(entry, jws.payload_of(entry.jws)) for entry in Entry.select()]


def test_a_row_becomes_an_entry_of_the_portal_signed_by_who_signed_the_sheet(client, season):
    answer = send(client, season.an, row(season.an), file=picture())
    assert answer.status_code == 303, answer.text
    assert (cell(season.an).state, cell(season.an).by) == ("cleared", OPERATOR)
    ((entry, said),) = stored()
    assert (entry.device, entry.via, entry.operator, entry.station) == ("portal", "paper", OPERATOR, "library")
    assert said["card"] == {"gen": None, "via": "paper"}
    assert (said["at"], said["recorder"]) == ("2023-06-26T01:31:00.000Z", OFFICER)  # 9:31 in Shanghai
    kept = Attachment.get_by_id(said["attachments"][0])
    assert (kept.sha256, kept.media_type) == (hashlib.sha256(picture()).hexdigest(), "image/jpeg")
    event = AuditEvent.select().where(AuditEvent.action == "paper.typed-in").get()
    assert (event.actor, event.detail["operator"], event.detail["rows"]) == (OFFICER, OPERATOR, 1)
    assert verify() == []


def test_it_is_marked_as_paper_wherever_it_is_shown(client, season):
    send(client, season.an, row(season.an), file=picture())
    for page in (f"/graduates/{season.an.number}", f"/reviews/steps/{season.an.number}/{LIBRARY}"):
        shown = client.get(page).text
        assert ">纸质</span>" in shown, page
        assert f"纸质签办，由 {OFFICER} 补录" in shown, page


@pytest.mark.engine("sqlite")
def test_the_graduate_reads_that_it_was_on_paper(client, season):
    send(client, season.an, row(season.an), file=picture())
    Account.create(id=season.an.number, name=season.an.name, graduate=season.an)
    assert ">纸质</span>" in client.sign_in_as(season.an.number).get(f"/me/steps/{LIBRARY}").text


@pytest.mark.engine("sqlite")
def test_the_picture_is_drawn_anew_and_shown_to_reviewers(client, season, monkeypatch):
    monkeypatch.setattr("portal.paper_scan.redraw", redraw)
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PDF", producer="by whom and where")
    send(client, season.an, row(season.an), file=out.getvalue())
    answer = client.get(f"/reviews/steps/{season.an.number}/{LIBRARY}/attachments/{Attachment.get().sha256}")
    assert (answer.mimetype, answer.data[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert b"by whom" not in answer.data


def test_many_rows_with_holds_their_reasons_and_amounts(client, season):
    rows = row(season.an), row(season.bai, "hold", "0945", "书脊破损", amount="45.5")
    assert send(client, season.an, rows[0], file=picture()).status_code == 303
    assert send(client, season.bai, rows[1], file=picture()).status_code == 303
    assert (cell(season.bai).state, cell(season.bai).reason) == ("held", "书脊破损")
    assert [said["amount"] for _, said in stored()] == [None, 4550]


@pytest.mark.engine("sqlite")
def test_where_the_step_takes_money_its_amount_is_recorded_and_stands_in_the_history(client, season):
    seasons.load_plan(plan_text().replace('code = "campus-card"\n', 'code = "campus-card"\nmoney = true\n'), "cast.toml", ADMIN)
    client.sign_in_as(ADMIN)
    paid = row(season.an, "collect", amount="36.20")
    assert send(client, season.an, paid, file=picture(), step=CARD, station="cards").status_code == 303
    assert send(client, season.an, paid, file=picture(), step=CARD, station="cards").status_code == 303
    ((_, said),) = stored()
    assert said["amount"] == 3620
    assert "36.20" in client.get(f"/graduates/{season.an.number}/steps/{CARD}").text
    sheet = client.get(path(season.an, CARD, "cards", "/sheet.pdf")).data
    assert "金额 Amount" in PdfDocument(sheet)[0].get_textpage().get_text_range()


def test_a_thing_is_handed_over_on_paper_and_what_came_too_early_is_a_finding(client, season):
    client.sign_in_as(ADMIN)
    assert send(client, season.an, row(season.an, "collect"), file=picture(), step=DIPLOMA, station="hall").status_code == 303
    assert cell(season.an, DIPLOMA).state == "collected"
    assert {found.code for found in Finding.select()} == {"collected-before-settled"}


def test_a_signer_without_the_right_at_that_time_is_a_finding_and_no_shift_is_asked_for(client, season):
    send(client, season.an, row(season.an), signer=FORMER, file=picture())
    assert cell(season.an).state == "cleared"
    assert {found.code for found in Finding.select()} == {"operator-without-right"}


def test_the_same_sheet_again_records_nothing_twice(client, season):
    for _ in range(2):
        assert send(client, season.an, row(season.an), file=picture()).status_code == 303
    assert Entry.select().count() == 1


def test_a_row_that_somebody_signed_since_is_shown_and_not_overwritten(client, season):
    desk = TabletDouble.enrol("library")
    held = desk.act("hold", season.an, LIBRARY, reason="book-lost")
    receive([held.token], "direct")
    answer = send(client, season.an, row(season.an), file=picture())
    assert answer.status_code == 409
    assert f'href="#row-{season.an.number}"' in answer.text
    assert (cell(season.an).state, Entry.select().count()) == ("held", 1)


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(("time", "recorded"), [("8:59", False), ("9:30", True)])
def test_a_sheet_from_before_a_hold_does_not_end_it_but_a_later_one_may(client, season, time, recorded):
    held = TabletDouble.enrol("library").act("hold", season.an, LIBRARY)  # at 9:00
    receive([held.token], "direct")
    answer = send(client, season.an, row(season.an, time=time, heads=held.hash), file=picture())
    assert answer.status_code == (303 if recorded else 409)
    assert cell(season.an).state == ("cleared" if recorded else "held")


@pytest.mark.engine("sqlite")
def test_what_is_settled_has_no_field(client, season):
    receive([TabletDouble.enrol("library").act("clear", season.an, LIBRARY).token], "direct")
    shown = client.get(path(season.an)).text
    assert season.an.name in shown
    assert f'name="act-{season.an.number}"' not in shown


def tomorrow():
    return (now() + timedelta(days=1)).date().isoformat()


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"signer": "nobody"}, "signer", "没有"),
        ({"signer": ""}, "signer", "必填"),
        ({"day": "2022-06-26"}, "time", "毕业季"),
        ({"day": "morgen"}, "day", "日期"),
        ({"time": "25:00"}, "time", "9:31"),
        ({"time": ""}, "time", "时间"),
        ({"act": ""}, "act", "结果"),
        ({"act": "hold"}, "reason", "暂缓"),
        ({"act": "waive"}, "act", "选"),
        ({"reason": "why"}, "reason", "暂缓"),
        ({"amount": "12"}, "amount", "暂缓"),
        ({"act": "hold", "reason": "why", "amount": "-1"}, "amount", "35.50"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(client, season, change, field, words):
    filled = row(season.an, *(change.get(name, usual) for name, usual in (("act", "clear"), ("time", "9:31"), ("reason", ""))),
                 amount=change.get("amount", ""))  # fmt: skip
    answer = send(client, season.an, filled, file=picture(), **{k: v for k, v in change.items() if k in ("signer", "day")})
    assert answer.status_code == 422
    name = field if field in ("signer", "day") else f"{field}-{season.an.number}"
    told = answer.text.split(f'id="f-{name}-error"')[1].split("</p>")[0]
    assert words in told
    assert hashlib.sha256(picture()).hexdigest() in answer.text  # the picture is here already and need not be sent again
    assert Entry.select().count() == 0


@pytest.mark.engine("sqlite")
def test_a_time_that_has_not_come_yet_is_refused(client, season):
    seasons.load_plan(plan_text(), "cast.toml", ADMIN, (now().date() - seasons.current().plan.closes).days + 5)
    answer = send(client, season.an, row(season.an), day=tomorrow(), file=picture())
    assert (answer.status_code, Entry.select().count()) == (422, 0)
    assert "尚未到" in answer.text


@pytest.mark.engine("sqlite")
def test_the_picture_may_be_sent_once_and_named_afterwards(client, season):
    send(client, season.an, row(season.an, time=""), file=picture())
    sha256 = Attachment.get().sha256
    assert send(client, season.an, row(season.an), scan=sha256).status_code == 303


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("content", "words"),
    [(b"<svg onload=alert(1)>", "JPEG"), (picture("PNG")[:40], "损坏"), (picture(), "MB")],
)
def test_a_file_that_cannot_be_drawn_is_told_at_its_field_and_nothing_typed_is_lost(client, season, monkeypatch, content, words):
    monkeypatch.setattr("portal.paper_scan.redraw", redraw)
    if words == "MB":
        monkeypatch.setattr("db.redraw.MOST_BYTES", 100)
    answer = send(client, season.an, row(season.an, "hold", "9:45", "书脊破损"), file=content)
    assert answer.status_code == 422
    assert words in answer.text.split('id="f-scan-error"')[1].split("</p>")[0]
    assert "书脊破损" in answer.text
    assert (Attachment.select().count(), Entry.select().count()) == (0, 0)


@pytest.mark.engine("sqlite")
def test_too_many_pictures_at_once_lose_nothing_typed(client, season, monkeypatch):
    def busy(content):
        raise Unavailable("pictures-busy", retry_after=10)

    monkeypatch.setattr("portal.paper_scan.redraw", busy)
    answer = send(client, season.an, row(season.an, "hold", "9:45", "书脊破损"), file=picture())
    assert answer.status_code == 422
    assert "书脊破损" in answer.text


@pytest.mark.engine("sqlite")
def test_a_picture_that_nobody_sent_is_no_sheet(client, season):
    assert send(client, season.an, row(season.an), scan="ab" * 32).status_code == 422
    assert Entry.select().count() == 0


def test_the_sheet_to_print_has_everybody_with_name_number_and_card(client, season):
    answer = client.get(path(season.an, tail="/sheet.pdf"))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = PdfDocument(answer.data)[0].get_textpage().get_text_range()
    assert season.an.name in text
    assert season.an.number in text
    assert AuditEvent.select().where(AuditEvent.action == "paper.printed").count() == 1


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("who", "may"),
    [(ADMIN, True), (SUPERVISOR, True), (OFFICER, True), (COUNSELOR, False), (BOSS, False), (AUDITOR, False)],
)
def test_sheets_are_for_those_who_review_the_step(client, season, who, may):
    client.sign_in_as(who)
    expected = 200 if may else 403
    assert client.get("/paper").status_code == expected
    assert client.get(path(season.an)).status_code == expected
    assert client.get(path(season.an, tail="/sheet.pdf")).status_code == expected
    assert send(client, season.an, row(season.an), file=picture()).status_code == (303 if may else 403)


@pytest.mark.engine("sqlite")
def test_no_sheet_of_another_step_station_or_class(client, season):
    for step, station in ((DIPLOMA, "hall"), (LIBRARY, "dorm"), (LIBRARY, "nowhere"), (CARD, "cards")):
        assert client.get(path(season.an, step, station)).status_code == 404
    assert client.get(f"/paper/library/{LIBRARY}/999").status_code == 404


@pytest.mark.engine("sqlite")
def test_station_step_and_class_lead_to_the_table_and_a_card_or_number_to_its_row(client, season):
    place = f"library/{LIBRARY}"
    assert client.get("/paper", query_string={"place": place, "class": season.an.class_id}).location == path(season.an)
    found = client.get("/paper", query_string={"place": place, "find": season.bai.number})
    assert found.location == path(season.bai, tail=f"#row-{season.bai.number}")
    assert client.get("/paper", query_string={"place": place, "class": season.an.class_id, "print": "1"}).location.endswith(".pdf")
    assert client.get("/paper", query_string={"place": place, "find": "99999999"}).status_code == 200
    assert ClassGroup.select().count() == 3


@pytest.mark.engine("sqlite")
def test_an_officer_of_another_step_has_no_sheet_of_this_one(client, season):
    grant(COUNSELOR, "officer", "step", DIPLOMA, ADMIN)
    client.sign_in_as(COUNSELOR)
    assert client.get(path(season.an)).status_code == 404
    assert client.get(path(season.an, DIPLOMA, "hall")).status_code == 200


def test_a_supervisor_has_the_sheets_of_the_own_stations_alone(client, season):
    """A sheet carries the cards of a class: who reviews a step does not get every station's for that."""
    end(Grant.get(Grant.account == SUPERVISOR, Grant.role == "supervisor").id, ADMIN)
    grant(SUPERVISOR, "supervisor", "station", "library", ADMIN)
    client.sign_in_as(SUPERVISOR)
    assert client.get(path(season.an)).status_code == 200
    for tail in ("", "/sheet.pdf"):
        assert client.get(path(season.an, LIBRARY, "hall", tail)).status_code == 404
    assert send(client, season.an, row(season.an), file=picture(), station="hall").status_code == 404
    assert not Entry.select().exists()


def test_whoever_signed_stands_there_by_name(client, season):
    receive([TabletDouble.enrol("library").act("clear", season.an, LIBRARY).token], "direct")
    Account.update(name="王建国").where(Account.id == "wang").execute()
    now_column = client.get(path(season.an)).text.partition('data-label="现状"')[2].partition("</td>")[0]
    assert "王建国" in now_column
    assert "wang" not in now_column
