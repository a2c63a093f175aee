"""Somebody else comes: letter, three pictures, the counselor's checks, the proxy's own card; nobody else sees any of it."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from db import proxies, proxy_cards, proxy_drafts, register
from db import season as seasons
from db.audit import AuditEvent
from db.database import now, to_ms
from db.intake import receive
from db.people import Graduate
from db.pictures import Picture
from db.proxies import ProxyApplication
from db.proxy_cards import standing_for
from db.refusals import Invalid
from db.rules.card import read_card
from db.rules.proxy import CHECKS, SLOTS
from db.season import today as season_day
from portal.register_rows import rows
from portal.station_rows import Scope, read_row
from tests.cast import TabletDouble
from tests.db.rules.test_proxy import identity
from tests.portal.proxy_case import PERSON, approved
from tests.portal.test_proxy_post import house  # noqa: F401 - a fixture


def photo(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return out.getvalue()


def upload(client, one, slot, content=None, name="letter.png"):
    data = {"csrf_token": client.token(), "file": (io.BytesIO(photo() if content is None else content), name)}
    return client.post(f"/me/proxy/{one.id}/pictures/{slot}", data=data, content_type="multipart/form-data")


def write(client, graduate, slots=SLOTS, **person) -> ProxyApplication:
    """The graduate's application, all but sent."""
    client.sign_in_as(graduate.number)
    client.send("/me/proxy", kind="proxy")
    one = proxies.latest(graduate.id)
    day = season_day()
    answers = (
        ("reason", {"reason": "away"}), ("person", PERSON | person),
        ("days", {"steps": ["library", "diploma"], "from_day": str(day), "until_day": str(day + timedelta(3))}), ("letter", {}),
    )  # fmt: skip
    for part, fields in answers:
        assert client.send(f"/me/proxy/{part}", application=one.id, **fields).status_code == 303, part
    for slot in slots:
        assert upload(client, one, slot).status_code == 303
    return ProxyApplication.get_by_id(one.id)


def send(client, one):
    return client.send("/me/proxy/pictures", application=one.id, pictures="1")


def approve(client, one, checks=CHECKS, seen=1):
    return client.sign_in_as("lin").send(f"/proxies/{one.id}/decisions", act="approve", seen=seen, checks=list(checks))


def test_the_whole_way_from_the_reason_to_the_proxys_card_on_tablets(house, season):  # noqa: F811
    one = write(house, season.an)
    letter = house.get(f"/me/proxy/{one.id}/letter.pdf")
    assert (letter.mimetype, letter.data[:5]) == ("application/pdf", b"%PDF-")
    assert send(house, one).location == "/me/proxy"
    page = house.sign_in_as("lin").get(f"/proxies/{one.id}").text
    assert PERSON["id_number"] in page
    shown = house.get(f"/proxies/{one.id}/pictures/own-id")
    assert (shown.mimetype, shown.headers["Cache-Control"]) == ("image/jpeg", "private, no-store")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert AuditEvent.select().where(AuditEvent.action == "picture.viewed", AuditEvent.actor == "lin").count() == 1
    before = Graduate.get_by_id(season.an.id).change
    assert approve(house, one).status_code == 303
    assert Graduate.get_by_id(season.an.id).change > before
    loaded = seasons.current()
    row = read_row(loaded, Scope.of(loaded, "library"), season.an.ref)
    assert row["proxies"] == [{"id": one.id, "gen": 1, "name": "王甲", "id_tail": PERSON["id_number"][-4:], "steps": ["library"],
                               "until": row["proxies"][0]["until"]}]  # fmt: skip
    nobody = row["proxies"][0] | {"name": "", "id_tail": "", "steps": []}
    assert read_row(loaded, Scope.of(loaded, "dorm"), season.an.ref)["proxies"] == [nobody], "the proxy settles nothing there"
    house.sign_in_as(season.an.number)
    assert "受托人离校卡" in house.get("/me/proxy").text
    assert house.get(f"/me/proxy/{one.id}/card.png").mimetype == "image/png"
    key = house.application.extensions["keys"].card_key
    reading = read_card(proxy_cards.token(key, proxies.latest(season.an.id)), {key.kid: key.private_key.public_key()}, to_ms(now()))
    assert (reading.status, reading.ref, reading.prx) == ("valid", season.an.ref, one.id)


def test_the_issue_register_names_the_proxy_beside_the_graduate(house, season, tmp_path):  # noqa: F811
    one = write(house, season.an)
    tablet = TabletDouble.enrol("hall")
    tablet.act("collect", season.an, "diploma", proxy=one.id)
    assert receive(tablet.tokens, "direct")[0].outcome == "accepted"
    with house.application.test_request_context():
        found = list(rows(register.lines(season.an.class_group.id, seasons.current().plan.step("diploma")), tmp_path))
    assert any("王甲" in row.taken_by and row.name == "安然" for row in found)


