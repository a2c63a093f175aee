"""Uploaded pictures on pages: sandboxed, marked with the viewer, never cached, recorded; and every refusal has its sentence."""

import io

import pytest
from PIL import Image

from db import pictures, redraw
from db import season as seasons
from db.audit import AuditEvent
from db.database import now
from db.refusals import Refusal
from portal import housekeeping
from portal.commands.words import sentence
from portal.pictures import show, vault
from tests.cast import ADMIN, plan_text
from tests.portal.office_case import OFFICER
from web.access import roles

pytest_plugins = ["tests.portal.office_fixtures"]
pytestmark = pytest.mark.engine("sqlite")


def jpeg(size=(800, 600)):
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def pages(client, season):
    """A portal with a page that shows any picture to the officer, in a season that goes on now."""
    days = (now().date() - seasons.current().plan.closes).days
    seasons.load_plan(plan_text(), "cast.toml", ADMIN, shifted_days=days)
    client.app = client.application
    client.app._got_first_request = False
    client.app.add_url_rule("/test-pictures/<id_>", "test_picture", roles("officer")(lambda id_: show(pictures.find(id_))))
    return client


@pytest.fixture
def picture(pages, season):
    with pages.app.app_context():
        id_ = vault().put(jpeg())
    return pictures.keep(id_, season.an, "own-id", OFFICER, "season")


def test_it_is_shown_in_a_sandbox_and_kept_by_nobody(pages, picture):
    answer = pages.get(f"/test-pictures/{picture.id}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"] == "inline; filename=picture.jpg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert not {"ETag", "Last-Modified", "Set-Cookie"} & set(answer.headers.keys())


def test_viewer_and_time_stand_all_over_it_and_the_stored_one_stays_plain(pages, picture):
    shown = Image.open(io.BytesIO(pages.get(f"/test-pictures/{picture.id}").data))
    assert (shown.size, len(shown.getexif())) == ((800, 600), 0)
    for corner in ((0, 0, 400, 300), (400, 0, 800, 300), (0, 300, 400, 600), (400, 300, 800, 600)):
        dark = 255 - shown.convert("L").crop(corner).getextrema()[0]
        assert 20 < dark < 120, corner
    with pages.app.app_context():
        assert pictures.content(vault(), picture) == jpeg()


def test_each_opening_is_recorded_before_a_byte_leaves(pages, picture, season, monkeypatch):
    for _ in range(2):
        pages.get(f"/test-pictures/{picture.id}")
    events = list(AuditEvent.select().where(AuditEvent.action == "picture.viewed"))
    assert [(event.actor, event.subject, event.detail) for event in events] == [(OFFICER, season.an.number, {"kind": "own-id"})] * 2
    monkeypatch.setattr("portal.pictures.note", lambda *a, **k: 1 / 0)
    pages.app.config["PROPAGATE_EXCEPTIONS"] = False
    assert pages.get(f"/test-pictures/{picture.id}").status_code == 500


def test_one_that_is_gone_is_told_so(pages, picture, tmp_path):
    assert pages.get(f"/test-pictures/{'0' * 32}").status_code == 404
    (tmp_path / "picture-keys" / picture.id[:2] / picture.id).unlink()
    answer = pages.get(f"/test-pictures/{picture.id}")
    assert answer.status_code == 410
    assert "这张图片已被删除" in answer.text


def test_a_serving_portal_deletes_what_is_due_by_itself(pages, picture, tmp_path):
    config = pages.app.extensions["config"]
    assert not housekeeping.keep_house_once(config)
    pictures.retain([picture.id], "withdrawn")
    assert housekeeping.keep_house_once(config)
    assert not [path for path in (tmp_path / "picture-keys").rglob("*") if path.is_file()]


@pytest.mark.parametrize("code", [*redraw._REFUSALS, "picture-too-large", "pictures-busy", "unknown-picture", "picture-gone"])
def test_every_refusal_of_a_picture_has_its_sentence(code):
    assert sentence(Refusal(code)) != sentence(Refusal("nothing-known"))
