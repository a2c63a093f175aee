"""What residents owe for damages: by building and room for the office, in words for the graduate who pays."""

import io
from decimal import Decimal

import openpyxl
import pytest

from db import grants
from db import season as seasons
from db.accounts import add_graduates
from db.audit import AuditEvent
from db.database import now
from db.intake import receive
from db.ledger import Attachment
from db.people import Graduate
from tests.cast import ADMIN, DORM, TabletDouble, plan_text
from tests.kiosk.test_reading import with_rounds
from tests.portal.office_case import BOSS, COUNSELOR, OFFICER

pytest_plugins = ["tests.portal.office_fixtures"]

PHOTO = "ab" * 32


def share(fen: int, among: int = 2, code: str = "chair", words: str = "", room: str = "3栋 502") -> dict:
    damage = {"code": code, "words": words, "amount": 6501, "share": fen, "among": among}
    return {"room": room, "inspection": {"clean": True}, "key": None, "damages": [damage]}


@pytest.fixture
def office(client, season):
    """The property company's officer; An and a neighbour share a chair in 502, and Xia paid for words in 1203 of another house."""
    seasons.load_plan(with_rounds(plan_text()), "cast.toml", ADMIN)
    Graduate.update(flags="resident", building="3栋", room="502").execute()
    grants.grant(BOSS, "officer", "step", DORM, ADMIN)
    tablet = TabletDouble.enrol("dorm")
    an, bai, cheng = season.everybody[:3]
    tablet.act("hold", an, DORM, card=None, reason="damage: 椅子", amount=3251, round=share(3251), attachments=[PHOTO, "cd" * 32])
    tablet.act("hold", bai, DORM, card=None, reason="damage: 椅子", amount=3250, round=share(3250))
    paid = tablet.act("hold", cheng, DORM, card=None, reason="damage", amount=900, round=share(900, 1, "", "=白板", "12栋 1203"))
    tablet.act("clear", cheng, DORM, saw=[paid])
    assert {answer.outcome for answer in receive(tablet.tokens, "direct")} == {"accepted"}
    Attachment.create(sha256=PHOTO, size=1, media_type="image/jpeg", device=tablet.device, received_at=now())
    return client.sign_in_as(BOSS)


def test_the_office_sees_what_each_house_and_resident_owes(office, season):
    text = office.get("/damages").text
    assert text.index("3栋") < text.index("12栋")
    assert "¥65.01" in text
    assert "¥32.51" in text
    assert "¥32.50" in text
    assert season.cheng.name not in text
    assert f"/reviews/steps/{season.an.number}/dorm/attachments/{PHOTO}" in text
    assert "1 张尚未到达" in text
    other = office.get("/damages?building=12栋").text
    assert "=白板" in other
    assert "已办结" in other or "办结" in other
    assert "12栋" not in office.get("/damages?state=owed").text
    assert AuditEvent.select().where(AuditEvent.action == "damages.viewed", AuditEvent.actor == BOSS).count() == 3


def test_the_workbook_has_every_claim_and_no_formula(office, season):
    answer = office.get("/damages/table.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = list(sheet.iter_rows(min_row=2))
    assert [(row[0].value, row[1].value, row[2].value) for row in rows] == [
        ("3栋", "502", season.an.number), ("3栋", "502", season.bai.number), ("12栋", "1203", season.cheng.number),
    ]  # fmt: skip
    assert [Decimal(str(row[7].value)) for row in rows] == [Decimal("32.51"), Decimal("32.5"), Decimal("9")]
    assert {cell.data_type for row in rows for cell in row} == {"s", "n"}
    assert rows[2][6].value.startswith("=白板")
    assert AuditEvent.select().where(AuditEvent.action == "damages.exported").count() == 1


def test_a_hold_that_was_taken_back_is_owed_by_nobody(office, season):
    tablet = TabletDouble.enrol("dorm")
    held = tablet.act("hold", season.everybody[3] if len(season.everybody) > 3 else season.cheng, DORM, amount=100, reason="damage")
    receive([held.token, tablet.undo(held).token], "direct")
    assert "¥1.00" not in office.get("/damages?building=12栋").text


def test_only_those_who_act_on_the_step_see_its_damages(office, season):
    assert season.an.number not in office.sign_in_as(OFFICER).get("/damages").text
    assert office.get(f"/damages?step={DORM}").text.count("¥") == 0
    assert office.get("/damages/table.xlsx").status_code == 200
    assert office.sign_in_as(COUNSELOR).get("/damages").status_code == 403
    assert season.an.number in office.sign_in_as(ADMIN).get("/damages").text


@pytest.mark.parametrize("query", ["?step=%00", "?building=%00", "?state=x", "?building=none"])
def test_no_address_makes_it_fail(office, query):
    assert office.get(f"/damages{query}").status_code == 200


def test_the_graduate_reads_what_is_owed_why_and_where_to_pay(office, season):
    add_graduates(season.everybody, ADMIN)
    office.set_cookie("language", "en")
    text = office.sign_in_as(season.an.number).get("/me/steps/dorm").text
    assert "To pay: ¥32.51" in text
    assert "Chair: ¥32.51, a share of ¥65.01 among 2" in text
    assert "Desk" in text
    text = office.sign_in_as(season.cheng.number).get("/me/steps/dorm").text
    assert "To pay" not in text
