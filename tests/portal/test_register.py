"""The issue register: who took what away, and who has not come yet."""

import hashlib
import io

import openpyxl
import pypdfium2
import pytest
from PIL import Image

from db.attachments import keep
from db.audit import AuditEvent
from db.intake import receive
from db.people import Graduate
from tests.cast import ADMIN, CARD, DIPLOMA, DORM, LIBRARY, TabletDouble
from tests.portal.office_case import AUDITOR, BOSS, COUNSELOR, DEAN, OFFICER, counted
from tests.portal.readers import poppler

pytest_plugins = ["tests.portal.office_fixtures"]


def png():
    out = io.BytesIO()
    picture = Image.new("RGB", (720, 270), "white")
    picture.paste("black", (100, 100, 500, 110))
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def folder(client):
    return client.application.extensions["config"].attachments


@pytest.fixture
def signed(season, folder):
    """An's refund signed on the glass at one tablet; Bai's on paper; Cheng's twice, once with a signature that is not here yet."""
    left, right = TabletDouble.enrol("hall", "dv_left"), TabletDouble.enrol("cards", "dv_right")
    content = png()
    name = hashlib.sha256(content).hexdigest()
    keep(folder, name, content, "image/png", "dv_left")
    left.act("collect", season.an, CARD, attachments=[name])
    left.act("collect", season.bai, CARD, reason="signed-on-paper", operator="li")
    left.act("collect", season.cheng, CARD, attachments=[name])
    right.act("collect", season.cheng, CARD, attachments=["a" * 64], operator="li", proxy="px_1")
    receive([*left.tokens, *right.tokens], "direct")
    return name


def sheet(client, step, graduate):
    answer = client.get(f"/register/{step}/classes/{graduate.class_id}.xlsx")
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.data)).active


def table(client, step, graduate):
    return [[cell.value for cell in row] for row in sheet(client, step, graduate).iter_rows(min_row=2)]


def test_the_workbook_names_who_when_where_and_holds_the_signature(client, signed, season):
    client.sign_in_as(ADMIN)
    found = sheet(client, CARD, season.an)
    (row,) = [[cell.value for cell in row] for row in found.iter_rows(min_row=2)]
    assert row == [1, season.an.number, "安然", "毕业生", "2023-06-26 09:00", "name", "dv_left", "wang", None, None]
    (picture,) = found._images
    assert (picture.anchor._from.row, picture.anchor._from.col) == (1, 8)
    assert table(client, CARD, season.bai)[0][7:] == ["li", "纸面签领", None]


def test_both_sides_of_a_conflict_stand_there_and_are_marked(client, signed, season):
    first, second = table(client.sign_in_as(ADMIN), CARD, season.cheng)
    assert first[3:4] + first[6:] == ["受托人（px_1）", "dv_right", "li", "签名尚未上传", "有争议，待复核"]
    assert second[3:4] + second[6:] == ["毕业生", "dv_left", "wang", None, "有争议，待复核"]
    assert (first[0], second[0]) == (1, None)


def test_whoever_has_not_come_has_an_empty_row(client, signed, season):
    assert table(client.sign_in_as(ADMIN), DIPLOMA, season.an) == [[1, season.an.number, "安然", *[None] * 7]]


def test_what_was_taken_back_does_not_stand_there(client, season):
    desk = TabletDouble.enrol("cards")
    desk.undo(desk.act("collect", season.an, CARD))
    receive(desk.tokens, "direct")
    assert table(client.sign_in_as(ADMIN), CARD, season.an)[0][3] is None


def test_the_pdf_is_made_with_names_that_are_long_strange_or_hostile_pictures(client, folder, season):
    desk = TabletDouble.enrol("cards")
    bad = b"\x89PNG\r\n\x1a\n" + b"x" * 50
    name = hashlib.sha256(bad).hexdigest()
    keep(folder, name, bad, "image/png", desk.device)
    receive([desk.act("collect", season.an, CARD, attachments=[name]).token], "direct")
    Graduate.update(name="=HYPERLINK(1)阿卜杜热合曼·买买提艾力·努尔麦麦提江").where(Graduate.id == season.an.id).execute()
    client.sign_in_as(ADMIN)
    answer = client.get(f"/register/{CARD}/classes/{season.an.class_id}.pdf")
    assert (answer.status_code, answer.data[:5], answer.mimetype) == (200, b"%PDF-", "application/pdf")
    cell = sheet(client, CARD, season.an).cell(2, 3)
    assert (cell.data_type, cell.value[:10]) == ("s", "=HYPERLINK")


def pictures_in(pdf):
    document = pypdfium2.PdfDocument(pdf)
    try:
        return sum(each.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE for page in document for each in page.get_objects())
    finally:
        document.close()