def test_withdrawn_it_leaves_tablets_its_card_and_its_pictures_at_once(house, season):  # noqa: F811
    one = write(house, season.an)
    send(house, one)
    approve(house, one)
    house.sign_in_as(season.an.number).send(f"/me/proxy/{one.id}/withdrawals")
    loaded = seasons.current()
    assert read_row(loaded, Scope.of(loaded, "library"), season.an.ref)["proxies"] == []
    assert house.get(f"/me/proxy/{one.id}/card.png").status_code == 409
    assert all(row.deleted_at for row in Picture.select())
    assert house.get(f"/me/proxy/{one.id}/pictures/letter").status_code == 410
    assert house.sign_in_as("lin").get(f"/proxies/{one.id}/pictures/letter").status_code == 410


def test_it_is_sent_only_with_all_three_pictures_and_approved_only_with_every_check(house, season):  # noqa: F811
    one = write(house, season.an, SLOTS[:2])
    assert send(house, one).status_code == 422
    upload(house, one, "proxy-id")
    assert send(house, one).status_code == 303
    assert approve(house, one, CHECKS[:3]).status_code == 422
    assert ProxyApplication.get_by_id(one.id).state == "submitted"
    assert upload(house.sign_in_as(season.an.number), one, "letter").status_code == 409


def test_a_file_that_is_no_picture_is_refused_with_a_word_and_nothing_is_lost(house, season):  # noqa: F811
    one = write(house, season.an, SLOTS[:1])
    kept = Picture.get()
    assert upload(house, one, "letter", b"<script>alert(1)</script>", "../../letter.jpg").status_code == 303
    assert "JPEG" in house.get("/me/proxy/pictures").text
    assert Picture.get_by_id(kept.id).visible
    upload(house, one, "letter")
    assert Picture.get_by_id(kept.id).deleted_at is not None
    assert upload(house, one, "passport").status_code == 404


def test_the_proxy_is_somebody_else_with_a_number_that_can_be(house, season):  # noqa: F811
    own = identity(serial="888")
    Graduate.update(id_number=own).where(Graduate.id == season.an.id).execute()
    house.sign_in_as(season.an.number).send("/me/proxy", kind="proxy")
    one = proxies.latest(season.an.id)
    wrong = house.send("/me/proxy/person", application=one.id, **PERSON | {"id_number": "110101199001011234"})
    assert wrong.status_code == 422
    assert "13900139000" in wrong.text
    themselves = house.send("/me/proxy/person", application=one.id, **PERSON | {"id_number": own})
    assert (themselves.status_code, "您本人的身份证号" in themselves.text) == (422, True), "told before a letter is printed"
    one = write(house, season.an)
    proxy_drafts.save(season.an, one.id, {"id_number": own})
    answer = send(house, one)
    assert answer.status_code == 422
    assert 'action="/me/proxy/person"' in answer.text


def test_days_that_nobody_can_use_are_told_before_the_letter_is_printed(house, season):  # noqa: F811
    one, day = write(house, season.an), season_day()
    ends = seasons.current().plan.closes

    def days(first, last):
        typed = {"steps": ["library"], "from_day": str(first), "until_day": str(last)}
        return house.send("/me/proxy/days", application=one.id, **typed)

    assert days(day, day + timedelta(days=20)).status_code == 422
    late = days(ends, ends + timedelta(days=1))
    assert (late.status_code, "离校季结束之后" in late.text) == (422, True)
    assert ProxyApplication.get_by_id(one.id).until_day == ends + timedelta(days=1), "kept, to be mended"
    assert send(house, one).status_code == 422
    assert days(ends, ends).status_code == 303


def test_one_proxy_stands_for_no_more_graduates_than_the_plan_says_and_tablets_name_each(house, season):  # noqa: F811
    first, second = (approved(graduate) for graduate in season.everybody[:2])
    third = write(house, season.cheng)
    with pytest.raises(Invalid) as refused:
        proxy_drafts.submit(season.cheng, third.id, season.cheng.number)
    assert refused.value.errors == {"id_number": "proxy-of-too-many"}
    scope = Scope.of(seasons.current(), "hall")
    rows_of = {one.ref: read_row(seasons.current(), scope, one.ref)["proxies"] for one in season.everybody}
    also = {ref: [proxy.get("also") for proxy in found] for ref, found in rows_of.items()}
    assert also == {season.an.ref: [["白露"]], season.bai.ref: [["安然"]], season.cheng.ref: []}
    elsewhere = scope._replace(colleges=("别的学院",))
    assert standing_for([season.an.id])[season.an.id][0].others
    assert read_row(seasons.current(), elsewhere, season.an.ref) is None
    change = Graduate.get_by_id(season.an.id).change
    proxies.withdraw(season.bai, second.id, season.bai.number)
    assert Graduate.get_by_id(season.an.id).change > change, "tablets learn that the proxy comes for one less"
    assert "also" not in read_row(seasons.current(), scope, season.an.ref)["proxies"][0]
    proxy_drafts.submit(season.cheng, third.id, season.cheng.number)
    assert first.id != third.id