def test_the_pdf_names_who_when_where_and_holds_the_signatures(client, signed, season):
    client.sign_in_as(ADMIN)
    glass, paper, disputed = (
        client.get(f"/register/{CARD}/classes/{one.class_id}.pdf").data for one in (season.an, season.bai, season.cheng)
    )
    said = poppler(glass, "pdftotext", "-layout")
    assert all(word in said for word in (season.an.number, "安然", "毕业生", "2023-06-26 09:00", "dv_left", "wang"))
    assert (pictures_in(glass), pictures_in(paper), pictures_in(disputed)) == (1, 0, 1)
    assert "纸面签领" in poppler(paper, "pdftotext", "-layout")
    both = poppler(disputed, "pdftotext", "-layout")
    assert all(word in both for word in ("受托人（px_1）", "签名尚未上传", "有争议，待复核", "dv_right", "dv_left"))


def test_the_page_counts_each_class_and_names_its_conflicts(client, signed, season):
    text = client.sign_in_as(ADMIN).get(f"/register?step={CARD}").text
    assert text.count(".xlsx") == 3
    assert "1 处争议" in text


def test_scopes_are_those_of_every_page(client, signed, season):
    """College and counselor own classes, officers own steps, the others nothing."""
    def status(who, step, graduate):
        return client.sign_in_as(who).get(f"/register/{step}/classes/{graduate.class_id}.xlsx").status_code

    assert (status(DEAN, CARD, season.cheng), status(DEAN, CARD, season.an)) == (200, 404)
    assert (status(COUNSELOR, CARD, season.an), status(COUNSELOR, CARD, season.bai)) == (200, 404)
    assert [status(who, CARD, season.an) for who in (OFFICER, BOSS, AUDITOR, "wang")] == [403, 403, 403, 403]
    assert "安然" not in client.sign_in_as(DEAN).get(f"/register/{DIPLOMA}/uncollected?college=护理学院").text
    assert "没有与您相关的领取类环节" in client.sign_in_as(OFFICER).get("/register").text
    assert client.get(f"/register/{DIPLOMA}/uncollected").status_code == 403


def test_the_uncollected_list_says_what_is_missing_and_is_a_file_too(client, signed, season):
    client.sign_in_as(ADMIN)
    receive([TabletDouble.enrol("library").act("clear", season.an, LIBRARY).token], "direct")
    text = client.get(f"/register/{DIPLOMA}/uncollected?class=护理2001").text
    assert "安然" in text
    assert "白露" not in text.split("<tbody>")[1]
    lines = client.get(f"/register/{DIPLOMA}/uncollected.csv").text.splitlines()
    assert len(lines) == 4
    assert lines[1].endswith(f"安然,待办,{DORM}")
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/register/{DIPLOMA}/uncollected.xlsx?college=商学院").data))
    assert [row[3].value for row in book.active.iter_rows(min_row=2)] == ["程远"]
    assert "应领的都已领取" in client.get(f"/register/{CARD}/uncollected?page=9").text


def test_every_export_is_recorded(client, signed, season):
    client.sign_in_as(ADMIN)
    client.get(f"/register/{CARD}/classes/{season.an.class_id}.pdf")
    client.get(f"/register/{CARD}/uncollected.csv?class=护理2001")
    client.get(f"/register/{CARD}/uncollected")
    events = AuditEvent.select().where(AuditEvent.action.startswith("register.")).order_by(AuditEvent.seq)
    assert [(one.actor, one.action, one.subject) for one in events] == [
        (ADMIN, "register.exported", "护理2001"), (ADMIN, "register.exported", CARD), (ADMIN, "register.uncollected", CARD),
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["moon/classes/1.pdf", "library/classes/1.xlsx", "diploma/classes/999.pdf", "moon/uncollected"])
def test_what_does_not_exist_is_not_found(client, path):
    assert client.sign_in_as(ADMIN).get(f"/register/{path}").status_code == 404


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=999999999", "?college=%00&class=%00", "?page=²"])
def test_an_address_that_says_nothing_shows_the_first_page_of_all(client, query):
    assert client.sign_in_as(ADMIN).get(f"/register/{DIPLOMA}/uncollected{query}").status_code == 200


def test_the_queries_do_not_grow_with_the_class(client, signed, season, monkeypatch):
    sheet(client.sign_in_as(ADMIN), CARD, season.an)
    asked = []
    for _ in range(2):
        with counted(monkeypatch) as found:
            sheet(client, CARD, season.an)
        asked.append(len(found))
        Graduate.update(class_group=season.an.class_id).execute()
    assert asked[0] == asked[1]
